"""A stack of two dossiers fed at once, with cover sheets, through the running service."""

import io
import shutil
from datetime import date
from pathlib import Path

import pypdfium2 as pdfium
import pytest
from PIL import Image
from running import Running

from schemas.dossier import Stage
from schemas.errors import ExitCode
from sohoa.sample import SMALL_DPI, draw_small
from usecases.cover_sheet import cover_sheets

pytestmark = pytest.mark.service

TODAY = date.today()
CODES = [f"H17.2-{TODAY:%y%m%d}-{number:04d}" for number in (1, 2)]


def scanned_covers() -> list[Image.Image]:
    document = pdfium.PdfDocument(io.BytesIO(cover_sheets(CODES)))
    return [page.render(scale=SMALL_DPI / 72).to_pil().convert("L") for page in document]


def a_stack(folder: Path) -> Path:
    """A TIFF: cover, decision, cover, decision."""
    drawn = draw_small(folder / "drawn", 2, TODAY, seed=31)
    papers = [Image.open(next(one.iterdir())).convert("L") for one in drawn]
    covers = scanned_covers()
    pages = [page for pair in zip(covers, papers, strict=True) for page in pair]
    path = folder / "quét cả chồng.tif"
    pages[0].save(
        path,
        save_all=True,
        append_images=pages[1:],
        dpi=(SMALL_DPI, SMALL_DPI),
        compression="tiff_adobe_deflate",
    )
    return path


def test_a_stack_with_cover_sheets_becomes_two_dossiers(serving: Running, tmp_path: Path) -> None:
    scan = a_stack(tmp_path)
    (serving.inbox / "mot-cua").mkdir(exist_ok=True)
    shutil.copy(scan, serving.inbox / "mot-cua")
    with serving.ledger() as ledger:

        def through() -> bool:
            found = [ledger.dossier(code) for code in CODES]
            stages = [one.stage for one in found if one]
            for code in CODES:
                if Stage.in_review in stages:
                    serving.cli("review", code, "--accept", "--json")
            return stages == [Stage.published] * 2 and not any(
                claim.folder == scan.stem for claim in ledger.open_claims()
            )

        serving.wait_for(through, 90, "both dossiers of the stack")
    for number, code in enumerate(CODES):
        found = serving.cli("status", code, "--json").json["dossier"]
        (document,) = found["documents"]
        assert document["source_pages"] == [2 * number + 2]
        assert document["stage"] == "published"
    got = serving.cli("results", "get", CODES[1], "--out", tmp_path, "--json").json["files"]
    kinds = {one["kind"]: Path(one["path"]) for one in got}
    assert kinds["original"].read_bytes() == scan.read_bytes()
    proof = tmp_path / "evidence.asice"
    exported = serving.cli("evidence", "export", CODES[1], "--out", proof, "--json")
    assert exported.code == ExitCode.ok, exported.out
    checked = serving.cli("evidence", "verify", proof, "--json")
    assert checked.code == ExitCode.ok and checked.json["sound"], checked.json["faults"]
    done = list((serving.inbox / "done" / "mot-cua").rglob(scan.name))
    assert [one.read_bytes() for one in done] == [scan.read_bytes()]
