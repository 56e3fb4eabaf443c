"""What document types are called, for people."""

from pathlib import Path

from schemas.desk_views import Choice
from schemas.document_type import known_types
from schemas.messages import Language
from usecases.called_fields import name_of


def type_names(folder: Path | None, language: Language) -> dict[str, str]:
    """What every known type is called, by its identifier; of versions the newest says it.

    Args:
        folder: of the office's own types.
        language: of the names.

    Raises:
        ConfigurationError: ``types.bad_file``.
    """
    return {one.id: name_of(one.names, language) for one in known_types(folder)}


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
