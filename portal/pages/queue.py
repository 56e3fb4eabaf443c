"""What waits for a person: due first, then those received first."""

from typing import Literal

from starlette.responses import Response

from portal.rules import Pages
from portal.visit import AVisit
from schemas.dossier import Stage
from usecases.caller import Right
from usecases.queue import worklist

pages = Pages()

ON_A_PAGE = 45
"""Page, styles and scripts stay below 60 kB."""
AGES = (1, 3, 7, 30)
"""Days a document has waited, to choose from."""


@pages.get("/queue", Right.look)
def queue_page(
    visit: AVisit,
    stage: Stage = Stage.in_review,
    department: str = "",
    procedure: str = "",
    type: str = "",
    age: Literal["", "late", "1", "3", "7", "30"] = "",
    after: str | None = None,
) -> Response:
    """The documents that wait at a stage."""
    found = worklist(
        visit.caller,
        visit.rooms,
        stage,
        department=department,
        procedure=procedure,
        document_type=type,
        days=int(age) if age.isdecimal() else None,
        late=age == "late",
        after=after,
        limit=ON_A_PAGE,
    )
    asked = {
        "stage": stage.value,
        "department": department,
        "procedure": procedure,
        "type": type,
        "age": age,
    }
    may = {right.value for right in visit.caller.rights}
    return visit.page("queue.html", stage=stage, asked=asked, found=found, ages=AGES, may=may)
