"""Where a person may go from every page, by what they may do."""

from dataclasses import dataclass

from usecases.caller import Right


@dataclass(frozen=True)
class Place:
    """An entry of the navigation; ``key`` names its words."""

    path: str
    key: str
    right: Right


PLACES = (
    Place("/queue", "base.nav_queue", Right.look),
    Place("/review", "base.nav_review", Right.review),
    Place("/carpet", "base.nav_carpet", Right.review),
    Place("/drop", "base.nav_drop", Right.submit),
    Place("/dossiers", "base.nav_dossiers", Right.look),
    Place("/approve", "base.nav_approve", Right.approve),
    Place("/results", "base.nav_results", Right.find),
    Place("/operate", "base.nav_operate", Right.operate),
    Place("/figures", "base.nav_figures", Right.figures),
)
"""In their order. One whose page is not there is not shown."""
