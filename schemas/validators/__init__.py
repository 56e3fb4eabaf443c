"""Rules on single values and pairs of values: pure functions, no look-ups, no clock.

Sources: the laws named in each docstring; test vectors in ``tests/schemas``.
"""

from schemas.validators.checks import check_names, checks_of, normalised
from schemas.validators.codes import (
    is_civil_status_number,
    is_cmnd,
    is_doc_number,
    is_health_card,
    is_household_business,
    is_legislation_number,
    is_mobile,
    is_passport,
    is_social_insurance,
    is_tax_code,
    normal_phone,
    number_parts,
    tax_check_digit,
    type_abbreviation,
)
from schemas.validators.dates import parse_date, parse_iso, parse_year
from schemas.validators.identity import (
    CardQr,
    MrzCard,
    PersonalNumber,
    mrz_check_digit,
    parse_card_qr,
    parse_mrz,
    personal_number,
    provinces,
)
from schemas.validators.kinds import FieldType
from schemas.validators.text import (
    Sex,
    folded,
    is_capitalised_name,
    is_email,
    is_name,
    is_syllable,
    is_usual_name,
    parse_sex,
    plain,
    same_tones,
)
from schemas.validators.units import Place, known_units, likely_name, others, places, unit_names
from schemas.validators.words import date_in_words, number_in_words

__all__ = [
    "CardQr",
    "FieldType",
    "MrzCard",
    "PersonalNumber",
    "Place",
    "Sex",
    "check_names",
    "checks_of",
    "date_in_words",
    "folded",
    "is_capitalised_name",
    "is_civil_status_number",
    "is_cmnd",
    "is_doc_number",
    "is_email",
    "is_health_card",
    "is_household_business",
    "is_legislation_number",
    "is_mobile",
    "is_name",
    "is_passport",
    "is_social_insurance",
    "is_syllable",
    "is_tax_code",
    "is_usual_name",
    "known_units",
    "likely_name",
    "mrz_check_digit",
    "normal_phone",
    "normalised",
    "number_in_words",
    "number_parts",
    "others",
    "parse_card_qr",
    "parse_date",
    "parse_iso",
    "parse_mrz",
    "parse_sex",
    "parse_year",
    "personal_number",
    "places",
    "plain",
    "provinces",
    "same_tones",
    "tax_check_digit",
    "type_abbreviation",
    "unit_names",
]
