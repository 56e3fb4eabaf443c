"""What is written in drawn lines: invented names, addresses, dates, numbers, requests.

All of it follows from the random generator given; no list of real people or addresses is used but
the project's own of names, units and streets.
"""

from functools import cache

from numpy.random import Generator

from schemas.shipped_data import shipped_data
from schemas.validators.units import chains, street_names

_FAMILIES = (30.0, 12.0, 9.5, 7.0, 3.0, 2.5, 4.5, 2.5, 2.5, 2.1, 2.0, 1.4, 1.3, 1.3, 1.0, 0.5)
"""How many of a hundred bear each of the first family names of ``names.yaml``, roughly."""

_MIDDLE = "Văn Thị Đức Hữu Ngọc Minh Thanh Quang Thu Xuân Đình Công Hoàng Kim Bá Thế Duy Như"
_SHORT = {
    "thành phố": ("TP", "TP.", "Tp.", "Tp", "T.P"),
    "phường": ("P.", "P"),
    "quận": ("Q.", "Q"),
}
_SHORT |= {"thị xã": ("TX", "TX."), "thị trấn": ("TT", "TT."), "tỉnh": ("T.", "tỉnh")}
_BELOW = ("thôn", "ấp", "tổ", "khu phố", "xóm", "khu", "tổ dân phố", "đội", "KP", "bản", "khóm")
_BEFORE = ("Số", "số", "Số nhà", "số nhà", "Nhà số", "Lô", "Căn hộ", "Kiệt", "K")
_LANES = ("ngõ", "hẻm", "kiệt", "ngách", "đường", "Đường", "phố", "Quốc lộ", "tỉnh lộ")
_ASKED = (
    "Đăng ký thường trú", "Đăng ký tạm trú", "Gia hạn tạm trú", "Tách hộ", "Xóa đăng ký thường trú",
    "Xác nhận thông tin về cư trú", "Khai báo tạm vắng", "Điều chỉnh thông tin về cư trú",
    "Nhập hộ khẩu", "Đăng ký khai sinh cho con", "Đăng ký kết hôn",
    "Cấp bản sao trích lục khai sinh", "Đề nghị cấp lại sổ", "Xin xác nhận tình trạng hôn nhân",
    "Đăng ký hộ kinh doanh", "Xin xác nhận nơi cư trú", "Đăng ký tạm trú cho người thuê nhà",
    "Chuyển hộ khẩu đến",
)  # fmt: skip
_AFTER = (
    "tại", "vào hộ của ông", "vào hộ của bà", "về ở với chồng tại", "về ở với con tại",
    "theo chồng", "để bổ sung hồ sơ xin việc", "để làm thủ tục vay vốn", "để nhập học",
    "cho con tại", "đến hết năm", "do chuyển chỗ ở", "do thay đổi nơi làm việc",
    "cùng vợ và hai con tại",
)  # fmt: skip
_WORDS = (
    "Vợ", "Chồng", "Con đẻ", "Con ruột", "Cha đẻ", "Mẹ đẻ", "Chủ hộ", "Cháu ruột", "Con dâu",
    "Con rể", "Em ruột", "Anh ruột", "Chị ruột", "Ông nội", "Bà ngoại", "Người ở nhờ", "Nam", "Nữ",
    "Kinh", "Tày", "Việt Nam", "Nông dân", "Công nhân", "Giáo viên", "Buôn bán", "Lao động tự do",
    "Không", "Lái xe", "Học sinh", "Sinh viên", "Nội trợ", "Thợ xây", "Kế toán", "Đồng ý",
    "Tôi đồng ý cho thuê nhà",
)  # fmt: skip


@cache
def _names() -> tuple[tuple[str, ...], tuple[str, ...]]:
    loaded = shipped_data("schemas.validators", "names")
    return tuple(loaded["surnames"].split()), tuple(loaded["syllables"].split())


def _of(rng: Generator, several: tuple[str, ...]) -> str:
    return several[int(rng.integers(len(several)))]


