"""Offices, persons and subjects that nobody knows, for :mod:`training.benches.drawn_papers`."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

import numpy as np

from sohoa.sample import GIVEN, MIDDLE, SURNAMES

TYPES = (
    ("QUYẾT ĐỊNH", "QĐ"), ("THÔNG BÁO", "TB"), ("CHỈ THỊ", "CT"), ("TỜ TRÌNH", "TTr"),
    ("BÁO CÁO", "BC"), ("CÔNG VĂN", ""),
)  # fmt: skip

OFFICES = (
    ((), ("ỦY BAN NHÂN DÂN", "{unit} {place}"), "UBND", "UBND", "CHỦ TỊCH"),
    ((), ("ỦY BAN NHÂN DÂN", "TỈNH {place}"), "UBND", "UBND", "CHỦ TỊCH"),
    ((), ("HỘI ĐỒNG NHÂN DÂN", "{unit} {place}"), "HĐND", "HĐND", "CHỦ TỊCH"),
    (("ỦY BAN NHÂN DÂN", "TỈNH {place}"), ("SỞ NỘI VỤ",), "SNV", "SNV", "GIÁM ĐỐC"),
    (("UBND TỈNH {place}",), ("SỞ TƯ PHÁP",), "STP", "STP", "GIÁM ĐỐC"),
    (("UBND TỈNH {place}",), ("SỞ TÀI CHÍNH",), "STC", "STC", "GIÁM ĐỐC"),
    (("ỦY BAN NHÂN DÂN", "TỈNH {place}"), ("SỞ NÔNG NGHIỆP", "VÀ MÔI TRƯỜNG"),
     "SNNMT", "SNNMT", "GIÁM ĐỐC"),
    (("UBND {unit} {place}",), ("PHÒNG VĂN HÓA - XÃ HỘI",), "VHXH", "VHXH", "TRƯỞNG PHÒNG"),
    (("UBND {unit} {place}",), ("TRƯỜNG TIỂU HỌC {place}",), "TH", "TH", "HIỆU TRƯỞNG"),
    (("BỘ TÀI CHÍNH",), ("CỤC THUẾ",), "CT", "CT", "CỤC TRƯỞNG"),
)  # fmt: skip
"""Parent's lines, own lines, initials in a symbol, initials in a letter's, the head's title."""

UNITS = ("XÃ", "PHƯỜNG", "XÃ", "PHƯỜNG", "THỊ TRẤN")
PLACES = (
    "Ví Dụ", "Bình Thử", "Tân Mẫu", "Hòa Lệ", "Phước Thí", "Đông Nghiệm", "Long Ví", "An Dụ",
    "Thạnh Mẫu", "Quảng Thử", "Lộc Dụ", "Trường Mẫu", "Mỹ Nghiệm", "Cẩm Ví",
)  # fmt: skip
VERBS = (
    "phê duyệt", "ban hành", "thành lập", "kiện toàn", "điều chỉnh", "công bố", "triển khai",
    "tăng cường", "sửa đổi, bổ sung một số điều của", "bãi bỏ", "giao", "thực hiện", "đẩy mạnh",
    "rà soát", "báo cáo kết quả", "hướng dẫn", "góp ý dự thảo", "thẩm định", "gia hạn", "tổng kết",
)  # fmt: skip
OBJECTS = (
    "kế hoạch chuyển đổi số", "quy chế làm việc", "tổ công tác cải cách hành chính",
    "danh mục thủ tục hành chính", "dự toán ngân sách", "quy hoạch sử dụng đất",
    "công tác phòng cháy và chữa cháy", "chương trình xây dựng nông thôn mới",
    "đề án vị trí việc làm", "quy định quản lý, sử dụng tài sản công", "hội đồng thi đua",
    "nhiệm vụ phát triển kinh tế - xã hội", "phương án bồi thường, hỗ trợ, tái định cư",
    "công tác tiếp công dân, giải quyết khiếu nại, tố cáo", "số hóa hồ sơ lưu trữ",
    "bảo đảm an toàn giao thông", "quản lý trật tự xây dựng", "phòng, chống thiên tai",
    "tuyển dụng viên chức ngành giáo dục", "hệ thống một cửa điện tử", "bảng giá đất",
)  # fmt: skip
TAILS = (
    "", "năm {year}", "giai đoạn {year}-{later}", "trên địa bàn {unit} {place}", "quý {quarter}",
    "6 tháng đầu năm {year}", "theo Nghị định số {n}/{year}/NĐ-CP", "của Ủy ban nhân dân tỉnh",
    "đối với các cơ quan, đơn vị trực thuộc", "tại kỳ họp thứ {quarter}", "cho ông Nguyễn Văn Thử",
    "tháng {quarter} năm {year}", "trong tình hình mới", "(lần {quarter})",
)  # fmt: skip
TAKERS = (
    "Như trên", "Như Điều 3", "Sở Tư pháp", "Thường trực Đảng ủy", "Các phòng, ban, đơn vị",
    "Ủy ban nhân dân tỉnh (báo cáo)", "Phòng Kinh tế", "Bộ phận Một cửa", "Công an {place}",
    "Trưởng các thôn, khu phố", "Văn phòng Ủy ban nhân dân tỉnh",
    "Trung tâm Phục vụ hành chính công",
)  # fmt: skip


