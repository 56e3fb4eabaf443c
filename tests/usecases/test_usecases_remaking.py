"""Work files that are lost or damaged are made again; originals are named by what is wrong."""

import os
from pathlib import Path
from shutil import rmtree
from typing import Any, cast

import pikepdf
import pytest
from harmed_files import HARM, TESTER, Case, Harm, cut_short, emptied, flipped, own, removed
from stacks import CODE, stack

from flows.intake import put_back
from schemas.dossier import Stage
from schemas.errors import Conflict, NotFound, ServiceUnavailable, SohoaError
from schemas.messages import sentence
from signing import Guard, Signer, Trust
from usecases.evidence import check, export
from usecases.remaking import lost_in_review
from usecases.review import doubts
from usecases.workspace import Workspace, load_manifest


@HARM
async def test_a_lost_pdf_is_made_again_and_what_was_decided_stays(
    at: Case, keys: tuple[Signer, Trust], harm: Harm
) -> None:
    at.drop(CODE, stack(at.root / "a.pdf", "QUYẾT ĐỊNH"))
    await at.step("read", "decide")
    if at.document.stage is Stage.in_review:
        at.settle()
    before = at.document.manifest_sha256
    harm(own(at, "document-*.pdf"))
    await at.run()
    assert at.settled(CODE) == [Stage.published]
    assert at.document.manifest_sha256 == before
    stored = at.root / "store" / "results" / "mot-cua" / CODE / "component-001.pdf"
    with Guard(keys[1]) as guard:
        assert guard.verify(stored).verdict.verdict == "valid"


