"""Blanks that the tests draw for themselves: leaders, cells, a table, boxes, a signature."""

from pathlib import Path
from typing import NamedTuple

from PIL import Image, ImageDraw
from prepared import font_of

DPI = 200
PAGE = (595.0, 842.0)
BOLD = "Tinos-Bold.ttf"


class DrawnForm(NamedTuple):
    """A drawn blank, and where one writes on it, points: ``x0, x1, y`` by label."""

    image: Image.Image
    zones: dict[str, list[tuple[float, float, float]]]
    boxes: dict[str, tuple[float, float, float, float]]

    def filled(self, values: dict[str, list[str]]) -> Image.Image:
        """A copy with texts on the lines of labels."""
        page = self.image.copy()
        pen = ImageDraw.Draw(page)
        for label, texts in values.items():
            for (x0, _, y), text in zip(self.zones[label], texts, strict=True):
                pen.text((_px(x0 + 4), _px(y - 1)), text, font=_font(13), fill=30, anchor="ls")
        return page

    def saved(self, path: Path, image: Image.Image | None = None) -> Path:
        (image or self.image).save(path, dpi=(DPI, DPI))
        return path


def _px(points: float) -> int:
    return round(points * DPI / 72)


def _font(points: float, *, bold: bool = False):
    return font_of(_px(points), BOLD) if bold else font_of(_px(points))


def draw_form() -> DrawnForm:
    """A request with every kind of place."""
    image = Image.new("L", (_px(PAGE[0]), _px(PAGE[1])), 252)
    pen = ImageDraw.Draw(image)
    zones: dict[str, list[tuple[float, float, float]]] = {}
    boxes: dict[str, tuple[float, float, float, float]] = {}

    def text(x: float, y: float, said: str, size: float = 13, *, bold: bool = False) -> float:
        font = _font(size, bold=bold)
        pen.text((_px(x), _px(y)), said, font=font, fill=15, anchor="ls")
        return x + pen.textlength(said, font=font) * 72 / DPI

    def dots(x0: float, x1: float, y: float) -> tuple[float, float, float]:
        text(x0, y, "." * int((x1 - x0) / 3.25))
        return (x0, x1, y)

    def line(label: str, x: float, y: float, end: float = 540) -> None:
        zones[label] = [dots(text(x, y, label + ":"), end, y)]

    text(170, 80, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", bold=True)
    text(220, 97, "Độc lập - Tự do - Hạnh phúc", bold=True)
    text(160, 62, "Mẫu DN07 ban hành kèm theo Thông tư số 12/2031/TT-BNV")
    text(205, 140, "ĐƠN XIN NGHỈ PHÉP NĂM", 14, bold=True)
    line("Kính gửi", 110, 165, 500)
    line("1. Họ, chữ đệm và tên", 80, 190)
    x, y = text(80, 215, "2. Ngày, tháng, năm sinh:"), 215
    zones["2. Ngày, tháng, năm sinh"] = []
    for index, end in enumerate((x + 45, x + 100, x + 170)):
        zones["2. Ngày, tháng, năm sinh"].append(dots(x, end, y))
        x = text(end + 2, y, "/") + 2 if index < 2 else end
    line("3. Giới tính", x + 20, 215)
    text(80, 246, "4. Số định danh cá nhân:")
    for k in range(13):
        at = 270 + k * 21.0
        pen.line((_px(at), _px(228), _px(at), _px(252)), fill=10, width=2)
    for at in (228, 252):
        pen.line((_px(270), _px(at), _px(270 + 252), _px(at)), fill=10, width=2)
    boxes["4. Số định danh cá nhân"] = (270, 228, 522, 252)
    line("5. Lý do", 80, 275)
    zones["5. Lý do"].append(dots(80, 540, 295))
    x = text(80, 320, "6. Nhận kết quả: Bản giấy")
    for word in ("", "Bản điện tử", "Tin nhắn"):
        x = text(x + 30, 320, word) if word else x
        pen.rectangle((_px(x + 5), _px(311), _px(x + 14), _px(320)), outline=10, width=2)
        x += 14
    text(80, 345, "7. Những thành viên trong hộ gia đình cùng thay đổi:")
    sides, levels = (80, 110, 300, 400, 540), (355, 380, 405, 430, 455)
    for at in sides:
        pen.line((_px(at), _px(355), _px(at), _px(455)), fill=10, width=2)
    for at in levels:
        pen.line((_px(80), _px(at), _px(540), _px(at)), fill=10, width=2)
    boxes["table"] = (80, 355, 540, 455)
    for at, said in zip(sides, ("TT", "Họ và tên", "Năm sinh", "Màu mắt"), strict=False):
        text(at + 7, 372, said, 11, bold=True)
    line("8. Màu sơn ưa thích", 80, 480)
    x = dots(330, 370, 510)[1]
    for word, wide in ((", ngày", 30), ("tháng", 30), ("năm", 40)):
        x = dots(text(x, 510, word), x + 32 + wide, 510)[1]
    text(400, 527, "NGƯỜI LÀM ĐƠN", bold=True)
    text(80, 680, "Chú thích:", bold=True)
    text(80, 700, "(1) Ghi rõ tên cơ quan ............")
    return DrawnForm(image, zones, boxes)
