"""A scan that holds several documents becomes several documents, by itself."""

import asyncio
import hashlib
import json
import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pikepdf
import pytest
from split_scans import TESTER, accept, by_person, dossier_of, stack_office
from stacks import CODE, OTHER, StackOffice, stack

from ocr import ReaderPool
from schemas.dossier import PROVISIONAL_CODE, Stage
from schemas.errors import Conflict
from schemas.manifest import Manifest
from signing import Guard, Signer, SignerRole, Trust
from usecases.digitise import digitise
from usecases.evidence import check, export

__all__ = ["stack_office"]


async def test_a_stack_of_two_dossiers_goes_to_both(at: StackOffice) -> None:
    """One code is known and published already, the other is not; the scan is stored once."""
    at.drop(CODE, stack(at.root / "first.pdf", "BÁO CÁO"))
    await at.run()
    accept(at)
    await at.run()
    scan = stack(
        at.root / "stack.pdf",
        *(f"cover:{CODE}", "QUYẾT ĐỊNH", "more", "blank", "THÔNG BÁO"),
        *(f"cover:{OTHER}", "blank", "TỜ TRÌNH", "more", "blank"),
    )
    taken = at.drop("chồng giấy", scan)
    await at.run()
    accept(at)
    await at.run()
    assert at.documents(CODE) == [
        ("bao_cao", (), Stage.published),
        ("quyet_dinh", (2, 3), Stage.published),
        ("thong_bao", (5,), Stage.published),
    ]
    assert at.documents(OTHER) == [("to_trinh", (8, 9, 10), Stage.published)]
    assert at.documents(taken.code) == []
    assert dossier_of(at, taken.code).stage is Stage.published

    originals = {path.read_bytes() for path in (at.root / "store" / "originals").rglob("*.pdf")}
    assert len(list((at.root / "store" / "originals").rglob("*.pdf"))) == 2
    assert scan.read_bytes() in originals
    done = at.root / "inbox" / "done" / "mot-cua" / taken.code
    assert [path.read_bytes() for path in done.iterdir()] == [scan.read_bytes()]
    assert not list((at.root / "inbox" / ".claimed").iterdir())
    assert not list(at.work.iterdir())


async def test_a_part_has_its_own_pages_manifest_and_signature(
    at: StackOffice, keys: tuple[Signer, Trust]
) -> None:
    scan = stack(at.root / "s.pdf", "QUYẾT ĐỊNH", "more", "blank", "THÔNG BÁO", "blank", "TỜ TRÌNH")
    at.drop(CODE, scan)
    await at.run()
    accept(at)
    await at.run()
    assert at.documents(CODE) == [
        ("quyet_dinh", (1, 2), Stage.published),
        ("thong_bao", (4,), Stage.published),
        ("to_trinh", (6,), Stage.published),
    ]
    digest = hashlib.sha256(scan.read_bytes()).hexdigest()
    results = at.root / "store" / "results" / "mot-cua" / CODE
    with Guard(keys[1]) as guard:
        for number, pages, page_count in ((2, (1, 2), 2), (3, (4,), 1), (4, (6,), 1)):
            name = f"component-{number:03d}"
            manifest = Manifest.model_validate_json((results / f"{name}.json").read_bytes())
            assert (manifest.source.sha256, manifest.source.pages) == (digest, pages)
            assert manifest.parts == ()
            with pikepdf.open(results / f"{name}.pdf") as pdf:
                assert len(pdf.pages) == page_count
            assert guard.verify(results / f"{name}.pdf").verdict.verdict == "valid"
    assert not (results / "component-001.pdf").exists(), "the scan itself is not signed"
    index = json.loads((results / "index-001.json").read_text("utf-8"))
    assert [one["source_pages"] for one in index["documents"]] == [[1, 2], [4], [6]]
    kinds = Counter(one["kind"] for document in index["documents"] for one in document["objects"])
    assert kinds == {"original": 3, "signed": 3, "manifest": 3}


async def test_the_evidence_of_a_part_leads_to_its_pages_of_the_scan(
    at: StackOffice, keys: tuple[Signer, Trust]
) -> None:
    signer, trust = keys
    at.drop("x", stack(at.root / "s.pdf", f"cover:{CODE}", "QUYẾT ĐỊNH", "blank", "THÔNG BÁO"))
    await at.run()
    accept(at)
    await at.run()
    out = at.root / "e.asice"
    evidence = export(TESTER, at.rooms, CODE, out, signer)
    assert [one.source_pages for one in evidence.documents] == [(2,), (4,)]
    report = check(out, trust)
    assert report.sound, report.faults

    forged = evidence.documents[0].model_copy(update={"source_pages": (3,)})
    lying = evidence.model_copy(update={"documents": (forged, *evidence.documents[1:])})
    described = at.root / "evidence.json"
    described.write_text(lying.model_dump_json(), "utf-8")
    signer.contain([described], at.root / "f.asice", role=SignerRole.clerk, at=datetime.now(UTC))
    faults = {(one.code, one.what) for one in check(at.root / "f.asice", trust).faults}
    assert ("not_these_pages", "component-002") in faults


