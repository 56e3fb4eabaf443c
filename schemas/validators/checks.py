"""Values by type: their normal form, and the named checks they must pass."""

from collections.abc import Callable

from schemas.dossier import is_dossier_code
from schemas.field import Check
from schemas.validators.codes import (
    is_civil_status_number,
    is_cmnd,
    is_doc_number,
    is_household_business,
    is_mobile,
    is_passport,
    is_tax_code,
    normal_phone,
)
from schemas.validators.dates import parse_date, parse_iso, parse_year
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
    same_tones,
)
from schemas.validators.units import known_units


def _date(text: str) -> str | None:
    found = parse_date(text) or parse_iso(text)
    return found.isoformat() if found else None


def _date_or_year(text: str) -> str | None:
    """Civil status papers may give the year alone."""
    year = parse_year(text)
    return _date(text) or (str(year) if year else None)


def _joined(text: str) -> str:
    return "".join(text.split())


def _is_identity(text: str) -> bool:
    return personal_number(text) is not None or is_cmnd(text) or is_passport(text)


def _is_business(text: str) -> bool:
    """A tax code, since 1/7/2025 the owner's personal number, or a code from before."""
    return is_tax_code(text) or personal_number(text) is not None or is_household_business(text)


def _has_province(text: str) -> bool:
    parsed = personal_number(text)
    return parsed is not None and parsed.province is not None


def _syllables(text: str) -> bool:
    return all(is_syllable(word) for word in text.split())


_NORMAL: dict[FieldType, Callable[[str], str | None]] = {
    FieldType.date: _date,
    FieldType.sex: parse_sex,
    FieldType.date_or_year: _date_or_year,
    FieldType.personal_id: _joined,
    FieldType.phone: normal_phone,
    FieldType.email: _joined,
    FieldType.doc_number: _joined,
    FieldType.identity_number: _joined,
    FieldType.dossier_code: _joined,
    FieldType.business_code: _joined,
    FieldType.civil_status_number: _joined,
    FieldType.organisation: same_tones,
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
    "date_or_year": (lambda text: (parse_iso(text) or parse_year(text)) is not None, True),
    "identity_number": (_is_identity, True),
    "dossier_code": (is_dossier_code, True),
    "business_code": (_is_business, True),
    "civil_status_number": (is_civil_status_number, True),
    "not_empty": (bool, True),
    "known_units": (known_units, False),
}
"""Name: the rule, and whether its failure forbids acceptance without a person.

``personal_number_province`` blocks although codes of births abroad exist: a person looks then.
"""

_OF_TYPE: dict[FieldType, tuple[str, ...]] = {
    FieldType.text: ("not_empty", "known_units"),
    FieldType.organisation: ("not_empty",),
    FieldType.doc_type: ("not_empty",),
    FieldType.name: ("name_letters", "name_capitals", "name_syllables", "name_usual"),
    FieldType.date: ("date",),
    FieldType.sex: ("sex",),
    FieldType.personal_id: ("personal_number", "personal_number_province"),
    FieldType.phone: ("phone", "mobile_prefix"),
    FieldType.email: ("email",),
    FieldType.doc_number: ("doc_number",),
    FieldType.date_or_year: ("date_or_year",),
    FieldType.identity_number: ("identity_number",),
    FieldType.dossier_code: ("dossier_code",),
    FieldType.business_code: ("business_code",),
    FieldType.civil_status_number: ("civil_status_number",),
}


def normalised(kind: FieldType, text: str) -> str | None:
    """The value as the manifest keeps it, or None where ``text`` cannot be one of that kind.

    Dates become ISO 8601, numbers lose their spaces, sexes are ``Nam`` or ``Nữ``; an organisation's
    name is spelled in one way (UỶ BAN as ỦY BAN), for issuer, number and date are a document's key.
    All other text is NFC with folded spaces, as printed.
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
