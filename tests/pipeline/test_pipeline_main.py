"""The main job on real services: paper in, signed results out."""

import shutil
import subprocess
from pathlib import Path

import pytest
from handed_in import TODAY, code, ingest, page, published, status
from pikepdf import pdfa
from PIL import Image
from running import Running

from schemas.dossier import PROVISIONAL_CODE
from schemas.errors import ExitCode
from sohoa.sample import draw_sample

pytestmark = pytest.mark.service


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


def test_doctor_and_config(serving: Running) -> None:
    examined = serving.cli("doctor", "--json")
    assert examined.code == ExitCode.ok, examined.out
    shown = serving.cli("config", "show", "--json").json
    assert shown["data"] == str(serving.data)


def test_only_one_service_a_data_folder(serving: Running) -> None:
    assert serving.cli("up").code == ExitCode.already_running