class Paper(NamedTuple):
    """What is drawn, and what of it stands in the truth."""

    parent: tuple[str, ...]
    issuer: tuple[str, ...]
    figures: str
    symbol: str
    place: str
    day: date
    heading: str
    subject: str
    titles: tuple[str, ...]
    degree: str
    signer: str
    takers: tuple[str, ...]

    def truth(self) -> dict[str, Any]:
        """The fields as a reader should give them."""
        letter = self.heading == "CÔNG VĂN"
        authority = [line for line in self.titles if "." in line.split()[0]]
        return {
            **({"parent_org": " ".join(self.parent)} if self.parent else {}),
            "issuing_org": " ".join(self.issuer),
            "doc_number": f"{self.figures}/{self.symbol}",
            "issue_place": self.place,
            "issue_date": self.day.isoformat(),
            "doc_type": self.heading,
            "subject": f"{'V/v' if letter else 'Về việc'} {self.subject}",
            "recipients": [{"name": taker} for taker in self.takers],
            **({"signer_authority": " ".join(authority)} if authority else {}),
            "signer_title": " ".join(self.titles),
            "signer_name": self.signer,
        }


def invented(rng: np.random.Generator) -> Paper:
    """A paper of some office."""

    def one(of: Sequence[Any]) -> Any:
        return of[int(rng.integers(len(of)))]

    heading, abbreviation = one(TYPES)
    parent, issuer, initials, short, head = one(OFFICES)
    place, unit = one(PLACES), one(UNITS)
    day = date(2019, 1, 1) + timedelta(days=int(rng.integers(0, 2700)))
    known = {
        "place": place, "unit": unit.lower(), "year": day.year, "later": day.year + 5,
        "quarter": int(rng.integers(1, 9)), "n": int(rng.integers(10, 150)),
    }  # fmt: skip

    def capitals(lines: Sequence[str]) -> tuple[str, ...]:
        return tuple(line.format(place=place.upper(), unit=unit) for line in lines)

    sex = one(tuple(MIDDLE))
    signer = f"{one(SURNAMES)} {one(MIDDLE[sex])} {one(GIVEN)}"
    subject = f"{one(VERBS)} {one(OBJECTS)} {one(TAILS).format(**known)}".strip()
    if rng.random() < 0.4:
        subject += f" và {one(VERBS)} {one(OBJECTS)}"
    titles: tuple[str, ...] = (head,)
    if initials in {"UBND", "HĐND"} and rng.random() < 0.7:
        titles = (f"TM. {issuer[0]}", head)
    if rng.random() < 0.45:
        titles = (*titles[:-1], f"KT. {head}", f"PHÓ {head}")
    chosen = rng.permutation(len(TAKERS))[: int(rng.integers(2, 5))]
    figures = str(int(rng.integers(1, 2500))).zfill(2)
    return Paper(
        parent=capitals(parent),
        issuer=capitals(issuer),
        figures=figures,
        symbol=f"{abbreviation}-{initials}"
        if abbreviation
        else f"{short}-{one(('VP', 'TH', 'NC', 'KT'))}",
        place=place,
        day=day,
        heading=heading,
        subject=subject,
        titles=titles,
        degree=one(("", "", "", "ThS. ", "TS. ")),
        signer=signer,
        takers=tuple(TAKERS[k].format(place=f"{unit.lower()} {place}") for k in chosen),
    )
