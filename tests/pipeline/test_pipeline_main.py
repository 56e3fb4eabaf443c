"""The main job on real services: paper in, signed results out, and every way it can go wrong."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from pikepdf import pdfa
from PIL import Image
from running import Running

from flows.disposition import NOTE_ENDING
from schemas.dossier import PROVISIONAL_CODE
from schemas.errors import ExitCode
from sohoa.sample import draw_sample, draw_small

pytestmark = pytest.mark.service

TODAY = date.today()


def code(number: int) -> str:
    return f"H17.1-{TODAY:%y%m%d}-{number:04d}"


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Small one-page decisions, each used by one test only: 01.…, 02.…"""
    folder = tmp_path_factory.mktemp("pages")
    for number, dossier in enumerate(draw_small(folder / "drawn", 12, TODAY), start=1):
        (scan,) = dossier.iterdir()
        scan.rename(folder / f"{number:02d}{scan.suffix}")
    yield folder


def page(pages: Path, number: int) -> Path:
    return next(pages.glob(f"{number:02d}.*"))


def ingest(serving: Running, *arguments: Any) -> dict[str, Any]:
    answer = serving.cli("ingest", *arguments, "--wait", "--timeout", "400", "--json")
    dossier: dict[str, Any] = answer.json["dossiers"][0]
    return dossier | {"exit": answer.code}


def status(serving: Running, wanted: str) -> dict[str, Any]:
    found: dict[str, Any] = serving.cli("status", wanted, "--json").json["dossier"]
    return found


def published(serving: Running, wanted: str) -> None:
    """Wait until a dossier whose result was approved is published, and its sources are done."""

    def through() -> bool:
        with serving.ledger() as ledger:
            dossier = ledger.dossier(wanted)
            assert dossier is not None
            closed = not ledger.claims(dossier.id, open_only=True)
            return dossier.stage == "published" and closed

    serving.wait_for(through, 120, "the approved result")


def test_a_dossier_from_paper_to_a_verified_result(serving: Running, tmp_path: Path) -> None:
    drawn = draw_sample(tmp_path / "scans", TODAY)
    answer = ingest(serving, tmp_path / "scans", "--dossier", code(1), "--department", "mot-cua")
    assert (answer["stage"], answer["exit"]) == ("awaiting_approval", ExitCode.not_finished)
    assert serving.cli("approve", code(1), "--json").json["ready_to_sign"] == [2]
    published(serving, code(1))

    listed = serving.cli("results", "list", "--department", "mot-cua", "--json").json["results"]
    assert [one["dossier"] for one in listed].count(code(1)) == len(drawn)
    assert serving.cli("results", "list", "--department", "khac", "--json").json["results"] == []

    got = serving.cli("results", "get", code(1), "--out", tmp_path, "--json").json
    by_kind: dict[str, list[Path]] = {}
    for one in got["files"]:
        by_kind.setdefault(one["kind"], []).append(Path(one["path"]))
    assert {kind: len(paths) for kind, paths in by_kind.items()} == {
        "original": len(drawn),
        "signed": len(drawn),
        "manifest": len(drawn),
        "index": 2,  # one when the component was published, one more with its result
    }
    originals = {path.read_bytes() for path in by_kind["original"]}
    assert originals == {path.read_bytes() for path in drawn}

    verified = serving.cli("verify", *by_kind["signed"], "--json")
    assert verified.code == ExitCode.ok
    for one in verified.json["files"]:
        assert one["verdict"] == "valid"
        (signature,) = one["signatures"]
        assert signature["level"] == "B-LTA"
        assert signature["covers_whole_file"]
    for path in by_kind["signed"]:
        accepted_elsewhere(serving, path, tmp_path)
    proof = tmp_path / "evidence.asice"
    exported = serving.cli("evidence", "export", code(1), "--out", proof, "--json")
    assert exported.json["documents"] == len(drawn)
    checked = serving.cli("evidence", "verify", proof, "--json")
    assert checked.code == ExitCode.ok and checked.json["sound"], checked.json["faults"]
    done = serving.inbox / "done" / "mot-cua" / code(1)
    assert len([one for one in done.rglob("*.*") if not one.name.startswith(".")]) == len(drawn)


