"""The catalogue of sentences that people read, in Vietnamese and English.

One YAML file a catalogue: ``key: {vi: ..., en: ...}`` with ``{name}`` for parameters.
"""

from functools import cache
from importlib.resources import files
from typing import Literal

import yaml

Language = Literal["vi", "en"]


@cache
def _catalogue(name: str) -> dict[str, dict[str, str]]:
    text = files(__name__).joinpath(f"{name}.yaml").read_text("utf-8")
    loaded: dict[str, dict[str, str]] = yaml.safe_load(text)
    return loaded


def sentence(code: str, language: Language, /, **params: str | int | float) -> str:
    """The sentence ``catalogue.key`` in ``language``.

    Raises:
        KeyError: the catalogue has no such key; a test keeps this from happening.
    """
    catalogue, key = code.split(".", 1)
    return _catalogue(catalogue)[key][language].format(**params)
