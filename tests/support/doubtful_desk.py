"""Documents that really were read and are really doubtful, put under review at a desk."""

import asyncio
import hashlib
import shutil
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from desk_office import HERE
from PIL import Image, ImageFilter

from ocr import ReaderPool, ReadingOptions
from schemas.dossier import Role, Stage
from schemas.field import Field, FieldStatus, Reading, Table
from schemas.manifest import Manifest, PageReport, Source
from signing import Trust
from sohoa.sample import draw_form, sample_answers
from storage import Document, NewClaim, NewFile
from usecases.composing import doubts_of
from usecases.digitise import digitise
from usecases.rooms import Rooms
from usecases.workspace import Workspace

POOR_DPI = 58
POOR_QUALITY = 25


NAME = "<script>alert('1')</script> & \"An\" O'Bảo"
"""What somebody may have written on a form, or called a file."""


def manifest(**more: Any) -> Manifest:
    """A form with four doubts, made by hand; ``more`` takes the place of parts of it."""
    page = PageReport(
        number=1, width=595, height=842, dpi=0, rotation=0, skew=0, blank=False, words=9,
        confidence=0.9,
    )  # fmt: skip
    doubt = {"status": FieldStatus.review, "page": 1, "confidence": 0.9}
    readers = (
        Reading(reader="line", text="Nguyễn Thị Mẫu", confidence=0.5),
        Reading(reader="tesseract", text="Nguyễn Thị Mau", confidence=0.4),
    )
    fields: dict[str, Any] = {
        "full_name": Field(
            value="Nguyễn Thị Mẫu", box=(200, 180, 540, 210), readers=readers, **doubt
        ),
        "dob": Field(value="1990-01-02", box=(200, 220, 300, 240), **doubt),
        "phone": Field(value="0905000000", confidence=0.99, status=FieldStatus.accepted),
        "head_name": Field(value=NAME, box=(10, 300, 60, 320), **doubt),
        "members": Table(rows=({"relation": Field(value=None, **doubt)},)),
    }
    return Manifest(
        **{
            "source": Source(name=NAME, sha256="1" * 64, bytes=1, media_type="application/pdf"),
            "document_type": "ct01",
            "form_version": "66/2023",
            "legal_basis": None,
            "pages": (page,),
            "fields": fields,
            **more,
        }
    )


def poor_scan(path: Path, seed: int = 4) -> Path:
    """A filled form, scanned so badly that the readers do not agree."""
    drawn = draw_form(sample_answers(date(2026, 11, 24), seed))
    scan = drawn.scanned(np.random.default_rng(seed), 1.0).convert("L")
    small = scan.resize((scan.width * POOR_DPI // 300, scan.height * POOR_DPI // 300))
    blurred = small.filter(ImageFilter.GaussianBlur(0.5)).resize(
        (scan.width // 2, scan.height // 2), Image.Resampling.BICUBIC
    )
    blurred.save(path, resolution=150, quality=POOR_QUALITY)
    return path


def read(path: Path, folder: Path) -> tuple[Manifest, Path]:
    """A scan's manifest and its PDF/A, made as they always are."""

    async def run() -> Manifest:
        async with ReaderPool(ReadingOptions(), 1) as pool:
            return await digitise(
                path, folder / "read.pdf", folder / "read.json", pool=pool, trust=Trust()
            )

    folder.mkdir(parents=True, exist_ok=True)
    return asyncio.run(run()), folder / "read.pdf"


@cache
def read_once(folder: Path) -> tuple[Manifest, Path]:
    """The poor scan, read: once for all tests that are given this folder."""
    folder.mkdir(parents=True, exist_ok=True)
    return read(poor_scan(folder / "scan.pdf"), folder)


def under_review(
    rooms: Rooms,
    manifest: Manifest,
    pdf: Path | None = None,
    *,
    code: str = "H17-261124-0007",
    department: str = HERE,
    name: str = "to-khai.pdf",
    role: Role = Role.component,
) -> Document:
    """A dossier of one document that waits for a person."""
    paper = NewFile(
        relative=name, name=name, role=role,
        sha256=hashlib.sha256(f"{code}{name}".encode()).hexdigest(), bytes=1,
    )  # fmt: skip
    claim = NewClaim(
        claim_id=f"c-{code}", department=department, code=code, folder=code, files=(paper,),
        actor="test",
    )  # fmt: skip
    (document,) = rooms.ledger.register(claim).documents
    workspace = Workspace(rooms.work / str(document.id))
    pdfa = "b" * 64
    if pdf is not None:
        draft = workspace.draft()
        shutil.copyfile(pdf, draft)
        pdfa = workspace.keep_pdf(draft)
    rooms.ledger.advance(
        document.id, Stage.received, Stage.digitised, actor="test",
        manifest=workspace.keep_manifest(manifest), pdfa_sha256=pdfa,
        pages=len(manifest.pages), doubts=len(doubts_of(manifest)),
        document_type=manifest.document_type,
    )  # fmt: skip
    rooms.ledger.advance(document.id, Stage.digitised, Stage.in_review, actor="test")
    return rooms.ledger.document(document.id)
