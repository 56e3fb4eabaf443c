"""ASiC-E containers: made, verified by openssl too, and attacked."""

import asyncio
import base64
import hashlib
import io
import re
import subprocess
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from pdf_signing import identity
from prepared import need_programs

from schemas.errors import Conflict, InputRejected
from schemas.verdict import FileVerdict, Verdict
from signing import Level, Pki, Signer, SignerRole, SigningOptions, Trust, validate

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
        return validate(path, trust, report=True).verdict

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
    assert report.level == "CAdES-B-LTA" and report.time_source == "timestamp"
    assert report.field == SIGNATURE and report.covers_whole_file and report.anchor
    with zipfile.ZipFile(io.BytesIO(container)) as archive:
        first = archive.infolist()[0]
        assert first.filename == "mimetype" and first.compress_type == zipfile.ZIP_STORED
    assert container[38:69] == b"application/vnd.etsi.asic-e+zip"
    assert judged(_rewritten(container, lambda entries: None)).verdict is Verdict.valid


def _openssl_accepts(container: bytes, pki: Pki, place: Path) -> None:
    """The signature over the manifest, and the time stamp over the archive's manifest."""
    need_programs("openssl")
    with zipfile.ZipFile(io.BytesIO(container)) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    (place / "manifest").write_bytes(held[MANIFEST])
    (place / "signature").write_bytes(held[SIGNATURE])
    trusted = ["-CAfile", str(pki.root_path)]
    command = ["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", "signature"]
    command += ["-content", "manifest", *trusted, "-purpose", "any"]
    done = subprocess.run(command, cwd=place, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    if STAMP in held:
        (place / "stamp").write_bytes(held[STAMP])
        (place / "archive").write_bytes(held[ARCHIVE])
        command = ["openssl", "ts", "-verify", "-token_in", "-in", "stamp", "-data", "archive"]
        done = subprocess.run([*command, *trusted], cwd=place, capture_output=True, check=False)
        assert b"Verification: OK" in done.stdout + done.stderr, done.stderr.decode()


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


ARCHIVE = "META-INF/ASiCArchiveManifest001.xml"
STAMP = "META-INF/timestamp001.tst"


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
    "archive manifest gone": _drop(ARCHIVE),
    "archive manifest changed": lambda entries: _set(
        ARCHIVE, dict(entries)[ARCHIVE].replace(b"MimeType", b"Mimetype", 1)
    )(entries),
    "time stamp gone": _drop(STAMP),
    "time stamp empty": _set(STAMP, b""),
    "time stamp is the signature": lambda entries: _set(STAMP, dict(entries)[SIGNATURE])(entries),
    "something among the signatures": lambda entries: entries.append(("META-INF/evil.exe", b"x")),
    "a listing that is none": lambda entries: entries.append(("META-INF/manifest.xml", b"<a/>")),
    "a name with a backslash": lambda entries: entries.append(("a\\b", b"x")),
    "another type": _set("mimetype", b"application/zip"),
    "type gone": _drop("mimetype"),
    "type not first": lambda entries: entries.append(entries.pop(0)),
    "entities": _set(MANIFEST, b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"),
    "a folder with content": lambda entries: entries.append(("c/", b"x")),
    "a folder with content among the signatures": lambda entries: entries.append(
        ("META-INF/c/", b"x")
    ),
    "a file named again and again": lambda entries: _set(
        MANIFEST,
        re.sub(
            rb"(<([\w:]*DataObjectReference).*?</\2>)", rb"\1\1", dict(entries)[MANIFEST], count=1
        ),
    )(entries),
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


def test_header_and_directory_say_the_same(
    container: bytes, judged: Callable[[bytes], FileVerdict]
) -> None:
    """Flags, method, times, sums and sizes in one of the two places."""
    with zipfile.ZipFile(io.BytesIO(container)) as archive:
        second, directory = archive.infolist()[1].header_offset, archive.start_dir
    end = len(container) - 22
    places = [second + 6, *range(second + 8, second + 30)]
    places += [directory + 8, *range(directory + 10, directory + 36), *range(end, end + 22)]
    for place in places:
        changed = container[:place] + bytes([container[place] ^ 1]) + container[place + 1 :]
        assert judged(changed).verdict in REFUSED, place


def _repacked(container: bytes, change: Callable[[zipfile.ZipInfo], None]) -> bytes:
    """The same contents, with other headers."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(container)) as old, zipfile.ZipFile(out, "w") as archive:
        for one in old.infolist():
            entry = zipfile.ZipInfo(one.filename)
            change(entry)
            archive.writestr(entry, old.read(one))
    return out.getvalue()


def _in_the_spare_room(container: bytes, *, own: bool) -> bytes:
    """A PDF in the spare room of a file's header, or between two files."""
    evil = b"%PDF-1.4 evil " * 20
    with zipfile.ZipFile(io.BytesIO(container)) as archive:
        second = archive.infolist()[1].header_offset
        start = archive.start_dir
    head = bytearray(container[second : second + 30])
    name = int.from_bytes(head[26:28], "little")
    spare = int.from_bytes(head[28:30], "little")
    if own:
        head[28:30] = (spare + len(evil) + 4).to_bytes(2, "little")
        at = second + 30 + name + spare
        evil = b"\xff\xff" + len(evil).to_bytes(2, "little") + evil
        body = container[:second] + bytes(head) + container[second + 30 : at] + evil
        body += container[at:start]
        moved = second
    else:
        body = container[:second] + evil + container[second:start]
        moved = second - 1
    directory, at = bytearray(container[start:-22]), 0
    while at < len(directory):
        offset = int.from_bytes(directory[at + 42 : at + 46], "little")
        if offset > moved:
            directory[at + 42 : at + 46] = (offset + len(evil)).to_bytes(4, "little")
        lengths = (
            int.from_bytes(directory[at + 28 + n : at + 30 + n], "little") for n in (0, 2, 4)
        )
        at += 46 + sum(lengths)
    end = bytearray(container[-22:])
    end[16:20] = len(body).to_bytes(4, "little")
    made = body + bytes(directory) + bytes(end)
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        assert archive.testzip() is None  # programs open it, and find every file unchanged
    return made


@pytest.mark.parametrize("own", [False, True])
def test_nothing_hides_between_the_files(
    container: bytes, judged: Callable[[bytes], FileVerdict], own: bool
) -> None:
    """A file that is a container to one program and a PDF to another."""
    verdict = judged(_in_the_spare_room(container, own=own))
    assert verdict.verdict is Verdict.unreadable and "ASiC-E" in verdict.sentence


def test_headers_of_other_programs_and_links(
    container: bytes, judged: Callable[[bytes], FileVerdict]
) -> None:
    def packed(entry: zipfile.ZipInfo) -> None:
        if entry.filename != "mimetype":
            entry.compress_type = zipfile.ZIP_DEFLATED

    def linked(entry: zipfile.ZipInfo) -> None:
        if entry.filename == "bảng.csv":
            entry.external_attr = 0o120777 << 16

    assert judged(_repacked(container, packed)).verdict is Verdict.valid
    assert judged(_repacked(container, linked)).verdict in REFUSED


def test_a_stamp_that_covers_less_lifts_nothing(
    container: bytes, judged: Callable[[bytes], FileVerdict]
) -> None:
    """Without the archive's two files the level is what the signature itself reaches."""

    def without(entries: Entries) -> None:
        _drop(ARCHIVE)(entries)
        _drop(STAMP)(entries)

    verdict = judged(_rewritten(container, without))
    assert verdict.verdict is Verdict.valid
    assert verdict.signatures[0].level == "CAdES-B-LT"


@pytest.mark.parametrize("level", list(Level))
def test_containers_reach_every_level(
    level: Level, pki: Pki, tmp_path: Path, trust: Trust, judged: Callable[[bytes], FileVerdict]
) -> None:
    (tmp_path / "x.csv").write_text("1;2")
    signer = Signer(pki, SigningOptions(agency="CƠ QUAN", level=level))
    try:
        made = signer.contain([tmp_path / "x.csv"], tmp_path / "o.asice", role=SignerRole.clerk)
    finally:
        signer.close()
    verdict = judged(made.read_bytes())
    assert verdict.verdict is Verdict.valid
    assert verdict.signatures[0].level == f"CAdES-{level}"
    _openssl_accepts(made.read_bytes(), pki, tmp_path)
    later = validate(made, trust, at=datetime.now(UTC) + timedelta(days=60 * 365)).verdict
    assert later.verdict is Verdict.intact_untrusted


def test_a_stranger_s_signature_over_an_added_file_covers_a_part(
    container: bytes, pki: Pki, judged: Callable[[bytes], FileVerdict]
) -> None:
    name = "thêm.txt"
    digest = base64.b64encode(hashlib.sha256(b"x").digest()).decode()
    manifest = (
        '<a:ASiCManifest xmlns:a="http://uri.etsi.org/02918/v1.2.1#" '
        'xmlns:d="http://www.w3.org/2000/09/xmldsig#">'
        '<a:SigReference URI="META-INF/signature002.p7s"/>'
        f'<a:DataObjectReference URI="{quote(name)}">'
        '<d:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>'
        f"<d:DigestValue>{digest}</d:DigestValue></a:DataObjectReference></a:ASiCManifest>"
    ).encode()
    who = identity(pki, "leader").signer()
    making = who.async_sign_general_data(manifest, "sha256", detached=True, use_cades=True)
    signed = asyncio.run(making).dump()

    def add(entries: Entries) -> None:
        entries.append((name, b"x"))
        entries.append(("META-INF/ASiCManifest002.xml", manifest))
        entries.append(("META-INF/signature002.p7s", signed))

    verdict = judged(_rewritten(container, add))
    assert verdict.verdict is Verdict.intact_untrusted
    assert "một phần" in verdict.sentence
    assert all("covers_part" in one.findings for one in verdict.signatures)
    assert not any(one.covers_whole_file for one in verdict.signatures)


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
