"""The kinds of values fields hold."""

from enum import StrEnum


class FieldType(StrEnum):
    """What a field holds; it decides the alphabet, the normal form and the checks."""

    text = "text"
    name = "name"
    date = "date"
    sex = "sex"
    personal_id = "personal_id"
    phone = "phone"
    email = "email"
    doc_number = "doc_number"
    organisation = "organisation"
    doc_type = "doc_type"
    date_or_year = "date_or_year"
    identity_number = "identity_number"
    dossier_code = "dossier_code"
    business_code = "business_code"
    civil_status_number = "civil_status_number"
