"""Pages that get lost between documents, drawn: sketches, pencil, photographs, a word, a stamp.

Each is a page of A4 at 150 dpi as a colour scanner sees it, with the text that stands on it. All
persons and places are invented. The same dice give the same page.
"""

import io
from collections.abc import Callable
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from sohoa.sheet import Face, font_file

DPI = 150
SIZE = (1240, 1754)
PAPERS = ((250, 250, 250), (246, 244, 238), (238, 238, 240), (232, 226, 205))
GRAIN = 250
"""Pixels of a side of the square of noise that a page is covered with."""
NOTES = (
    "Chuyển bộ phận địa chính kiểm tra",
    "Không đồng ý, đề nghị bổ sung hồ sơ",
    "Đã đối chiếu bản chính ngày 20/5",
    "Thiếu giấy xác nhận của tổ dân phố",
)
WORDS = ("MẬT", "KHẨN", "BẢN SAO", "ĐÃ HỦY", "PHỤ LỤC")
SMALL = (
    "Ghi chú: xem biên bản kèm theo hồ sơ số 12.",
    "Tài liệu này gồm hai trang, lưu tại bộ phận một cửa.",
)
CAPTIONS = ("Ảnh chụp hiện trạng thửa đất ngày 12 tháng 5", "Ảnh 2: lối vào nhìn từ đường chính")

Pixels = NDArray[np.uint8]


class Page(NamedTuple):
    """A page and what is true of it."""

    kind: str
    image: Image.Image
    text: tuple[str, ...] = ()
    """Lines that must be read, or a person asked; none on a picture."""
    content: bool = True
    """Whether something stands on it: it must be in a document then."""


