"""The indicators of the office over a period: the figures that are reported upwards.

The database counts; a median is taken of one row a document, of a few thousand dossiers at most.
"""

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, tzinfo
from math import ceil
from statistics import median

from schemas.document_type import known_types
from schemas.errors import InputRejected
from schemas.report import AuditedField, CorrectedField, ReportLine, ReportView, Span, SpanTime
from schemas.work import DecisionKind
from storage import Audited, Decided, DocumentTimes, Indicators, Period, Readings
from usecases.called_fields import field_name, type_name
from usecases.caller import Caller, Right, permit
from usecases.dossiers import known_department
from usecases.office_days import begins, ends
from usecases.rooms import Rooms

LOOKED_AT = 1000
"""Dossiers of which times and corrections are taken: medians are off by about 1.6 % of ranks."""
MOST_FIELDS = 50

Times = Iterable[DocumentTimes]


def report(
    caller: Caller,
    rooms: Rooms,
    zone: tzinfo,
    *,
    department: str | None = None,
    since: date | None = None,
    until: date | None = None,
) -> ReportView:
    """The indicators of the dossiers received in a period, by department.

    Args:
        caller: who asks; of their departments alone.
        rooms: the ledger, the types, and the time now.
        zone: the office's, in which days begin.
        department: of this one alone, by its identifier or as people call it.
        since: the first day; the first of the month of ``until`` where it is not said.
        until: the last day; today where it is not said.

    Raises:
        NotAllowed: they may see no figures.
        NotFound: there is no such department, or it is not theirs.
        InputRejected: ``usecase.bad_period``, it ends before it begins.
    """
    permit(caller, Right.figures)
    ledger, now = rooms.ledger, rooms.clock()
    last = until or now.astimezone(zone).date()
    first = since or last.replace(day=1)
    if first > last:
        raise InputRejected("usecase.bad_period")
    units = caller.departments
    if department:
        units = frozenset({known_department(caller, Right.figures, ledger, department)})
    period = Period(begins(first, zone), ends(last, zone), units)
    counts = ledger.indicators(period, now)
    every = max(1, ceil(sum(one.received for one in counts) / LOOKED_AT))
    some = ledger.some_dossiers(period, every)
    times, readings = ledger.document_times(some), ledger.readings(some)
    sizes = _sizes(rooms)
    return ReportView(
        since=first,
        until=last,
        at=now,
        units=tuple(one for one in ledger.departments() if caller.may(Right.figures, one.id)),
        lines=tuple(
            _line(
                one.department,
                [one],
                [two for two in readings if two.department == one.department],
                [two for two in times if two.department == one.department],
                sizes,
            )
            for one in counts
        ),
        total=_line(None, counts, readings, times, sizes),
        corrected=_corrected(ledger.decided_paths(some), rooms),
        audited=_audited(ledger.audited_paths(some), rooms),
        every=every,
    )


def _sizes(rooms: Rooms) -> dict[str, int]:
    """How many data fields a type has, by its id; versions of a form differ little."""
    return {one.id: len(one.fields) for one in known_types(rooms.types)}


def _line(
    department: str | None,
    counts: Sequence[Indicators],
    readings: Sequence[Readings],
    times: Times,
    sizes: dict[str, int],
) -> ReportLine:
    def total(name: str) -> int:
        return sum(getattr(one, name) for one in counts)

    of_type = [one for one in readings if one.document_type in sizes]
    return ReportLine(
        department=department,
        received=total("received"),
        digitised=total("digitised"),
        components_signed=total("components_signed"),
        results=total("results"),
        results_signed=total("results_signed"),
        due=total("due"),
        on_time=total("on_time"),
        late=total("late"),
        documents=sum(one.documents for one in of_type),
        without_person=sum(one.without_doubt for one in of_type),
        fields=sum(one.documents * sizes[one.document_type] for one in of_type),
        doubts=sum(one.doubts for one in of_type),
        times=_spans(times),
    )


