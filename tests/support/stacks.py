"""Stacks of papers in one file, and an office that takes them: a store of folders, all else real.

Pages are born digital, so that reading costs nothing; every person and body in them is invented.
"""

import io
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import numpy as np
import pikepdf
import zxingcpp
from drawn_pages import FONT
from evidence_office import FolderStore
from fpdf import FPDF
from PIL import Image
from prepared import need_font

from flows.closing import tend
from flows.inbox import Candidate, Inbox, Patience
from flows.intake import register
from ocr import ReaderPool
from schemas.dossier import Stage
from schemas.errors import Conflict, Damaged, NotFound
from schemas.work import ApprovalOptions, ApprovalRule
from signing import Signer, Trust
from storage import DESK, Dossier, Ledger, ObjectInfo, Objects, StoredObject
from usecases import steps
from usecases.context import AppContext
from usecases.cover_sheet import cover_sheets
from usecases.files import fingerprint
from usecases.rooms import Rooms

BODY = "Căn cứ hồ sơ của công dân, cơ quan ghi nhận nội dung theo quy định hiện hành số {n}."
CODE = "H17.1-261123-0001"
OTHER = "H17.1-261123-0002"


def head(pdf: FPDF, number: str, ward: str = "VÍ DỤ") -> None:
    """A page with the head alone: a ward's, of one day."""
    pdf.add_page()
    pdf.set_font("Tinos", size=13)
    pdf.text(80, 60, "ỦY BAN NHÂN DÂN")
    pdf.text(75, 78, f"PHƯỜNG {ward}")
    pdf.text(290, 60, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM")
    pdf.text(340, 78, "Độc lập - Tự do - Hạnh phúc")
    pdf.text(80, 100, f"Số: {number}")
    pdf.text(300, 100, "Ví Dụ, ngày 20 tháng 11 năm 2026")


def paper(pdf: FPDF, title: str, number: int) -> None:
    """A page with the head of an administrative document."""
    head(pdf, f"{number}/{title[:1]}Đ-UBND")
    pdf.text((595 - pdf.get_string_width(title)) / 2, 150, title)
    prose(pdf, number, new=False)


def prose(pdf: FPDF, number: int, *, new: bool = True) -> None:
    """A page that goes on, without a head."""
    if new:
        pdf.add_page()
        pdf.set_font("Tinos", size=13)
    for row in range(12):
        pdf.text(80, 200 + 24 * row, BODY.format(n=number * 100 + row))


def stack(path: Path, *pages: str) -> Path:
    """A PDF of pages named by what they are.

    ``QUYẾT ĐỊNH`` and other titles in capitals begin a document, ``more`` goes on, ``blank`` is
    empty, ``cover:CODE`` is a cover sheet, ``qr:TEXT`` a page of few words with a code on it.
    """
    with pikepdf.new() as whole:
        for number, kind in enumerate(pages, start=1):
            with pikepdf.open(io.BytesIO(_page(kind, number))) as one:
                whole.pages.extend(one.pages)
        whole.save(path)
    return path


def _page(kind: str, number: int) -> bytes:
    name, _, rest = kind.partition(":")
    if name == "cover":
        return cover_sheets([rest])
    pdf = FPDF(unit="pt", format="A4")
    pdf.add_font("Tinos", fname=str(need_font(FONT)))
    if name == "blank":
        pdf.add_page()
    elif name == "more":
        prose(pdf, number)
    elif name in {"qr", "title"}:
        pdf.add_page()
        pdf.set_font("Tinos", size=20)
        pdf.text(200, 110, "PHIẾU BÌA HỒ SƠ" if name == "title" else "Giấy hẹn")
        for at, text in enumerate(rest.split("|")):
            made = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode)
            picture = Image.fromarray(np.asarray(made.to_image(scale=8)))
            pdf.image(picture, x=60 + at * 240, y=200, w=170, h=170)
    else:
        paper(pdf, kind, number)
    return bytes(pdf.output())


