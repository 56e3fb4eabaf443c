"""The indicators of a period by department: a table, a chart, and a file for spreadsheets."""

from datetime import date
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Query
from starlette.responses import Response

from portal.rules import Pages
from portal.visit import AVisit, Visit
from schemas.report import ENOUGH, ReportView
from usecases.caller import Right
from usecases.report import as_csv, report

pages = Pages()

Day = Annotated[str, Query(max_length=10)]


@pages.get("/figures", Right.figures)
def page(visit: AVisit, since: Day = "", until: Day = "", department: str = "") -> Response:
    """The figures of a period; this month's where none is said."""
    return visit.page(
        "figures.html",
        found=_found(visit, since, until, department),
        department=department,
        enough=ENOUGH,
    )


@pages.get("/figures.csv", Right.figures)
def spreadsheet(visit: AVisit, since: Day = "", until: Day = "", department: str = "") -> Response:
    """The same for a spreadsheet, which takes UTF-8 for what it is only where a mark says so."""
    found = _found(visit, since, until, department)
    name = f"sohoa-{found.since}-{found.until}.csv"
    return Response(
        as_csv(found).encode("utf-8-sig"),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _found(visit: Visit, since: str, until: str, department: str) -> ReportView:
    return report(
        visit.caller,
        visit.rooms,
        ZoneInfo(visit.desk.options.timezone),
        department=department or None,
        since=_day(since),
        until=_day(until),
    )


def _day(text: str) -> date | None:
    """A day as the page's form sends it; None where none is chosen, or what is said is none."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None
