"""Failures of single documents are outcomes of theirs, and of nobody else."""

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import cast

import pytest

from ocr import ReaderPool, ReadingOptions
from schemas.dossier import Role, Stage
from schemas.errors import (
    ConfigurationError,
    Conflict,
    Damaged,
    InputRejected,
    NotFound,
    NotTrusted,
    ServiceUnavailable,
    SohoaError,
)
from signing import Signer, Trust
from storage import Document, Dossier, Ledger, NewClaim, NewFile, Objects
from usecases.context import AppContext
from usecases.steps import MAX_ATTEMPTS, classify_failure, each, put_index, sign

CODE = "H17-261123-0001"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[AppContext]:
    """An office of which only the ledger is used."""
    with Ledger.open(f"sqlite:///{tmp_path}/ledger.sqlite") as ledger:
        yield AppContext(
            ledger=ledger,
            objects=cast(Objects, None),
            signer=cast(Signer, None),
            pool=ReaderPool(ReadingOptions(), 2),
            trust=Trust(),
            work=tmp_path / "work",
        )


def registered(office: AppContext, count: int = 3) -> Dossier:
    files = tuple(
        NewFile(
            relative=f"{n}.pdf",
            name=f"{n}.pdf",
            role=Role.component,
            sha256=f"{n:064x}",
            bytes=1,
        )
        for n in range(1, count + 1)
    )
    claim = NewClaim(
        claim_id="c1", department="mot-cua", code=CODE, folder=CODE, files=files, actor="test"
    )
    return office.ledger.register(claim).dossier


def stages(office: AppContext, dossier: Dossier) -> list[Stage]:
    return [one.stage for one in office.ledger.documents(dossier.id)]


@pytest.mark.parametrize("together", [1, 2, 8])
async def test_one_bad_document_does_not_stop_the_others(office: AppContext, together: int) -> None:
    dossier = registered(office)
    done = []

    async def act(document: Document) -> None:
        if document.number == 1:
            raise Conflict("flow.output_damaged", document=document.label)
        done.append(document.number)

    with pytest.raises(Conflict):
        await each(office, dossier, Stage.received, act, together=together)
    assert sorted(done) == [2, 3]
    assert stages(office, dossier) == [Stage.failed, Stage.received, Stage.received]
    (again,) = office.ledger.retry(dossier.id, "test")
    assert again.stage is Stage.received


async def test_a_passing_failure_leaves_the_document_where_it_stands(office: AppContext) -> None:
    dossier = registered(office)

    async def act(_document: Document) -> None:
        raise OSError(errno.ENOSPC, "no space", "/a/clerks/name.pdf")

    with pytest.raises(ServiceUnavailable) as caught:
        await each(office, dossier, Stage.received, act)
    assert "ENOSPC" in str(caught.value)
    assert "name.pdf" not in str(caught.value)
    assert set(stages(office, dossier)) == {Stage.received}


@pytest.mark.parametrize(
    ("error", "lasting"),
    [
        (ServiceUnavailable("flow.no_room", error="EIO"), False),
        (ConfigurationError("flow.no_room", error="x"), False),
        (OSError(errno.EROFS, "read-only"), False),
        (Conflict("flow.output_damaged", document="component-001"), True),
        (NotFound("flow.source_missing", document="component-001"), True),
        (InputRejected("flow.not_a_file"), True),
        (Damaged("storing.object_damaged", bucket="results", key="a"), True),
        (NotTrusted("storing.ledger_doubted", what="chain_broken", place="event 1"), False),
        (ValueError("Nguyễn Văn Bí Mật"), False),
    ],
)
def test_what_is_worth_another_try(error: Exception, lasting: bool, office: AppContext) -> None:
    judged, last = classify_failure(error, Stage.received, registered(office))
    assert last is lasting
    assert isinstance(judged, SohoaError)
    assert "Bí Mật" not in str(judged)


async def test_nothing_is_signed_on_a_row_that_its_events_do_not_say(
    office: AppContext, tmp_path: Path
) -> None:
    """The manifest, which a person settled, exchanged in the ledger and on the disk."""
    dossier = registered(office, 1)
    (document,) = office.ledger.documents(dossier.id)
    forward = {"manifest_sha256": "a" * 64, "pdfa_sha256": "b" * 64}
    office.ledger.advance(
        document.id, Stage.received, Stage.digitised, actor="test", pages=1, **forward
    )
    office.ledger.advance(document.id, Stage.digitised, Stage.ready_to_sign, actor="test")
    with closing(sqlite3.connect(tmp_path / "ledger.sqlite")) as connection:
        connection.execute("UPDATE document SET pdfa_sha256 = ?", ("c" * 64,))
        connection.commit()
    with pytest.raises(NotTrusted):
        await sign(office, dossier)
    assert office.ledger.document(document.id).stage is Stage.ready_to_sign
    with pytest.raises(NotTrusted):
        put_index(office.ledger, office.objects, office.work, dossier)


def test_a_mistake_in_the_program_is_not_tried_for_ever(office: AppContext) -> None:
    dossier = registered(office).model_copy(update={"attempts": MAX_ATTEMPTS})
    assert classify_failure(ValueError(), Stage.received, dossier)[1]


def test_logs_have_no_personal_data(office: AppContext, caplog: pytest.LogCaptureFixture) -> None:
    classify_failure(ValueError("Nguyễn Văn Bí Mật"), Stage.received, registered(office))
    assert CODE in caplog.text
    assert "ValueError" in caplog.text
    assert "Bí Mật" not in caplog.text