def scanned(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """As a scanner sees it: a little askew, soft, with grain, through a JPEG."""
    pixels = np.asarray(image.convert("RGB"))
    height, width = pixels.shape[:2]
    angle = float(rng.uniform(-0.7, 0.7))
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0)
    corner = [float(value) for value in pixels[3, 3]]
    laid = cv2.warpAffine(pixels, turn, (width, height), borderValue=corner)
    soft = cv2.GaussianBlur(laid, (0, 0), float(rng.uniform(0.4, 0.7)))
    tile = rng.normal(0, float(rng.uniform(1.0, 6.0)), (GRAIN, GRAIN)).astype(np.int16)
    grain = np.tile(tile, (height // GRAIN + 1, width // GRAIN + 1))[:height, :width]
    grainy = soft.astype(np.int16) + grain[:, :, None]
    seen = Image.fromarray(np.clip(grainy, 0, 255).astype(np.uint8))
    buffer = io.BytesIO()
    seen.save(buffer, "JPEG", quality=int(rng.integers(60, 92)), dpi=(DPI, DPI))
    return Image.open(buffer)


def through(front: Image.Image, rng: np.random.Generator) -> Image.Image:
    """The back of a sheet whose front shows through."""
    mirrored = np.asarray(front.convert("RGB"), np.float32)[:, ::-1]
    paper = np.median(mirrored.reshape(-1, 3), axis=0)
    ink = cv2.GaussianBlur(np.maximum(paper - mirrored, 0), (0, 0), 1.2)
    back = paper - ink * float(rng.uniform(0.06, 0.3))
    return Image.fromarray(np.clip(back, 0, 255).astype(np.uint8))


def sheet(rng: np.random.Generator) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    """An empty sheet of one of a few papers, and a pen on it."""
    image = Image.new("RGB", SIZE, PAPERS[int(rng.integers(len(PAPERS)))])
    return image, ImageDraw.Draw(image)


def _font(size: float, face: Face = "Regular") -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(font_file(face)), size * DPI / 72)


def _at(rng: np.random.Generator, right: int = 500, foot: int = 1500) -> tuple[int, int]:
    return int(rng.integers(120, right)), int(rng.integers(150, foot))


def _pick(rng: np.random.Generator, texts: tuple[str, ...]) -> str:
    return texts[int(rng.integers(len(texts)))]


def _line(
    kind: str,
    rng: np.random.Generator,
    texts: tuple[str, ...],
    size: float,
    tones: tuple[tuple[int, int, int], ...],
    face: Face,
) -> Page:
    """One line of text alone on a page."""
    image, pen = sheet(rng)
    text = _pick(rng, texts)
    tone = tones[int(rng.integers(len(tones)))]
    pen.text(_at(rng), text, fill=tone, font=_font(size, face))
    return Page(kind, image, (text,))


def _pencil(rng: np.random.Generator) -> Page:
    grey = int(rng.integers(150, 212))
    return _line("pencil", rng, NOTES, 15, ((grey, grey, grey + 4),), "Italic")


def _red_pencil(rng: np.random.Generator) -> Page:
    tones = ((214, 96, 92), (220, 120, 112), (228, 150, 145))
    return _line("red pencil", rng, NOTES, 15, tones, "Italic")


def _handwriting(rng: np.random.Generator) -> Page:
    """A single line by a thin pen, bent a little, as no font lies."""
    page = _line("handwriting", rng, NOTES, 17, ((40, 50, 120), (60, 60, 66)), "Italic")
    pixels = np.asarray(page.image)
    rows, columns = np.indices(pixels.shape[:2], np.float32)
    bent = np.asarray(rows + 4 * np.sin(columns / float(rng.uniform(25, 60))), np.float32)
    lean = np.asarray(columns + 0.3 * (rows % 70), np.float32)
    waved = cv2.remap(pixels, lean, bent, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return page._replace(image=Image.fromarray(np.asarray(waved, np.uint8)))


def _big_word(rng: np.random.Generator) -> Page:
    return _line("big word", rng, WORDS, 60, ((30, 30, 30), (190, 30, 40)), "Bold")


def _small_line(rng: np.random.Generator) -> Page:
    return _line("small line", rng, SMALL, 8, ((50, 50, 50), (110, 110, 110)), "Regular")


def _sketch(rng: np.random.Generator) -> Page:
    image, pen = sheet(rng)
    left, top = _at(rng, 350, 500)
    corners = [(0, 0), (620, -40), (700, 640), (330, 800), (-60, 610)]
    moved = [(left + x + int(rng.integers(-30, 30)), top + y) for x, y in corners]
    tone = (40, 40, 40) if rng.integers(2) else (120, 120, 126)
    pen.line([*moved, moved[0]], fill=tone, width=int(rng.integers(1, 4)))
    pen.line([moved[0], moved[3]], fill=tone, width=2)
    return Page("sketch", image)


def _light_drawing(rng: np.random.Generator) -> Page:
    image, pen = sheet(rng)
    tone = ((250, 240, 150), (205, 225, 250), (250, 215, 225))[int(rng.integers(3))]
    left, top = _at(rng, 300, 700)
    pen.rectangle((left, top, left + 600, top + 40), fill=tone)
    pen.ellipse((left + 100, top + 120, left + 480, top + 500), outline=tone, width=9)
    return Page("light drawing", image)


def _scene(rng: np.random.Generator, width: int, height: int) -> Image.Image:
    """A photograph of nothing: shades, edges and grain."""
    small = rng.integers(40, 230, (7, 9, 3)).astype(np.uint8)
    wide = cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC).astype(np.float32)
    wide[height // 2 :] *= float(rng.uniform(0.5, 0.8))
    return Image.fromarray(np.clip(wide + rng.normal(0, 6, wide.shape), 0, 255).astype(np.uint8))


def _photo(rng: np.random.Generator) -> Page:
    image, _ = sheet(rng)
    image.paste(_scene(rng, 900, 640), _at(rng, 300, 900))
    return Page("photo", image)


def _caption(rng: np.random.Generator) -> Page:
    image, pen = sheet(rng)
    image.paste(_scene(rng, 900, 640), (170, 300))
    text = _pick(rng, CAPTIONS)
    pen.text((180, 980), text, fill=(40, 40, 40), font=_font(12))
    return Page("caption", image, (text,))


def _fingerprints(rng: np.random.Generator) -> Page:
    image, pen = sheet(rng)
    grey = int(rng.integers(110, 190))
    left, top = _at(rng, 500, 1200)
    for finger in range(int(rng.integers(1, 4))):
        x = left + 170 * finger
        for radius in range(6, 66, 7):
            box = (x - radius, top - 1.4 * radius, x + radius, top + 1.4 * radius)
            pen.arc(box, 150, 395, fill=(grey, grey, grey + 12), width=3)
    return Page("fingerprints", image)


def _stamp(rng: np.random.Generator) -> Page:
    image, pen = sheet(rng)
    x, y = _at(rng, 900, 1300)
    tone = (205, 40, 50) if rng.integers(2) else (225, 110, 115)
    for radius in (110, 102, 64):
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), outline=tone, width=4)
    pen.regular_polygon((x, y, 30), 5, fill=tone)
    return Page("stamp", image)


DRAWN: dict[str, Callable[[np.random.Generator], Page]] = {
    "sketch": _sketch,
    "photo": _photo,
    "caption": _caption,
    "pencil": _pencil,
    "red pencil": _red_pencil,
    "handwriting": _handwriting,
    "big word": _big_word,
    "small line": _small_line,
    "light drawing": _light_drawing,
    "fingerprints": _fingerprints,
    "stamp": _stamp,
}
"""Pages with content, by kind."""


def empty(rng: np.random.Generator) -> Page:
    """Paper, sometimes with dust, a hole or a streak."""
    image, pen = sheet(rng)
    match int(rng.integers(5)):
        case 0:
            for x, y in rng.integers(100, 1150, (8, 2)):
                pen.point([(int(x), int(y)), (int(x) + 1, int(y))], fill=(90, 90, 90))
        case 1:
            pen.ellipse((52, 640, 88, 676), fill=(70, 70, 70))
            pen.ellipse((52, 1110, 88, 1146), fill=(70, 70, 70))
        case 2:
            x = int(rng.integers(200, 1000))
            pen.line([(x, 0), (x + 2, SIZE[1])], fill=(170, 170, 172), width=2)
    return Page("empty", image, (), False)
