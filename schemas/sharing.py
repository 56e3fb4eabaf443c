"""What departments share, and the rules of the office's settings that ask for it."""

from datetime import date
from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from schemas.data_name import DataName
from schemas.page import Frozen


class Shared(StrEnum):
    """What a grant is of."""

    procedure = "procedure"
    """Dossiers of a procedure; one that may be of several, where each of them is shared."""
    document_type = "document_type"
    """Documents of a type, in any dossier."""
    dossier = "dossier"
    """All of one dossier."""


class SharingRule(Frozen):
    """Sharing that the law asks for, as the office's settings say it.

    Decree 278/2025/NĐ-CP makes the sharing of data between the authorities of the political system
    mandatory, by 31/12/2026; which data, the office says here. Grants are made of it: one for each
    giver, receiver, procedure and type.
    """

    name: DataName = Field(description="of the rule, in events: nd278-cu-tru")
    basis: str = Field(min_length=1, max_length=500, description="the law that asks for it")
    givers: tuple[str, ...] = Field(min_length=1, description="departments, by identifier or name")
    receivers: tuple[str, ...] = Field(min_length=1, description="departments, likewise")
    procedures: tuple[str, ...] = Field((), description="by their codes")
    document_types: tuple[str, ...] = Field((), description="by their identifiers")
    first: date = Field(description="the first day")
    last: date | None = Field(None, description="the last day; none: as long as the rule is there")

    @model_validator(mode="after")
    def _of_something(self) -> Self:
        if not (self.procedures or self.document_types):
            raise ValueError("name procedures or document_types")
        if self.last is not None and self.last < self.first:
            raise ValueError("last is before first")
        return self

    @property
    def subjects(self) -> tuple[tuple[Shared, str], ...]:
        """What it shares."""
        typed = ((Shared.document_type, one) for one in self.document_types)
        return (*((Shared.procedure, one) for one in self.procedures), *typed)


class SharingOptions(Frozen):
    """What the office's settings say of sharing."""

    mandatory: tuple[SharingRule, ...] = Field((), description="entered as grants at every start")

    @model_validator(mode="after")
    def _named_once(self) -> Self:
        names = [one.name for one in self.mandatory]
        if len(set(names)) < len(names):
            raise ValueError("two rules of sharing have the same name")
        return self
