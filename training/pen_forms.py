"""Confidence of what a pen wrote, fitted on forms drawn here: ``python -m training.pen_forms``.

CT01's lines and cells, filled by invented people, and sheets with nothing but rows of figures.
Figures are those of hands that the networks have not learned from, and drawn strokes; words are
written by the people and typefaces that the adapter for pens has not learned from
(:mod:`training.lines.looked`). No scan and no sample is among them. The result is the models
``pen`` and ``row`` of ``data/calibration.json``.
"""

import argparse
import os
import sys
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor
from datetime import date, timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from ocr.calibration import Labelled, dump, fit, labelled, load
from ocr.fields.context import POINT, ZONE_DPI
from ocr.fields.pen.ink import half_widths
from ocr.fields.zone_reader import Image
from ocr.options import ReadingOptions
from schemas.document_type import DocumentType, FieldSpec, document_type
from schemas.shipped_data import shipped_data
from schemas.validators import FieldType
from sohoa.sheet import Sheet
from training.drawn_figures import (
    WEIGHTS,
    Array,
    Hands,
    enlarged,
    hands,
    other_hands,
    penned,
    tight,
    ways,
)
from training.legible import legible
from training.lines import papers
from training.lines.hands import by_font, by_strokes
from training.lines.looked import STROKES, Material, material
from training.pen_rows import (
    MOBILE,
    Writer,
    drawn_row,
    fill,
    form_type,
    lay,
    number_of,
    print_field,
    read_row,
    soft,
)

SHEETS, A_FORM = 420, 3
"""Sheets drawn; every so many is a form, the others have rows of figures alone."""
SEED = 31
BY_HANDS = 0.75
"""Share of figures by hands; the others are strokes."""

THICK, UNEVEN, WIDEST, TRIED = (3.0, 7.0), 0.3, 1.3, 30
"""Pixels that pens are thick, and how much a stroke differs from that (a logarithm); figures are no
wider than so many heights; how often another one is tried."""
KEPT = frozenset(
    {
        "full_name", "dob", "sex", "personal_id", "phone", "head_name", "relation_to_head",
        "head_personal_id", "request_content",
    }
)  # fmt: skip

PLACES = ("An Hải", "Hòa Khánh", "Thanh Khê", "Long Biên", "Bình Thạnh", "Vĩnh Hải", "Tân Lập")
TOWNS = ("Đà Nẵng", "Hà Nội", "Hồ Chí Minh", "Khánh Hòa", "Quảng Ngãi", "Cần Thơ", "Nghệ An")
STREETS = ("Trần Phú", "Lê Lợi", "Nguyễn Huệ", "Quang Trung", "Hùng Vương", "Phan Chu Trinh")


