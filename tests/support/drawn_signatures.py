"""A blue signature, a red seal and a decision to put them on; nobody signs like this."""

import math
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from signing import find_font
from usecases.results import draw, shipped_templates

DPI = 400
BLUE = (20, 40, 190)
RED = (215, 20, 30)


def draw_signature(path: Path) -> Path:
    """Loops of blue ink, 40 mm wide, on nothing."""
    wide, high = (round(side / 25.4 * DPI) for side in (46, 20))
    image = Image.new("RGBA", (wide, high), (*BLUE, 0))
    pen = ImageDraw.Draw(image)
    points = []
    for step in range(900):
        t = step / 899
        x = wide * (0.06 + 0.86 * t + 0.05 * math.sin(t * 31))
        y = high * (0.5 - 0.38 * math.sin(t * 23) * (1 - 0.6 * t) + 0.06 * math.cos(t * 61))
        points.append((x, y))
    pen.line(points, fill=(*BLUE, 255), width=round(DPI / 34), joint="curve")
    pen.line([(wide * 0.1, high * 0.9), (wide * 0.9, high * 0.78)], fill=(*BLUE, 255), width=9)
    image.save(path, dpi=(DPI, DPI))
    return path


def draw_seal(path: Path, ring: str = "ỦY BAN NHÂN DÂN PHƯỜNG HOA SEN", mm: float = 36.0) -> Path:
    """A round red seal in its real size, on nothing."""
    side = round(mm / 25.4 * DPI)
    image = Image.new("RGBA", (side, side), (*RED, 0))
    pen = ImageDraw.Draw(image)
    middle, red = side / 2, (*RED, 255)
    for radius, width in ((0.497, 14), (0.47, 5), (0.3, 6)):
        r = side * radius
        box = (middle - r, middle - r, middle + r, middle + r)
        pen.ellipse(box, outline=red, width=width)
    star = [
        (
            middle + side * (0.19 if corner % 2 == 0 else 0.075) * math.sin(corner * math.pi / 5),
            middle - side * (0.19 if corner % 2 == 0 else 0.075) * math.cos(corner * math.pi / 5),
        )
        for corner in range(10)
    ]
    pen.polygon(star, fill=red)
    face = ImageFont.truetype(str(find_font(None)), round(side * 0.085))
    text = f"{ring} ★ "
    text = text.replace("★", "*")
    for index, letter in enumerate(text):
        turn = 360.0 * index / len(text) - 140
        tile = Image.new("RGBA", (side, side), (*RED, 0))
        ImageDraw.Draw(tile).text(
            (middle, side * 0.115), letter, font=face, fill=red, anchor="mm", stroke_width=1
        )
        image.alpha_composite(tile.rotate(-turn, center=(middle, middle)))
    image.save(path, dpi=(DPI, DPI))
    return path


def decision(
    signer: str = "Trần Thị Bưởi", *, authority: str = "TM. ỦY BAN NHÂN DÂN"
) -> dict[str, Any]:
    """The fields of a decision without any force, of a ward that is not there."""
    return {
        "issuer": {
            "parent": "ỦY BAN NHÂN DÂN TỈNH VÍ DỤ",
            "name": "ỦY BAN NHÂN DÂN PHƯỜNG HOA SEN",
            "place": "Hoa Sen",
        },
        "number": "123/QĐ-UBND",
        "day": "2026-11-24",
        "subject": "Về việc công nhận kết quả thử nghiệm ký số",
        "authority": "CHỦ TỊCH ỦY BAN NHÂN DÂN PHƯỜNG HOA SEN",
        "grounds": [
            "Căn cứ Luật Tổ chức chính quyền địa phương",
            "Căn cứ Nghị định số 30/2020/NĐ-CP ngày 05 tháng 3 năm 2020 của Chính phủ về công tác "
            "văn thư",
            "Theo đề nghị của Trưởng phòng Thử nghiệm",
        ],
        "articles": [
            {"text": "Công nhận kết quả thử nghiệm ký số của phường Hoa Sen, nơi không có."},
            {"text": "Quyết định này không có giá trị pháp lý và chỉ dùng để thử."},
            {"text": "Các ông, bà có tên tại Điều 1 chịu trách nhiệm thi hành Quyết định này"},
        ],
        "receivers": ["Như Điều 3;", "Lưu: VT, TN."],
        "signer": {"authority": authority, "title": "CHỦ TỊCH", "name": signer},
    }


def draw_paper(path: Path, signer: str = "Trần Thị Bưởi") -> Path:
    """The decision as a PDF/A-2b."""
    draw(shipped_templates()["decision"], decision(signer), path)
    return path
