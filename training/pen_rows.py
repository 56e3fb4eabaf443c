"""Rows of figures by pen on a form's lines and cells, put together of single figures.

The sheet has the geometry of CT01: a personal number in its twelve cells, a telephone number on a
dotted line, a date of birth in three zones. Who writes the figures is for the caller: pictures cut
out of scans to measure on, others to fit on.
"""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from ocr.fields.acceptance import Policy, decided
from ocr.fields.calibration import load
from ocr.fields.classify import Classified
from ocr.fields.context import POINT, ZONE_DPI, Context
from ocr.fields.forms.form import read_form
from ocr.fields.registration import Registration
from ocr.fields.zone_reader import Image
from ocr.options import ReadingOptions
from schemas.document_type import DocumentType, FieldSpec, document_type
from schemas.field import Field
from schemas.page import PageKind, PageReading
from schemas.validators import provinces
from sohoa.sheet import Sheet

FIELDS = ("personal_id", "phone", "dob")

MOBILE = ("032", "035", "038", "070", "077", "081", "086", "090", "091", "093", "096", "098")
"""Beginnings of mobile numbers."""

DOT_PITCH = (2.9, 3.4)
"""Points from dot to dot of a leader."""

Writer = Callable[[str, np.random.Generator], Image]
"""Gives one figure, grey, paper 255, cut to its ink, as large as it is written at 300 dpi."""


class Row(NamedTuple):
    """A filled sheet and what stands on it, as the fields keep it."""

    page: Image
    truth: dict[str, str]


def form_type() -> DocumentType:
    """CT01 with nothing but the fields that are drawn here; no rule bears one out by another."""
    spec = document_type("ct01", "66/2023")
    if spec is None:  # shipped with the project
        raise LookupError("ct01@66/2023")
    kept = tuple(field for field in spec.fields if field.id in FIELDS)
    return spec.model_copy(update={"fields": kept, "rules": ()})


def drawn_row(write: Writer, rng: np.random.Generator) -> Row:
    """A sheet with an invented person's number, telephone number and date of birth."""
    spec = form_type()
    size = (spec.geometry.width, spec.geometry.height) if spec.geometry else (603.0, 842.0)
    sheet = Sheet(size, int(ZONE_DPI))
    born = date(1935, 1, 1) + timedelta(days=int(rng.integers(0, 90 * 365)))
    texts = {
        "personal_id": number_of(born, rng),
        "phone": str(rng.choice(MOBILE)) + f"{rng.integers(0, 10**7):07d}",
        "dob": born.isoformat(),
    }
    for field in spec.fields:
        print_field(sheet, field, rng)
    page = np.asarray(sheet.image, np.uint8).copy()
    for field in spec.fields:
        fill(page, field, texts[field.id], write, rng)
    return Row(soft(page, rng), texts)


def soft(page: Image, rng: np.random.Generator) -> Image:
    """The page as a scanner sees it."""
    blurred = cv2.GaussianBlur(page, (0, 0), rng.uniform(0.35, 0.8)).astype(np.float32)
    grain = rng.normal(0, rng.uniform(1, 5), page.shape).astype(np.float32)
    return np.asarray(np.clip(blurred * (244 / 255) + grain, 0, 255), np.uint8)


