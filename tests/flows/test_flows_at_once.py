"""Two processes decide, undo, finish, approve and refuse at once on one document."""

from pathlib import Path

import pytest
from hands_at_once import a_ledger, at_once

ROUNDS = 50


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.service)])
def test_every_decision_is_kept_or_refused_with_a_sentence(kind: str, tmp_path: Path) -> None:
    with a_ledger(kind, tmp_path) as url:
        told = at_once(url, tmp_path, ROUNDS)
    assert told["save: kept"] and told["finish: kept"] and told["approve: kept"]
    known = {
        "kept",
        "flow.not_awaiting",
        "flow.decided_already",
        "flow.not_in_review",
        "storing.decided_before",
        "storing.field_decided",
        "storing.approved_already",
    }
    assert {one.partition(": ")[2] for one in told} <= known
