"""What a document type says of one of its fields: labels, kind, shape, places on the page."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from schemas.page import Box, Frozen
from schemas.validators.kinds import FieldType


def _regular(text: str) -> str:
    """A regular expression, refused where it is none or names no group ``value``."""
    try:
        groups = re.compile(text).groupindex
    except re.error:
        raise PydanticCustomError("types.bad_pattern", "not a regular expression") from None
    if "value" not in groups:
        raise PydanticCustomError("types.pattern_without_value", "no group named value")
    return text


Pattern = Annotated[str, AfterValidator(_regular)]
"""A regular expression whose group ``value`` is what the field holds."""


class Names(Frozen):
    """A name for people, in both languages."""

    vi: str
    en: str


class PrintedLabel(Frozen):
    """Text the form prints, and where it does in the type's reference geometry."""

    text: str
    box: Box | None = Field(None, description="points on the reference page")
    page: int = Field(1, ge=1, description="of an anchor: the page of the form it is printed on")


class Column(Frozen):
    """One column of a table."""

    id: str
    type: FieldType
    labels: tuple[str, ...] = ()
    x: tuple[float, float] | None = Field(None, description="points on the reference page")
    required: bool = Field(True, description="in a row that is filled at all")
    shown: bool = Field(True, description="False: printed or running numbers, not a field")
    alphabet: str | None = Field(None, description="the only characters that occur")
    words: tuple[str, ...] = Field((), description="usual values; agreement raises confidence")
    validators: tuple[str, ...] = ()


CodePart = Literal[
    "card.personal_id",
    "card.old_number",
    "card.full_name",
    "card.dob",
    "card.sex",
    "card.address",
    "card.issued",
    "mrz.expires",
    "dossier_code",
    "cover",
]
"""``card``: the identity card's QR code or, where that is not read, its machine-readable zone;
``dossier_code``: any code that is an official dossier code; ``cover``: a provisional one too."""


class Block(Frozen):
    """A place at a form's foot where somebody agrees and signs; points on the reference page."""

    id: str
    names: Names | None = None
    date: tuple[float, float, float] | None = Field(
        None, description="the printed date line: x0, x1, y"
    )
    free: Box = Field(description="the paper below it: a sentence, a signature, a name")
    name: tuple[float, float, float] | None = Field(
        None, description="its own dot leader for a name"
    )
    pid: tuple[float, float, float] | None = Field(None, description="and for a personal number")


class Choice(Frozen):
    """A box to tick; points on the reference page."""

    text: str = Field(description="the word printed beside it: the value where it is ticked")
    box: Box


Guessed = Annotated[
    tuple[str, ...],
    Field((), description="keys that a draft proposes and no person has looked at yet"),
]


class FieldSpec(Frozen):
    """One data field of a type."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    names: Names | None = None
    labels: tuple[PrintedLabel, ...] = Field((), description="variants of the printed label")
    type: FieldType = FieldType.text
    required: bool = False
    shape: Literal["line", "cells", "table", "date_parts", "ticks"] = "line"
    page: int = Field(1, ge=1, description="page of the form that it stands on")
    cells: int = Field(0, ge=0, description="printed boxes, one character each")
    choices: tuple[Choice, ...] = Field((), description="boxes to tick, of shape ticks")
    zones: tuple[tuple[float, float, float], ...] = Field(
        (),
        description="lines to write on: x0, x1, y of the dot leader, points on the reference page",
    )
    box: Box | None = Field(None, description="cells or table, points on the reference page")
    head: float = Field(0.0, ge=0, description="height of a table's printed heading, points")
    columns: tuple[Column, ...] = ()
    blocks: tuple[Block, ...] = Field(
        (), description="a table's rows that are signed blocks, each at its own place"
    )
    alphabet: str | None = Field(None, description="the only characters that occur")
    words: tuple[str, ...] = Field((), description="usual values; agreement raises confidence")
    validators: tuple[str, ...] = ()
    where: Literal["after", "below"] = Field(
        "after", description="the value stands after its label, or on the lines below it"
    )
    lines: int = Field(1, ge=1, le=12, description="lines a value after its label may take")
    section: str | None = Field(
        None, description="printed text under which the label stands, up to the next section"
    )
    side: Literal["left", "right"] | None = Field(None, description="half of a two-column page")
    pattern: Pattern | None = Field(
        None, description="what of the text is the value; without labels: looked for in all lines"
    )
    code: CodePart | None = Field(None, description="the part of a QR code or MRZ that holds it")
    guessed: Guessed = ()

    @property
    def placed(self) -> bool:
        """Whether the geometry says where the value stands."""
        return bool(self.zones or self.blocks or self.choices) or self.box is not None

    @model_validator(mode="after")
    def _whole(self) -> "FieldSpec":
        if (self.shape == "table") != bool(self.columns):
            raise PydanticCustomError("types.columns_of_table", "columns belong to a table")
        if (self.shape == "cells") != bool(self.cells):
            raise PydanticCustomError("types.cells_of_cells", "cells belong to shape cells")
        if (self.shape == "ticks") != bool(self.choices):
            raise PydanticCustomError("types.choices_of_ticks", "choices belong to shape ticks")
        if self.shape == "date_parts" and len(self.zones) not in {0, 3}:
            raise PydanticCustomError("types.three_zones", "day, month and year: three zones")
        return self
