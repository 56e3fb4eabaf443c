"""Draws administrative papers with their truth: ``python -m training.benches.drawn_papers DIR``.

What confidence on such papers is fitted on (``sohoa calibrate --truth DIR``). Offices, persons and
subjects are invented and put together at random; numbers and days are typed or written by pen; a
seal and a signature lie over titles and names, a stamp of what was received over the text; pages
are scanned in colour, grey or one bit, well and badly. The same seed and typefaces give the same
files. With ``--unseen`` places, persons, offices, subjects and some typefaces are others than those
drawn without: papers to measure on, not to fit on.
"""

import argparse
import json
import subprocess
from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from sohoa.sheet import Face, Sheet, font_file
from training.benches.invented_papers import Paper, invented
from training.benches.paper_scans import Look, scanned, scanned_how
from training.drawn_figures import penned, ways

A4 = (595.28, 841.89)
NATIONAL, MOTTO = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc"


class _Printed(Sheet):
    """A sheet in another typeface, its letters a little smaller or larger than usual."""

    def __init__(self, look: Look) -> None:
        super().__init__(A4, look.dpi)
        self._family, self._size = look.family, look.size

    def font(self, face: Face, size: float) -> ImageFont.FreeTypeFont:
        """The family in a face and a size in points."""
        return ImageFont.truetype(str(_file(self._family, face)), size * self._size * self.scale)


@lru_cache
def _file(family: str, face: Face) -> Path:
    """The file of a typeface; that of Tinos where it is not installed."""
    style = {"Regular": "Book,Regular", "BoldItalic": "Bold Italic"}.get(face, face)
    for one in style.split(","):
        command = ["fc-match", "--format=%{family}|%{style}|%{file}", f"{family}:style={one}"]
        answer = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
        known, told, name = [*answer.stdout.split("|"), "", ""][:3]
        if family in known.split(",") and one in told.split(","):
            return Path(name)
    return font_file(face)


class _Inks:
    """Blue and red ink over the print: how much of it lies where, 0 to 1."""

    def __init__(self, sheet: Sheet, rng: np.random.Generator) -> None:
        self._scale, self._rng = sheet.scale, rng
        shape = sheet.image.size[::-1]
        self.blue, self.red = (np.zeros(shape, np.float32) for _ in range(2))
        self._ways = ways()

    def figures(self, x: float, baseline: float, text: str, tall: float = 15.0) -> float:
        """Figures by hand from ``x`` on; returns where they end (points)."""
        for figure in text:
            drawn = penned(figure, self._rng, self._ways, alone=True)
            ys, xs = np.nonzero(drawn < 160)
            cut = drawn[ys.min() : ys.max() + 1, xs.min() : xs.max() + 1]
            height = max(4, round(tall * self._rng.uniform(0.85, 1.15) * self._scale))
            width = max(3, round(cut.shape[1] * height / cut.shape[0]))
            image = cv2.resize(cut, (width, height), interpolation=cv2.INTER_AREA)
            y = round((baseline + self._rng.uniform(0, 2.0)) * self._scale) - height
            dark = np.asarray(1 - np.asarray(image, np.float32) / 255, np.float32)
            self._lay(self.blue, dark, round(x * self._scale), y)
            x += width / self._scale + self._rng.uniform(0.6, 2.4)
        return x

    def scrawl(self, x: float, y: float) -> None:
        """A signature around a point (points)."""
        points = np.cumsum(self._rng.normal((9, 0), (16, 13), (9, 2)), axis=0)
        points = (points - points.mean(axis=0) + (x, y)) * self._scale * 8
        width = max(1, round(1.3 * self._scale))
        path = [np.round(points).astype(np.int32)]
        cv2.polylines(self.blue, path, False, (0.85,), width, cv2.LINE_AA, 3)

    def seal(self, x: float, y: float, strength: float) -> None:
        """A round seal of 36 mm around a point (points)."""
        at = (round(x * self._scale), round(y * self._scale))
        for radius, width in ((51.0, 1.8), (48.0, 0.8), (33.0, 0.8)):
            wide = max(1, round(width * self._scale))
            cv2.circle(self.red, at, round(radius * self._scale), (strength,), wide, cv2.LINE_AA)
        for angle in np.arange(0, 360, 15.0):
            end = np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))])
            a, b = (np.round(at + end * r * self._scale).astype(int) for r in (37.0, 44.0))
            wide = max(1, round(1.6 * self._scale))
            cv2.line(self.red, tuple(a), tuple(b), (strength,), wide, cv2.LINE_AA)
        star = [
            np.array(at) + self._scale * r * np.array([np.sin(t), -np.cos(t)])
            for k in range(10)
            for r, t in [((17.0, 7.0)[k % 2], k * np.pi / 5)]
        ]
        cv2.fillPoly(self.red, [np.round(star).astype(np.int32)], (0.8 * strength,), cv2.LINE_AA)

    def received(self, x: float, y: float, ink: str) -> None:
        """The stamp of what was received, its upper left corner at a point (points)."""
        wide, tall = 130, 62
        stamp = Image.new("L", (round(wide * self._scale), round(tall * self._scale)), 0)
        pen = ImageDraw.Draw(stamp)
        pen.rectangle((1, 1, stamp.width - 2, stamp.height - 2), outline=200, width=2)
        letters = ImageFont.truetype(str(_file("Arimo", "Bold")), 11 * self._scale)
        day = date(2019, 1, 1) + timedelta(days=int(self._rng.integers(0, 2700)))
        text = f"VĂN THƯ\nĐẾN số: {int(self._rng.integers(1, 9000))}\nNgày: {day:%d/%m/%Y}"
        at = (6 * self._scale, 5 * self._scale)
        pen.multiline_text(at, text, 200, letters, spacing=4 * self._scale)
        turned = stamp.rotate(float(self._rng.uniform(-4, 4)), Image.Resampling.BICUBIC)
        drawn = np.asarray(np.asarray(turned, np.float32) / 255, np.float32)
        under = self.red if ink == "red" else self.blue
        self._lay(under, drawn, round(x * self._scale), round(y * self._scale))

    @staticmethod
    def _lay(ink: NDArray[np.float32], drawn: NDArray[np.float32], x: int, y: int) -> None:
        place = ink[max(0, y) : y + drawn.shape[0], x : x + drawn.shape[1]]
        np.maximum(place, drawn[: place.shape[0], : place.shape[1]], out=place)


