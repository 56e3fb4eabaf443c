"""Words and syllables of Vietnamese (``vietnamese.yaml``), read when first asked for."""

from functools import cache

from schemas.page import Frozen
from schemas.shipped_data import shipped_data


class Vietnamese(Frozen):
    """The lists of ``vietnamese.yaml``, whose comments give their sources."""

    onsets: tuple[str, ...]
    rhymes: frozenset[str]
    ranks: tuple[str, ...]
    short_ranks: dict[str, str]
    type_abbreviations: frozenset[str]
    digits: dict[str, int]
    months: dict[str, int]


@cache
def vietnamese() -> Vietnamese:
    """The lists, read at the first call."""
    loaded = shipped_data("schemas.validators", "vietnamese")
    return Vietnamese(**{k: v.split() if isinstance(v, str) else v for k, v in loaded.items()})