def accepted_elsewhere(serving: Running, path: Path, scratch: Path) -> None:
    """qpdf, the PDF/A check, and pdfsig with the development root agree."""
    checked = subprocess.run(["qpdf", "--check", path], capture_output=True, check=False)
    assert checked.returncode == 0
    report = pdfa.validate_written(path, "2b")
    assert report.violations == ()
    signature_parts = [one.message for one in report.unsupported]
    assert all("/AcroForm" in one or "/DSS" in one for one in signature_parts), signature_parts
    trust = scratch / "nss"
    if not trust.exists():
        trust.mkdir()
        nss = ["certutil", "-d", f"sql:{trust}"]
        subprocess.run([*nss, "-N", "--empty-password"], check=True)
        root = serving.data / "pki" / "root.pem"
        subprocess.run([*nss, "-A", "-n", "root", "-t", "C,C,C", "-i", root], check=True)
    said = subprocess.run(
        ["pdfsig", "-nssdir", f"sql:{trust}", path], capture_output=True, text=True, check=False
    )
    assert "Signature is Valid." in said.stdout
    assert "Certificate is Trusted." in said.stdout


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
        sparse.truncate(2 << 30)
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


def test_the_same_bytes_are_linked_and_the_second_dossier_has_them_too(
    serving: Running, pages: Path, tmp_path: Path
) -> None:
    first = ingest(serving, page(pages, 3), "--dossier", code(4), "--department", "mot-cua")
    second = ingest(serving, page(pages, 3), "--dossier", code(5), "--department", "mot-cua")
    assert first["stage"] == second["stage"] == "published"
    one = status(serving, code(4))["documents"][0]
    two = status(serving, code(5))["documents"][0]
    assert two["duplicate_of"] == one["id"]
    assert two["linked_to"] == f"{code(4)}/component-001"
    assert two["linked_to"] in serving.cli("status", code(5)).out
    got = serving.cli("results", "get", code(5), "--out", tmp_path, "--json").json
    signed = next(Path(one["path"]) for one in got["files"] if one["kind"] == "signed")
    assert serving.cli("verify", signed, "--json").code == ExitCode.ok
    assert serving.cli("department", "add", "Khác").code == ExitCode.ok
    elsewhere = ingest(serving, page(pages, 3), "--dossier", code(6), "--department", "khac")
    assert elsewhere["stage"] == "published"
    assert status(serving, code(6))["documents"][0]["duplicate_of"] is None


def test_a_folder_without_a_code_gets_a_provisional_one(serving: Running, pages: Path) -> None:
    folder = serving.inbox / "mot-cua" / "hồ sơ chưa có mã"
    folder.mkdir(parents=True)
    shutil.copy(page(pages, 4), folder)
    with serving.ledger() as ledger:
        before = {one.id for one in ledger.dossiers()}

        def through() -> bool:
            return any(
                one.id not in before and one.stage == "published" for one in ledger.dossiers()
            )

        serving.wait_for(through, 60, "the dossier without a code")
        made = next(one for one in ledger.dossiers() if one.id not in before)
    assert made.provisional
    assert PROVISIONAL_CODE.fullmatch(made.code)
    assert made.code in made.warnings[0]


def test_a_loose_file_is_a_dossier_of_one(serving: Running, pages: Path) -> None:
    scan = page(pages, 5)
    shutil.copy(scan, serving.inbox / f"{code(7)}{scan.suffix}")
    with serving.ledger() as ledger:
        serving.wait_for(
            lambda: (found := ledger.dossier(code(7))) is not None and found.stage == "published",
            60,
            "the loose file",
        )
        found = ledger.dossier(code(7))
    assert found is not None
    assert found.department == "chung"


def test_a_signed_file_is_stored_byte_for_byte(
    serving: Running, pages: Path, tmp_path: Path
) -> None:
    digitised = serving.cli("digitise", page(pages, 6), "--out", tmp_path, "--json").json["files"]
    signed = tmp_path / "đã ký.pdf"
    args = ("--role", "leader", "--out", signed, "--json")
    assert serving.cli("sign", digitised[0]["pdf"], *args).code == ExitCode.ok
    answer = ingest(serving, signed, "--dossier", code(8), "--department", "mot-cua")
    assert answer["stage"] == "published"
    got = serving.cli("results", "get", code(8), "--out", tmp_path, "--json").json
    paths = {one["kind"]: Path(one["path"]) for one in got["files"]}
    assert paths["original"].read_bytes() == signed.read_bytes()
    assert paths["original"].name == signed.name
    verdicts = serving.cli("verify", paths["original"], paths["signed"], "--json").json["files"]
    assert [one["verdict"] for one in verdicts] == ["valid", "valid"]
    manifest = paths["manifest"].read_text("utf-8")
    assert '"B-LTA"' in manifest