def draw(paper: Paper, look: Look, rng: np.random.Generator) -> Image.Image:
    """The page as it is scanned."""
    sheet = _Printed(look)
    inks = _Inks(sheet, rng)
    base = _head(sheet, inks, paper, look)
    foot = _text(sheet, paper, base)
    _closing(sheet, inks, paper, look, max(foot + 30, float(rng.uniform(520, 600))))
    if look.received:
        inks.received(float(rng.uniform(40, 380)), base + float(rng.uniform(5, 150)), look.received)
    if look.note:
        inks.scrawl(float(rng.uniform(120, 480)), base + float(rng.uniform(-30, 110)))
    black = (255 - np.asarray(sheet.image, np.float32)) / 255
    return scanned(np.asarray(black, np.float32), inks.blue, inks.red, look, rng)


def _lines(sheet: Sheet, text: str, wide: float, size: float, face: Face) -> list[str]:
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and sheet.length(longer, size, face) > wide:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def _head(sheet: Sheet, inks: _Inks, paper: Paper, look: Look) -> float:
    """Bodies, motto, number, place and date; returns the lowest baseline."""
    left, right, y = 165.0, 410.0, 66.0
    for index, line in enumerate((*paper.parent, *paper.issuer)):
        face: Face = "Regular" if index < len(paper.parent) else "Bold"
        sheet.text(left, y + 15 * index, line, 12, face, "middle")
    sheet.text(right, 66, NATIONAL, 12, "Bold", "middle")
    sheet.text(right, 82, MOTTO, 13, "Bold", "middle")
    half = sheet.length(MOTTO, 13, "Bold") / 2
    sheet.rule(right - half, 87, right + half, 87)
    rows = len(paper.parent) + len(paper.issuer)
    y = max(66.0 + 15 * (rows - 1), 82.0) + 6
    sheet.rule(left - 30, y, left + 30, y)
    y += 20
    symbol = f"/{paper.symbol}"
    if look.pen_number:
        wide = 34.0 + 7 * len(paper.figures)
        start = left - (sheet.length("Số:", 13) + wide + sheet.length(symbol, 13)) / 2
        sheet.text(start, y, "Số:", 13)
        pen = start + sheet.length("Số:", 13) + 6
        inks.figures(pen, y + 1, paper.figures)
        sheet.text(start + sheet.length("Số:", 13) + wide, y, symbol, 13)
    else:
        sheet.text(left, y, f"Số: {paper.figures}{symbol}", 13, "Regular", "middle")
    before, after = f"{paper.place}, ngày", f"tháng {_month(paper.day)} năm {paper.day.year}"
    if look.pen_day:
        room = 34.0
        start = right - (sheet.length(before + after, 13, "Italic") + room) / 2
        sheet.text(start, y, before, 13, "Italic")
        pen = start + sheet.length(before, 13, "Italic") + 6
        inks.figures(pen, y + 1, f"{paper.day.day:02d}", 13.5)
        at = start + sheet.length(before, 13, "Italic") + room
        sheet.text(at, y, after, 13, "Italic")
    else:
        sheet.text(right, y, f"{before} {paper.day.day:02d} {after}", 13, "Italic", "middle")
    return y


