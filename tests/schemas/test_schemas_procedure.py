"""Procedures as data: what is due has its law, and a checklist says what is missing."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from schemas.procedure import Procedure, due_at, procedures

OFFICE = ZoneInfo("Asia/Ho_Chi_Minh")


def test_what_is_due_names_the_law_that_says_so() -> None:
    due = {one.code: (one.due_days, one.due_basis or "") for one in procedures()}
    assert {code: days for code, (days, _) in due.items()} == {
        "1.004222": 7,
        "1.004194": 3,
        "1.001193": 1,
        "1.000894": 1,
    }
    assert all("Điều" in basis and "QH" in basis for _, basis in due.values())


@pytest.mark.parametrize("half", [{"due_days": 3}, {"due_basis": "Luật"}])
def test_days_without_a_law_are_refused(half: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match="go together"):
        Procedure(code="1.000000", names={"vi": "x", "en": "x"}, components=(), **half)


@pytest.mark.parametrize(
    ("received", "days", "due"),
    [
        ("2026-11-23T01:00", 1, "2026-11-24"),  # a Monday
        ("2026-11-27T09:00", 1, "2026-11-30"),  # a Friday
        ("2026-11-27T18:00", 3, "2026-12-02"),  # a Saturday at the office already
    ],
)
def test_working_days_leave_out_the_weekend(received: str, days: int, due: str) -> None:
    came = datetime.fromisoformat(received).replace(tzinfo=UTC)
    assert due_at(came, days, OFFICE).astimezone(OFFICE).isoformat() == f"{due}T17:00:00+07:00"