async def test_a_pdf_that_comes_out_otherwise_is_an_event_and_provable(
    at: Case, keys: tuple[Signer, Trust], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another version of a library composes other bytes."""
    document = await at.at_stage(Stage.ready_to_sign)
    removed(own(at, "document-*.pdf"))
    for path in at.kept("made/*"):
        removed(path)
    keep = Workspace.keep_pdf

    def keep_otherwise(workspace: Workspace, draft: Path) -> str:
        with pikepdf.open(draft, allow_overwriting_input=True) as pdf:
            pdf.save(draft)  # with another identifier
        return keep(workspace, draft)

    monkeypatch.setattr(Workspace, "keep_pdf", keep_otherwise)
    await at.run()
    assert at.settled(CODE) == [Stage.published]
    assert at.document.pdfa_sha256 != document.pdfa_sha256
    (event,) = [one for one in at.ledger.events() if one.kind == "remade"]
    assert (event.hash_before, event.hash_after) == (
        document.pdfa_sha256,
        at.document.pdfa_sha256,
    )
    out = at.root / "e.asice"
    export(TESTER, at.rooms, CODE, out, keys[0])
    assert check(out, keys[1]).faults == ()


@HARM
async def test_a_lost_pdf_comes_from_the_store(at: Case, harm: Harm) -> None:
    document = await at.at_stage(Stage.ready_to_sign)
    harm(own(at, "document-*.pdf"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(at.pool), "compose", None)  # nothing is composed again
        await at.run()
    assert at.settled(CODE) == [Stage.published]
    assert at.document.pdfa_sha256 == document.pdfa_sha256


@HARM
@pytest.mark.parametrize("stage", [Stage.in_review, Stage.ready_to_sign, Stage.signed])
async def test_a_lost_manifest_comes_back_from_the_ledger(
    at: Case, stage: Stage, harm: Harm
) -> None:
    at.drop(CODE, stack(at.root / "a.pdf", "more"))  # of no known type: a person is asked
    await at.step("read", "decide")
    assert at.document.stage is Stage.in_review
    if stage is not Stage.in_review:
        at.settle()
    if stage is Stage.signed:
        await at.step("sign")
    path = at.workspace.find_manifest(at.document.manifest_sha256)
    assert path is not None
    content = path.read_bytes()
    harm(path)
    if stage is Stage.in_review:
        assert doubts(at.ledger, at.work, at.dossier)
        at.settle()
        content = at.ledger.manifest(at.document.id, at.document.manifest_sha256 or "") or b""
    await at.run()
    assert at.settled(CODE) == [Stage.published]
    kept = at.root / "store" / "results" / "mot-cua" / CODE / "component-001.json"
    assert kept.read_bytes() == content
    assert "begun_again" not in at.kinds()


async def test_the_ledger_lets_go_of_manifests_when_they_are_stored(at: Case) -> None:
    document = await at.at_stage(Stage.ready_to_sign)
    sha256 = document.manifest_sha256 or ""
    assert at.ledger.manifest(document.id, sha256)
    await at.run()
    assert at.ledger.manifest(document.id, sha256) is None
    log = "".join(event.model_dump_json() for event in at.ledger.events())
    assert "PHƯỜNG" not in log


async def test_a_person_s_decision_outlives_its_whole_folder(at: Case) -> None:
    at.drop(CODE, stack(at.root / "a.pdf", "QUYẾT ĐỊNH"))
    await at.step("read", "decide")
    assert at.document.stage is Stage.in_review, "nothing was doubtful"
    name = doubts(at.ledger, at.work, at.dossier)[0].manifest.doubtful()[0]
    at.settle(f"{name}=Lê Thị Thử")
    for path in at.workspace.folder.iterdir():
        path.unlink()
    await at.run()
    assert at.settled(CODE) == [Stage.published]
    kept = at.root / "store" / "results" / "mot-cua" / CODE / "component-001.json"
    assert "Lê Thị Thử" in kept.read_text("utf-8")


@pytest.mark.parametrize("stage", [Stage.ready_to_sign, Stage.signed])
async def test_without_any_copy_of_the_manifest_it_begins_again(at: Case, stage: Stage) -> None:
    """Work of an earlier version: what was reviewed must be reviewed again, and that is said."""
    at.drop(CODE, stack(at.root / "a.pdf", "more"))
    await at.step("read", "decide")
    at.settle()
    if stage is Stage.signed:
        await at.step("sign")
    for path in at.workspace.folder.glob("manifest-*.json"):
        path.unlink()
    removed(own(at, "document-*.pdf"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(at.ledger, "manifest", lambda *_: None)
        await at.step("sign", "store")
    assert at.document.stage is Stage.received
    assert at.document.manifest_sha256 is None
    told = sentence("flow.decisions_lost", "vi", document="component-001")
    assert told in at.dossier.warnings
    await at.run()
    assert at.document.stage is Stage.in_review
    at.settle()
    await at.run()
    assert at.settled(CODE) == [Stage.published]
    assert at.ledger.verify_chain().intact


async def test_what_reached_the_store_does_not_begin_again(at: Case) -> None:
    """No copy of the manifest, and the signed file left for the store before the ledger knew."""
    await at.at_stage(Stage.signed)
    signed = own(at, "signed-*.pdf")
    at.store.put("results", f"mot-cua/{CODE}/component-001.pdf", signed, media_type="x")
    for path in at.workspace.folder.glob("manifest-*.json"):
        path.unlink()
    at.forget()
    with pytest.raises(Conflict) as failed:
        await at.step("store")
    assert failed.value.code == "storing.signature_stored"
    assert "begun_again" not in at.kinds()


async def test_under_review_without_a_manifest_retry_reads_it_again(at: Case) -> None:
    at.drop(CODE, stack(at.root / "a.pdf", "more"))
    await at.step("read", "decide")
    removed(own(at, "manifest-*.json"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(at.ledger, "manifest", lambda *_: None)
        with pytest.raises(Conflict, match="sohoa retry"):
            doubts(at.ledger, at.work, at.dossier)
        (lost,) = lost_in_review(at.ledger, at.work, at.dossier)
    at.ledger.begin_again(lost.id, lost.manifest_sha256 or "", "cli:test")
    await at.run()
    assert doubts(at.ledger, at.work, at.dossier)


@pytest.mark.parametrize("stage", [Stage.ready_to_sign, Stage.signed])
@pytest.mark.parametrize(
    ("harm", "code", "kind"),
    [(removed, "flow.source_missing", NotFound), (flipped, "flow.source_damaged", Conflict)],
)
async def test_the_original_is_named_where_it_is_the_one_that_is_wrong(
    at: Case, stage: Stage, harm: Harm, code: str, kind: type[SohoaError]
) -> None:
    """In the store, that is, and in the copy that this host has of it."""
    await at.at_stage(stage)
    (source,) = at.kept("original/*")
    (copy,) = (at.work / "originals").glob("*/*")
    content = source.read_bytes()
    harm(source)
    harm(copy)
    if stage is Stage.ready_to_sign:
        for path in (own(at, "document-*.pdf"), *at.kept("made/*")):
            removed(path)
    with pytest.raises(kind) as failed:
        await at.step("sign" if stage is Stage.ready_to_sign else "store")
    assert failed.value.code == code
    assert (at.document.stage, at.document.error_code) == (Stage.failed, code)
    source.write_bytes(content)
    at.ledger.retry(at.dossier.id, "cli:test")
    await at.run()
    assert at.settled(CODE) == [Stage.published]


@pytest.mark.parametrize("harm", [removed, flipped, cut_short, emptied])
async def test_pages_that_were_kept_of_a_scan_are_read_again(at: Case, harm: Harm) -> None:
    at.drop(CODE, stack(at.root / "s.pdf", "QUYẾT ĐỊNH", "blank", "TỜ TRÌNH"))
    keep = Workspace.keep_pages
    with pytest.MonkeyPatch.context() as patch:

        def keep_badly(workspace: Workspace, pages: Any) -> None:
            keep(workspace, pages)
            harm(workspace.pages)

        patch.setattr(Workspace, "keep_pages", keep_badly)
        await at.run()
    if doubts(at.ledger, at.work, at.dossier):
        at.settle()
        await at.run()
    assert {kind for kind, _, _ in at.documents(CODE)} == {"quyet_dinh", "to_trinh"}
    assert set(at.settled(CODE)) == {Stage.published}


async def test_a_scan_of_several_documents_keeps_its_manifest_in_the_ledger(at: Case) -> None:
    at.drop(CODE, stack(at.root / "s.pdf", "QUYẾT ĐỊNH", "blank", "TỜ TRÌNH"))
    await at.step("read")
    removed(at.workspace.find_manifest(at.document.manifest_sha256) or Path())
    await at.run()
    assert load_manifest(at.workspace, at.document, at.ledger).parts or at.document.split


async def test_work_of_an_earlier_version_goes_on(at: Case) -> None:
    """Fixed names, nothing but hashes in the ledger; damaged, they are made again all the same.

    Nothing is in the store, and only the host whose inbox it is can put the original there.
    """
    await at.at_stage(Stage.signed)
    workspace = at.workspace
    own(at, "document-*.pdf").rename(workspace.folder / "document.pdf")
    own(at, "signed-*.pdf").rename(workspace.folder / "signed.pdf")
    manifest = workspace.find_manifest(at.document.manifest_sha256)
    assert manifest is not None
    manifest.rename(workspace.folder / "manifest-reviewed.json")
    flipped(workspace.folder / "signed.pdf")
    at.forget()
    claim_id = at.document.claim_id
    at.store.drop(claim_id)
    rmtree(at.work / "originals")
    at.ledger.adopt_claim(claim_id, cast(str, None))
    with pytest.raises(ServiceUnavailable) as waits:
        await at.step("store")
    assert waits.value.code == "flow.source_elsewhere"
    assert at.document.stage is Stage.signed
    put_back(at.inbox, at.office, claim_id, "mot-cua")
    await at.run()
    assert at.settled(CODE) == [Stage.published]
    assert at.kinds().count("signature_lost") == 1


def test_what_killed_runs_left_is_swept_when_it_is_old(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "1")
    old, new = workspace.draft(), workspace.draft()
    folder = workspace.folder / ".composing-0-x"
    folder.mkdir()
    (folder / "whole.pdf").touch()
    kept = workspace.keep_bytes(b"{}")
    for path in (old, new):
        path.touch()
    now = new.stat().st_mtime
    for path in (old, folder, kept):
        os.utime(path, (now - 3 * 86400,) * 2)
    workspace.sweep(now)
    assert sorted(workspace.folder.iterdir()) == sorted([new, kept])
