"""Whether a sentence can end where a subject ends: a line that was lost leaves it open."""

import re

OPEN = frozenset(
    (
        "bằng", "bởi", "cho", "các", "của", "do", "dưới", "hoặc", "khi", "là", "một", "mọi",
        "nhằm", "như", "những", "sự", "theo", "thuộc", "thứ", "trong", "trên", "tại", "từng",
        "và", "về", "với", "để",
    )
)  # fmt: skip
"""Words that something must follow: *of, and, the, or, with, for, about, every, by, at, in, ...*"""

CLOSED = {
    "bằng": "văn công cân mặt đồng thăng ngang",
    "do": "tự lý",
    "dưới": "cấp bên phía",
    "khi": "đôi",
    "là": "",
    "một": "thống quy thứ",
    "sự": "nhân hình dân quân tâm thời lịch phục tài",
    "tại": "hiện tồn tâm",
    "theo": "kèm",
    "thuộc": "trực phụ",
    "thứ": "tha",
    "trên": "cấp nêu như bên phía",
    "trong": "bên",
    "về": "trở quay tới",
    "với": "",
}
"""The words before some of these with which they are a word of their own, or end a phrase: *mặt
bằng* (a site), *trực thuộc* (subordinate), *nhân sự* (personnel)."""

_OPEN_MARKS = re.compile(r"[,;:\-–—/&+(\[“‘]$")
_OPEN_PHRASES = re.compile(
    r"\b(?:(?:về|V/v) việc|lần thứ|tháng \d{1,2} năm|số [\w/.-]+ ngày|ngày \d{1,2} tháng"
    r"|(?:định|quyết|tư|văn|luật|thị|hoạch|báo|trình|lệnh) số|Điều)$",
    re.IGNORECASE,
)
_PAIRS = (("(", ")"), ("“", "”"), ("[", "]"))


def ends_open(text: str) -> bool:
    """Whether something must follow ``text``: a comma, *của*, *các*, a bracket that is open."""
    text = text.rstrip(" .")
    if not text or _OPEN_MARKS.search(text) or _OPEN_PHRASES.search(text):
        return True
    unpaired = any(text.count(opening) > text.count(closing) for opening, closing in _PAIRS)
    if unpaired or text.count('"') % 2:
        return True
    words = text.lower().split()
    last, before = words[-1].strip("\"'”’)"), words[-2] if len(words) > 1 else ""
    return last in OPEN and before not in CLOSED.get(last, "").split()
