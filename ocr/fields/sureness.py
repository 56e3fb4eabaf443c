"""The numbers that decide what is believed of a reading, in one place, each with where it is from.

They say when readers count as agreeing, whose word needs no second, and how sure one must be before
its word settles what others differ in. How sure a *value* is, and from where on it is accepted, is
fitted (``data/calibration.json``, :mod:`ocr.fields.calibration`); only what no model can know of is
set here as well.
"""

from datetime import timedelta

from schemas.validators import FieldType

# --- kinds of readers and of values ---

DECISIVE = frozenset({"text-layer", "annotation", "qr", "mrz", "certificate"})
"""Readers that need no second one: they do not look at ink."""

RECOGNISING = frozenset({"title", "ink"})
"""Readers that tell one of few known things, or whether there is ink at all. Their confidence is
the value's."""

PROPOSING = frozenset({"together"})
"""Readers that only choose between what others see: whoever says the same agrees with himself."""

AGREEMENT = frozenset({"readers_agree", "readers_nearly_agree"})
"""The checks that say whether readers who share nothing say the same."""

FIGURES = frozenset(
    {FieldType.date, FieldType.personal_id, FieldType.phone, FieldType.date_or_year}
)
"""Kinds of which any figure is as possible as another: no language tells a wrong one."""

NUMBERED = FIGURES | {FieldType.doc_number}
"""Kinds on administrative papers that a pen may have written."""

# --- acceptance where nothing is fitted ---

CONTRADICTED = 0.5
"""What is left of the confidence of a decisive or recognising reader where a firm check speaks
against its value, and of all confidence where the document's type is not known."""

LONE = 20.0
"""A value that one recognising reader tells is accepted though it is by so many times likelier
wrong than is wanted of all: at 0.005 from 0.9 on, under which headings were mixed up."""

NO_INK, PEN_STROKES, LETTERS_ALONE = 0.99, 0.95, 0.5
"""How sure it is that nobody signed where nothing is written; that somebody did where a pen's
strokes stand that are no letters; that nobody did where only letters stand: a name may be the
signature."""

TOLD = 0.99
"""How sure a text layer, a code or a signature's annotation is: only its place may err."""

BY_LABELS, BY_SIGN, BY_ADDRESSEE = 0.9, 0.95, 0.9
"""How sure the type is of a form without a title, by its labels or its blank's picture; of a letter
by its *V/v*, and by its addressee alone. A title is as sure as it is like the type's."""

OF_PRINT = 0.9
"""What a reading of print is given where its reader's own confidence says nothing: Tesseract is as
sure of misread print, and a part of a line has none of its own. No model looks at Tesseract's."""

# --- agreement of readers (:mod:`ocr.fields.weighing`) ---

GUESSED = 0.1
"""Below it a reader of print guesses; that it guesses the same says little."""

SURE_OF_PEN = 0.6
"""The same of what a pen wrote. On strokes of real hands one value in five that two readers agreed
on was wrong without it (21 of 111), none of 60 with 0.5."""

PRINTED = 0.5
"""Probability from which ink counts as print; what a pen may have written is never taken for it."""

SURE_FIGURES = 0.6
"""A reader of figures that is less sure agrees by chance: any figure is as possible as another, and
no language tells a wrong one. Of 840 rows put together of figures by real hands 88 were accepted
without it, 9 of them wrong; with 0.5 it were 25 and 2, with 0.6 14 and 1."""

LEAST_OF_ROW = 0.3
"""The same of figures by pen: how sure such a row is follows from how sure both networks are of all
of it and whether the line model says it, too, by a model of its own. With a floor of 0.6 alone 4
of 169 rows of real hands were wrong; by the model none of 314."""

LINED = 0.3
"""The line model guesses a row of figures under it: what it then says as well bears nothing out."""

WEIGHT = {"tesseract": 0.6}
"""Of readers that differ: Tesseract is surer of pens than it should be, and more often wrong."""

OUT_OF_USE = 0.5
"""What a value weighs beside one of the usual ones."""

NEARLY_CERTAIN = 0.97
"""The line model's confidence from which a usual text is believed though Tesseract has some of its
letters otherwise; chosen on drawn forms, none of whose accepted values it made wrong."""

