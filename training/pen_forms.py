"""Confidence of what a pen wrote, fitted on forms drawn here: ``python -m training.pen_forms``.

CT01's lines and cells, filled by invented people. Figures are those of real hands, written anew,
and drawn strokes; letters come from handwriting-like typefaces with every Vietnamese letter, one a
form, bent, uneven and thinned until readers make of them what they make of real pens. No scan and
no sample is among them. The result is the model ``pen`` of ``data/calibration.json``.
"""

import argparse
import sys
from collections import defaultdict
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from fontTools.ttLib import TTFont
from PIL import Image as Picture
from PIL import ImageDraw, ImageFont

from ocr.calibration import Labelled, dump, fit, labelled, load
from ocr.fields.context import POINT, ZONE_DPI
from ocr.fields.zone_reader import Image
from ocr.options import ReadingOptions
from schemas.document_type import DocumentType, FieldSpec, document_type
from schemas.shipped_data import shipped_data
from schemas.validators import FieldType
from sohoa.sheet import Sheet
from training.drawn_figures import WEIGHTS, Array, Hands, bent, hands, penned, rewritten, ways
from training.pen_rows import MOBILE, Writer, fill, lay, number_of, print_field, read_row, soft

FORMS = 150
KEPT = frozenset(
    {
        "full_name", "dob", "sex", "personal_id", "phone", "head_name", "relation_to_head",
        "head_personal_id", "request_content",
    }
)  # fmt: skip

PLACES = ("An Hải", "Hòa Khánh", "Thanh Khê", "Long Biên", "Bình Thạnh", "Vĩnh Hải", "Tân Lập")
TOWNS = ("Đà Nẵng", "Hà Nội", "Hồ Chí Minh", "Khánh Hòa", "Quảng Ngãi", "Cần Thơ", "Nghệ An")
STREETS = ("Trần Phú", "Lê Lợi", "Nguyễn Huệ", "Quang Trung", "Hùng Vương", "Phan Chu Trinh")


class Typeface(NamedTuple):
    """A handwriting-like typeface in one or more files, each with some of its letters."""

    files: tuple[Path, ...]

    def file_of(self, letter: str) -> Path | None:
        """The file that has a letter."""
        return next((path for path in self.files if ord(letter) in _letters(path)), None)


@lru_cache(maxsize=512)
def _letters(path: Path) -> frozenset[int]:
    with TTFont(path, lazy=True) as font:
        return frozenset(font.getBestCmap())


@lru_cache(maxsize=512)
def _face(path: Path, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(path), size)


def typefaces(folder: Path) -> list[Typeface]:
    """Those in the folders of ``folder`` that have every Vietnamese letter needed here."""
    found = []
    for own in sorted(path for path in folder.iterdir() if path.is_dir()):
        face = Typeface(tuple(sorted(own.rglob("*-400-normal.woff"))))
        if face.files and all(face.file_of(letter) for letter in "ạảãấầẩẫậắặđĐƠƯởữựỵ"):
            found.append(face)
    return found


