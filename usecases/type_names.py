"""What document types and their fields are called, for people."""

from pathlib import Path

from schemas.desk_views import Choice
from schemas.document_type import Names, document_type, known_types
from schemas.messages import Language


def type_names(folder: Path | None, language: Language) -> dict[str, str]:
    """What every known type is called, by its identifier; of versions the newest says it.

    Args:
        folder: of the office's own types.
        language: of the names.

    Raises:
        ConfigurationError: ``types.bad_file``.
    """
    return {one.id: _said(one.names, language) for one in known_types(folder)}


def type_choices(folder: Path | None, language: Language) -> tuple[Choice, ...]:
    """The known types by name, to choose from.

    Raises:
        ConfigurationError: ``types.bad_file``.
    """
    names = type_names(folder, language)
    return tuple(
        Choice(value=value, name=name)
        for value, name in sorted(names.items(), key=lambda item: item[1].casefold())
    )


def field_name(
    folder: Path | None, type_id: str | None, version: str | None, path: str, language: Language
) -> str:
    """What a field is called: ``members.0.dob`` gives the block's name, the row and the column's.

    Raises:
        ConfigurationError: ``types.bad_file``.
    """
    made = document_type(type_id, version, folder) if type_id else None
    head, *cell = path.split(".")
    field = made.field(head) if made else None
    name = _said(field.names, language) if field and field.names else head
    if not cell:
        return name
    column = made.value_spec(path) if made else None
    own = getattr(column, "names", None)
    last = _said(own, language) if own else cell[-1]
    return f"{name} {int(cell[0]) + 1}: {last}" if cell[0].isdecimal() else f"{name}: {last}"


def _said(names: Names, language: Language) -> str:
    return names.vi if language == "vi" else names.en