async def test_a_cover_sheet_gives_a_dossier_its_code(at: StackOffice) -> None:
    loose = at.root / "inbox" / "mot-cua" / "quét.pdf"
    loose.parent.mkdir()
    stack(loose, f"cover:{CODE}", "QUYẾT ĐỊNH")
    before = at.take(loose)
    assert PROVISIONAL_CODE.fullmatch(before.code)
    await at.run()
    now = dossier_of(at, CODE)
    assert (now.id, now.first_code, now.provisional) == (before.id, before.code, False)
    assert dossier_of(at, before.code).id == now.id, "found under the code that people know"
    (event,) = [one for one in at.ledger.events(now.id) if one.kind == "recoded"]
    assert (event.data["before"], event.data["dossier"]) == (before.code, CODE)
    assert at.documents(CODE)[0][:2] == ("quyet_dinh", (2,))


async def test_a_cover_sheet_in_a_file_of_its_own_names_its_folder(at: StackOffice) -> None:
    cover = stack(at.root / "0.pdf", f"cover:{CODE}")
    before = at.drop("không mã", cover, stack(at.root / "1.pdf", "QUYẾT ĐỊNH"))
    await at.run()
    assert dossier_of(at, CODE).id == before.id
    assert [kind for kind, _, _ in at.documents(CODE)] == ["phieu_bia", "quyet_dinh"]


async def test_a_cover_sheet_of_another_dossier_in_a_folder_is_said(at: StackOffice) -> None:
    at.drop(CODE, stack(at.root / "0.pdf", f"cover:{OTHER}"))
    await at.run()
    assert OTHER in dossier_of(at, CODE).warnings[0]
    assert at.ledger.dossier(OTHER) is None


async def test_the_same_scan_in_another_dossier_has_linked_documents(at: StackOffice) -> None:
    scan = stack(at.root / "s.pdf", "QUYẾT ĐỊNH", "blank", "THÔNG BÁO")
    at.drop(OTHER, scan)
    at.drop(CODE, scan)
    await at.run()
    accept(at)
    await at.run()
    later = at.drop("H17.1-261123-0003", scan)
    await at.run()
    for code in (CODE, OTHER, later.code):
        assert at.documents(code) == [
            ("quyet_dinh", (1,), Stage.published),
            ("thong_bao", (3,), Stage.published),
        ]
        assert dossier_of(at, code).stage is Stage.published
    assert len(list((at.root / "store" / "results").rglob("component-*.pdf"))) == 2


async def test_a_signed_file_is_one_document(
    at: StackOffice, keys: tuple[Signer, Trust], pool: ReaderPool
) -> None:
    signer, trust = keys
    source = stack(at.root / "s.pdf", "QUYẾT ĐỊNH", "blank", "THÔNG BÁO")
    made = await digitise(source, at.root / "d.pdf", at.root / "d.json", pool=pool, trust=trust)
    assert len(made.parts) == 2
    signed = at.root / "signed.pdf"
    signer.sign(at.root / "d.pdf", signed, role=SignerRole.leader)
    at.drop(CODE, signed)
    await at.run()
    assert [pages for _, pages, _ in at.documents(CODE)] == [()]
    if at.settled(CODE) == [Stage.in_review]:
        with pytest.raises(Conflict, match="digital signature"):
            by_person(at, "1,2-3", number=1)


class Killed(BaseException):
    """The process is gone."""


class Mortal:
    """A room whose process dies after so many writes."""

    WRITES = frozenset(
        {"split", "advance", "put", "record_object", "sign", "close_claim", "recode", "reject"}
    )

    def __init__(self, room: Any, left: list[int]) -> None:
        self._room, self._left = room, left

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._room, name)
        if name not in self.WRITES:
            return found

        def write(*args: Any, **named: Any) -> Any:
            if self._left[0] <= 0:
                raise Killed
            done = found(*args, **named)
            self._left[0] -= 1
            if self._left[0] <= 0:
                raise Killed
            return done

        return write


async def test_killed_after_any_write_nothing_is_lost_or_done_twice(at: StackOffice) -> None:
    dice = random.Random(20261124)
    scan = stack(
        at.root / "s.pdf", f"cover:{CODE}", "QUYẾT ĐỊNH", "blank", "TỜ TRÌNH", f"cover:{OTHER}",
        "THÔNG BÁO",
    )  # fmt: skip
    taken = at.drop("x", scan)
    kills = 0
    while at.ledger.pending(datetime.now(UTC), 9) or at.ledger.dossiers(stage=Stage.in_review):
        accept(at)
        left = [dice.randint(1, 4) if kills < 40 else 10_000]
        at.wrap = lambda room, left=left: Mortal(room, left)
        threads = ThreadPoolExecutor()
        asyncio.get_running_loop().set_default_executor(threads)
        try:
            await at.run()
        except BaseExceptionGroup as group:
            assert group.split(Killed)[1] is None
            kills += 1
        except Killed:
            kills += 1
        finally:
            threads.shutdown(wait=True)
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor())
    assert kills >= 10
    assert [pages for _, pages, _ in at.documents(CODE)] == [(2,), (4,)]
    assert [pages for _, pages, _ in at.documents(OTHER)] == [(6,)]
    assert {*at.settled(CODE), *at.settled(OTHER)} == {Stage.published}
    told = Counter(one.kind for one in at.ledger.events())
    assert (told["split"], told["signed"], told["published"], told["claim_closed"]) == (1, 3, 4, 1)
    assert at.ledger.verify_chain().intact
    done = at.root / "inbox" / "done" / "mot-cua" / taken.code
    assert [path.read_bytes() for path in done.iterdir()] == [scan.read_bytes()]
    assert len(list((at.root / "store" / "originals").rglob("*.*"))) == 1