def test_a_later_result_joins_its_dossier(serving: Running, pages: Path, tmp_path: Path) -> None:
    ingest(serving, page(pages, 7), "--dossier", code(9), "--department", "mot-cua")
    later = tmp_path / "later" / "ket-qua"
    later.mkdir(parents=True)
    shutil.copy(page(pages, 8), later)
    answer = ingest(serving, later.parent, "--dossier", code(9), "--department", "mot-cua")
    assert (answer["stage"], answer["exit"]) == ("awaiting_approval", ExitCode.not_finished)
    waiting = serving.cli("approve", "--list", "--json").json["waiting"]
    assert [(one["dossier"], one["number"]) for one in waiting] == [(code(9), 2)]
    back = serving.cli("approve", f"{code(9)}/2", "--refuse", "dấu mờ", "--json").json
    assert back["refused"] == [2]
    assert serving.cli("review", f"{code(9)}/2", "--accept", "--json").code == ExitCode.ok
    done = serving.cli("approve", code(9), "--json").json
    assert (done["approved"], done["ready_to_sign"]) == ([2], [2])
    published(serving, code(9))
    documents = status(serving, code(9))["documents"]
    assert [(one["role"], one["stage"]) for one in documents] == [
        ("component", "published"),
        ("result", "published"),
    ]
    got = serving.cli("results", "get", code(9), "--out", tmp_path, "--json").json
    assert sum(one["kind"] == "index" for one in got["files"]) == 2

    by = ("--reason", "sai họ tên", "--by", f"{code(9)}/2", "--json")
    assert serving.cli("withdraw", f"{code(9)}/1", *by).json["withdrawn"] == [1]
    got = serving.cli("results", "get", code(9), "--out", tmp_path / "after", "--json").json
    assert [one["superseded_by"] for one in got["withdrawn"]] == [f"{code(9)}/result-002"]
    assert {one["label"] for one in got["files"]} == {"result-002", "index"}
    newest = max(one["path"] for one in got["files"] if one["kind"] == "index")
    assert '"superseded_by": "' in Path(newest).read_text("utf-8")
    assert serving.cli("reopen", f"{code(9)}/2", "--reason", "x", "--json").code == (
        ExitCode.bad_input
    )


def test_doubts_wait_for_a_person(serving: Running, tmp_path: Path) -> None:
    """Without its name and number, a form lacks what is required: a person must see it."""
    (scan,) = [one for one in draw_sample(tmp_path / "s", TODAY, seed=7) if "ct01" in one.name]
    with Image.open(scan) as picture:
        smudged = picture.convert("L")
    width, height = smudged.size
    smudged.paste(255, (0, int(height * 0.22), width, int(height * 0.32)))
    smudged.save(tmp_path / "ct01.png", dpi=(300, 300))
    answer = ingest(serving, tmp_path / "ct01.png", "--dossier", code(10))
    assert (answer["stage"], answer["exit"]) == ("in_review", ExitCode.not_finished)
    doubts = serving.cli("review", code(10), "--json").json["doubts"]
    assert doubts
    refused = serving.cli("review", code(10), "--set", "no_such_field=1", "--json")
    assert refused.code == ExitCode.bad_input
    settled = serving.cli("review", code(10), "--accept", "--json")
    assert settled.code == ExitCode.ok
    with serving.ledger() as ledger:
        serving.wait_for(
            lambda: (found := ledger.dossier(code(10))) is not None and found.stage == "published",
            60,
            "the settled dossier",
        )


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


def test_doctor_and_config(serving: Running) -> None:
    examined = serving.cli("doctor", "--json")
    assert examined.code == ExitCode.ok, examined.out
    shown = serving.cli("config", "show", "--json").json
    assert shown["data"] == str(serving.data)


def test_only_one_service_a_data_folder(serving: Running) -> None:
    assert serving.cli("up").code == ExitCode.already_running
