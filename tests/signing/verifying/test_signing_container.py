"""ASiC-E containers: made, verified by openssl too, and attacked."""

import io
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from schemas.errors import Conflict, InputRejected
from schemas.verdict import FileVerdict, Verdict
from signing import Pki, Signer, SignerRole, Trust, look_at

REFUSED = {Verdict.altered, Verdict.broken, Verdict.unreadable}
MANIFEST = "META-INF/ASiCManifest001.xml"
SIGNATURE = "META-INF/signature001.p7s"


@pytest.fixture(scope="module")
def container(tmp_path_factory: pytest.TempPathFactory, signer: Signer) -> bytes:
    place = tmp_path_factory.mktemp("container")
    (place / "bản vẽ.svg").write_text("<svg/>")
    (place / "bảng.csv").write_bytes(b"a;b\n1;2\n" * 1000)
    files = [place / "bản vẽ.svg", place / "bảng.csv"]
    made = signer.contain(files, place / "gói.asice", role=SignerRole.clerk)
    return made.read_bytes()


@pytest.fixture
def judged(tmp_path: Path, trust: Trust) -> Callable[[bytes], FileVerdict]:
    def judge(content: bytes) -> FileVerdict:
        path = tmp_path / "judged.asice"
        path.write_bytes(content)
        return look_at(path, trust, report=True).verdict

    return judge


Entries = list[tuple[str, bytes]]


def _rewritten(container: bytes, change: Callable[[Entries], None]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(container)) as archive:
        entries = [(one.filename, archive.read(one)) for one in archive.infolist()]
    change(entries)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in entries:
            archive.writestr(zipfile.ZipInfo(name), content)
    return out.getvalue()


def test_a_container_is_valid(container: bytes, judged: Callable[[bytes], FileVerdict]) -> None:
    verdict = judged(container)
    assert verdict.verdict is Verdict.valid
    (report,) = verdict.signatures
    assert report.level == "CAdES-B-T" and report.time_source == "timestamp"
    assert report.field == SIGNATURE and report.covers_whole_file and report.anchor
    with zipfile.ZipFile(io.BytesIO(container)) as archive:
        first = archive.infolist()[0]
        assert first.filename == "mimetype" and first.compress_type == zipfile.ZIP_STORED
    assert container[38:69] == b"application/vnd.etsi.asic-e+zip"
    assert judged(_rewritten(container, lambda entries: None)).verdict is Verdict.valid


@pytest.mark.skipif(not shutil.which("openssl"), reason="no openssl")
def test_openssl_accepts_the_signature(container: bytes, pki: Pki, tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(container)) as archive:
        (tmp_path / "manifest").write_bytes(archive.read(MANIFEST))
        (tmp_path / "signature").write_bytes(archive.read(SIGNATURE))
    command = ["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", "signature"]
    command += ["-content", "manifest", "-CAfile", str(pki.root_path), "-purpose", "any"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()


def _set(name: str, content: bytes) -> Callable[[Entries], None]:
    def change(entries: Entries) -> None:
        at = [entry for entry, _ in entries].index(name)
        entries[at] = (name, content)

    return change


def _drop(name: str) -> Callable[[Entries], None]:
    def change(entries: Entries) -> None:
        entries[:] = [entry for entry in entries if entry[0] != name]

    return change


def _swap_contents(entries: Entries) -> None:
    entries[1], entries[2] = (entries[1][0], entries[2][1]), (entries[2][0], entries[1][1])


def _other_manifest(entries: Entries) -> None:
    content = dict(entries)[MANIFEST].replace(b"MimeType", b"Mimetype", 1)
    _set(MANIFEST, content)(entries)


CHANGES: dict[str, Callable[[Entries], None]] = {
    "a file changed": _set("bảng.csv", b"a;b\n9;9\n"),
    "a file gone": _drop("bảng.csv"),
    "contents swapped": _swap_contents,
    "a file added": lambda entries: entries.append(("thêm.txt", b"x")),
    "a file added in a folder": lambda entries: entries.append(("a/b.txt", b"x")),
    "a file twice": lambda entries: entries.append(("bảng.csv", b"x")),
    "a file twice but for case": lambda entries: entries.append(("BẢNG.csv", b"x")),
    "manifest changed": _other_manifest,
    "manifest gone": _drop(MANIFEST),
    "signature gone": _drop(SIGNATURE),
    "signature empty": _set(SIGNATURE, b""),
    "signature is something else": _set(SIGNATURE, b"0\x80" * 50),
    "a second signature nobody names": lambda entries: entries.append(
        ("META-INF/signature002.p7s", b"x")
    ),
    "another type": _set("mimetype", b"application/zip"),
    "type gone": _drop("mimetype"),
    "type not first": lambda entries: entries.append(entries.pop(0)),
    "entities": _set(MANIFEST, b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"),
    "outside": lambda entries: entries.append(("../x", b"x")),
}


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("name", CHANGES)
def test_changed_containers_are_refused(
    container: bytes, judged: Callable[[bytes], FileVerdict], name: str
) -> None:
    assert judged(_rewritten(container, CHANGES[name])).verdict in REFUSED


def test_a_container_with_more_around_it_is_refused(
    container: bytes, judged: Callable[[bytes], FileVerdict]
) -> None:
    """Two archives in one file: readers differ in which they open."""
    assert judged(container + b"junk").verdict in REFUSED
    assert judged(container + container).verdict in REFUSED
    assert judged(container[:-1]).verdict in REFUSED
    assert judged(b"PK\x03\x04" + container).verdict in REFUSED


def test_a_changed_file_is_altered_not_broken(
    container: bytes, judged: Callable[[bytes], FileVerdict]
) -> None:
    verdict = judged(_rewritten(container, CHANGES["a file changed"]))
    assert verdict.verdict is Verdict.altered
    assert "content_changed" in verdict.signatures[0].findings


def test_names_that_clash_and_outputs_that_exist(signer: Signer, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "x.csv").write_text("1")
    (tmp_path / "a" / "X.csv").write_text("2")
    with pytest.raises(InputRejected):
        signer.contain([tmp_path / "x.csv", tmp_path / "a" / "X.csv"], tmp_path / "o.asice")
    with pytest.raises(InputRejected):
        signer.contain([], tmp_path / "o.asice")
    assert not (tmp_path / "o.asice").exists() and not (tmp_path / "o.asice.part").exists()
    (tmp_path / "o.asice").write_text("there")
    with pytest.raises(Conflict):
        signer.contain([tmp_path / "x.csv"], tmp_path / "o.asice")
