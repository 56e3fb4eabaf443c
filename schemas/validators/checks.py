"""Values by type: their normal form, and the named checks they must pass."""

from collections.abc import Callable

from schemas.field import Check
from schemas.validators.codes import (
    is_cmnd,
    is_doc_number,
    is_mobile,
    is_passport,
    is_tax_code,
    normal_phone,
)
from schemas.validators.dates import parse_date, parse_iso
from schemas.validators.identity import personal_number
from schemas.validators.kinds import FieldType
from schemas.validators.text import (
    folded,
    is_capitalised_name,
    is_email,
    is_name,
    is_syllable,
    is_usual_name,
    parse_sex,
)


def _date(text: str) -> str | None:
    found = parse_date(text) or parse_iso(text)
    return found.isoformat() if found else None


def _has_province(text: str) -> bool:
    parsed = personal_number(text)
    return parsed is not None and parsed.province is not None


def _syllables(text: str) -> bool:
    return all(is_syllable(word) for word in text.split())


_NORMAL: dict[FieldType, Callable[[str], str | None]] = {
    FieldType.date: _date,
    FieldType.sex: parse_sex,
    FieldType.personal_id: lambda text: "".join(text.split()),
    FieldType.phone: normal_phone,
    FieldType.email: lambda text: "".join(text.split()),
    FieldType.doc_number: lambda text: "".join(text.split()),
}

_CHECKS: dict[str, tuple[Callable[[str], bool], bool]] = {
    "date": (lambda text: parse_iso(text) is not None, True),
    "sex": (lambda text: text in {"Nam", "Nữ"}, True),
    "personal_number": (lambda text: personal_number(text) is not None, True),
    "personal_number_province": (_has_province, True),
    "phone": (lambda text: normal_phone(text) == text, True),
    "mobile_prefix": (is_mobile, False),
    "email": (is_email, True),
    "doc_number": (is_doc_number, True),
    "name_letters": (is_name, True),
    "name_capitals": (is_capitalised_name, True),
    "name_syllables": (_syllables, False),
    "name_usual": (is_usual_name, False),
    "tax_code": (is_tax_code, True),
    "cmnd": (is_cmnd, True),
    "passport": (is_passport, True),
    "not_empty": (bool, True),
}
"""Name: the rule, and whether its failure forbids acceptance without a person.

``personal_number_province`` blocks although codes of births abroad exist: a person looks then.
"""

_OF_TYPE: dict[FieldType, tuple[str, ...]] = {
    FieldType.text: ("not_empty",),
    FieldType.organisation: ("not_empty",),
    FieldType.doc_type: ("not_empty",),
    FieldType.name: ("name_letters", "name_capitals", "name_syllables", "name_usual"),
    FieldType.date: ("date",),
    FieldType.sex: ("sex",),
    FieldType.personal_id: ("personal_number", "personal_number_province"),
    FieldType.phone: ("phone", "mobile_prefix"),
    FieldType.email: ("email",),
    FieldType.doc_number: ("doc_number",),
}


def normalised(kind: FieldType, text: str) -> str | None:
    """The value as the manifest keeps it, or None where ``text`` cannot be one of that kind.

    Dates become ISO 8601, numbers lose their spaces, sexes are ``Nam`` or ``Nữ``; all other text
    is NFC with folded spaces, as printed.
    """
    text = folded(text)
    normal = _NORMAL.get(kind)
    return (normal(text) if normal else text) or None


def checks_of(kind: FieldType, value: str, extra: tuple[str, ...] = ()) -> tuple[Check, ...]:
    """The checks of a type, and further ones by name, applied to a normal value.

    Raises:
        KeyError: no check has that name (the loader of document types asks first).
    """
    names = dict.fromkeys(_OF_TYPE[kind] + extra)
    return tuple(
        Check(name=name, passed=_CHECKS[name][0](value), blocking=_CHECKS[name][1])
        for name in names
    )


def check_names() -> frozenset[str]:
    """The names document types may use under ``validators``."""
    return frozenset(_CHECKS)