def written(text: str, face: Typeface, rng: np.random.Generator) -> Image:
    """A line as a pen may write it, cut to its ink: grey, paper 255."""
    size = int(rng.integers(46, 72))
    canvas = Picture.new("L", (size * (len(text) + 4), 3 * size), 0)
    draw, x, wander = ImageDraw.Draw(canvas), float(size), 0.0
    spread, uneven = rng.uniform(-1.5, 2.5), rng.uniform(0, 0.09)
    for letter in text:
        own = max(24, round(size * (1 + rng.normal(0, uneven))))
        font = _face(face.file_of(letter) or face.files[0], own)
        wander = 0.8 * wander + rng.normal(0, 1.2)
        draw.text((x, 2 * size + wander), letter, fill=255, font=font, anchor="ls")
        x += font.getlength(letter) + spread + rng.normal(0, 1.2)
    ink = np.asarray(canvas, np.float32)
    strength = int(rng.integers(0, 4))
    for _ in range(strength):
        ink = bent(ink, rng)
    thick = rng.random()
    if thick < 0.4:
        ink = np.asarray(cv2.erode(ink, np.ones((2, 2))), np.float32)
    elif thick < 0.55:
        ink = np.asarray(cv2.dilate(ink, np.ones((2, 2))), np.float32)
    rows, columns = np.nonzero(ink > 60)
    cut = ink[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    return np.asarray(255 - rng.uniform(0.6, 1) * cut, np.uint8)


def writer(known: Hands) -> Writer:
    """Figures of real hands, written anew, and of drawn strokes."""

    def write(figure: str, rng: np.random.Generator) -> Image:
        if rng.random() < 0.6:
            own = np.flatnonzero(known.labels == int(figure))
            ink: Array = rewritten(known.figures[rng.choice(own)], int(figure), rng)
        else:
            ink = 255 - penned(figure, rng, ways(), alone=True).astype(np.float32)
        rows, columns = np.nonzero(ink > 60)
        cut = ink[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
        by = rng.uniform(38, 58) / cut.shape[0]
        small = cv2.resize(cut, None, fx=by, fy=by, interpolation=cv2.INTER_AREA)
        return np.asarray(255 - rng.uniform(0.6, 1) * np.clip(small, 0, 255), np.uint8)

    return write


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
    spec: DocumentType, faces: list[Typeface], write: Writer, rng: np.random.Generator
) -> tuple[Image, dict[str, str]]:
    """A filled form and what stands on it, as the fields keep it."""
    size = (spec.geometry.width, spec.geometry.height) if spec.geometry else (603.0, 842.0)
    sheet = Sheet(size, int(ZONE_DPI))
    texts = answers(spec, rng)
    face = faces[int(rng.integers(len(faces)))]
    for field in spec.fields:
        print_field(sheet, field, rng)
    page = np.asarray(sheet.image, np.uint8).copy()
    for field in spec.fields:
        if field.type in {FieldType.date, FieldType.personal_id, FieldType.phone}:
            fill(page, field, texts[field.id], write, rng)
        else:
            _text(page, field, texts[field.id], face, rng)
    return soft(page, rng), texts


def _text(
    page: Image, field: FieldSpec, text: str, face: Typeface, rng: np.random.Generator
) -> None:
    x0, x1, y = field.zones[0]
    image = written(text, face, rng)
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


def observations(
    faces: list[Typeface], write: Writer, count: int, seed: int
) -> list[tuple[int, str, Labelled]]:
    """Every value read on drawn forms, and whether it is right; the form's number, the field."""
    spec, options = kept_type(), ReadingOptions()
    found = []
    for number in range(count):
        page, texts = form(spec, faces, write, np.random.default_rng((seed, number)))
        for name, field in read_row(page, spec, options).items():
            known = spec.field(name)
            one = (
                labelled(known, field, "form", right=field.value == texts[name]) if known else None
            )
            if one is not None:
                found.append((number, name, one._replace(by_pen=True)))
        sys.stdout.write(f"{number + 1} of {count}\n")
        sys.stdout.flush()
    return found


def main(folder: Path, fonts: Path, count: int, out: Path) -> None:
    """Draw, read, fit; say how many of each field were right."""
    cv2.setNumThreads(1)
    found = observations(typefaces(fonts), writer(hands(folder)), count, 31)
    rights: dict[str, list[bool]] = defaultdict(list)
    for _, name, one in found:
        rights[name].append(one.right)
    for name, right in rights.items():
        sys.stdout.write(f"{name}: {sum(right)} of {len(right)} right\n")
    told = f"{len(found)} values of {count} forms drawn as by pen; none is a sample"
    shipped = load()
    model = fit([one for *_, one in found], told, None, otherwise=shipped)
    whole = shipped.model_copy(update={"pen": model.pen})
    out.write_bytes(dump(whole))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="figures of real hands")
    parser.add_argument("fonts", type=Path, help="folders of handwriting-like typefaces")
    parser.add_argument("--forms", type=int, default=FORMS)
    parser.add_argument("--out", type=Path, default=WEIGHTS / "calibration.json")
    asked = parser.parse_args()
    main(asked.folder, asked.fonts, asked.forms, asked.out)
