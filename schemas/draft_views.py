"""What a draft of a document type looks like to whom it is shown."""

from schemas.page import Frozen


class DraftedField(Frozen):
    """One field of a draft."""

    id: str
    label: str
    kind: str
    page: int
    guessed: tuple[str, ...]
    """Keys a person must look at."""


class DraftedType(Frozen):
    """A drafted type and the files it was written to."""

    type: str
    """Its key: ``ct03@66/2023``."""
    file: str
    pictures: tuple[str, ...]
    """One a page, with the places drawn over the blank."""
    fields: tuple[DraftedField, ...]
    guessed: tuple[str, ...]
    """Keys of the type itself that a person must look at."""
