"""What people call document types and their fields, in their language."""

from schemas.document_type import Column, DocumentType, FieldSpec
from schemas.messages import Language


def type_name(known: DocumentType | None, language: Language) -> str | None:
    """The name of a type; None where it is not known."""
    return str(getattr(known.names, language)) if known else None


def field_name(known: DocumentType | None, path: str, language: Language) -> str:
    """The name of the field at a path of a manifest; the path, where its type does not say.

    Args:
        known: the document's type.
        path: ``full_name``; of a table ``members.0.dob``, or ``members.dob`` for all rows.
        language: of who reads it.
    """
    name, *cell = path.split(".")
    own = _printed(known.field(name) if known else None, language) or name
    if not cell:
        return own
    row = f" {int(cell[0]) + 1}" if cell[0].isdecimal() else ""
    column = _printed(known.value_spec(path) if known else None, language) or cell[-1]
    return f"{own}{row}: {column}"


def _printed(spec: FieldSpec | Column | None, language: Language) -> str | None:
    """The name that is given, or the label that the form prints."""
    if spec is None:
        return None
    if isinstance(spec, Column):
        return spec.labels[0].strip(" :") if spec.labels else None
    if spec.names:
        return str(getattr(spec.names, language))
    return spec.labels[0].text.strip(" :") if spec.labels else None
