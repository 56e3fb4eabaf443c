"""Review as answers: the doubts of a document, each decision at once, undone, done, split, tried.

The page of the desk asks these; a system with a token may as well.
"""

from typing import Annotated

from fastapi import Query

from portal.rules import Pages
from portal.visit import AVisit
from schemas.review_views import (
    NextView,
    ReviewView,
    SaidDecision,
    SaidDone,
    SaidSplit,
    SaidUndo,
    SaidValue,
    StandingView,
    TriedView,
    UndoneView,
)
from usecases import reviewing
from usecases.caller import Right

pages = Pages()

Department = Annotated[str | None, Query(max_length=100)]
"""Where several may have the code."""


@pages.get("/api/v1/review/{dossier}/{number}", Right.review)
def shown(visit: AVisit, dossier: str, number: int, department: Department = None) -> ReviewView:
    """What is doubtful of a document, and what is decided of it."""
    return reviewing.review(visit.caller, visit.rooms, dossier, number, department=department)


@pages.post("/api/v1/review/{dossier}/{number}/decisions", Right.review)
def decide(
    visit: AVisit, dossier: str, number: int, said: SaidDecision, department: Department = None
) -> StandingView:
    """Save one decision; sent again with its key it is one."""
    return reviewing.decide(visit.caller, visit.rooms, dossier, number, said, department=department)


@pages.post("/api/v1/review/{dossier}/{number}/undo", Right.review)
def undo(
    visit: AVisit, dossier: str, number: int, said: SaidUndo, department: Department = None
) -> UndoneView:
    """Take decisions back, all or none."""
    return reviewing.undo(
        visit.caller, visit.rooms, dossier, number, said.ids, department=department
    )


@pages.post("/api/v1/review/{dossier}/{number}/done", Right.review)
def done(
    visit: AVisit, dossier: str, number: int, said: SaidDone, department: Department = None
) -> NextView:
    """The document goes on; what comes next."""
    return reviewing.done(
        visit.caller, visit.rooms, dossier, number, seen=said.seen, department=department
    )


@pages.post("/api/v1/review/{dossier}/{number}/split", Right.review)
def split(
    visit: AVisit, dossier: str, number: int, said: SaidSplit, department: Department = None
) -> NextView:
    """The file becomes several documents; what comes next."""
    return reviewing.split(
        visit.caller,
        visit.rooms,
        dossier,
        number,
        said.ranges,
        seen=said.seen,
        department=department,
    )


@pages.post("/api/v1/review/{dossier}/{number}/try", Right.review)
def try_value(
    visit: AVisit, dossier: str, number: int, said: SaidValue, department: Department = None
) -> TriedView:
    """What the rules say of a value; nothing is kept."""
    return reviewing.try_value(
        visit.caller,
        visit.rooms,
        dossier,
        number,
        said.path,
        said.text,
        department=department,
    )