CERTAIN = 0.995
"""The same where Tesseract's reading is only somewhat like it: names alone."""

CLOSE, SOMEWHAT = 80.0, 40.0
"""Likeness (0 to 100) of another reading that supports without being the same."""

SHORTEST_NEAR = 6
"""Characters: shorter texts are near to too many others."""

VOTES_WITH = 60.0
"""Likeness from which Tesseract's reading of a text has a say in its words."""

FEWEST_WORDS = 4
"""Shorter texts are one of few usual values, or too little to know a word by."""

SURE_NETWORKS = 0.8
"""Two networks that say the same figures and are each so sure need no other reader."""

SURE_ROW = 0.99
"""Two networks that are together so sure of a whole row of penned figures need no other reader."""

DECIDES = 10.0
"""What a reader that needs no second one weighs more than any that does."""

ODD, NO_SUCH = 0.5, 0.05
"""How likely a value is for each thing that is odd about it as language, and where it is none of
its kind (:mod:`ocr.fields.plausible`)."""

SURE_LOOK = 0.9
"""The line model's confidence from which its first look at a name or a text is not doubted: under
it, the line is looked at in other widths and weighed with the lists of words."""

KNOWN_CHAIN = 6.0
"""The logarithm of how much likelier an address names units that lie in one another (chosen on
drawn lines)."""

THERE = 0.02
"""Support by the line from which a usual value is believed to be what stands there."""

FORCED = 0.15
"""How much the sureness of an address suffers from being forced upon the line (an exponent)."""

FORCED_NAME = 0.05
"""The same where what is forced is its owner's name."""

USUAL_ENDING = 1e6
"""How much likelier an address ends usually than in another domain a letter away (*gmail.cam*)."""

OF_A_NAME = 40.0
"""And how much likelier an address of its owner's name and figures than one a letter away."""

TEXT_ROW = 0.25
"""Probability times likelihood as language from which a row by pen is text, not a scribble."""

# --- printed lines weighed letter by letter (:mod:`ocr.fields.voting`) ---

SURE_LINE = 0.9
"""The line model's confidence under which it misreads a mark as Tesseract may, too."""

# --- the signer's block ---

SURE_NAME = 0.9
"""The line model's confidence from which its letters settle a name that is usual; also from which
its reading of a picture with seals is taken."""

CERTAIN_NAME = 0.97
"""The same where a reading is no name that people have."""

TITLE_LIKE = 80.0
"""Likeness (0 to 100, tones not compared) from which a line is an entry of the vocabulary."""

TITLE_SURELY = 92.0
"""The same, where a reading with an authority's mark (``Q.``) beats one without."""

# --- stamps of urgency and secrecy ---

MARK_LIKE = 84.0
"""Likeness (0 to 100, without tones) from which a reading is one of the words."""

# --- figures by pen on administrative papers (:mod:`ocr.fields.pen.pens`) ---

SINGLE = 0.03
"""How likely a day or number under 10 is without its zero (Decree 30/2020 asks for two figures)."""

FLOOR = 0.01
"""What a look that does not name a candidate still leaves it."""

UNLIKE = 1e-4
"""A day that is so much less likely than what the line model reads freely says nothing."""

LOOK_LEADS = 0.6
"""Share of all candidates from which a look's first choice counts."""

LINE_LEADS = 0.85
"""The same where the figures run into one another, so that only the line model looked."""

LOOK_DISSENTS = 0.4
"""Share from which a look that names another candidate forbids a proof."""

NETWORKS_SETTLE = 0.75
"""Share of every figure from which the networks of figures settle what the line model mistakes: of
586 figures by hands never seen, bent and badly scanned, on which both are so sure 3 were wrong."""

SURE_PRINT = 0.8
"""Tesseract's confidence from which its figures count for or against a guess."""

TYPED = 0.9
"""Share of all candidates from which figures that Tesseract reads surely, too, are proven."""

SIGNED_WITHIN = timedelta(days=20)
"""A document is first signed so soon after its date (0 to 17 days in 35 real ones)."""

LIKELY_DAY = 0.6
"""Share of all days from which a signature soon after makes a day certain enough."""
