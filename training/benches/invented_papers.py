"""Offices, persons and subjects that nobody knows, for :mod:`training.benches.drawn_papers`.

Every second entry of a list stands on papers to fit on, the others on papers to measure on.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

import numpy as np

TYPES = (
    ("QUYẾT ĐỊNH", "QĐ"), ("THÔNG BÁO", "TB"), ("CHỈ THỊ", "CT"), ("TỜ TRÌNH", "TTr"),
    ("BÁO CÁO", "BC"), ("CÔNG VĂN", ""),
)  # fmt: skip

OFFICES = (
    ((), ("ỦY BAN NHÂN DÂN", "{unit} {place}"), "UBND", "UBND", "CHỦ TỊCH"),
    ((), ("ỦY BAN NHÂN DÂN", "{unit} {place}"), "UBND", "UBND", "CHỦ TỊCH"),
    ((), ("ỦY BAN NHÂN DÂN", "TỈNH {place}"), "UBND", "UBND", "CHỦ TỊCH"),
    ((), ("ỦY BAN NHÂN DÂN", "THÀNH PHỐ {place}"), "UBND", "UBND", "CHỦ TỊCH"),
    ((), ("HỘI ĐỒNG NHÂN DÂN", "{unit} {place}"), "HĐND", "HĐND", "CHỦ TỊCH"),
    ((), ("HỘI ĐỒNG NHÂN DÂN", "TỈNH {place}"), "HĐND", "HĐND", "CHỦ TỊCH"),
    (("ỦY BAN NHÂN DÂN", "TỈNH {place}"), ("SỞ NỘI VỤ",), "SNV", "SNV", "GIÁM ĐỐC"),
    (("UBND TỈNH {place}",), ("SỞ XÂY DỰNG",), "SXD", "SXD", "GIÁM ĐỐC"),
    (("UBND TỈNH {place}",), ("SỞ TƯ PHÁP",), "STP", "STP", "GIÁM ĐỐC"),
    (("ỦY BAN NHÂN DÂN", "THÀNH PHỐ {place}"), ("SỞ Y TẾ",), "SYT", "SYT", "GIÁM ĐỐC"),
    (("UBND TỈNH {place}",), ("SỞ TÀI CHÍNH",), "STC", "STC", "GIÁM ĐỐC"),
    (("UBND TỈNH {place}",), ("SỞ VĂN HÓA, THỂ THAO", "VÀ DU LỊCH"),
     "SVHTTDL", "SVHTTDL", "GIÁM ĐỐC"),
    (("ỦY BAN NHÂN DÂN", "TỈNH {place}"), ("SỞ NÔNG NGHIỆP", "VÀ MÔI TRƯỜNG"),
     "SNNMT", "SNNMT", "GIÁM ĐỐC"),
    (("UBND TỈNH {place}",), ("SỞ GIÁO DỤC VÀ ĐÀO TẠO",), "SGDĐT", "SGDĐT", "GIÁM ĐỐC"),
    (("UBND {unit} {place}",), ("PHÒNG VĂN HÓA - XÃ HỘI",), "VHXH", "VHXH", "TRƯỞNG PHÒNG"),
    (("UBND {unit} {place}",), ("PHÒNG KINH TẾ",), "KT", "KT", "TRƯỞNG PHÒNG"),
    (("UBND {unit} {place}",), ("TRƯỜNG TIỂU HỌC {place}",), "TH", "TH", "HIỆU TRƯỞNG"),
    (("UBND {unit} {place}",), ("TRƯỜNG MẦM NON {place}",), "MN", "MN", "HIỆU TRƯỞNG"),
    (("BỘ TÀI CHÍNH",), ("CỤC THUẾ",), "CT", "CT", "CỤC TRƯỞNG"),
    (("BỘ CÔNG THƯƠNG",), ("CỤC HÓA CHẤT",), "HC", "HC", "CỤC TRƯỞNG"),
)  # fmt: skip
"""Parent's lines, own lines, initials in a symbol, initials in a letter's, the head's title."""

