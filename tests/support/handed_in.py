"""Papers handed in to a running Sohoa, each of them once, and what became of them."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from running import Running

from sohoa.sample import draw_small

TODAY = date.today()


def code(number: int) -> str:
    return f"H17.1-{TODAY:%y%m%d}-{number:04d}"


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Small one-page decisions, each used by one test only: 01.…, 02.…"""
    folder = tmp_path_factory.mktemp("pages")
    for number, dossier in enumerate(draw_small(folder / "drawn", 12, TODAY), start=1):
        (scan,) = dossier.iterdir()
        scan.rename(folder / f"{number:02d}{scan.suffix}")
    yield folder


def page(pages: Path, number: int) -> Path:
    return next(pages.glob(f"{number:02d}.*"))


def ingest(serving: Running, *arguments: Any) -> dict[str, Any]:
    answer = serving.cli("ingest", *arguments, "--wait", "--timeout", "400", "--json")
    dossier: dict[str, Any] = answer.json["dossiers"][0]
    return dossier | {"exit": answer.code}


def status(serving: Running, wanted: str) -> dict[str, Any]:
    found: dict[str, Any] = serving.cli("status", wanted, "--json").json["dossier"]
    return found


def published(serving: Running, wanted: str) -> None:
    """Wait until a dossier whose result was approved is published, and its sources are done."""

    def through() -> bool:
        with serving.ledger() as ledger:
            dossier = ledger.dossier(wanted)
            assert dossier is not None
            closed = not ledger.claims(dossier.id, open_only=True)
            return dossier.stage == "published" and closed

    serving.wait_for(through, 120, "the approved result")
