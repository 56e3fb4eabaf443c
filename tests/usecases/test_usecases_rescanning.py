"""A page is scanned again or turned, a type is said: read anew, while the file stays as it came."""

import asyncio
import shutil
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from new_scans import photograph
from stacks import CODE, StackOffice, stack

from schemas.dossier import Role, Stage
from schemas.errors import Conflict, InputRejected
from schemas.manifest import Manifest
from signing import SignerRole
from storage import Document, ObjectKind
from usecases import changing, evidence, rescanning
from usecases.caller import Caller, Duty
from usecases.changes_shown import changes_said
from usecases.handing_in import receiving
from usecases.review import settle
from usecases.splitting import parse_ranges, split_by_person
from usecases.workspace import Workspace, load_manifest

LAN = Caller("user:lan", frozenset({Duty.clerk}), frozenset({"mot-cua"}))


def document(at: StackOffice, number: int = 1) -> Document:
    dossier = at.ledger.dossier(CODE)
    assert dossier is not None
    return next(one for one in at.ledger.documents(dossier.id) if one.number == number)


def manifest(at: StackOffice, number: int = 1) -> Manifest:
    found = document(at, number)
    return load_manifest(Workspace(at.work / str(found.id)), found, at.ledger)


def words(at: StackOffice, page: int) -> str:
    """What the PDF/A says on a page."""
    found = document(at)
    pdf = Workspace(at.work / str(found.id)).find_pdf(found.pdfa_sha256)
    assert pdf is not None
    with pypdfium2.PdfDocument(pdf) as opened:
        return str(opened[page - 1].get_textpage().get_text_range())


def asked(at: StackOffice, page: int | None) -> str:
    seen = document(at).manifest_sha256 or ""
    return rescanning.ask(LAN, at.rooms, CODE, 1, page, "Ảnh mờ.", seen=seen).code


def brought(at: StackOffice, code: str, file: Path) -> str:
    """A clerk brings a file; its hash."""
    with receiving(at.rooms) as drop:
        shutil.copyfile(file, drop.folder / file.name)
        work = rescanning.bring(LAN, at.rooms, at.pool, code, drop)
        return asyncio.run(work).picture or ""


async def brought_meanwhile(at: StackOffice, code: str, file: Path) -> str:
    return await asyncio.to_thread(brought, at, code, file)


def accept_all(at: StackOffice) -> None:
    dossier = at.ledger.dossier(CODE)
    assert dossier is not None
    settle(LAN, at.ledger, at.work, dossier, (), accept=True, approval=at.approval)


async def test_a_page_is_replaced_and_the_document_read_again(at: StackOffice) -> None:
    dossier = at.drop(CODE, stack(at.root / "s.pdf", "more", "blank", "more"))
    await at.run()
    before = document(at)
    assert before.stage is Stage.in_review
    assert "ghi nhận" not in words(at, 2)
    code = asked(at, 2)
    assert asked(at, 2) == code, "asked again it is the same request"
    seen = await brought_meanwhile(at, code, photograph(at.root / "p.jpg", turned=90))
    sent = rescanning.accept(LAN, at.rooms, code, seen=seen)
    assert (sent.dossier, sent.number) == (CODE, 1)
    assert rescanning.accept(LAN, at.rooms, code, seen=seen) == sent, "said again it is once"
    await at.run()
    after = document(at)
    assert after.stage is Stage.in_review
    assert after.source_sha256 == before.source_sha256, "the file stays as it came"
    assert "ghi nhận" in words(at, 2)
    assert "101" not in words(at, 2) and "100" in words(at, 1)
    made = manifest(at)
    assert [page.number for page in made.pages] == [1, 2, 3]
    assert made.changes.pages[2].sha256 == seen
    (note,) = changes_said(made, "vi")
    assert note.sentence.startswith("Trang 2 lấy từ bản quét lại")
    kept = document(at, 2)
    assert (kept.split, kept.source_sha256, kept.role) == (True, seen, Role.component)
    accept_all(at)
    await at.run()
    assert document(at).stage is Stage.published
    originals = {
        one.sha256 for one in at.ledger.objects(dossier.id) if one.kind is ObjectKind.original
    }
    assert originals == {before.source_sha256, seen}, "both scans are kept"
    assert at.ledger.prove(dossier.id).documents
    assert at.ledger.open_claims() == []
    assert at.store.claims_kept() == []


