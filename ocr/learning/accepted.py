"""What would be accepted of lines whose text is known, read as a form's fields are."""

from collections.abc import Sequence

from ocr.fields.acceptance import Policy, decide
from ocr.fields.calibration import load
from ocr.fields.forms.written import Asked, readings
from ocr.fields.weighing import Opinions, weigh
from ocr.learning.teaching import Taught
from ocr.options import ReadingOptions
from schemas.field import Field, FieldStatus
from schemas.learning import Accepted
from schemas.validators import FieldType, normalised


def read_as_field(line: Taught, options: ReadingOptions) -> Field:
    """The line as a field that a pen filled, with its confidence and whether it is accepted."""
    kind = FieldType(line.kind)
    read = readings([line.picture], Asked(kind, options, by_pen=True))
    said = weigh(Opinions(kind, read, by_pen=True))
    model = load(options.calibration).of("form")
    return decide(said, Policy(model, options.wanted_error))


def accepted(lines: Sequence[Taught], options: ReadingOptions) -> Accepted:
    """How many of the lines are accepted without a person, and how many of these are wrong."""
    taken = wrong = 0
    for line in lines:
        field = read_as_field(line, options)
        if field.status is FieldStatus.accepted:
            taken += 1
            wrong += field.value != normalised(FieldType(line.kind), line.text)
    return Accepted(values=len(lines), accepted=taken, wrong=wrong)
