"""Tax codes, telephone numbers, older papers, document numbers."""

import re
import unicodedata

from schemas.validators.vietnamese import vietnamese

_TAX_WEIGHTS = (31, 29, 23, 19, 17, 13, 7, 5, 3)
_TAX = re.compile(r"([0-9]{10})(?:-?([0-9]{3}))?")
_MOBILE = re.compile(r"0(3[2-9]|5[2689]|7[06-9]|8[1-689]|9[0-46-9])[0-9]{7}")
_PHONE = re.compile(r"0[0-9]{9}|02[0-9]{9}")

_ADMINISTRATIVE = re.compile(r"[0-9]{2,}/[A-ZĐ][A-Za-zĐđ&]*(?:-[A-ZĐ&][A-Za-zĐđ0-9&]*)+")
_LEGISLATION = re.compile(r"[0-9]+/[0-9]{4}/(?:NĐ-CP|QĐ-TTg|TT-[A-ZĐ]+|QĐ-UBND|NQ-HĐND|QH[0-9]+)")
_CIVIL_STATUS = re.compile(r"[0-9]+(?:/[0-9]{4})?/TL[A-Z]+(?:-BS)?")


def tax_check_digit(nine: str) -> int | None:
    """The tenth digit of a tax code from its first nine; None where no such number exists.

    Weights 31, 29, 23, 19, 17, 13, 7, 5, 3; 10 - (sum mod 11); a result of 10 is never given out.
    """
    if not re.fullmatch(r"[0-9]{9}", nine):
        return None
    total = sum(int(c) * w for c, w in zip(nine, _TAX_WEIGHTS, strict=True))
    digit = 10 - total % 11
    return None if digit == 10 else digit


def is_tax_code(text: str) -> bool:
    """Whether ``text`` is a tax code (MST): ten digits, maybe a branch 001-999 after them.

    From 1/7/2025 people and household businesses use their personal number instead.
    """
    match = _TAX.fullmatch(text)
    if match is None or match[2] == "000":
        return False
    return tax_check_digit(match[1][:9]) == int(match[1][9])


def normal_phone(text: str) -> str | None:
    """The digits of a telephone number as written (``+84`` or ``0``); None where it is none.

    Ten digits; eleven for a landline (``0236 3xxx xxx`` in Đà Nẵng).
    """
    digits = re.sub(r"[\s.\-()]", "", text)
    if digits.startswith("+84"):
        digits = "0" + digits[3:].removeprefix("0")
    return digits if _PHONE.fullmatch(digits) else None


def is_mobile(phone: str) -> bool:
    """Whether a ten-digit number has a mobile prefix in use; others are only unusual."""
    return _MOBILE.fullmatch(phone) is not None


def is_cmnd(text: str) -> bool:
    """An identity number of nine digits, as before 2016."""
    return re.fullmatch(r"[0-9]{9}", text) is not None


def is_passport(text: str) -> bool:
    """A Vietnamese passport's number."""
    return re.fullmatch(r"[A-Z][0-9]{7,8}", text) is not None


def is_doc_number(text: str) -> bool:
    """Number and symbol of an administrative document: ``15/QĐ-BNV``, ``12/UBND-VX``."""
    return _ADMINISTRATIVE.fullmatch(unicodedata.normalize("NFC", text)) is not None


def is_legislation_number(text: str) -> bool:
    """Number of a legal text: ``30/2020/NĐ-CP``."""
    return _LEGISLATION.fullmatch(unicodedata.normalize("NFC", text)) is not None


def is_civil_status_number(text: str) -> bool:
    """Number of a civil status extract: ``470/2025/TLKT-BS``."""
    return _CIVIL_STATUS.fullmatch(unicodedata.normalize("NFC", text)) is not None


def is_household_business(text: str) -> bool:
    """A household business code from before it was the tax code: ``32A8012345``."""
    return re.fullmatch(r"[0-9]{2}[A-Z][0-9]{7,8}", text) is not None


def number_parts(text: str) -> tuple[str, str] | None:
    """``("15", "QĐ-UBND")`` from ``15/QĐ-UBND``; a year between them belongs to the number."""
    match = re.fullmatch(r"([0-9]+(?:/[0-9]{4})?)/(\D.*)", unicodedata.normalize("NFC", text))
    return (match[1], match[2]) if match else None


def type_abbreviation(symbol: str) -> str | None:
    """The type a symbol begins with (``QĐ`` of ``QĐ-UBND``), None for official letters."""
    head = symbol.split("-", 1)[0]
    return head if head in vietnamese().type_abbreviations else None