async def test_its_evidence_holds_together(at: StackOffice) -> None:
    at.drop(CODE, stack(at.root / "s.pdf", "more", "blank"))
    await at.run()
    code = asked(at, 2)
    seen = await brought_meanwhile(at, code, photograph(at.root / "p.jpg"))
    rescanning.accept(LAN, at.rooms, code, seen=seen)
    await at.run()
    accept_all(at)
    await at.run()
    out = at.root / "e.asice"
    evidence.export(LAN, at.rooms, CODE, out, at.signer, role=SignerRole.seal)
    report = evidence.check(out, at.trust)
    assert report.faults == ()


async def test_a_whole_document_gives_its_place(at: StackOffice) -> None:
    dossier = at.drop(CODE, stack(at.root / "s.pdf", "more", "blank"))
    await at.run()
    code = asked(at, None)
    seen = await brought_meanwhile(at, code, stack(at.root / "new.pdf", "more", "more"))
    sent = rescanning.accept(LAN, at.rooms, code, seen=seen)
    assert sent.number == 2
    await at.run()
    old, new = document(at), document(at, 2)
    assert (old.stage, old.split, old.superseded_by) == (Stage.published, True, new.id)
    assert (new.stage, new.pages, new.split) == (Stage.in_review, 2, False)
    accept_all(at)
    await at.run()
    assert document(at, 2).stage is Stage.published
    kept = {(one.document_id, one.kind) for one in at.ledger.objects(dossier.id)}
    assert (old.id, ObjectKind.original) in kept
    assert (old.id, ObjectKind.signed) not in kept, "what is replaced is never signed"
    assert at.ledger.prove(dossier.id).documents


