"""Several signers of one document, one after the other (*luồng ký*)."""

from datetime import date, datetime
from enum import StrEnum

from pydantic import Field, model_validator

from schemas.page import Frozen


class Turn(Frozen):
    """One signer's turn (*lượt ký*). Signing again after others is a turn of its own."""

    person: str = Field(min_length=1, repr=False)
    profile: str = Field(description="name of the signing profile")
    role: str = Field(description="which of the office's keys: a ``SignerRole``")


class Delegation(Frozen):
    """One person may sign for another from one day to another, both included (*ủy quyền*)."""

    of: str = Field(min_length=1, repr=False)
    to: str = Field(min_length=1, repr=False)
    first: date
    last: date
    basis: str = Field(min_length=1, repr=False, description="number of the paper that says so")

    @model_validator(mode="after")
    def _in_order(self) -> "Delegation":
        if self.last < self.first or self.of == self.to:
            raise ValueError("a delegation to oneself, or one that ends before it begins")
        return self


class TurnEnd(StrEnum):
    """What somebody did at their turn."""

    signed = "signed"
    refused = "refused"


class TurnTaken(Frozen):
    """What was done at one turn."""

    turn: int = Field(ge=1)
    person: str = Field(min_length=1, repr=False, description="who did it, maybe for another")
    end: TurnEnd
    at: datetime
    sha256: str | None = Field(None, description="of the document with this signature")
    reason: str | None = Field(None, repr=False, description="of a refusal")
    basis: str | None = Field(None, repr=False, description="the delegation's paper, if any")


class NewRoute(Frozen):
    """A route, as it is begun."""

    key: str = Field(min_length=1, max_length=40, description="unique; stands in the folder")
    folder: str = Field(repr=False, description="where it was begun; it may have been moved")
    sha256: str = Field(description="of the document without any of these signatures")
    turns: tuple[Turn, ...] = Field(min_length=1)
    delegations: tuple[Delegation, ...] = ()


class Route(NewRoute):
    """A route, as it stands."""

    begun_by: str
    begun_at: datetime
    taken: tuple[TurnTaken, ...] = Field(description="turns that are over, in order")

    @property
    def refused(self) -> bool:
        """Somebody refused; nobody signs any more."""
        return any(one.end is TurnEnd.refused for one in self.taken)

    @property
    def turn(self) -> int | None:
        """Whose turn it is, from 1; None when the route is over."""
        return None if self.refused or len(self.taken) == len(self.turns) else len(self.taken) + 1

    @property
    def current_sha256(self) -> str:
        """Hash of the document with all signatures so far."""
        signed = [one.sha256 for one in self.taken if one.sha256 is not None]
        return signed[-1] if signed else self.sha256


class RoutePage(Frozen):
    """Some routes, the newest first, and where the next ones begin."""

    routes: tuple[Route, ...]
    next: int | None = Field(description="for the page after this; None where there is none")
