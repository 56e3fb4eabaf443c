"""The catalogue of sentences that people read, in Vietnamese and English.

One YAML file a catalogue: ``key: {vi: ..., en: ...}`` with ``{name}`` for parameters.
"""

from functools import cache
from typing import Literal

from schemas.shipped_data import shipped_data

Language = Literal["vi", "en"]


@cache
def catalogue(package: str, name: str) -> dict[str, dict[str, str]]:
    """``key: {language: text}`` of ``name.yaml`` in a package."""
    loaded: dict[str, dict[str, str]] = shipped_data(package, name)
    return loaded


def sentence(code: str, language: Language, /, **params: str | int | float) -> str:
    """The sentence ``catalogue.key`` in ``language``.

    Raises:
        KeyError: the catalogue has no such key; a test keeps this from happening.
    """
    name, key = code.split(".", 1)
    return catalogue(__name__, name)[key][language].format(**params)
