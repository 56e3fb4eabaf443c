"""DocCodes as words, and what a document is said to be by its manifest."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from shared_office import ShelfStore, a_decision, publish

from ocr import ReaderPool, ReadingOptions
from schemas.doc_code import LONGEST, CodingOptions, DocSeries, field_of, parsed
from schemas.field import Field, FieldStatus
from schemas.shared_document import Description
from signing import Trust
from storage import KeptObject, Ledger, ObjectKind
from storage.s3 import decode_metadata, encode_metadata
from usecases.context import AppContext
from usecases.doc_codes import (
    described,
    described_by,
    file_name,
    metadata_in_store,
    object_metadata,
    versions_of,
)

WHEN = datetime(2026, 12, 1, 3, tzinfo=UTC)


@given(
    st.from_regex(r"[A-Z][0-9]{2}(\.[0-9]{2}){0,3}", fullmatch=True),
    st.from_regex(r"[A-Z0-9]{1,5}", fullmatch=True),
    st.integers(1, 99_999_999),
    st.integers(1, 99),
)
def test_every_code_that_is_given_is_read_again(
    agency: str, field: str, serial: int, version: int
) -> None:
    code = DocSeries(agency, field, serial).version(version)
    if len(code) <= LONGEST:
        assert parsed(code) == (DocSeries(agency, field, serial), version)
    else:
        assert serial > 9_999_999 or version > 9, "no document of the longest agency has that many"


@pytest.mark.parametrize(
    "text",
    ["", "G06.01_CV_000021", "G06.01_CV_21_V1", "g06.01_CV_000021_V1", "G06.01_CV_000021_V0",
     "G06.01_CV_000021_V01", "G06.01_CV_0000021_V1", "G06.01_CV_000021_V1\n", "G6_CV_000021_V1",
     "G06.01_CÔNGVĂN_000021_V1", "G06.01_CV_００００２１_V1"],
)  # fmt: skip
def test_what_is_no_code(text: str) -> None:
    assert parsed(text) is None


@pytest.mark.parametrize(
    ("kind", "field"),
    [("cong_van", "CV"), ("quyet_dinh", "QD"), ("giay_khai_sinh", "GKS"), ("ct01", "CT01"),
     (None, "VB"), ("đơn_đăng_ký", "DDK"), ("to_trinh", "TT")],
)  # fmt: skip
def test_the_field_of_a_type(kind: str | None, field: str) -> None:
    assert field_of(CodingOptions(), kind) == field
    own = CodingOptions(fields={"cong_van": "CVD"})
    assert field_of(own, kind) == {"cong_van": "CVD"}.get(kind or "", field)


@pytest.mark.parametrize("field", ["TTr", "", "ABCDEF", "A_B", "CÔNG"])
def test_a_field_that_no_code_can_have_is_refused(field: str) -> None:
    with pytest.raises(ValidationError):
        CodingOptions(fields={"to_trinh": field})


def test_a_manifest_says_what_a_document_is() -> None:
    said = described_by(a_decision(), None)
    assert (said.type_name, said.code_number, said.code_notation) == ("Quyết định", "21", "QĐ-UBND")
    assert (said.issued_date, said.subject) == (date(2026, 11, 23), "Về việc công nhận kết quả")
    doubted = a_decision()
    doubted.fields["subject"] = Field(value="mờ", status=FieldStatus.review)
    assert described_by(doubted, None).subject == "Quyết định", "what is doubted is not told"
    assert described(None, {}).type_name == "Văn bản"


def test_the_number_of_an_identity_paper_is_a_persons() -> None:
    card = a_decision("048190000017", "Nguyễn Thị Mẫu").model_copy(
        update={"document_type": "can_cuoc"}
    )
    said = described_by(card, None)
    assert said.type_name and said.code_number is None and said.issued_date is None
    assert "048" not in str(said) and "Mẫu" not in str(said)


@given(st.text(max_size=900), st.text(max_size=300))
def test_nothing_is_longer_than_it_may_be(subject: str, number: str) -> None:
    said = described_by(a_decision(number, subject), None)
    assert len(said.subject or "") <= 500 and len(said.code_number or "") <= 11
    headers = encode_metadata(object_metadata("G06.01_QD_000001_V2", said, 3))
    assert sum(len(name) + len(value) for name, value in headers.items()) < 2048
    assert all(value.isascii() for value in headers.values())
    there = decode_metadata(headers)
    assert there["doccode"] == "G06.01_QD_000001_V2"
    assert (said.subject or "").startswith(there.get("subject", ""))


def test_a_file_is_called_as_the_letter_says() -> None:
    said = Description(type_name="Đơn đăng ký (mẫu 1/2026)", issued_date=date(2026, 11, 3))
    name = file_name("G06.01_DDK_000001_V2", said, WHEN, ".pdf")
    assert name == "G06.01_DDK_000001_V2_20261103_Don-dang-ky-mau-1-2026.pdf"
    assert file_name("X", Description(), WHEN, ".tif") == "X_20261201_Van-ban.tif"


def kept(kind: ObjectKind, document: int, key: str) -> KeptObject:
    return KeptObject(
        bucket="b", key=key, version_id=None, sha256="a" * 64, bytes=1, retain_until=None,
        kind=kind, dossier_id=1, document_id=document,
    )  # fmt: skip


def test_each_version_names_one_object(tmp_path: Path) -> None:
    with Ledger.open(f"sqlite:///{tmp_path}/ledger.sqlite") as ledger:
        document = publish(ledger, ShelfStore(), "H17-261123-0001", "mot-cua")
    mine, other = document.id, document.id + 1
    objects = [
        kept(ObjectKind.original, mine, "scan"), kept(ObjectKind.signed, mine, "signed"),
        kept(ObjectKind.signed, other, "no"), kept(ObjectKind.renewed, mine, "first"),
        kept(ObjectKind.manifest, mine, "no"), kept(ObjectKind.renewed, mine, "second"),
    ]  # fmt: skip

    def keys(one: Any, *, own: bool = True) -> dict[int, str]:
        return {at: kept.key for at, kept in versions_of(one, objects, own=own).items()}

    all_of_it = {1: "scan", 2: "signed", 3: "first", 4: "second"}
    assert keys(document) == all_of_it
    del all_of_it[1]
    assert keys(document, own=False) == all_of_it, "a raw scan is for its own department"
    assert keys(document.model_copy(update={"part_of": 99})) == all_of_it


def test_what_is_stored_carries_its_code(tmp_path: Path) -> None:
    nothing: Any = None
    with Ledger.open(f"sqlite:///{tmp_path}/ledger.sqlite") as ledger:
        document = publish(ledger, ShelfStore(), "H17-261123-0001", "mot-cua")
        office = AppContext(
            ledger=ledger, objects=nothing, signer=nothing, pool=ReaderPool(ReadingOptions(), 1),
            trust=Trust(), work=tmp_path / "work", coding=CodingOptions(agency="G06.01"),
        )  # fmt: skip
        workspace = office.workspace(document)
        workspace.keep_manifest(a_decision())
        carried = [metadata_in_store(office, document) for _ in range(2)]
        assert carried[0] == carried[1]
        assert carried[0]["DocCode"] == "G06.01_QD_000001_V2"
        assert (carried[0]["TypeName"], carried[0]["PageAmount"]) == ("Quyết định", "2")
        (known,) = ledger.doc_codes.of([document.id]).values()
        assert known.read is not None and known.read["code_notation"] == "QĐ-UBND"