def _month(day: date) -> str:
    return f"{day.month:02d}" if day.month < 3 else str(day.month)


def _text(sheet: Sheet, paper: Paper, y: float) -> float:
    """Heading, subject and some text; returns the lowest baseline."""
    letter = paper.heading == "CÔNG VĂN"
    if letter:
        for line in _lines(sheet, paper.about, 205, 12, "Regular"):
            y += 15
            sheet.text(165, y, line, 12, "Regular", "middle")
        y += 28
        sheet.text(180, y, "Kính gửi: Các cơ quan, đơn vị trực thuộc", 13.5)
    else:
        y += 32
        sheet.text(305, y, paper.heading, 14, "Bold", "middle")
        for line in _lines(sheet, paper.about, 360, 13.5, "Bold"):
            y += 17
            sheet.text(305, y, line, 13.5, "Bold", "middle")
        sheet.rule(255, y + 7, 355, y + 7)
    y += 34
    for text in (
        "Căn cứ Luật Tổ chức chính quyền địa phương và các văn bản hướng dẫn thi hành;",
        f"Để {paper.subject}, đề nghị các cơ quan, đơn vị tổ chức thực hiện theo quy định.",
        "Trong quá trình thực hiện nếu có vướng mắc, các đơn vị báo cáo để xem xét, giải quyết./.",
    ):
        y = sheet.paragraph(85, 545, y, text, 13.5) + 4
    return y


def _closing(sheet: Sheet, inks: _Inks, paper: Paper, look: Look, y: float) -> None:
    sheet.text(85, y, "Nơi nhận:", 12, "BoldItalic")
    for index, taker in enumerate((*(f"{name};" for name in paper.takers), "Lưu: VT.")):
        sheet.text(85, y + 15 + 13.5 * index, f"- {taker}", 11)
    for index, title in enumerate(paper.titles):
        sheet.text(430, y + 16.5 * index, title, 13, "Bold", "middle")
    end = y + 16.5 * (len(paper.titles) - 1)
    name = end + 92
    sheet.text(430, name, f"{paper.degree}{paper.signer}", 13.5, "Bold", "middle")
    if look.seal:
        inks.seal(392, end + 42, look.seal)
    if look.scrawl:
        inks.scrawl(435, end + 50)


def draw_papers(
    folder: Path, count: int, seed: int, *, unseen: bool = False
) -> Mapping[str, Paper]:
    """Write ``count`` scans and ``truth.jsonl`` into ``folder``; returns the papers by file name.

    ``unseen``: of what no paper to fit on is made.

    Raises:
        MissingDependency: ``fields.no_sample_font``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    made: dict[str, Paper] = {}
    for number in range(count):
        rng = np.random.default_rng((seed, number))
        paper, look = invented(rng, unseen=unseen), scanned_how(rng, unseen=unseen)
        image = draw(paper, look, rng)
        name = f"{number:04d}.{'png' if look.mode == 'bits' else 'jpg'}"
        image.save(folder / name, dpi=(look.dpi, look.dpi), quality=look.quality)
        made[name] = paper
    rows = [{"file": name, "fields": paper.truth()} for name, paper in made.items()]
    text = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    (folder / "truth.jsonl").write_text(text + "\n", encoding="utf-8")
    return made


def main() -> None:
    """Draw papers into a folder."""
    parser = argparse.ArgumentParser(description="Draw administrative papers with their truth.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, default=150)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--unseen", action="store_true")
    asked = parser.parse_args()
    draw_papers(asked.folder, asked.count, asked.seed, unseen=asked.unseen)


if __name__ == "__main__":
    main()
