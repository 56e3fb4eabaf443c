"""The door to :mod:`ocr.drafting`: a form's type drafted from its blank."""

from pathlib import Path

from ocr.drafting.drafted import Draft, draft
from ocr.drafting.picture import pictures
from ocr.fields.forms.blanks import keep_drafted


def keep_blanks(folder: Path, drafted: Draft) -> None:
    """Keep the pages of a draft as the blank of its type; ``folder`` is that of the types."""
    keep_drafted(folder, drafted.type, drafted.pages)


__all__ = ["Draft", "draft", "keep_blanks", "pictures"]