UNITS = ("XÃ", "PHƯỜNG", "XÃ", "PHƯỜNG", "THỊ TRẤN")
PLACES = (
    "Ví Dụ", "Bình Thử", "Tân Mẫu", "Hòa Lệ", "Phước Thí", "Đông Nghiệm", "Long Ví", "An Dụ",
    "Thạnh Mẫu", "Quảng Thử", "Lộc Dụ", "Trường Mẫu", "Mỹ Nghiệm", "Cẩm Ví", "Vĩnh Lệ", "Sơn Thí",
    "Đắk Mẫu", "Phú Dụ", "Xuân Thử", "Hiệp Nghiệm", "Bắc Ví", "Tây Lệ", "Kỳ Thí", "Ninh Dụ",
)  # fmt: skip
VERBS = (
    "phê duyệt", "ban hành", "thành lập", "kiện toàn", "điều chỉnh", "công bố", "triển khai",
    "tăng cường", "sửa đổi, bổ sung một số điều của", "bãi bỏ", "giao", "thực hiện", "đẩy mạnh",
    "rà soát", "báo cáo kết quả", "hướng dẫn", "góp ý dự thảo", "thẩm định", "gia hạn", "tổng kết",
    "chấn chỉnh", "khẩn trương hoàn thành", "đôn đốc", "chấp thuận", "tạm ứng kinh phí", "thu hồi",
    "xây dựng", "lấy ý kiến về", "trình", "tiếp tục", "quy định chi tiết", "cho phép",
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
    "đơn giá nhà, vật kiến trúc", "công tác quản lý hộ tịch", "mạng lưới cơ sở giữ trẻ",
    "chế độ phụ cấp cho cán bộ không chuyên trách", "hạ tầng cấp nước sạch", "thuế, phí và lệ phí",
    "tiêm chủng mở rộng", "kỳ thi tốt nghiệp trung học phổ thông", "đề án sắp xếp thôn, tổ dân phố",
    "quỹ bảo trì đường bộ", "hồ sơ địa giới hành chính", "tuần lễ học tập suốt đời",
    "nghĩa vụ quân sự", "hoạt động khoáng sản", "sổ tay nghiệp vụ", "vệ sinh an toàn thực phẩm",
    "kiểm kê rừng", "mức hỗ trợ đối với hộ nghèo, hộ cận nghèo", "kiến nghị của cử tri",
)  # fmt: skip
TAILS = (
    "", "năm {year}", "giai đoạn {year}-{later}", "trên địa bàn {unit} {place}", "quý {quarter}",
    "6 tháng đầu năm {year}", "theo Nghị định số {n}/{year}/NĐ-CP", "của Ủy ban nhân dân tỉnh",
    "đối với các cơ quan, đơn vị trực thuộc", "tại kỳ họp thứ {quarter}", "cho ông Nguyễn Văn Thử",
    "tháng {quarter} năm {year}", "trong tình hình mới", "(lần {quarter})", "(đợt {quarter})",
    "năm học {year}-{next}", "nhiệm kỳ {year} - {later}", "lần thứ {quarter}", "tại {unit} {place}",
    "thay thế Quyết định số {n}/QĐ-UBND ngày {quarter}/{month}/{year}", "từ năm {year}",
    "theo Luật số {n}/{year}/QH15", "do bão số {quarter} gây ra",
)  # fmt: skip
TAKERS = (
    "Như trên", "Như Điều 3", "Sở Tư pháp", "Thường trực Đảng ủy", "Các phòng, ban, đơn vị",
    "Ủy ban nhân dân tỉnh (báo cáo)", "Phòng Kinh tế", "Bộ phận Một cửa", "Công an {place}",
    "Trưởng các thôn, khu phố", "Văn phòng Ủy ban nhân dân tỉnh",
    "Trung tâm Phục vụ hành chính công", "Sở Tài chính", "Như Điều 2", "Hội Nông dân {place}",
    "Đài Truyền thanh", "Kho bạc Nhà nước khu vực", "Thường trực HĐND tỉnh", "Chủ tịch và các PCT",
    "Báo và Phát thanh, truyền hình", "Các hội, đoàn thể", "Bộ Nội vụ (để b/c)",
    "Cổng TTĐT {place}",
)  # fmt: skip

