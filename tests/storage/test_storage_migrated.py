"""Ledgers that earlier versions wrote, with dossiers in all stages, are brought up to date."""

import pytest
from old_ledgers import WAYS, brought_up_to_date


@pytest.mark.parametrize("written_by", ["0004_manifests", "0005_trust"])
def test_an_old_ledger_is_whole_and_proven(empty_url: str, written_by: str) -> None:
    brought_up_to_date(empty_url, 2 * len(WAYS), written_by)
