"""What is usual in names and addresses (``data/language.yaml``), read when first asked for."""

import re
from functools import cache

from schemas.page import Frozen
from schemas.shipped_data import shipped_data
from schemas.validators.vietnamese import vietnamese


class Language(Frozen):
    """The lists of ``language.yaml``, whose comments say what each is for."""

    letters: str
    below_units: frozenset[str]
    places: frozenset[str]
    after_comma: frozenset[str]
    abbreviations: frozenset[str]
    common_families: tuple[str, ...]
    undotted: frozenset[str]
    address_words: tuple[str, ...]
    office_words: tuple[str, ...]
    text_repairs: tuple[tuple[str, str], ...]
    mistaken_figures: dict[str, str]


_LISTS = ("below_units", "places", "after_comma", "abbreviations", "common_families", "undotted",
          "address_words", "office_words")  # fmt: skip


@cache
def language() -> Language:
    """The lists, read at the first call."""
    loaded = shipped_data("ocr.fields", "data/language")
    return Language(**loaded | {name: loaded[name].split() for name in _LISTS})


@cache
def text_repairs() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Patterns of what readers get wrong in a line of text, each with what is meant, in order."""
    parts = "|".join((*vietnamese().ranks, *sorted(language().below_units)))
    return tuple(
        (re.compile(pattern.replace("{parts}", parts)), meant)
        for pattern, meant in language().text_repairs
    )