def _spans(times: Times) -> tuple[SpanTime, ...]:
    """Medians of the stretches that documents have behind them."""
    minutes: dict[Span, list[float]] = {span: [] for span in Span}
    for one in times:
        settled = one.reviewed or one.digitised
        for span, begun, ended in (
            (Span.reading, one.received, one.digitised),
            (Span.review, one.in_review, one.reviewed),
            (Span.approval, settled, one.approved),
            (Span.signing, one.approved or settled, one.signed),
            (Span.publishing, one.signed, one.published),
        ):
            if begun is not None and ended is not None and ended >= begun:
                minutes[span].append((ended - begun).total_seconds() / 60)
    return tuple(
        SpanTime(span=span, minutes=median(found) if found else None, documents=len(found))
        for span, found in minutes.items()
    )


def _corrected(decided: Iterable[Decided], rooms: Rooms) -> tuple[CorrectedField, ...]:
    """Decisions by field; rows of a table are one field, pages and whole documents are none."""
    said: dict[tuple[str | None, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    kinds = {one.value for one in _OF_FIELDS}
    types = {one.id: one for one in known_types(rooms.types)}
    for one in decided:
        if one.kind in kinds:
            said[one.document_type, _of_all_rows(one.path)][one.kind] += one.decisions
    found = [
        CorrectedField(
            document_type=document_type,
            field=path,
            type_name=type_name(types.get(document_type or ""), rooms.language),
            name=field_name(types.get(document_type or ""), path, rooms.language),
            asked=sum(by_kind.values()),
            corrected=by_kind[DecisionKind.value],
            absent=by_kind[DecisionKind.missing] + by_kind[DecisionKind.unreadable],
        )
        for (document_type, path), by_kind in said.items()
    ]
    found.sort(key=lambda one: (-one.corrected, -one.asked, one.document_type or "", one.field))
    return tuple(found[:MOST_FIELDS])


def _of_all_rows(path: str) -> str:
    """The path of a table's column, whichever row it was."""
    return ".".join(part for part in path.split(".") if not part.isdecimal())


def _audited(found: Iterable[Audited], rooms: Rooms) -> tuple[AuditedField, ...]:
    """What the blind sample found, by field."""
    said: dict[tuple[str | None, str], list[bool]] = defaultdict(list)
    types = {one.id: one for one in known_types(rooms.types)}
    for one in found:
        said[one.document_type, _of_all_rows(one.path)].append(one.right)
    fields = [
        AuditedField(
            document_type=document_type,
            field=path,
            type_name=type_name(types.get(document_type or ""), rooms.language),
            name=field_name(types.get(document_type or ""), path, rooms.language),
            looked_at=len(right),
            wrong=right.count(False),
        )
        for (document_type, path), right in said.items()
    ]
    fields.sort(key=lambda one: (-one.wrong, -one.looked_at, one.document_type or "", one.field))
    return tuple(fields[:MOST_FIELDS])


_OF_FIELDS = (
    DecisionKind.value,
    DecisionKind.confirmed,
    DecisionKind.missing,
    DecisionKind.unreadable,
)

_COUNTS = (
    "received", "digitised", "digitised_share", "components_signed", "components_signed_share",
    "results", "results_signed", "results_signed_share", "due", "on_time", "late",
    "on_time_share", "documents", "without_person", "fields", "doubts", "accepted_share",
)  # fmt: skip


def as_csv(view: ReportView) -> str:
    """The lines of a report for spreadsheets: names of columns as in JSON, shares from 0 to 1."""
    out = io.StringIO()
    writer = csv.writer(out)
    spans = [f"{span}_minutes" for span in Span]
    writer.writerow(["since", "until", "department", *_COUNTS, *spans])
    for line in (*view.lines, view.total):
        values = [_cell(getattr(line, name)) for name in _COUNTS]
        minutes = [_cell(line.time(span).minutes) for span in Span]
        writer.writerow([view.since, view.until, line.department or "*", *values, *minutes])
    return out.getvalue()


def _cell(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.4f}" if isinstance(value, float) else str(value)
