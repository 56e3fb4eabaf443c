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

# --- agreement of readers (:mod:`ocr.fields.weighing`) ---

GUESSED = 0.1
"""Below it a reader guesses; that it guesses the same says little."""

SURE_FIGURES = 0.6
"""A reader of figures that is less sure agrees by chance: any figure is as possible as another, and
no language tells a wrong one. Of 840 rows put together of figures by real hands 88 were accepted
without it, 9 of them wrong; with 0.5 it were 25 and 2, with 0.6 14 and 1."""

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

FEWEST_WORDS = 4
"""Shorter texts are one of few usual values, or too little to know a word by."""

SURE_NETWORKS = 0.8
"""Two networks that say the same figures and are each so sure need no other reader: on 500 drawn
and sample fields they did so 317 times and were never wrong; less sure, twice."""

# --- printed lines weighed letter by letter (:mod:`ocr.fields.voting`) ---

SURE_LINE = 0.9
"""The line model's confidence under which it misreads a mark as Tesseract may, too."""

# --- the signer's block ---

SURE_NAME = 0.9
"""The line model's confidence from which its letters settle a name that is usual; also from which
its reading of a picture with seals is taken."""

CERTAIN_NAME = 0.97
"""The same where a reading is no name that people have."""

# --- figures by pen on administrative papers (:mod:`ocr.fields.pen.pens`) ---

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

STAMPED = 0.99
"""How sure a number or day in a signature's annotation is: it is text, only its place may err."""

LIKELY_DAY = 0.6
"""Share of all days from which a signature soon after makes a day certain enough."""
