"""News for another system while it and the hosts that send are killed: real processes."""

from pathlib import Path

import pytest

from training.benches.outbox import outbox


@pytest.mark.slow
def test_nothing_is_lost_and_all_is_applied_once_and_in_order(tmp_path: Path) -> None:
    report = outbox(
        tmp_path, 300, lambda _done, _total: None,
        receiver_kills=2, sender_kills=4, patience=300,
    )  # fmt: skip
    assert report.passed, report
    assert (report.entered, report.receiver_kills, report.sender_kills) == (304, 2, 4)
    assert report.came > report.applied, "nothing was sent twice: nothing failed"