def number_of(born: date, rng: np.random.Generator, *, female: bool | None = None) -> str:
    """An invented personal number that fits a date of birth and, where it is told, a sex."""
    sex = int(rng.integers(2)) if female is None else int(female)
    century = 2 * (born.year // 100 - 19) + sex
    province = str(rng.choice(sorted(provinces())))
    return f"{province}{century}{born.year % 100:02d}{rng.integers(0, 10**6):06d}"


def print_field(sheet: Sheet, field: FieldSpec, rng: np.random.Generator) -> None:
    """The leaders and cells of a field."""
    for x0, x1, y in field.zones:
        sheet.leader(x0, x1, y, float(rng.uniform(*DOT_PITCH)))
    if field.box is not None:
        x0, y0, x1, y1 = field.box
        for y in (y0, y1):
            sheet.rule(x0, y, x1, y, 1)
        for x in np.linspace(x0, x1, field.cells + 1):
            sheet.rule(float(x), y0, float(x), y1, 1)


def fill(page: Image, field: FieldSpec, text: str, write: Writer, rng: np.random.Generator) -> None:
    """Figures on a field's lines or in its cells."""
    if field.box is not None:
        x0, y0, x1, y1 = (value * POINT for value in field.box)
        step = (x1 - x0) / field.cells
        for index, figure in enumerate(text):
            image = write(figure, rng)
            middle = x0 + (index + 0.5 + rng.normal(0, 0.06)) * step
            y = (y0 + y1) / 2 + rng.normal(0, 0.06) * (y1 - y0) - image.shape[0] / 2
            lay(page, image, round(middle - image.shape[1] / 2), round(y))
        return
    year, month, day = text.split("-") if field.shape == "date_parts" else ("", "", text)
    for part, zone in zip((day, month, year), field.zones, strict=False):
        _on_line(page, part, zone, write, rng)


def _on_line(
    page: Image,
    text: str,
    zone: tuple[float, float, float],
    write: Writer,
    rng: np.random.Generator,
) -> None:
    images = [write(figure, rng) for figure in text]
    gaps = [float(rng.uniform(2, 8)) for _ in images]
    wide = sum(image.shape[1] for image in images) + sum(gaps)
    room = max((zone[1] - zone[0]) * POINT - wide, 0.0)
    x = zone[0] * POINT + rng.uniform(0.05, 0.5) * room
    for image, gap in zip(images, gaps, strict=True):
        foot = zone[2] * POINT + rng.uniform(-8, 0)
        lay(page, image, round(x), round(foot) - image.shape[0])
        x += image.shape[1] + gap


def lay(page: Image, image: Image, x: int, y: int) -> None:
    """Ink on the page at a place (pixels), the darker of both."""
    part = page[y : y + image.shape[0], x : x + image.shape[1]]
    np.minimum(part, image[: part.shape[0], : part.shape[1]], out=part)


def from_pictures(pictures: Sequence[Sequence[Image]]) -> Writer:
    """A writer who takes any of the pictures of a figure; ``pictures`` are those of 0 to 9."""

    def write(figure: str, rng: np.random.Generator) -> Image:
        own = pictures[int(figure)]
        image = own[int(rng.integers(len(own)))]
        by = rng.uniform(0.9, 1.15)
        return np.asarray(cv2.resize(image, None, fx=by, fy=by, interpolation=cv2.INTER_AREA))

    return write


class _Drawn(Context):
    """A document of one drawn page."""

    def __init__(self, picture: Image, page: PageReading, options: ReadingOptions) -> None:
        super().__init__(Path("drawn"), (page,), (), options)
        self._drawn = picture

    def image(self, page: PageReading) -> Image:
        """The drawn page."""
        return self._drawn

    def colour(self, page: PageReading) -> None:
        """Nothing is coloured."""


def read_row(page: Image, spec: DocumentType, options: ReadingOptions) -> dict[str, Field]:
    """The fields of a sheet drawn here, as those of a form that was found on a scan."""
    height, width = page.shape
    reading = PageReading(
        number=1,
        width=width / POINT,
        height=height / POINT,
        dpi=ZONE_DPI,
        rotation=0,
        skew=0.0,
        blank=False,
        kind=PageKind.scan,
        words=(),
        confidence=0.0,
    )
    laid = Registration(reading, np.array([[1.0, 0, 0], [0, 1.0, 0]]), 99)
    context = _Drawn(page, reading, options)
    found, _ = read_form(context, Classified(spec, 1.0, True, None, laid))
    policy = Policy(load(options.calibration), options.wanted_error)
    fields = decided(found, policy, spec)
    return {name: field for name, field in fields.items() if isinstance(field, Field)}