SURNAMES = (
    "Lê", "Phạm", "Hoàng", "Huỳnh", "Phan", "Vũ", "Võ", "Đặng", "Bùi", "Hồ", "Ngô", "Nguyễn",
    "Trần", "Đỗ", "Dương", "Lý", "Đoàn", "Trịnh", "Đinh", "Mai", "Cao", "Lương", "Tạ", "Tô",
    "Nguyễn", "Nguyễn", "Quách", "Châu", "Thái", "Kiều",
)  # fmt: skip
MIDDLES = (
    "Văn", "Minh", "Đình", "Thị", "Thu", "Ngọc", "Xuân", "Quốc", "Hữu", "Đức", "Thanh", "Hoàng",
    "Thị Kim", "Quang", "Công", "Thị Ngọc", "Trọng", "Bá", "Thành", "Tấn", "Mỹ", "Như", "Viết", "",
)  # fmt: skip
GIVENS = (
    "An", "Bình", "Minh", "Hà", "Lan", "Nam", "Hoa", "Long", "Tuấn", "Hiền", "Thọ", "Việt", "Giang",
    "Phúc", "Dũng", "Thủy", "Hạnh", "Quỳnh", "Trường", "Nghĩa", "Loan", "Oanh", "Khoa", "Tuyết",
    "Vượng", "Kiên", "Yến", "Đạt", "Trâm", "Sơn",
)  # fmt: skip
OPENINGS = ("Về việc", "Về việc", "Về việc", "Về việc", "V/v", "Về", "", "Về việc")


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
    about: str
    """The subject as it is printed, with the words that open it."""
    titles: tuple[str, ...]
    degree: str
    signer: str
    takers: tuple[str, ...]

    def truth(self) -> dict[str, Any]:
        """The fields as a reader should give them."""
        authority = [line for line in self.titles if "." in line.split()[0]]
        return {
            **({"parent_org": " ".join(self.parent)} if self.parent else {}),
            "issuing_org": " ".join(self.issuer),
            "doc_number": f"{self.figures}/{self.symbol}",
            "issue_place": self.place,
            "issue_date": self.day.isoformat(),
            "doc_type": self.heading,
            "subject": self.about,
            "recipients": [{"name": taker} for taker in self.takers],
            **({"signer_authority": " ".join(authority)} if authority else {}),
            "signer_title": " ".join(self.titles),
            "signer_name": self.signer,
        }


def invented(rng: np.random.Generator, *, unseen: bool = False) -> Paper:
    """A paper of some office; ``unseen``: one to measure on."""

    def one(of: Sequence[Any]) -> Any:
        return of[int(rng.integers(len(of)))]

    def own(of: Sequence[Any]) -> Any:
        return one(of[int(unseen) :: 2])

    heading, abbreviation = one(TYPES)
    parent, issuer, initials, short, head = own(OFFICES)
    place, unit = own(PLACES), one(UNITS)
    day = date(2019, 1, 1) + timedelta(days=int(rng.integers(0, 2700)))
    known = {
        "place": place, "unit": unit.lower(), "year": day.year, "later": day.year + 5,
        "next": day.year + 1, "month": int(rng.integers(1, 13)),
        "quarter": int(rng.integers(1, 9)), "n": int(rng.integers(10, 150)),
    }  # fmt: skip

    def capitals(lines: Sequence[str]) -> tuple[str, ...]:
        return tuple(line.format(place=place.upper(), unit=unit) for line in lines)

    signer = " ".join(f"{own(SURNAMES)} {own(MIDDLES)} {own(GIVENS)}".split())
    subject = f"{own(VERBS)} {own(OBJECTS)} {own(TAILS).format(**known)}".strip()
    if rng.random() < 0.4:
        subject += f" và {own(VERBS)} {own(OBJECTS)}"
    opening = "V/v" if heading == "CÔNG VĂN" else one(OPENINGS)
    chosen = rng.permutation(len(TAKERS) // 2)[: int(rng.integers(2, 5))]
    takers = TAKERS[int(unseen) :: 2]
    figures = str(int(rng.integers(1, 2500))).zfill(2)
    legal = abbreviation == "QĐ" and initials == "UBND" and rng.random() < 0.15
    return Paper(
        parent=capitals(parent),
        issuer=capitals(issuer),
        figures=f"{figures}/{day.year}" if legal else figures,
        symbol=f"{abbreviation}-{initials}"
        if abbreviation
        else f"{short}-{one(('VP', 'TH', 'NC', 'KT', 'TCKH', 'QLĐT'))}",
        place=place,
        day=day,
        heading=heading,
        subject=subject,
        about=f"{opening} {subject}" if opening else subject[0].upper() + subject[1:],
        titles=_titles(rng, issuer[0], initials, head),
        degree=one(("", "", "", "ThS. ", "TS. ")),
        signer=signer,
        takers=tuple(takers[k].format(place=f"{unit.lower()} {place}") for k in chosen),
    )


def _titles(rng: np.random.Generator, body: str, initials: str, head: str) -> tuple[str, ...]:
    """Whom the signer signs for, and what he is."""
    if initials == "UBND" and rng.random() < 0.15:
        office = "CHÁNH VĂN PHÒNG"
        deputy = (f"KT. {office}", f"PHÓ {office}") if rng.random() < 0.4 else (office,)
        return ("TL. CHỦ TỊCH", *deputy)
    titles: tuple[str, ...] = (head,)
    if initials in {"UBND", "HĐND"} and rng.random() < 0.7:
        titles = (f"TM. {body}", head)
    drawn = rng.random()
    if drawn < 0.45:
        return (*titles[:-1], f"KT. {head}", f"PHÓ {head}")
    return (*titles[:-1], f"Q. {head}") if drawn < 0.5 else titles
