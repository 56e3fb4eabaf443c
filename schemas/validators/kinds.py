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
