"""Pages laid badly on the glass: drawn upright, then turned, skewed and scanned as asked.

The same call gives the same pages. Everything named on them is invented.
"""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from sohoa.sheet import font_file

A4_INCHES = (595.276 / 72, 841.89 / 72)
LEFT, RIGHT, TOP = 85.0, 540.0, 80.0
"""Margins in points: left and right edge of the text, first baseline."""
INK, PAPER = 25, 244
PAPER_TINT = (0.93, 0.975, 1.0)
"""Blue, green, red of old paper."""
PEN = (150, 60, 40)
"""Blue ink, as blue, green, red."""
THRESHOLD = 150

PROSE = (
    "Căn cứ kết quả kiểm tra thực tế và đề nghị của bộ phận tiếp nhận hồ sơ,",
    "Ủy ban nhân dân phường thông báo để các tổ dân phố và người dân được biết.",
    "Thời gian thực hiện từ ngày 15 tháng 3 đến hết ngày 30 tháng 6 năm 2025.",
    "Các đơn vị liên quan chịu trách nhiệm hướng dẫn, kiểm tra và báo cáo kết quả.",
    "Trong quá trình thực hiện, nếu có vướng mắc đề nghị phản ánh kịp thời bằng văn bản.",
    "Kinh phí được bảo đảm từ nguồn ngân sách địa phương theo phân cấp hiện hành.",
    "Người nộp hồ sơ xuất trình bản chính giấy tờ để đối chiếu khi được yêu cầu.",
    "Kết quả giải quyết được trả trực tiếp, qua dịch vụ bưu chính hoặc trên môi trường mạng.",
    "Trường hợp từ chối phải trả lời bằng văn bản và nêu rõ lý do cho người nộp.",
    "Văn bản này thay thế các hướng dẫn trước đây về cùng một nội dung.",
    "Mọi tổ chức, cá nhân có quyền khiếu nại, tố cáo theo quy định của pháp luật.",
    "Giao công chức phụ trách theo dõi, đôn đốc và tổng hợp số liệu hằng quý.",
)
LABELS = (
    "1. Họ, chữ đệm và tên:",
    "2. Ngày, tháng, năm sinh:",
    "3. Giới tính:",
    "4. Số định danh cá nhân:",
    "5. Số điện thoại liên hệ:",
    "6. Thư điện tử:",
    "7. Họ tên chủ hộ:",
    "8. Quan hệ với chủ hộ:",
    "9. Nội dung đề nghị:",
)
ROWS = (
    ("STT", "Nội dung công việc", "Đơn vị thực hiện", "Thời hạn"),
    ("1", "Rà soát danh sách", "Tổ dân phố", "20/4/2025"),
    ("2", "Cấp giấy xác nhận", "Bộ phận một cửa", "05/5/2025"),
    ("3", "Kiểm tra thực địa", "Công chức địa chính", "12/5/2025"),
    ("4", "Tổng hợp báo cáo", "Văn phòng", "30/6/2025"),
)


class Mode(StrEnum):
    """How the scanner sees colours."""

    grey = "grey"
    colour = "colour"
    bilevel = "1-bit"


class Kind(StrEnum):
    """What stands on the page."""

    letter = "letter"
    notice = "notice"
    form = "form"
    table = "table"
    last = "last page"


class Lay(NamedTuple):
    """How a page lies and is scanned: clockwise quarter turns in degrees, skew in degrees."""

    turn: int
    skew: float
    dpi: int
    mode: Mode


class Upright(NamedTuple):
    """A page before it is laid: grey, its resolution, and the texts on it."""

    grey: NDArray[np.uint8]
    dpi: int
    texts: tuple[str, ...]