def written(text: str, made_of: Material, rng: np.random.Generator) -> Image:
    """A line as a pen may write it, cut to its ink: grey, paper 255."""
    height = float(rng.uniform(20, 30))
    if rng.random() < STROKES:
        ink = by_strokes(text, made_of.letters, height, rng)
    else:
        face = made_of.pens[int(rng.integers(len(made_of.pens)))]
        ink = by_font(text, face, made_of.letters, height, rng)
    ink = papers.worn(papers.bent(ink, rng), rng)
    rows, columns = np.nonzero(ink > 60)
    cut = ink[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    return np.asarray(255 - rng.uniform(0.6, 1) * cut, np.uint8)


def writer(known: Hands, pen: np.random.Generator) -> Writer:
    """Figures of real hands, and of drawn strokes, all with one pen."""
    thick, dark = pen.uniform(*THICK), pen.uniform(0.65, 1)

    def write(figure: str, rng: np.random.Generator) -> Image:
        small = _figure(known, figure, rng)
        for _ in range(TRIED):
            wide = small.shape[1] <= WIDEST * small.shape[0]
            if wide and abs(np.log(thickness(small) / thick)) < UNEVEN:
                break
            small = _figure(known, figure, rng)
        return np.asarray(255 - dark * np.clip(small, 0, 255), np.uint8)

    return write


def _figure(known: Hands, figure: str, rng: np.random.Generator) -> Array:
    if rng.random() < BY_HANDS:
        own = np.flatnonzero(known.labels == int(figure))
        ink = _slanted(known.figures[rng.choice(own)], rng)
    else:
        ink = 255 - penned(figure, rng, ways(), alone=True).astype(np.float32)
    cut = tight(ink)
    by = rng.uniform(38, 58) / cut.shape[0]
    return np.asarray(cv2.resize(cut, None, fx=by, fy=by, interpolation=cv2.INTER_AREA), np.float32)


def _slanted(figure: Array, rng: np.random.Generator) -> Array:
    """A figure of a hand as it is, but for its slant and its pen: ink 0 to 255."""
    ink = np.asarray(np.pad(enlarged(figure), 12), np.float32)
    lean = rng.uniform(-0.12, 0.2)
    turn = np.array([[1.0, -lean, lean * ink.shape[0] / 2], [0.0, 1.0, 0.0]])
    ink = np.asarray(cv2.warpAffine(ink, turn, ink.shape[::-1]), np.float32)
    thinner = int(rng.integers(1, 4))
    return np.asarray(cv2.erode(ink, np.ones((thinner, thinner), np.uint8)), np.float32)


def thickness(ink: Array) -> float:
    """How thick strokes are on the whole, pixels; ink is 0 to 255."""
    halves = half_widths((np.pad(ink, 1) > 100).astype(np.uint8))
    return 2 * float(halves.mean()) if halves.size else 0.1


def kept_type() -> DocumentType:
    """CT01 with what is drawn here."""
    spec = document_type("ct01", "66/2023")
    if spec is None:  # shipped with the project
        raise LookupError("ct01@66/2023")
    return spec.model_copy(update={"fields": tuple(f for f in spec.fields if f.id in KEPT)})


def answers(spec: DocumentType, rng: np.random.Generator) -> dict[str, str]:
    """What an invented person writes."""
    born = date(1940, 1, 1) + timedelta(days=int(rng.integers(0, 84 * 365)))
    female = bool(rng.integers(2))
    words = {field.id: field.words for field in spec.fields}
    town = f"{rng.choice(['TP', 'Tỉnh', 'Thành phố'])} {rng.choice(TOWNS)}"
    street = f"{rng.integers(1, 400)} {rng.choice(STREETS)}"
    address = f"{street}, phường {rng.choice(PLACES)}, {town}"
    asked = str(rng.choice(words["request_content"]))
    return {
        "full_name": _name(rng),
        "dob": born.isoformat(),
        "sex": "Nữ" if female else "Nam",
        "personal_id": number_of(born, rng, female=female),
        "phone": str(rng.choice(MOBILE)) + f"{rng.integers(0, 10**7):07d}",
        "head_name": _name(rng),
        "relation_to_head": str(
            rng.choice([w for w in words["relation_to_head"] if w != "Chủ hộ"])
        ),
        "head_personal_id": number_of(born, rng),
        "request_content": address if rng.random() < 0.6 else asked,
    }


def _name(rng: np.random.Generator) -> str:
    usual = shipped_data("schemas.validators", "names")
    first = str(rng.choice(usual["surnames"].split()))
    rest = [str(rng.choice(usual["syllables"].split())) for _ in range(int(rng.integers(1, 4)))]
    return " ".join((first, *(word.capitalize() for word in rest)))


def form(
    spec: DocumentType, made_of: Material, write: Writer, rng: np.random.Generator
) -> tuple[Image, dict[str, str]]:
    """A filled form and what stands on it, as the fields keep it."""
    size = (spec.geometry.width, spec.geometry.height) if spec.geometry else (603.0, 842.0)
    sheet = Sheet(size, int(ZONE_DPI))
    texts = answers(spec, rng)
    for field in spec.fields:
        print_field(sheet, field, rng)
    page = np.asarray(sheet.image, np.uint8).copy()
    for field in spec.fields:
        if field.type in {FieldType.date, FieldType.personal_id, FieldType.phone}:
            fill(page, field, texts[field.id], write, rng)
        else:
            _text(page, field, texts[field.id], made_of, rng)
    return soft(page, rng), texts


def _text(
    page: Image, field: FieldSpec, text: str, made_of: Material, rng: np.random.Generator
) -> None:
    x0, x1, y = field.zones[0]
    image = written(text, made_of, rng)
    tall, wide = rng.uniform(48, 74), (x1 - x0 - 6) * POINT
    by = min(tall / image.shape[0], wide / image.shape[1])
    image = np.asarray(cv2.resize(image, None, fx=by, fy=by, interpolation=cv2.INTER_AREA))
    room = max(wide - image.shape[1], 0.0)
    foot = y * POINT + rng.uniform(-8, 6)
    lay(
        page,
        image,
        round(x0 * POINT + 6 + rng.uniform(0, 0.4) * room),
        round(foot - image.shape[0]),
    )


class _Task(NamedTuple):
    """What sheets are drawn with."""

    made_of: Material
    known: Hands


_task: list[_Task] = []
"""Of this process."""


def _begin(known: Hands, archive: Path, fonts: Path) -> None:
    cv2.setNumThreads(1)
    _task[:] = [_Task(material(archive, fonts, held=True), known)]


def _seen(number: int, *, figures: bool) -> list[tuple[str, Labelled]]:
    """Every value read on one drawn form or sheet of figures, by field, and whether it is right."""
    rng = np.random.default_rng((SEED, number))
    task = _task[0]
    kind = form_type() if figures else kept_type()
    write = writer(task.known, rng)
    drawn = drawn_row(write, rng) if figures else form(kind, task.made_of, write, rng)
    page, texts = drawn
    found = []
    for name, field in read_row(page, kind, ReadingOptions()).items():
        known = kind.field(name)
        one = labelled(known, field, "form", right=field.value == texts[name]) if known else None
        if one is not None:
            found.append((name, one._replace(by_pen=True)))
    return found


def observations(
    folder: Path, archive: Path, fonts: Path, sheets: int
) -> list[tuple[str, Labelled]]:
    """The values of so many sheets."""
    begun = (legible(other_hands(folder), hands(folder)), archive, fonts)
    found = []
    anew = get_context("spawn")  # OpenCV's threads, which were in use, do not survive a fork
    with ProcessPoolExecutor(os.cpu_count(), anew, _begin, begun) as pool:
        asked = [pool.submit(_seen, n, figures=n % A_FORM != 0) for n in range(sheets)]
        for number, one in enumerate(asked):
            found += one.result()
            sys.stdout.write(f"{number + 1} of {sheets}\n")
            sys.stdout.flush()
    return found


def main(folder: Path, archive: Path, fonts: Path, sheets: int, out: Path) -> None:
    """Draw, read, fit; say how many of each field were right."""
    found = observations(folder, archive, fonts, sheets)
    rights: dict[str, list[bool]] = defaultdict(list)
    for name, one in found:
        rights[name].append(one.right)
    for name, right in rights.items():
        sys.stdout.write(f"{name}: {sum(right)} of {len(right)} right\n")
    forms = len(range(0, sheets, A_FORM))
    told = f"{len(found)} values drawn as by pen: {forms} forms, {sheets - forms} sheets of figures"
    shipped = load()
    model = fit([one for _, one in found], f"{told}; none is a sample", None, otherwise=shipped)
    whole = shipped.model_copy(update={"pen": model.pen, "row": model.row})
    out.write_bytes(dump(whole))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="figures of real hands")
    parser.add_argument("archive", type=Path, help="letters of people: latin.zip of Omniglot")
    parser.add_argument("fonts", type=Path, help="folders of typefaces")
    parser.add_argument("--sheets", type=int, default=SHEETS)
    parser.add_argument("--out", type=Path, default=WEIGHTS / "calibration.json")
    asked = parser.parse_args()
    main(asked.folder, asked.archive, asked.fonts, asked.sheets, asked.out)
