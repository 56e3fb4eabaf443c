"""`sohoa review` and `sohoa status` on a scan that holds several documents."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from stacks import CODE, OTHER, StackOffice, stack
from typer.testing import CliRunner

from ocr import ReaderPool, ReadingOptions
from schemas.errors import SohoaError
from signing import Pki, Signer, SigningOptions, trust_store
from sohoa.cli import app
from sohoa.cli.named import numbered
from sohoa.cli.status import spans

AGENCY = "ỦY BAN NHÂN DÂN PHƯỜNG VÍ DỤ"


@pytest.fixture
def at(tmp_path: Path) -> Iterator[StackOffice]:
    """An office whose ledger and desks are those of the command's data folder."""
    pool = ReaderPool(ReadingOptions(), 1)
    pki = Pki.ensure(tmp_path / "pki", AGENCY, lambda: datetime.now(UTC))
    signer = Signer(pki, SigningOptions(agency=AGENCY))
    made = StackOffice(tmp_path, pool, signer, trust_store(pki))
    yield made
    made.ledger.close()
    pool.close()


def said(at: StackOffice, *arguments: str, english: bool = False) -> Any:
    """What a command says: its JSON, or its text; an error's code."""
    more = ["--data", str(at.root)] + ([] if english else ["--json"])
    environment = {"SOHOA_LANGUAGE": "en", "COLUMNS": "200"}
    done = CliRunner().invoke(app, [*arguments, *more], env=environment)
    if isinstance(done.exception, SohoaError):
        return done.exception.code
    assert done.exit_code == 0, done.output
    return done.output if english else json.loads(done.stdout)


async def test_a_person_sees_a_proposal_and_decides(at: StackOffice) -> None:
    ct01 = "TỜ KHAI THAY ĐỔI THÔNG TIN CƯ TRÚ"
    at.drop(CODE, stack(at.root / "quét.pdf", "QUYẾT ĐỊNH", "more", ct01, "THÔNG BÁO"))
    await at.run()
    (proposal,) = said(at, "review", CODE)["proposals"]
    assert [one["pages"] for one in proposal["parts"]] == [[1, 2], [3], [4]]
    assert [one["document_type"] for one in proposal["parts"]] == [
        "quyet_dinh",
        "ct01",
        "thong_bao",
    ]
    assert said(at, "review", f"{CODE}/7")["proposals"] == []
    shown = said(at, "status", CODE, english=True)
    assert f"sohoa review {CODE}/1 --split" in shown

    assert said(at, "review", CODE, "--accept") == "flow.split_undecided"
    assert said(at, "review", CODE, "--split", "--accept") == "flow.split_alone"
    assert said(at, "review", CODE, "1-2") == "flow.bad_ranges"
    assert said(at, "review", CODE, "--split", "2-1") == "flow.bad_ranges"
    assert said(at, "review", CODE, "--split", "1-9") == "flow.no_such_page"
    assert said(at, "review", f"{CODE}/2", "--split") == "flow.nothing_to_split"
    assert said(at, "review", f"{CODE}/1", "--split", f"1-2={OTHER},3") == "flow.pages_lost"
    done = said(at, "review", f"{CODE}/1", "--split", f"1-2={OTHER},3-4")
    assert done["split"] == [f"{OTHER}/1", f"{CODE}/2"]

    await at.run()
    full = said(at, "status", CODE)["dossier"]
    assert full["splits"] == [
        {
            "document": 1,
            "parts": [
                {"dossier": OTHER, "document": 1, "pages": [1, 2]},
                {"dossier": CODE, "document": 2, "pages": [3, 4]},
            ],
        }
    ]
    ticked = {one["id"]: one["present"] for one in full["checklist"]["components"]}
    assert ticked == {"declaration": True, "proof_of_abode": False}
    shown = said(at, "status", CODE, english=True)
    assert f"1-2 → {OTHER}/1; 3-4 → {CODE}/2" in shown
    assert "still missing" in shown


def test_words_of_the_command() -> None:
    assert numbered(f"{CODE}/2") == (CODE, 2)
    assert numbered(CODE) == (CODE, None)
    assert spans([1, 2, 3, 5, 7, 8]) == "1-3,5,7-8"
    assert spans([]) == ""


async def test_a_person_turns_a_page_says_a_type_and_rejects(at: StackOffice) -> None:
    at.drop(CODE, stack(at.root / "s.pdf", "more"))
    await at.run()
    assert said(at, "review", CODE, "--turn", "1=90") == "flow.which_to_change"
    for wrong in ("1", "x=90", "1=45"):
        assert said(at, "review", f"{CODE}/1", "--turn", wrong) == "usecase.no_turn"
    assert said(at, "review", f"{CODE}/1", "--turn", "2=90") == "flow.no_such_page"
    both = ("--type", "giay_khai_sinh", "--reject", "x")
    assert said(at, "review", f"{CODE}/1", *both) == "flow.change_alone"
    turned = said(at, "review", f"{CODE}/1", "--turn", "1=90")
    assert turned == {"dossier": CODE, "changed": 1}
    assert said(at, "review", f"{CODE}/1", "--reject", "x") == "usecase.not_under_review"
    await at.run()
    said(at, "review", f"{CODE}/1", "--type", "giay_khai_sinh")
    await at.run()
    (shown,) = said(at, "status", CODE)["dossier"]["documents"]
    assert (shown["document_type"], shown["stage"]) == ("giay_khai_sinh", "in_review")
    assert (
        said(at, "review", f"{CODE}/1", "--reject", "x", "--seen", "f" * 64)
        == "storing.decided_before"
    )
    assert "Noted" in said(at, "review", f"{CODE}/1", "--reject", "Nhầm hồ sơ.", english=True)
    (shown,) = said(at, "status", CODE)["dossier"]["documents"]
    assert shown["stage"] == "rejected"