class _Sheet:
    """A page being drawn; lengths in points."""

    def __init__(self, dpi: int) -> None:
        self.scale = dpi / 72
        size = tuple(round(side * dpi) for side in A4_INCHES)
        self.image = Image.new("L", (size[0], size[1]), PAPER)
        self.pen = ImageDraw.Draw(self.image)
        self.texts: list[str] = []

    def text(
        self, x: float, y: float, text: str, size: float = 13, bold: bool = False, anchor: str = "l"
    ) -> float:
        """A line of text on its baseline; returns where it ends."""
        face = font_file("Bold" if bold else "Regular")
        font = ImageFont.truetype(str(face), size * self.scale)
        at = (x * self.scale, y * self.scale)
        self.pen.text(at, text, fill=INK, font=font, anchor=f"{anchor}s")
        self.texts.append(text)
        return x + font.getlength(text) / self.scale

    def rule(self, x0: float, y0: float, x1: float, y1: float) -> None:
        """A printed rule of 0.6 points."""
        box = tuple(round(value * self.scale) for value in (x0, y0, x1, y1))
        self.pen.line(box, fill=INK, width=max(1, round(0.6 * self.scale)))

    def header(self) -> None:
        """The two boxes at the top of an official document."""
        self.text(190, TOP, "ỦY BAN NHÂN DÂN", 12, anchor="m")
        self.text(190, TOP + 15, "PHƯỜNG VÍ DỤ", 12, True, anchor="m")
        self.text(410, TOP, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", 11, True, anchor="m")
        self.text(410, TOP + 15, "Độc lập - Tự do - Hạnh phúc", 12, True, anchor="m")
        self.rule(330, TOP + 20, 490, TOP + 20)

    def signature(self, y: float) -> None:
        """The closing boxes: recipients on the left, the signer on the right."""
        self.text(LEFT, y, "Nơi nhận:", 11, True)
        self.text(LEFT, y + 15, "- Như trên;", 11)
        self.text(LEFT, y + 29, "- Lưu: Văn thư.", 11)
        self.text(430, y, "CHỦ TỊCH", 13, True, anchor="m")
        self.text(430, y + 90, "Trần Thị Thử Nghiệm", 13, True, anchor="m")


def draw(kind: Kind, dpi: int, seed: int = 1) -> Upright:
    """An upright page.

    Raises:
        MissingDependency: ``fields.no_sample_font``.
    """
    sheet = _Sheet(dpi)
    order = np.random.default_rng((seed, list(Kind).index(kind))).permutation(len(PROSE))
    prose = [PROSE[index] for index in order]
    match kind:
        case Kind.letter:
            _prose(sheet, TOP, [*prose, *prose[:6], *prose[4:]])
        case Kind.notice:
            sheet.header()
            sheet.text(312, TOP + 65, "THÔNG BÁO", 14, True, anchor="m")
            _prose(sheet, TOP + 105, prose[:4])
            sheet.signature(TOP + 260)
        case Kind.form:
            sheet.header()
            sheet.text(312, TOP + 65, "TỜ KHAI THAY ĐỔI THÔNG TIN", 14, True, anchor="m")
            for row, label in enumerate(LABELS):
                y = TOP + 110 + 27 * row
                end = sheet.text(LEFT, y, label)
                sheet.rule(end + 6, y + 3, RIGHT, y + 3)
        case Kind.table:
            _prose(sheet, TOP, prose[:3])
            _table(sheet, TOP + 90)
        case Kind.last:
            _prose(sheet, TOP, prose[:2])
            sheet.signature(TOP + 75)
    return Upright(np.asarray(sheet.image), dpi, tuple(sheet.texts))


def _prose(sheet: _Sheet, y: float, lines: Sequence[str]) -> None:
    for row, line in enumerate(lines):
        sheet.text(LEFT, y + 22 * row, line, 12.5)


def _table(sheet: _Sheet, y: float) -> None:
    edges = (LEFT, LEFT + 40, LEFT + 190, LEFT + 350, RIGHT)
    for row, cells in enumerate(ROWS):
        for left, cell in zip(edges[:-1], cells, strict=True):
            sheet.text(left + 6, y + 24 * row + 17, cell, 12, bold=not row)
    foot = y + 24 * len(ROWS)
    for row in range(len(ROWS) + 1):
        sheet.rule(edges[0], y + 24 * row, edges[-1], y + 24 * row)
    for x in edges:
        sheet.rule(x, y, x, foot)


def lay(page: Upright, how: Lay, seed: int = 1) -> NDArray[np.uint8]:
    """The page as a scanner sees it lying so: grey or 1-bit (height, width), colour BGR.

    A skewed sheet lies on white; nothing of it is cut off.
    """
    rng = np.random.default_rng((seed, how.turn, round(abs(how.skew) * 100), how.dpi))
    height, width = page.grey.shape
    scale = how.dpi / page.dpi
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), -how.skew, scale)
    cos, sin = abs(turn[0, 0]), abs(turn[0, 1])
    size = (round(width * cos + height * sin), round(width * sin + height * cos))
    turn[0, 2] += size[0] / 2 - width / 2
    turn[1, 2] += size[1] / 2 - height / 2
    grey = page.grey
    if scale < 0.75:
        grey = np.asarray(cv2.GaussianBlur(grey, (0, 0), 0.4 / scale), np.uint8)
    laid = cv2.warpAffine(
        grey, turn, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_CONSTANT, borderValue=(255,)
    )
    laid = np.ascontiguousarray(np.rot90(laid, -(how.turn // 90) % 4))
    soft = cv2.GaussianBlur(laid, (0, 0), max(0.35, 0.45 * how.dpi / 200))
    noisy = soft.astype(np.float32) + rng.standard_normal(soft.shape, np.float32) * 6.0
    seen = np.asarray(np.clip(noisy, 0, 255), np.uint8)
    if how.mode is Mode.bilevel:
        return np.where(seen > THRESHOLD, 255, 0).astype(np.uint8)
    if how.mode is Mode.colour:
        return (seen[:, :, None] * np.array(PAPER_TINT, np.float32)).astype(np.uint8)
    return seen


def save(picture: NDArray[np.uint8], how: Lay, path: Path) -> Path:
    """Write what :func:`lay` gave: JPEG for grey and colour, CCITT TIFF for 1-bit."""
    dpi = (how.dpi, how.dpi)
    if how.mode is Mode.bilevel:
        path = path.with_suffix(".tif")
        Image.fromarray(picture > 0).save(path, compression="group4", dpi=dpi)
    else:
        path = path.with_suffix(".jpg")
        order = picture[:, :, ::-1] if picture.ndim == 3 else picture
        Image.fromarray(np.ascontiguousarray(order)).save(path, quality=85, dpi=dpi)
    return path
