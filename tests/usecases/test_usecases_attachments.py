"""What lies inside a file becomes documents of the dossier; a cover line alone is never signed."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pikepdf
import pytest
from held_files import holding, page_bytes, pinned, xfa
from stacks import CODE, OTHER, StackOffice, stack

from ocr import ReaderPool
from schemas.dossier import Role, Stage
from schemas.errors import InputRejected
from schemas.manifest import Manifest
from signing import Signer, Trust
from storage import Document, NewFile
from usecases import look
from usecases.caller import Caller, Duty
from usecases.digitise import digitise, digitise_attached, read_file
from usecases.evidence import check, export
from usecases.review import doubts, settle

TESTER = Caller("cli:test", frozenset(Duty))

XML = b'<?xml version="1.0" encoding="UTF-8"?><HDon><DLHDon/></HDon>'


@pytest.fixture
def at(tmp_path: Path, pool: ReaderPool, keys: tuple[Signer, Trust]) -> Iterator[StackOffice]:
    made = StackOffice(tmp_path, pool, *keys)
    yield made
    made.ledger.close()


def papers(folder: Path, *titles: str) -> list[tuple[str, bytes]]:
    """Papers of known types, by name and bytes."""
    return [(f"{t}.pdf", stack(folder / f"{t}.tmp.pdf", t).read_bytes()) for t in titles]


def accept(at: StackOffice) -> None:
    for dossier in at.ledger.dossiers(stage=Stage.in_review):
        if doubts(at.ledger, at.work, dossier):
            settle(TESTER, at.ledger, at.work, dossier, (), approval=at.approval, accept=True)


async def through(at: StackOffice) -> None:
    for _ in range(4):
        await at.run()
        accept(at)
    await at.run()


def documents(at: StackOffice, code: str = CODE) -> list[Document]:
    dossier = at.ledger.dossier(code)
    assert dossier is not None
    return at.ledger.documents(dossier.id)


def asked(at: StackOffice, code: str = CODE) -> set[str]:
    """Why a person is asked."""
    dossier = at.ledger.dossier(code)
    assert dossier is not None
    return {code for one in doubts(at.ledger, at.work, dossier) for code in one.manifest.asks()}


async def test_the_papers_of_a_portfolio_are_documents_and_its_cover_is_never_signed(
    at: StackOffice, keys: tuple[Signer, Trust]
) -> None:
    inside = papers(at.root, "QUYẾT ĐỊNH", "THÔNG BÁO")
    at.drop(CODE, holding(at.root / "tap.pdf", inside, portfolio=True))
    await through(at)
    cover, one, two = documents(at)
    assert (cover.stage, cover.split, cover.signed_sha256) == (Stage.published, True, None)
    assert [d.stage for d in (one, two)] == [Stage.published] * 2
    assert [d.name for d in (one, two)] == [name for name, _ in inside]
    assert [d.source_sha256 for d in (one, two)] == [
        hashlib.sha256(content).hexdigest() for _, content in inside
    ]
    assert {d.attached_to for d in (one, two)} == {cover.id}
    results = at.root / "store" / "results" / "mot-cua" / CODE
    assert sorted(p.name for p in results.glob("*.pdf")) == [
        "component-002.pdf",
        "component-003.pdf",
    ]
    originals = at.root / "store" / "originals" / "mot-cua" / CODE
    assert {p.read_bytes() for p in originals.iterdir()} >= {content for _, content in inside}
    told = Manifest.model_validate_json((results / "component-002.json").read_bytes())
    assert told.source.inside == cover.source_sha256
    received = [e for e in at.ledger.events() if e.document_id == one.id and e.kind == "received"]
    assert received[0].data["inside"] == cover.id
    (split,) = look.dossier(TESTER, at.rooms, CODE).splits
    assert [part.document for part in split.parts] == [2, 3]
    done = at.root / "inbox" / "done" / "mot-cua" / CODE
    assert (done / "tap.pdf.dinh-kem" / inside[0][0]).read_bytes() == inside[0][1]
    assert not list(at.work.iterdir())

    dossier = at.ledger.dossier(CODE)
    assert dossier is not None
    out = at.root / "evidence.asice"
    export(TESTER, at.rooms, CODE, out, keys[0])
    assert check(out, keys[1]).faults == ()


async def test_a_letter_goes_on_with_its_attachments_beside_it(at: StackOffice) -> None:
    """The same file twice inside, and once more beside the letter, is one paper."""
    ((name, content),) = papers(at.root, "THÔNG BÁO")
    letter = stack(at.root / "l.pdf", "QUYẾT ĐỊNH").read_bytes()
    folder = at.root / "inbox" / "mot-cua" / CODE / "ket-qua"
    folder.mkdir(parents=True)
    holding(folder / "thu.pdf", [(name, content), ("again.pdf", content)], base=letter)
    at.take(folder.parent)
    await through(at)
    found = documents(at)
    assert [(d.document_type, d.role, d.stage) for d in found] == [
        ("quyet_dinh", Role.result, Stage.published),
        ("thong_bao", Role.result, Stage.published),
        ("thong_bao", Role.result, Stage.published),
    ]
    assert found[2].duplicate_of == found[1].id
    assert not found[0].split


async def test_an_invoice_with_its_data_is_one_paper(at: StackOffice) -> None:
    letter = stack(at.root / "l.pdf", "QUYẾT ĐỊNH").read_bytes()
    at.drop(CODE, holding(at.root / "hd.pdf", [("hoa-don.xml", XML)], base=letter))
    await at.run()
    assert not {code for code in asked(at) if code.startswith("reading.")}
    await through(at)
    (one,) = documents(at)
    assert one.stage is Stage.published
    kept = at.root / "store" / "results" / "mot-cua" / CODE / "component-001.json"
    assert "reading.attached_data" in Manifest.model_validate_json(kept.read_bytes()).warnings


async def test_a_broken_paper_inside_is_rejected_with_a_note(at: StackOffice) -> None:
    inside = [*papers(at.root, "THÔNG BÁO"), ("hong.pdf", b"%PDF-1.7 broken")]
    at.drop(CODE, holding(at.root / "tap.pdf", inside, portfolio=True))
    await through(at)
    assert at.settled(CODE) == [Stage.published, Stage.rejected]
    rejected = at.root / "inbox" / "rejected" / "mot-cua" / CODE
    assert (rejected / "hong.pdf").read_bytes() == b"%PDF-1.7 broken"
    assert not list((at.root / "inbox" / ".claimed").iterdir())


@pytest.mark.parametrize("portfolio", [False, True])
async def test_what_cannot_be_read_calls_a_person(at: StackOffice, portfolio: bool) -> None:
    zipped = ("ho-so.zip", b"PK\x03\x04" + bytes(90))
    base = None if portfolio else stack(at.root / "l.pdf", "QUYẾT ĐỊNH").read_bytes()
    inside = [*papers(at.root, "THÔNG BÁO"), zipped]
    at.drop(CODE, holding(at.root / "a.pdf", inside, base=base, portfolio=portfolio))
    await at.run()
    assert documents(at)[0].stage is Stage.in_review
    assert "reading.attached_left" in asked(at)
    await through(at)
    first = documents(at)[0]
    assert (first.stage, first.split) == (Stage.published, portfolio), "a cover is never signed"
    assert (first.signed_sha256 is None) == portfolio


async def test_a_portfolio_with_a_page_of_its_own_asks(at: StackOffice) -> None:
    base = stack(at.root / "l.pdf", "QUYẾT ĐỊNH").read_bytes()
    inside = papers(at.root, "THÔNG BÁO")
    at.drop(CODE, holding(at.root / "a.pdf", inside, base=base, portfolio=True))
    await at.run()
    assert "reading.portfolio" in asked(at)
    await through(at)
    assert [d.signed_sha256 is not None for d in documents(at)] == [True, True]


async def test_files_in_files_to_a_small_depth(at: StackOffice) -> None:
    letter = stack(at.root / "l.pdf", "QUYẾT ĐỊNH").read_bytes()
    content = papers(at.root, "THÔNG BÁO")[0][1]
    for depth in range(5):
        base = page_bytes(f"level {depth}") if depth < 4 else letter
        path = holding(at.root / f"{depth}.pdf", [(f"in-{depth}.pdf", content)], base=base)
        content = path.read_bytes()
    at.drop(CODE, path)
    await at.run()
    found = documents(at)
    assert len(found) == 4, "the letter and three levels"
    assert [d.attached_to for d in found] == [None, *(d.id for d in found[:3])]
    assert "reading.attached_left" in asked(at)


async def test_a_file_that_holds_itself_ends(at: StackOffice) -> None:
    (thing,) = papers(at.root, "THÔNG BÁO")
    outer = holding(
        at.root / "o.pdf", [thing], base=stack(at.root / "l.pdf", "QUYẾT ĐỊNH").read_bytes()
    )
    at.drop(CODE, outer)
    (container,) = documents(at)
    itself = NewFile(
        relative="o.pdf.dinh-kem/o.pdf", name="o.pdf", role=Role.component,
        sha256=container.source_sha256, bytes=container.source_bytes,
    )  # fmt: skip
    for _ in range(2):
        (linked,) = at.ledger.attach(container.id, [itself], "test")
    assert linked.duplicate_of == container.id
    await through(at)
    assert at.settled(CODE) == [Stage.published] * 3


@pytest.mark.parametrize("first", ["read", "waiting"])
async def test_the_same_file_in_another_dossier_has_its_attachments_too(
    at: StackOffice, first: str
) -> None:
    inside = papers(at.root, "QUYẾT ĐỊNH", "THÔNG BÁO")
    path = holding(at.root / "tap.pdf", inside, portfolio=True)
    at.drop(CODE, path)
    if first == "read":
        await through(at)
    at.drop(OTHER, path)
    await through(at)
    firsts, links = documents(at), documents(at, OTHER)
    assert [d.duplicate_of for d in links] == [d.id for d in firsts]
    assert [d.stage for d in links] == [Stage.published] * 3
    assert links[1].attached_to == links[0].id


async def test_a_paper_clip_of_a_scan_that_is_split_is_taken_once(at: StackOffice) -> None:
    scan = stack(at.root / "s.pdf", "QUYẾT ĐỊNH", "blank", "TỜ TRÌNH").read_bytes()
    name, content = papers(at.root, "THÔNG BÁO")[0]
    at.drop(CODE, pinned(at.root / "p.pdf", name, content, base=scan))
    await through(at)
    assert sorted(kind for kind, _, _ in at.documents(CODE)) == [
        "quyet_dinh",
        "thong_bao",
        "to_trinh",
    ]


async def test_a_dynamic_form_is_refused_with_a_sentence(at: StackOffice) -> None:
    waiting = page_bytes("Please wait... If this message is not eventually replaced")
    at.drop(CODE, xfa(at.root / "x.pdf", needed=True, fields=2, base=waiting))
    await at.run()
    (one,) = documents(at)
    assert (one.stage, one.error_code) == (Stage.rejected, "reading.dynamic_form")
    notes = list((at.root / "inbox" / "rejected").rglob("*.txt"))
    assert "Adobe Reader" in notes[0].read_text("utf-8")


async def test_a_form_that_may_be_one_asks_and_one_with_pages_goes_on(at: StackOffice) -> None:
    base = stack(at.root / "l.pdf", "QUYẾT ĐỊNH").read_bytes()
    at.drop(CODE, xfa(at.root / "x.pdf", needed=False, fields=0, base=base))
    at.drop(OTHER, xfa(at.root / "y.pdf", needed=False, fields=2, base=base))
    await at.run()
    assert "reading.form_unsure" in asked(at)
    assert not {code for code in asked(at, OTHER) if code.startswith("reading.")}


async def test_the_engine_alone_says_it_and_opens_on_request(
    tmp_path: Path, pool: ReaderPool
) -> None:
    inner = holding(tmp_path / "i.pdf", papers(tmp_path, "THÔNG BÁO"), base=page_bytes("x"))
    files = [*papers(tmp_path, "QUYẾT ĐỊNH"), ("i.pdf", inner.read_bytes()), ("bad.pdf", b"%PDF-")]
    path = holding(tmp_path / "tap.pdf", files, portfolio=True)
    made = await digitise(path, tmp_path / "o.pdf", tmp_path / "o.json", pool=pool, trust=Trust())
    assert made.needs_person()
    assert {"reading.attached_unopened", "reading.portfolio"} <= set(made.asks())
    with pikepdf.open(tmp_path / "o.pdf") as pdf:
        assert not pdf.attachments

    read = await read_file(path, pool=pool)
    notes, found = await digitise_attached(read, tmp_path / "o", pool=pool, trust=Trust())
    assert set(notes) == {"reading.attached_taken", "reading.attached_left", "reading.portfolio"}
    assert list(found) == ["attached-1", "attached-2", "attached-2-1"]
    assert found["attached-1"].document_type == "quyet_dinh"
    assert found["attached-2-1"].source.inside == hashlib.sha256(inner.read_bytes()).hexdigest()
    assert len(list((tmp_path / "o").iterdir())) == 6
    waiting = xfa(tmp_path / "x.pdf", needed=True, base=page_bytes("Please wait..."))
    with pytest.raises(InputRejected, match="print it"):
        await read_file(waiting, pool=pool)
