"""Who may do what in a review, for :mod:`permission_cases`."""

from collections.abc import Callable
from typing import Any

from schemas.review_views import SaidDecision
from schemas.work import DecisionKind
from usecases import reviewing
from usecases.caller import Duty

REVIEWERS = {Duty.clerk, Duty.signer}
SEEN = "0" * 64
SAID = SaidDecision(path="full_name", kind=DecisionKind.missing, key="k" * 32, seen=SEEN)

NAMED: dict[str, Any] = {
    "reviewing.review": lambda a: reviewing.review(a.caller, a.rooms, a.code, 1),
    "reviewing.decide": lambda a: reviewing.decide(a.caller, a.rooms, a.code, 1, SAID),
    "reviewing.undo": lambda a: reviewing.undo(a.caller, a.rooms, a.code, 1, [1]),
    "reviewing.done": lambda a: reviewing.done(a.caller, a.rooms, a.code, 1, seen=SEEN),
    "reviewing.split": lambda a: reviewing.split(a.caller, a.rooms, a.code, 1, "", seen=SEEN),
    "reviewing.try_value": lambda a: reviewing.try_value(
        a.caller, a.rooms, a.code, 1, "full_name", "x"
    ),
}
"""Each is about a dossier that is named by its code."""


def cases(case: Callable[..., Any]) -> dict[str, Any]:
    """The cases, made by :class:`permission_cases.Case`."""
    following = case(REVIEWERS, lambda a: reviewing.next_review(a.caller, a.rooms))
    named = {name: case(REVIEWERS, call, True) for name, call in NAMED.items()}
    return {"reviewing.next_review": following, **named}