async def test_killed_between_store_and_ledger_it_goes_on(
    at: StackOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    at.drop(CODE, stack(at.root / "s.pdf", "more", "blank"))
    await at.run()
    code = asked(at, 2)
    seen = await brought_meanwhile(at, code, photograph(at.root / "p.jpg"))

    class Killed(BaseException):
        pass

    def die(*_args: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("storage.rescans.Rescans.accept", die)
        with pytest.raises(Killed):
            rescanning.accept(LAN, at.rooms, code, seen=seen)
    assert document(at).stage is Stage.in_review
    rescanning.accept(LAN, at.rooms, code, seen=seen)
    await at.run()
    dossier = at.ledger.dossier(CODE)
    assert dossier is not None
    assert len(at.ledger.documents(dossier.id)) == 2, "entered once"
    assert "ghi nhận" in words(at, 2)


async def test_a_page_is_turned_by_a_persons_word(at: StackOffice) -> None:
    upside = at.root / "s.pdf"
    stack(at.root / "d.pdf", "more", "more")
    with pypdfium2.PdfDocument(at.root / "d.pdf") as pdf:
        pages = [one.render(scale=150 / 72).to_pil().convert("L") for one in pdf]
    pages[0].save(upside, save_all=True, append_images=pages[1:], resolution=150)
    at.drop(CODE, upside)
    await at.run()
    before = document(at)
    seen = before.manifest_sha256 or ""
    assert manifest(at).pages[1].rotation == 0
    with pytest.raises(InputRejected):
        changing.turn_page(LAN, at.rooms, CODE, 1, 3, 90, seen=seen)
    with pytest.raises(InputRejected):
        changing.turn_page(LAN, at.rooms, CODE, 1, 2, 45, seen=seen)
    with pytest.raises(Conflict):
        changing.turn_page(LAN, at.rooms, CODE, 1, 2, 90, seen="0" * 64)
    changing.turn_page(LAN, at.rooms, CODE, 1, 2, 90, seen=seen)
    await at.run()
    assert [one.rotation for one in manifest(at).pages] == [0, 90]
    seen = document(at).manifest_sha256 or ""
    changing.turn_page(LAN, at.rooms, CODE, 1, 2, 180, seen=seen)
    await at.run()
    assert [one.rotation for one in manifest(at).pages] == [0, 270], (
        "as it was shown, not as scanned"
    )
    pdf = Workspace(at.work / str(before.id)).find_pdf(document(at).pdfa_sha256)
    with pikepdf.open(pdf or "") as opened:
        assert [int(page.obj.get("/Rotate", 0)) for page in opened.pages] == [0, 270]
    turned = [one for one in at.ledger.events(before.dossier_id) if one.kind == "page_turned"]
    assert [one.data["after"]["turned"] for one in turned] == [{"2": 90}, {"2": 270}]  # type: ignore[index,call-overload]
    assert turned[1].data["before"]["turned"] == {"2": 90}  # type: ignore[index,call-overload]
    assert document(at).source_sha256 == before.source_sha256


async def test_another_type_is_read_as_a_person_says(at: StackOffice) -> None:
    at.drop(CODE, stack(at.root / "s.pdf", "more"))
    await at.run()
    before = document(at)
    assert before.document_type is None
    seen = before.manifest_sha256 or ""
    with pytest.raises(InputRejected):
        changing.change_type(LAN, at.rooms, CODE, 1, "khong-co", seen=seen)
    changing.change_type(LAN, at.rooms, CODE, 1, "giay_khai_sinh", seen=seen)
    await at.run()
    assert document(at).document_type == "giay_khai_sinh"
    assert "full_name" in manifest(at).fields
    assert manifest(at).changes.document_type == "giay_khai_sinh"
    assert at.ledger.prove(before.dossier_id).documents


async def test_a_rejected_document_goes_no_further(at: StackOffice) -> None:
    at.drop(CODE, stack(at.root / "s.pdf", "more"))
    await at.run()
    seen = document(at).manifest_sha256 or ""
    with pytest.raises(InputRejected) as caught:
        changing.reject(LAN, at.rooms, CODE, 1, "  ", seen=seen)
    assert caught.value.code == "storing.no_reason"
    changing.reject(LAN, at.rooms, CODE, 1, "Không thuộc hồ sơ này.", seen=seen)
    await at.run()
    found = document(at)
    assert (found.stage, found.error_code) == (Stage.rejected, "flow.rejected_by_person")
    assert [one.text for one in at.ledger.reasons(found.id)] == ["Không thuộc hồ sơ này."]
    assert "Không thuộc" not in str([one.data for one in at.ledger.events(found.dossier_id)])
    back = at.root / "inbox" / "rejected" / "mot-cua" / CODE
    assert {one.name for one in back.iterdir()} == {"s.pdf", "s.pdf.GHI-CHU.txt"}
    assert at.ledger.prove(found.dossier_id).documents


async def test_parts_of_a_scan_inherit_its_pages(at: StackOffice) -> None:
    at.drop(CODE, stack(at.root / "s.pdf", "more", "blank", "more"))
    await at.run()
    code = asked(at, 2)
    seen = await brought_meanwhile(at, code, photograph(at.root / "p.jpg"))
    rescanning.accept(LAN, at.rooms, code, seen=seen)
    await at.run()
    dossier = at.ledger.dossier(CODE)
    assert dossier is not None
    made = split_by_person(LAN, at.ledger, at.work, dossier, 1, parse_ranges("1,2-3"))
    await at.run()
    second = at.ledger.document(made[1].id)
    pdf = Workspace(at.work / str(second.id)).find_pdf(second.pdfa_sha256)
    with pypdfium2.PdfDocument(pdf) as opened:
        assert "ghi nhận" in opened[0].get_textpage().get_text_range()
    assert at.ledger.prove(dossier.id).documents