class Store(FolderStore):
    """The store's promise on a folder: what stands under a key is never replaced."""

    @dataclass(frozen=True)
    class _Options:
        originals_bucket: str = "originals"
        results_bucket: str = "results"
        work_bucket: str = "work"

    options = _Options()

    def put(  # type: ignore[override]
        self,
        bucket: str,
        key: str,
        path: Path,
        *,
        media_type: str,
        metadata: Mapping[str, str] | None = None,
    ) -> StoredObject:
        there = self.folder / bucket / key
        if there.exists() and fingerprint(there)[0] != fingerprint(path)[0]:
            raise Conflict("storing.object_differs", bucket=bucket, key=key)
        return super().put(bucket, key, path)

    def get(
        self,
        bucket: str,
        key: str,
        out: Path,
        *,
        version_id: str | None = None,
        sha256: str | None = None,
    ) -> ObjectInfo | None:
        there = self.folder / bucket / key
        if not there.exists():
            raise NotFound("storing.no_object")
        if sha256 not in {None, fingerprint(there)[0]}:
            raise Damaged("storing.object_altered", bucket=bucket, key=key)
        return super().get(bucket, key, out)

    def sync(self) -> None:
        """Folders need none."""

    def keep_original(self, claim_id: str, path: Path, copy: Path) -> tuple[str, int]:
        sha256, size = fingerprint(path)
        self.put("work", f"{claim_id}/original/{sha256}", path, media_type="x")
        shutil.copyfile(self.folder / "work" / claim_id / "original" / sha256, copy)
        return sha256, size

    def keep_made(self, claim_id: str, path: Path, name: str = "") -> str:
        there = self.folder / "work" / claim_id / "made" / (name or fingerprint(path)[0])
        if not there.exists():
            there.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, there)
        return fingerprint(there)[0]

    def made(self, claim_id: str, name: str) -> str | None:
        there = self.folder / "work" / claim_id / "made" / name
        return fingerprint(there)[0] if there.exists() else None

    def get_original(self, claim_id: str, sha256: str, out: Path) -> None:
        self.get("work", f"{claim_id}/original/{sha256}", out, sha256=sha256)

    def get_made(self, claim_id: str, name: str, out: Path, sha256: str | None = None) -> bool:
        try:
            self.get("work", f"{claim_id}/made/{name}", out, sha256=sha256)
        except (NotFound, Damaged):
            return False
        return True

    def originals_kept(self, claim_id: str) -> set[str]:
        return {one.name for one in (self.folder / "work" / claim_id).glob("original/*")}

    def claims_kept(self) -> list[str]:
        return sorted(one.name for one in (self.folder / "work").glob("*"))

    def drop_made(self, claim_id: str, name: str) -> None:
        (self.folder / "work" / claim_id / "made" / name).unlink(missing_ok=True)

    def drop(self, claim_id: str) -> None:
        shutil.rmtree(self.folder / "work" / claim_id, ignore_errors=True)


@dataclass
class StackOffice:
    """An office in a folder; opened anew after every kill."""

    root: Path
    pool: ReaderPool
    signer: Signer
    trust: Trust
    wrap: Callable[[Any], Any] = field(default=lambda room: room)
    approval: ApprovalOptions = field(
        default_factory=lambda: ApprovalOptions(results=ApprovalRule.none)
    )
    """Tests of other things wait for no signer."""

    def __post_init__(self) -> None:
        self.inbox = Inbox(self.root / "inbox", "chung", Patience(0, 0), lambda _path: True)
        self.inbox.prepare()
        self.work.mkdir(exist_ok=True)
        self.ledger = Ledger.open(f"sqlite:///{self.root}/ledger.sqlite")
        self.store = Store(self.root / "store")

    @property
    def work(self) -> Path:
        return self.root / "work"

    @property
    def office(self) -> AppContext:
        return AppContext(
            ledger=cast(Ledger, self.wrap(self.ledger)),
            objects=cast(Objects, self.wrap(self.store)),
            signer=cast(Signer, self.wrap(self.signer)),
            pool=self.pool,
            trust=self.trust,
            work=self.work,
            approval=self.approval,
        )

    @property
    def rooms(self) -> Rooms:
        """What a command or a page works with."""
        return Rooms(ledger=self.ledger, work=self.work, objects=lambda: cast(Objects, self.store))

    def take(self, path: Path) -> Dossier:
        """Claim a file or folder that lies in the inbox, as the watcher does."""
        found = Candidate(path, "mot-cua", loose=path.is_file())
        claim = self.inbox.claim(found, datetime.now(UTC))
        assert claim is not None
        registered = register(self.inbox, self.office, claim)
        assert registered is not None
        return registered.dossier

    def drop(self, name: str, *files: Path) -> Dossier:
        """A folder ``name`` with ``files``, taken."""
        folder = self.root / "inbox" / "mot-cua" / name
        folder.mkdir(parents=True)
        for file in files:
            shutil.copy(file, folder)
        return self.take(folder)

    async def run(self, office: AppContext | None = None) -> None:
        """Every dossier as far as it goes by itself."""
        office = office or self.office
        for _ in range(10):
            waiting = self.ledger.pending(datetime.now(UTC), 100)
            if not waiting:
                self.tend(office)
                return
            for dossier in waiting:
                for step in (steps.read, steps.decide, steps.sign, steps.store, steps.publish):
                    await step(office, self.ledger.dossier_by_id(dossier.id))
        raise AssertionError("dossiers that never end")

    def tend(self, office: AppContext | None = None) -> None:
        """What the watcher of this inbox does after the steps."""
        for inbox in (self.inbox.name, DESK):
            for claim in self.ledger.claims_to_tend(inbox):
                tend(office or self.office, self.inbox, claim)

    def documents(self, code: str) -> list[tuple[str, tuple[int, ...], Stage]]:
        """Of a dossier: type, pages of the scan, stage; split scans left out."""
        dossier = self.ledger.dossier(code)
        assert dossier is not None, code
        return [
            (one.document_type or "-", one.source_pages, one.stage)
            for one in self.ledger.documents(dossier.id)
            if not one.split
        ]

    def settled(self, code: str) -> Sequence[Stage]:
        return [stage for _, _, stage in self.documents(code)]
