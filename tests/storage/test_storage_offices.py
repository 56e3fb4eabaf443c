"""What all hosts that work with one ledger have in common."""

import pytest
from ledger_steps import kinds

from schemas.errors import NotFound
from storage import Ledger


def test_what_hosts_have_in_common_is_what_the_first_said(ledger: Ledger) -> None:
    assert ledger.common("root_sha256", "a") == "a"
    assert ledger.common("root_sha256", "b") == "a"
    assert ledger.common("other", "b") == "b"
    assert kinds(ledger).count("office_entered") == 2


def test_what_hosts_have_in_common_is_replaced_by_an_event(ledger: Ledger) -> None:
    with pytest.raises(NotFound):
        ledger.replace_common("root_sha256", "b", "new keys", "cli:root")
    ledger.common("root_sha256", "a")
    for _ in range(2):  # the same again changes nothing
        ledger.replace_common("root_sha256", "b", "new keys", "cli:root")
    assert ledger.known_common("root_sha256") == ledger.common("root_sha256", "a") == "b"
    (event,) = [one for one in ledger.events() if one.kind == "office_replaced"]
    said = {"name": "root_sha256", "before": "a", "value": "b", "reason": "new keys"}
    assert (event.actor, event.data) == ("cli:root", said)
    assert ledger.verify_chain().intact
