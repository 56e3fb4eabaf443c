"""Batches: one approval, each file once, whatever happens in between."""

import json
from pathlib import Path

import pytest
from callers import person
from signed_batches import (
    MOMENT,
    approve_all,
    ledger,
    paper,
    papers_in,
    pki,
    see_each_signed_once,
    signer,
)

from schemas.batch import BatchItem, ItemEnd
from schemas.durable import held
from schemas.errors import Conflict, InputRejected, NotFound, NotTrusted, ServiceUnavailable
from signing import (
    Pki,
    Signer,
    SignerRole,
    trust_store,
)
from storage import Ledger
from usecases import old_folders
from usecases.batch import FOLDER, batches, look, run, show
from usecases.caller import SERVICE
from usecases.files import fingerprint

__all__ = ["ledger", "paper", "pki", "signer"]


def test_what_was_approved_is_signed_once(
    tmp_path: Path, ledger: Ledger, signer: Signer, pki: Pki, paper: bytes
) -> None:
    papers, out = papers_in(tmp_path / "in", paper, 4), tmp_path / "out"
    made = approve_all(ledger, out, papers)
    assert show(SERVICE, ledger, out) == made
    report = run(SERVICE, ledger, out, signer)
    assert [one.end for one in report.items] == [ItemEnd.signed] * 4
    see_each_signed_once(out, papers, trust_store(pki))
    before = {path.name: path.read_bytes() for path in out.glob("*.pdf")}
    again = run(SERVICE, ledger, out, signer)
    assert again.count(ItemEnd.signed) == 4
    assert {path.name: path.read_bytes() for path in out.glob("*.pdf")} == before
    with pytest.raises(Conflict) as caught:
        approve_all(ledger, out, papers)
    assert caught.value.code == "signing.batch_exists"


def test_files_of_the_same_name_and_files_that_changed(
    tmp_path: Path, ledger: Ledger, signer: Signer, paper: bytes
) -> None:
    papers = [
        *papers_in(tmp_path / "a", paper, 2),
        *papers_in(tmp_path / "b", paper + b"%b\n", 2),
    ]
    out = tmp_path / "out"
    made = approve_all(ledger, out, papers)
    assert [one.out for one in made.items] == ["000.pdf", "001.pdf", "000-2.pdf", "001-2.pdf"]
    papers[1].write_bytes(paper + b"%changed\n")
    papers[2].unlink()
    bad = run(SERVICE, ledger, out, signer)
    assert [one.end.value for one in bad.items] == ["signed", "refused", "refused", "signed"]
    assert {one.error for one in bad.items} == {None, "signing.batch_changed"}
    assert not (out / "001.pdf").exists()


def test_one_bad_file_does_not_stop_the_others(
    tmp_path: Path, ledger: Ledger, signer: Signer, pki: Pki, paper: bytes
) -> None:
    papers, out = papers_in(tmp_path / "in", paper, 3), tmp_path / "out"
    papers[1].write_bytes(b"no PDF at all")
    approve_all(ledger, out, papers)
    report = run(SERVICE, ledger, out, signer)
    assert [one.error for one in report.items] == [None, "signing.not_a_pdf", None]
    see_each_signed_once(out, [papers[0], papers[2]], trust_store(pki))


def test_one_process_at_a_time(
    tmp_path: Path, ledger: Ledger, signer: Signer, paper: bytes
) -> None:
    papers, out = papers_in(tmp_path / "in", paper, 1), tmp_path / "out"
    key = approve_all(ledger, out, papers).key
    lock = held(out / FOLDER / "lock", ServiceUnavailable("signing.batch_in_progress"))
    with lock, pytest.raises(ServiceUnavailable) as caught:
        run(SERVICE, ledger, out, signer)
    assert caught.value.code == "signing.batch_in_progress"
    assert ledger.hold("batch", key, "another-host:1:x", 60)
    with pytest.raises(ServiceUnavailable) as caught:
        run(SERVICE, ledger, out, signer)
    assert caught.value.code == "signing.batch_in_progress"
    ledger.let_go("batch", key, "another-host:1:x")
    assert run(SERVICE, ledger, out, signer).count(ItemEnd.signed) == 1


