"""Words and syllables of Vietnamese (``vietnamese.yaml``), read when first asked for."""

from functools import cache
from importlib.resources import files

import yaml

from schemas.page import Frozen


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
    """The lists; about 10 ms at the first call."""
    text = files("schemas.validators").joinpath("vietnamese.yaml").read_text("utf-8")
    loaded = yaml.safe_load(text)
    return Vietnamese(**{k: v.split() if isinstance(v, str) else v for k, v in loaded.items()})
