"""Personal numbers, machine-readable zones and card QR codes."""

import re
from datetime import date
from functools import cache

from schemas.page import Frozen
from schemas.shipped_data import shipped_data
from schemas.validators.dates import made
from schemas.validators.text import Sex, folded, parse_sex

_NUMBER = re.compile(r"[0-9]{12}")
_MRZ_LINE = re.compile(r"[A-Z0-9<]{30}")


@cache
def provinces() -> dict[str, str]:
    """Province codes of personal numbers with their names at the time (63)."""
    return dict(shipped_data("schemas.validators", "provinces"))


class PersonalNumber(Frozen):
    """What a 12-digit personal number says: ``PPP C YY NNNNNN``; it has no check digit.

    ``province`` is where the birth was registered, never to be compared with the residence;
    None for codes outside the 63, which births abroad have.
    """

    number: str
    province: str | None
    sex: Sex
    birth_year: int

    def agrees(self, dob: date | None = None, sex: str | None = None) -> bool:
        """Whether the number fits a date of birth and a sex; what is None is not compared."""
        return (dob is None or dob.year == self.birth_year) and (sex is None or sex == self.sex)


def personal_number(text: str) -> PersonalNumber | None:
    """The parsed number, or None where ``text`` is not twelve ASCII digits.

    C: 0/1 = 1900s male/female, 2/3 = 2000s, 4/5, 6/7, 8/9 (Nghị định 137/2015/NĐ-CP, article 13).
    """
    if not _NUMBER.fullmatch(text):
        return None
    century = int(text[3])
    return PersonalNumber(
        number=text,
        province=provinces().get(text[:3]),
        sex="Nữ" if century % 2 else "Nam",
        birth_year=1900 + 100 * (century // 2) + int(text[4:6]),
    )


class MrzCard(Frozen):
    """The machine-readable zone of a chip identity card (ICAO 9303, TD1)."""

    personal_id: str
    dob: date
    sex: Sex
    expires: date | None
    name: str
    """Capitals without accents, ``Đ`` as ``D``: ``NGUYEN VAN AN``."""


def mrz_check_digit(text: str) -> int:
    """ICAO 9303 check digit: weights 7, 3, 1; ``<`` is 0, A is 10.

    Raises:
        ValueError: a character that no such zone has.
    """
    total = 0
    for index, c in enumerate(text):
        if c == "<":
            value = 0
        elif c.isascii() and c.isdigit():
            value = int(c)
        elif "A" <= c <= "Z":
            value = ord(c) - 55
        else:
            raise ValueError("not a character of a machine-readable zone")
        total += value * (7, 3, 1)[index % 3]
    return total % 10


def parse_mrz(lines: list[str] | tuple[str, ...], today: date) -> MrzCard | None:
    """A Vietnamese TD1 zone; None where any check digit or fixed part is wrong.

    The document number is the last nine digits of the personal number, which stands whole in the
    optional part. Two-digit years of birth are taken as not after ``today``; the personal number
    must agree with them.
    """
    if len(lines) != 3 or not all(_MRZ_LINE.fullmatch(line) for line in lines):
        return None
    one, two, three = lines
    checks = (
        (one[5:14], one[14]),
        (one[15:29], one[29]),
        (two[0:6], two[6]),
        (two[8:14], two[14]),
        (one[5:30] + two[0:7] + two[8:15] + two[18:29], two[29]),
    )
    if not one.startswith("IDVNM") or two[15:18] != "VNM" or two[7] not in "MF":
        return None
    if any(str(mrz_check_digit(part)) != digit for part, digit in checks):
        return None
    parsed = personal_number(one[15:27])
    if parsed is None or one[27:29] != "<<" or one[5:14] != parsed.number[3:]:
        return None
    dob = _mrz_date(two[0:6], latest=today)
    sex: Sex = "Nam" if two[7] == "M" else "Nữ"
    if dob is None or not parsed.agrees(dob, sex):
        return None
    forever = two[8:14] == "991231"
    expires = None if forever else _mrz_date(two[8:14], latest=date(today.year + 60, 12, 31))
    if expires is None and not forever:
        return None
    name = folded(three.replace("<", " "))
    return MrzCard(personal_id=parsed.number, dob=dob, sex=sex, expires=expires, name=name)


def _mrz_date(text: str, latest: date) -> date | None:
    if not text.isdigit():
        return None
    year = latest.year // 100 * 100 + int(text[:2])
    found = made(int(text[4:6]), int(text[2:4]), year)
    if found is not None and found <= latest:
        return found
    return made(int(text[4:6]), int(text[2:4]), year - 100)


class CardQr(Frozen):
    """The QR code of an identity card."""

    personal_id: str
    old_number: str | None
    full_name: str
    dob: date
    sex: Sex
    address: str
    issued: date | None
    rest: tuple[str, ...] = ()
    """Further fields, raw: the order on the 2024 card is unconfirmed."""


def parse_card_qr(text: str) -> CardQr | None:
    """``number|CMND or empty|name|ddMMyyyy|Nam/Nữ|address|ddMMyyyy`` and more; None otherwise."""
    parts = [folded(part) for part in text.strip().split("|")]
    if len(parts) < 7:
        return None
    number, sex, dob = personal_number(parts[0]), parse_sex(parts[4]), _packed_date(parts[3])
    if number is None or sex is None or dob is None or not parts[2]:
        return None
    if parts[1] and not re.fullmatch(r"[0-9]{9}|[0-9]{12}", parts[1]):
        return None
    return CardQr(
        personal_id=number.number,
        old_number=parts[1] or None,
        full_name=parts[2],
        dob=dob,
        sex=sex,
        address=parts[5],
        issued=_packed_date(parts[6]),
        rest=tuple(parts[7:]),
    )


def _packed_date(text: str) -> date | None:
    if not re.fullmatch(r"[0-9]{8}", text):
        return None
    return made(int(text[:2]), int(text[2:4]), int(text[4:]))
