"""Real scans, where they are: nothing accepted may be wrong. ``SOHOA_SAMPLES`` names the folder."""

import json
import os
import unicodedata
from pathlib import Path
from typing import Any

import pytest

import ocr
from ocr.fields import extract
from ocr.options import ReadingOptions
from schemas.field import Field, FieldStatus, Table
from schemas.manifest import Extraction

pytestmark = pytest.mark.skipif("SOHOA_SAMPLES" not in os.environ, reason="SOHOA_SAMPLES not set")

SAMPLES = Path(os.environ.get("SOHOA_SAMPLES", "."))
OPTIONS = ReadingOptions()
ADMINISTRATIVE = (
    "vht507.signed.pdf", "299 UB.signed.pdf", "01 TTr.signed.pdf", "574 UB.signed.pdf",
    "88 QĐ UB.signed.pdf",
)  # fmt: skip
FORMS = ("000.pdf", "001.pdf", "008.pdf", "009.pdf", "014.pdf")
OLD_AND_NEW_TONES = str.maketrans({"–": "-"})


def truth(name: str) -> dict[str, dict[str, Any]]:
    with (SAMPLES / name).open(encoding="utf-8") as lines:
        return {row["file"]: row for row in map(json.loads, lines)}


def normal(text: str | None) -> str | None:
    if text is None:
        return None
    folded = " ".join(unicodedata.normalize("NFC", text).split()).translate(OLD_AND_NEW_TONES)
    return folded.replace("UỶ", "ỦY").replace("HOÀ", "HÒA")


def read(path: Path) -> Extraction:
    count = ocr.inspect(path, OPTIONS).pages
    pages = [ocr.read_page(path, number, OPTIONS) for number in range(1, count + 1)]
    return extract(path, pages, ocr.annotations(path), OPTIONS)


def accepted(field: object) -> str | None:
    if isinstance(field, Field) and field.status is FieldStatus.accepted:
        return normal(field.value)
    return None


@pytest.mark.parametrize("name", ADMINISTRATIVE)
def test_administrative(name: str) -> None:
    wanted = truth("administrative/labels.jsonl")[name]
    found = read(SAMPLES / "administrative" / name)
    assert accepted(found.fields["doc_type"]) == wanted["doc_type"]
    for field in ("issuing_org", "doc_number", "issue_date", "subject", "signer_name"):
        assert accepted(found.fields[field]) in {None, normal(wanted[field])}, field


def test_number_and_day_from_signature_stamps() -> None:
    found = read(SAMPLES / "administrative" / "vht507.signed.pdf")
    assert accepted(found.fields["doc_number"]) == "542/TB-UBND"
    assert accepted(found.fields["issue_date"]) == "2024-11-06"


@pytest.mark.parametrize("name", FORMS)
def test_forms(name: str) -> None:
    wanted = truth("ct01/truth.jsonl")[name]["fields"]
    found = read(SAMPLES / "ct01" / name)
    assert (found.document_type, found.form_version) == ("ct01", "66/2023")
    sure = 0
    for field, text in wanted.items():
        if field == "members":
            continue
        value = accepted(found.fields[field])
        expected = "-".join(reversed(text.split("/"))) if field == "dob" else text
        assert value in {None, normal(expected)}, field
        sure += value is not None
    members = found.fields["members"]
    assert isinstance(members, Table)
    assert len(members.rows) == len(wanted["members"])
    assert sure >= 1
