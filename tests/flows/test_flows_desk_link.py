"""A run names its dossier's page, by code and department alone, and works on where it cannot."""

from types import SimpleNamespace
from typing import cast

import pytest

from flows.desk_link import link_to_desk, page_of
from storage import Dossier

DOSSIER = cast(Dossier, SimpleNamespace(code="H17-261124-0007", department="mot-cua", id=3))


@pytest.mark.parametrize("desk", ["", "https://sohoa.example.vn", "https://sohoa.example.vn/"])
def test_the_address_of_a_page(desk: str) -> None:
    where = "/dossiers/H17-261124-0007?department=mot-cua"
    assert page_of(desk, DOSSIER) == desk.rstrip("/") + where


async def test_a_run_says_where_its_page_is(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[str, str]] = []

    async def tell(link: str, link_text: str) -> None:
        told.append((link, link_text))
        raise ConnectionError

    monkeypatch.setattr("flows.desk_link.acreate_link_artifact", tell)
    await link_to_desk("", DOSSIER)
    assert told == [(page_of("", DOSSIER), DOSSIER.code)]
