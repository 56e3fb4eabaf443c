"""The catalogue of sentences that people read, in Vietnamese and English.

One YAML file a catalogue: ``key: {vi: ..., en: ...}`` with ``{name}`` for parameters.
"""

from functools import cache
from importlib.resources import files
from typing import Literal

import yaml

Language = Literal["vi", "en"]


@cache
def catalogue(package: str, name: str) -> dict[str, dict[str, str]]:
    """``key: {language: text}`` of ``name.yaml`` in a package."""
    text = files(package).joinpath(f"{name}.yaml").read_text("utf-8")
    loaded: dict[str, dict[str, str]] = yaml.safe_load(text)
    return loaded


def sentence(code: str, language: Language, /, **params: str | int | float) -> str:
    """The sentence ``catalogue.key`` in ``language``.

    Raises:
        KeyError: the catalogue has no such key; a test keeps this from happening.
    """
    name, key = code.split(".", 1)
    return catalogue(__name__, name)[key][language].format(**params)
