"""A desk whose documents went all the way, signed with their public codes; for who checks them."""

import asyncio
import hashlib
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from desk_office import HERE, DeskOffice, a_desk
from stacks import Store, stack

from ocr import ReadingOptions
from schemas.dossier import Role, Stage
from schemas.field import Field, FieldStatus
from schemas.manifest import Manifest, PageReport, Source
from signing import Pki, Signer, SigningOptions, trust_store
from storage import Document, NewClaim, NewFile
from usecases import steps
from usecases.context import AppContext
from usecases.workspace import Workspace

AGENCY = "ỦY BAN NHÂN DÂN PHƯỜNG HOA SEN"
PAGE = "https://sohoa.hoasen.example/check/"
NAME, NUMBER = "Nguyễn Thị Mẫu", "001326004217"
"""Of the invented person whom the papers name."""


@dataclass
class CheckedDesk:
    """The desk, and the office that signs for it."""

    desk: DeskOffice
    context: AppContext

    def ready(
        self, code: str, number: str = NUMBER, *, kind: str = "giay_khai_sinh",
        title: str | None = None, pages: int = 2, name: str = "1", drawn: Path | None = None,
    ) -> Document:  # fmt: skip
        """A paper that waits to be signed; ``drawn`` is one that is there already."""
        ledger, store = self.context.ledger, self.context.objects
        place = self.context.work / f"paper-{code}-{name}"
        place.mkdir(parents=True)
        pdf = place / "1.pdf"
        if drawn is None:
            stack(pdf, "GIẤY KHAI SINH", *["more"] * (pages - 1))
        else:
            shutil.copyfile(drawn, pdf)
        pdf.write_bytes(pdf.read_bytes() + f"\n% {code}/{name}\n".encode())
        sha256 = hashlib.sha256(pdf.read_bytes()).hexdigest()
        claim = f"{code}-{name}"
        store.keep_original(claim, pdf, place / "copy.pdf")
        paper = NewFile(
            relative="1.pdf", name="1.pdf", role=Role.result, sha256=sha256,
            bytes=pdf.stat().st_size, media_type="application/pdf",
        )  # fmt: skip
        (document,) = ledger.register(
            NewClaim(
                claim_id=claim, department=HERE, code=code, folder=code, files=(paper,),
                actor="test",
            )
        ).documents  # fmt: skip
        workspace = Workspace(self.context.work / str(document.id))
        draft = workspace.draft()
        shutil.copyfile(pdf, draft)
        said = {"full_name": NAME, "personal_id": number, "signer_title": title}
        manifest = _manifest(said, kind, pages)
        ledger.advance(
            document.id, Stage.received, Stage.digitised, actor="test",
            manifest=workspace.keep_manifest(manifest), pdfa_sha256=workspace.keep_pdf(draft),
            document_type=kind, pages=pages, media_type="application/pdf",
        )  # fmt: skip
        return ledger.advance(document.id, Stage.digitised, Stage.ready_to_sign, actor="test")

    def run(self, document: Document, *, until: Stage = Stage.published) -> Document:
        """Sign it, store it, publish it."""
        for step, to in (
            (steps.sign, Stage.signed),
            (steps.store, Stage.stored),
            (steps.publish, Stage.published),
        ):
            dossier = self.context.ledger.dossier_by_id(document.dossier_id)
            asyncio.run(step(self.context, dossier))
            if to is until:
                break
        return self.context.ledger.document(document.id)

    def published(self, code: str, number: str = NUMBER, **how: Any) -> Document:
        """A paper that went all the way."""
        return self.run(self.ready(code, number, **how))

    def code_of(self, document: Document) -> str:
        """Its public code."""
        found = self.context.ledger.public_codes.of(document.id)
        assert found is not None
        return found.code

    def signed(self, document: Document) -> Path:
        """Its signed file, as the store has it."""
        dossier = self.context.ledger.dossier_by_id(document.dossier_id)
        folder: Path = self.context.objects.folder  # type: ignore[attr-defined]
        return folder / "results" / dossier.department / dossier.code / f"{document.label}.pdf"


def _manifest(said: dict[str, str | None], kind: str, pages: int) -> Manifest:
    return Manifest(
        source=Source(name="1.pdf", sha256="0" * 64, bytes=1, media_type="application/pdf"),
        document_type=kind,
        form_version=None,
        legal_basis=None,
        pages=tuple(
            PageReport(
                number=one, width=595, height=842, dpi=300, rotation=0, skew=0.0, blank=False,
                words=120, confidence=0.9,
            )
            for one in range(1, pages + 1)
        ),
        fields={
            name: Field(value=value, confidence=0.9, status=FieldStatus.accepted, page=1)
            for name, value in said.items()
            if value is not None
        },
    )  # fmt: skip


async def _here(task: Callable[..., Any], *given: Any, pages: int) -> Any:
    """In this process, what a pool does in another one."""
    return task(*given)


@contextmanager
def a_checked_desk(folder: Path, **options: Any) -> Iterator[CheckedDesk]:
    """A desk with a store and a signer, and no document yet."""
    signing = SigningOptions(agency=AGENCY, check_page=PAGE)
    pki = Pki.ensure(folder / "pki", AGENCY, lambda: datetime.now(UTC))
    with a_desk(folder, waiting=False, office=AGENCY, **options) as desk:
        store: Any = Store(folder / "store")
        desk.rooms = replace(desk.rooms, objects=lambda: store, signing=signing)
        desk.app.state.desk.rooms = desk.rooms
        signer = Signer(pki, signing)
        pool: Any = SimpleNamespace(options=ReadingOptions(), workers=1, on_file=_here)
        work = folder / "work"
        work.mkdir(exist_ok=True)
        yield CheckedDesk(
            desk,
            AppContext(
                ledger=desk.rooms.ledger, objects=store, signer=signer, pool=pool,
                trust=trust_store(pki), work=work,
            ),
        )  # fmt: skip
        signer.close()
        desk.app.state.desk.close()
