"""Entries of PDF dictionaries, and whether two of them say the same."""

from typing import Any

from pyhanko.pdf_utils.generic import DictionaryObject


def entry(held: DictionaryObject, key: str, default: Any = None) -> Any:
    """A value, wherever it stands; pyHanko's own ``get`` gives references as they are."""
    return held[key] if key in held else default  # noqa: SIM401
