"""What waits for a person: due first, then those received first; and what changes of it."""

from dataclasses import replace
from typing import Annotated, Any, Literal

from fastapi import Depends
from starlette.responses import JSONResponse, Response

from portal import live
from portal.rules import Pages
from portal.visit import AVisit
from schemas.dossier import Stage
from usecases.caller import Right
from usecases.queue import waiting_now, worklist

pages = Pages()

ON_A_PAGE = 50
AGES = (1, 3, 7, 30)
"""Days a document has waited, to choose from."""


def _asked(
    stage: Stage = Stage.in_review,
    department: str = "",
    procedure: str = "",
    type: str = "",
    age: Literal["", "late", "1", "3", "7", "30"] = "",
) -> dict[str, str]:
    """What the list is narrowed to, as its address says it."""
    return {
        "stage": stage.value,
        "department": department,
        "procedure": procedure,
        "type": type,
        "age": age,
    }


Asked = Annotated[dict[str, str], Depends(_asked)]


def _values(visit: AVisit, asked: dict[str, str], after: str | None) -> dict[str, Any]:
    stage, age = Stage(asked["stage"]), asked["age"]
    found = worklist(
        visit.caller,
        replace(visit.rooms, language=visit.language),
        stage,
        department=asked["department"],
        procedure=asked["procedure"],
        document_type=asked["type"],
        days=int(age) if age.isdecimal() else None,
        late=age == "late",
        after=after,
        limit=ON_A_PAGE,
    )
    may = {right.value for right in visit.caller.rights}
    return {"stage": stage, "asked": asked, "found": found, "ages": AGES, "may": may}


@pages.get("/queue", Right.look)
def queue_page(visit: AVisit, asked: Asked, after: str | None = None) -> Response:
    """The documents that wait at a stage."""
    return visit.page("queue.html", **_values(visit, asked, after))


@pages.get("/queue/rows", Right.look)
def queue_rows(visit: AVisit, asked: Asked, after: str | None = None) -> Response:
    """The list alone, for a page that stays open."""
    return visit.page("queue_rows.html", **_values(visit, asked, after))


@pages.get("/queue/events", Right.look)
async def queue_events(visit: AVisit) -> Response:
    """How much waits, told whenever it changes; once, to who does not listen for events."""
    if live.KIND in visit.request.headers.get("accept", ""):
        return live.stream(visit)
    counts = await live.counts_of(visit).answer()
    found = waiting_now(visit.caller, counts)
    return JSONResponse([one.model_dump(mode="json") for one in found])
