"""What real services reject, hold or do not know, and that nothing personal is told of it."""

import os
import shutil
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from handed_in import code, ingest, page, status
from PIL import Image
from running import Running

from flows.disposition import NOTE_ENDING
from schemas.errors import ExitCode

pytestmark = pytest.mark.service


def test_bad_files_are_rejected_with_a_reason_and_good_ones_go_through(
    serving: Running, pages: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "scans"
    folder.mkdir()
    good = page(pages, 1)
    whole = good.read_bytes()
    shutil.copy(good, folder / f"good{good.suffix}")
    Image.new("L", (2000, 2000), 255).save(tmp_path / "white.jpg", quality=95)
    bad = {
        "empty.pdf": b"",
        "page.pdf": b"<!DOCTYPE html><html><body>502 Bad Gateway</body></html>",
        "cut.pdf": a_pdf(tmp_path / "a.pdf")[:-400],
        "cut.jpg": (tmp_path / "white.jpg").read_bytes()[:3000],
        "locked.pdf": a_pdf(tmp_path / "b.pdf", password="không đoán được"),
        "bomb.png": a_png_header(60_000, 60_000),
        "x" * 250 + ".pdf": b"not a scan" + whole[:7],
    }
    for name, content in bad.items():
        (folder / name).write_bytes(content)
    with (folder / "sparse.pdf").open("wb") as sparse:
        sparse.truncate(64 << 20)
    bad["sparse.pdf"] = b""
    (serving.inbox / "mot-cua").mkdir(exist_ok=True)
    folder.rename(tmp_path / code(2))
    shutil.move(tmp_path / code(2), serving.inbox / "mot-cua" / code(2))
    (serving.inbox / "mot-cua" / code(2) / ".done").touch()

    with serving.ledger() as ledger:

        def through() -> bool:
            dossier = ledger.dossier(code(2))
            return dossier is not None and all(
                claim.closed_at for claim in ledger.claims(dossier.id)
            )

        serving.wait_for(through, 120, "the dossier with bad files")
    found = status(serving, code(2))
    assert found["stage"] == "published"
    stages = {one["name"]: one["stage"] for one in found["documents"]}
    assert stages.pop(f"good{good.suffix}") == "published"
    assert set(stages) == set(bad)
    assert set(stages.values()) == {"rejected"}
    rejected = serving.inbox / "rejected" / "mot-cua" / code(2)
    notes = [path for path in rejected.iterdir() if path.name.endswith(NOTE_ENDING)]
    assert len(notes) == len(bad)
    for name in bad:
        assert (rejected / name).exists()
    assert all(len(note.read_text("utf-8").splitlines()) >= 6 for note in notes)


def a_pdf(path: Path, password: str | None = None) -> bytes:
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        lock = pikepdf.Encryption(user=password, owner=password) if password else False
        pdf.save(path, encryption=lock)
    return path.read_bytes()


def a_png_header(width: int, height: int) -> bytes:
    import struct
    import zlib

    def chunk(name: bytes, content: bytes) -> bytes:
        crc = zlib.crc32(name + content)
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", crc)

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0" * 1000)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )


def test_odd_things_in_a_folder_are_rejected_and_harm_nobody(
    serving: Running, pages: Path, tmp_path: Path
) -> None:
    folder = tmp_path / code(3)
    folder.mkdir()
    shutil.copy(page(pages, 2), folder)
    os.mkfifo(folder / "pipe.pdf")
    (folder / "link.pdf").symlink_to("/etc/hostname")
    (serving.inbox / "mot-cua").mkdir(exist_ok=True)
    shutil.move(folder, serving.inbox / "mot-cua" / code(3))
    (serving.inbox / "mot-cua" / code(3) / ".done").touch()
    with serving.ledger() as ledger:

        def through() -> bool:
            dossier = ledger.dossier(code(3))
            return dossier is not None and dossier.stage == "published"

        serving.wait_for(through, 60, "the dossier with odd things")
    stages = sorted(one["stage"] for one in status(serving, code(3))["documents"])
    assert stages == ["published", "rejected", "rejected"]


def test_no_personal_data_in_logs_or_prefect(serving: Running, pages: Path, tmp_path: Path) -> None:
    """A clerk's file name and a person's name appear in no log and nowhere in Prefect."""
    secret = "Nguyễn-Thị-Bí-Mật"
    scan = page(pages, 9)
    named = tmp_path / f"{secret}{scan.suffix}"
    shutil.copy(scan, named)
    (tmp_path / f"{secret}.pdf").write_bytes(b"%PDF-1.4 broken")
    ingest(serving, named, tmp_path / f"{secret}.pdf", "--dossier", code(11))
    files = [*(serving.data / "logs").glob("*"), *(serving.data / "prefect").glob("prefect.db*")]
    assert len(files) > 3
    for path in files:
        assert secret.encode() not in path.read_bytes(), path.name
    assert code(11).encode() in b"".join(path.read_bytes() for path in files)


def test_a_folder_of_no_known_department_waits_and_no_word_of_it_is_told(
    serving: Running, pages: Path
) -> None:
    """A clerk's folder called by a person's name and number becomes no tag, key or log line."""
    person = "TRAN-THI-VI-DU 048099001234"
    (serving.inbox / person).mkdir()
    shutil.copy(page(pages, 10), serving.inbox / person / "giấy.jpg")

    def waiting() -> list[dict[str, Any]]:
        held: list[dict[str, Any]] = serving.cli("department", "list", "--json").json["held"]
        return held

    serving.wait_for(lambda: bool(waiting()), 60, "the folder held")
    (one,) = waiting()
    with serving.ledger() as ledger:
        known = {one.id for one in ledger.dossiers() if one.stage == "published"}
        given = serving.cli("department", "assign", one["code"], "mot-cua", "--json")
        assert given.code == ExitCode.ok
        serving.wait_for(
            lambda: any(
                one.id not in known and one.stage == "published" and one.department == "mot-cua"
                for one in ledger.dossiers()
            ),
            60,
            "the folder's dossier",
        )
        keys = [kept.key for one in ledger.dossiers() for kept in ledger.objects(one.id)]
    assert not any("tran-thi" in key.lower() or "048099" in key for key in keys)
    files = [*(serving.data / "logs").glob("*"), *(serving.data / "prefect").glob("prefect.db*")]
    for path in files:
        content = path.read_bytes().lower()
        assert b"tran-thi-vi-du" not in content and b"048099001234" not in content, path.name


def test_unknown_dossiers_and_missing_files(serving: Running, tmp_path: Path) -> None:
    assert serving.cli("status", "H17-000000-0000", "--json").code == ExitCode.not_found
    assert serving.cli("results", "get", "H17-000000-0000", "--json").code == ExitCode.not_found
    missing = serving.cli("ingest", tmp_path / "missing", "--json")
    assert missing.code == ExitCode.not_found
    assert "sentence" in missing.json["error"]