def name(rng: Generator) -> str:
    """A person's name, one in eight in capitals."""
    families, syllables = _names()
    common = sum(_FAMILIES)
    at = rng.random() * 100.0
    if at < common:
        total = 0.0
        family = families[-1]
        for share, one in zip(_FAMILIES, families, strict=False):
            total += share
            if at < total:
                family = one
                break
    else:
        family = _of(rng, families)
    words = [family]
    if rng.random() < 0.75:
        words.append(_of(rng, tuple(_MIDDLE.split())))
    words += [_of(rng, syllables) for _ in range(int(rng.integers(1, 3)))]
    text = " ".join(words)
    return text.upper() if rng.random() < 0.12 else text


def _ranked(rng: Generator, rank: str, named: str) -> str:
    way = rng.random()
    if rank in _SHORT and way < 0.3:
        short = _of(rng, _SHORT[rank])
        return f"{short}{'' if short.endswith('.') and way < 0.1 else ' '}{named}"
    if way < 0.4 and not named[0].isdigit():
        return named
    return f"{rank.capitalize() if way < 0.7 else rank} {named}"


def number_of_house(rng: Generator) -> str:
    """``12``, ``K295/28``, ``46A``, ``6/9/12``."""
    text = str(int(rng.integers(1, 10 ** int(rng.integers(1, 4)))))
    if rng.random() < 0.35:
        text += f"/{int(rng.integers(1, 99))}"
    if rng.random() < 0.1:
        text += f"/{int(rng.integers(1, 40))}"
    if rng.random() < 0.12:
        text += "ABCDE"[int(rng.integers(5))]
    return text


def address(rng: Generator) -> str:
    """An address as people write it: house, street or hamlet, ward, district, province."""
    chain = chains()[int(rng.integers(len(chains())))]
    parts: list[str] = []
    way = rng.random()
    if way < 0.6:
        street = _of(rng, street_names())
        before = f"{_of(rng, _BEFORE)} " if rng.random() < 0.25 else ""
        lane = f"{_of(rng, _LANES)} " if rng.random() < 0.2 else ""
        parts.append(f"{before}{number_of_house(rng)} {lane}{street}")
    if way > 0.5:
        below = _of(rng, _BELOW)
        below = below.capitalize() if rng.random() < 0.4 and below != "KP" else below
        if rng.random() < 0.5:
            parts.append(f"{below} {int(rng.integers(1, 30))}")
        else:
            other = chains()[int(rng.integers(len(chains())))]
            parts.append(f"{below} {other[0].name}")
    parts += [_ranked(rng, unit.rank, unit.name) for unit in chain[:-1]]
    last = chain[-1].name
    if rng.random() < 0.85:
        parts.append(f"tỉnh {last}" if rng.random() < 0.12 else last)
    if rng.random() < 0.25:  # a line's end, or its beginning
        parts = parts[: max(1, len(parts) - 1)] if rng.random() < 0.5 else parts[1:] or parts
    comma = _of(rng, (", ", ", ", ", ", ", ", " , ", " - ", " "))
    return comma.join(parts).replace("  ", " ")


def date(rng: Generator) -> str:
    """A date in figures or in the words of a form."""
    day, month, year = rng.integers(1, 29), rng.integers(1, 13), rng.integers(1940, 2027)
    if rng.random() < 0.7:
        return f"{day:02d}/{month:02d}/{year}" if rng.random() < 0.7 else f"{day}/{month}/{year}"
    return f"ngày {day:02d} tháng {month:02d} năm {year}"


def number(rng: Generator) -> str:
    """A personal number or a telephone's."""
    figures = "".join(str(int(n)) for n in rng.integers(0, 10, 11))
    return f"0{figures}" if rng.random() < 0.5 else f"0{figures[:9]}"


def request(rng: Generator) -> str:
    """What a person asks for, in the office's language."""
    text = _of(rng, _ASKED)
    if rng.random() < 0.8:
        text += f" {_of(rng, _AFTER)}"
    if text.endswith(("tại", "đến")):
        text += f" {address(rng)}"
    elif text.endswith(("ông", "bà")):
        text += f" {name(rng).title()}"
    elif text.endswith("năm"):
        text += f" {int(rng.integers(2024, 2032))}"
    return text


def text(rng: Generator) -> str:
    """One line of writing; half of all lines are addresses."""
    way = rng.random()
    if way < 0.5:
        return address(rng)
    if way < 0.75:
        return name(rng)
    if way < 0.88:
        return request(rng)
    if way < 0.92:
        return date(rng)
    if way < 0.95:
        return number(rng)
    return _of(rng, _WORDS)