def test_a_crash_before_the_ledger_knew_and_lost_outputs(
    tmp_path: Path,
    ledger: Ledger,
    signer: Signer,
    pki: Pki,
    paper: bytes,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    papers, out = papers_in(tmp_path / "in", paper, 3), tmp_path / "out"
    approve_all(ledger, out, papers)

    def gone(*_args: object, **_named: object) -> BatchItem:
        raise ServiceUnavailable("storing.ledger_unavailable")

    with monkeypatch.context() as patch:
        patch.setattr(Ledger, "end_batch_item", gone)
        report = run(SERVICE, ledger, out, signer)
    assert {one.error for one in report.items} == {"storing.ledger_unavailable"}
    assert report.count(ItemEnd.waiting) == 3
    first = (out / "000.pdf").read_bytes()
    report = run(SERVICE, ledger, out, signer)
    assert [one.adopted for one in report.items] == [True] * 3
    assert (out / "000.pdf").read_bytes() == first
    (out / "002.pdf").unlink()
    report = run(SERVICE, ledger, out, signer)
    assert report.count(ItemEnd.signed) == 3
    assert show(SERVICE, ledger, out) == report
    see_each_signed_once(out, papers, trust_store(pki))
    kinds = [one.kind for one in ledger.events()]
    assert kinds == ["batch_approved", *["batch_item_ended"] * 4]


def test_a_refused_file_is_tried_again_and_signed_when_it_is_back(
    tmp_path: Path, ledger: Ledger, signer: Signer, paper: bytes
) -> None:
    papers, out = papers_in(tmp_path / "in", paper, 1), tmp_path / "out"
    approve_all(ledger, out, papers)
    content = papers[0].read_bytes()
    papers[0].unlink()
    for _ in range(2):
        assert run(SERVICE, ledger, out, signer).count(ItemEnd.refused) == 1
    found = show(SERVICE, ledger, out)
    assert found is not None and found.items[0].error == "signing.batch_changed"
    papers[0].write_bytes(content)
    assert run(SERVICE, ledger, out, signer).count(ItemEnd.signed) == 1
    assert [one.data.get("end") for one in ledger.events()] == [None, "refused", "signed"]


def test_nothing_is_signed_on_rows_that_were_changed(
    tmp_path: Path, ledger: Ledger, signer: Signer, paper: bytes
) -> None:
    papers, out = papers_in(tmp_path / "in", paper, 2), tmp_path / "out"
    approve_all(ledger, out, papers)
    papers[1].write_bytes(paper + b"% another one")
    changed = fingerprint(papers[1])[0]
    with ledger._database.write() as connection:
        statement = "UPDATE batch_item SET sha256 = ? WHERE number = 2"
        connection.exec_driver_sql(statement, (changed,))
    with pytest.raises(NotTrusted) as caught:
        run(SERVICE, ledger, out, signer)
    assert caught.value.code == "storing.signing_unproven"
    assert not list(out.glob("*.pdf"))


def test_a_folder_without_a_batch_and_one_of_another_ledger(
    tmp_path: Path, ledger: Ledger, signer: Signer, paper: bytes
) -> None:
    out = tmp_path / "out"
    assert show(SERVICE, ledger, out) is None and not out.exists()
    with pytest.raises(NotFound):
        run(SERVICE, ledger, out, signer)
    with Ledger.open(f"sqlite:///{tmp_path / 'other.sqlite'}") as other:
        approve_all(other, out, papers_in(tmp_path / "in", paper, 1))
    with pytest.raises(Conflict) as caught:
        show(SERVICE, ledger, out)
    assert caught.value.code == "signing.batch_elsewhere"


def test_a_crash_between_row_and_folder_approves_once(
    tmp_path: Path, ledger: Ledger, signer: Signer, paper: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    papers, out = papers_in(tmp_path / "in", paper, 1), tmp_path / "out"

    def gone(_own: object) -> None:
        raise ServiceUnavailable("storing.ledger_unavailable")

    with monkeypatch.context() as patch:
        patch.setattr("usecases.signing_folders.SigningFolder.keep_key", gone)
        with pytest.raises(ServiceUnavailable):
            approve_all(ledger, out, papers)
    with pytest.raises(Conflict) as caught:
        approve_all(ledger, out, papers)
    assert caught.value.code == "signing.batch_exists"
    assert run(SERVICE, ledger, out, signer).count(ItemEnd.signed) == 1
    (line,) = batches(SERVICE, ledger).batches
    assert (line.signed, line.waiting, line.refused) == (1, 0, 0)
    assert look(SERVICE, ledger, line.key) == show(SERVICE, ledger, out)
    elsewhere = person("user:an", of=frozenset({"mot-cua"}))
    assert batches(elsewhere, ledger).batches == ()
    with pytest.raises(NotFound):
        look(elsewhere, ledger, line.key)


# --- folders of version 0.1 -----------------------------------------------------------------------


def test_a_batch_that_0_1_began_goes_on(
    tmp_path: Path, ledger: Ledger, signer: Signer, pki: Pki, paper: bytes
) -> None:
    """One file is signed and written down, one is signed only, one is left to do."""
    papers, out = papers_in(tmp_path / "in", paper, 3), tmp_path / "out"
    (out / FOLDER).mkdir(parents=True)
    key = "261124-0a1b2c3d"
    batch = {
        "batch_id": key, "approved_by": "can-bo", "approved_at": "2026-11-24T09:00:00Z",
        "profile": "sao-y", "role": "seal", "number": None,
        "items": [
            {"source": str(one), "sha256": fingerprint(one)[0], "out": one.name} for one in papers
        ],
    }  # fmt: skip
    (out / FOLDER / old_folders.BATCH).write_text(json.dumps(batch))
    hashes = [
        signer.sign(
            papers[at], out / papers[at].name, role=SignerRole.seal, profile="sao-y",
            reference=f"{key}/{at + 1}",
        ).sha256
        for at in range(2)
    ]  # fmt: skip
    done = {"number": 1, "out": "000.pdf", "outcome": "signed", "sha256": hashes[0], "attempts": 1}
    (out / FOLDER / old_folders.DONE).write_text(f"\n{json.dumps(done)}\n\n{{'number': 2, 'ou")
    with pytest.raises(Conflict):
        approve_all(ledger, out, papers)
    found = show(SERVICE, ledger, out)
    assert found is not None
    assert (found.key, found.approved_at) == (key, MOMENT)
    assert [one.end.value for one in found.items] == ["signed", "waiting", "waiting"]
    report = run(SERVICE, ledger, out, signer)
    assert report.count(ItemEnd.signed) == 3
    assert [one.adopted for one in report.items] == [False, True, False]
    assert [one.signed_sha256 for one in report.items[:2]] == hashes
    see_each_signed_once(out, papers, trust_store(pki))


def test_an_old_batch_that_cannot_be_read_is_damaged(tmp_path: Path, ledger: Ledger) -> None:
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / old_folders.BATCH).write_text(json.dumps({"batch_id": "x"}))
    with pytest.raises(Conflict) as caught:
        show(SERVICE, ledger, tmp_path)
    assert caught.value.code == "signing.batch_damaged"


def test_an_output_of_somebody_else_is_not_overwritten(
    tmp_path: Path, ledger: Ledger, signer: Signer, paper: bytes
) -> None:
    papers, out = papers_in(tmp_path / "in", paper, 1), tmp_path / "out"
    approve_all(ledger, out, papers)
    (out / "000.pdf").write_bytes(b"mine")
    report = run(SERVICE, ledger, out, signer)
    assert report.items[0].error == "signing.out_exists"
    assert (out / "000.pdf").read_bytes() == b"mine"


def test_who_wants_to_write_over_the_inputs(tmp_path: Path, ledger: Ledger, paper: bytes) -> None:
    papers = papers_in(tmp_path / "in", paper, 1)
    with pytest.raises((Conflict, InputRejected)):
        approve_all(ledger, tmp_path / "in", papers)
