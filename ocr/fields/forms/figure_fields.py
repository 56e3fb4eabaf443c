"""Dates and numbers of a form: figures in zones and boxes of their own."""

from collections.abc import Sequence

from ocr.fields.context import Context
from ocr.fields.evidence import Evidence, nothing
from ocr.fields.forms.cells import cells_zone, side_by_side
from ocr.fields.forms.figures import PARTS_OF_DATE, others
from ocr.fields.forms.written import Asked, readings
from ocr.fields.forms.zones import Zone
from ocr.fields.pen.ink import by_pen
from ocr.fields.pen.rows import figures_of, looked_at
from ocr.fields.registration import Registration
from ocr.fields.weighing import Opinions, weigh
from ocr.fields.zone_reader import DIGITS, Image
from schemas.document_type import FieldSpec
from schemas.field import Reading
from schemas.page import Box
from schemas.validators import FieldType


def read_date(
    context: Context, laid: Registration, field: FieldSpec, zones: Sequence[Zone]
) -> Evidence:
    """Day, month and year in zones of their own; one empty zone and the date is not known."""
    box = box_around([z.box for z in zones])
    written = [zone.image for zone in zones if zone.image is not None]
    said: list[Reading] = []
    whole = len(written) == len(zones)
    apart = [figures_of(image, n) for image, n in zip(written, PARTS_OF_DATE, strict=False)]
    pen = by_pen([image for part in apart for image in part] or written)
    if whole and all(apart):
        said = _dated(context, apart, pen=pen)
    elif written:
        asked = Asked(FieldType.date, context.options, DIGITS, by_pen=pen)
        said = readings(written, asked._replace(joint="/" if whole else " "))
    return weigh(
        Opinions(
            FieldType.date,
            said,
            field.required,
            laid.page.number,
            box,
            by_pen=pen,
        )
    )


def _dated(context: Context, parts: Sequence[Sequence[Image]], *, pen: bool) -> list[Reading]:
    """Day, month and year whose figures were cut apart, set as one line: Tesseract reads lone
    pairs of figures badly."""
    counts = [len(part) for part in parts]
    every = [figure for part in parts for figure in part]
    asked = Asked(
        FieldType.date, context.options, DIGITS, joint="/", counts=(len(every),), by_pen=pen
    )
    return [
        reading.model_copy(update={"text": _split(reading.text, counts)})
        for reading in readings([side_by_side(every)], asked, looked_at([every]))
    ]


def _split(text: str, counts: Sequence[int]) -> str:
    """``19051960`` as ``19/05/1960``; left as it is where the number of figures is another."""
    squeezed = "".join(text.replace("/", "").split())
    if len(squeezed) != sum(counts):
        return text
    ends = [sum(counts[: i + 1]) for i in range(len(counts))]
    starts = [0, *ends[:-1]]
    return "/".join(squeezed[a:b] for a, b in zip(starts, ends, strict=True))


def read_cells(context: Context, laid: Registration, field: FieldSpec) -> Evidence:
    """Figures in printed boxes, one in each."""
    if field.box is None:
        return nothing(field.type, required=field.required)
    cells = cells_zone(context, laid, field.box, field.cells)
    filled = [image for image in cells.images if image is not None]
    pen = by_pen(filled)
    asked = Asked(field.type, context.options, field.alphabet, counts=(len(filled),), by_pen=pen)
    if not filled:
        return nothing(field.type, required=field.required, page=laid.page.number, box=cells.box)
    row = looked_at([[image] for image in filled])
    read = weigh(
        Opinions(
            field.type,
            readings([side_by_side(filled)], asked, row),
            field.required,
            laid.page.number,
            cells.box,
            validators=field.validators,
            by_pen=pen,
        )
    )
    return read._replace(others=others(row, field.type))


def box_around(boxes: Sequence[Box]) -> Box | None:
    """The smallest box that holds all of them; None of none."""
    if not boxes:
        return None
    return (
        min(b[0] for b in boxes),
        min(b[1] for b in boxes),
        max(b[2] for b in boxes),
        max(b[3] for b in boxes),
    )
