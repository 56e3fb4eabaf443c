"""Evidence of a dossier: exported, checked with nothing else at hand, tampered with."""

import contextlib
import hashlib
import io
import json
import socket
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from evidence_office import CODE, FolderStore, through

from schemas.errors import Conflict, InputRejected
from schemas.messages import sentence
from schemas.verdict import Verdict
from signing import Guard, Signer, SignerRole, Trust
from storage import Event, Ledger, hash_of
from usecases.caller import SERVICE
from usecases.evidence import DossierEvidence, EvidenceReport, check, export
from usecases.rooms import Rooms


class AppContext:
    """A ledger with three dossiers, the second of which is asked for."""

    def __init__(self, place: Path, signer: Signer, paper: bytes) -> None:
        self.place, self.signer = place, signer
        self.store = FolderStore(place / "store")
        self.ledger = Ledger.open(f"sqlite:///{place / 'ledger.db'}")
        for number, code in enumerate(("H17.9.3-261123-0007", CODE, "H17.9.3-261123-0008")):
            through(
                self.ledger,
                self.store,
                signer,
                place / str(number),
                paper,
                code=code,
                reviewed=code == CODE,
            )

    def export(self, out: Path, **options: Any) -> DossierEvidence:
        store: Any = self.store
        rooms = Rooms(ledger=self.ledger, work=self.place, objects=lambda: store)
        signer = options.pop("signer", self.signer)
        return export(SERVICE, rooms, CODE, out, signer, **options)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, signer: Signer, paper: bytes) -> AppContext:
    return AppContext(tmp_path_factory.mktemp("office"), signer, paper)


@pytest.fixture(scope="module")
def exported(office: AppContext, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    out = tmp_path_factory.mktemp("evidence") / "e.asice"
    office.export(out)
    return out.read_bytes()


@pytest.fixture(scope="module")
def guard(trust: Trust) -> Iterator[Guard]:
    """One process for all of these."""
    with Guard(trust) as started:
        yield started


def _checked(content: bytes, path: Path, guard: Guard) -> EvidenceReport:
    path.write_bytes(content)
    return check(path, Trust(), guard=guard)


def test_evidence_is_sound(exported: bytes, guard: Guard, tmp_path: Path) -> None:
    report = _checked(exported, tmp_path / "e.asice", guard)
    assert report.faults == () and report.sound
    assert report.dossier == CODE and report.documents == 1 and report.events >= 9
    assert report.reviewers == ("can-bo-01",)
    assert report.signatures == {"component-001": Verdict.valid}
    assert report.container.verdict is Verdict.valid
    with zipfile.ZipFile(io.BytesIO(exported)) as archive:
        names = set(archive.namelist())
    assert {"evidence.json", "component-001-original.png", "component-001-signed.pdf"} <= names
    assert b"0007" not in exported  # nothing of other dossiers


def test_hashes_alone_are_evidence_too(office: AppContext, trust: Trust, tmp_path: Path) -> None:
    office.export(tmp_path / "e.asice", hashes_only=True)
    report = check(tmp_path / "e.asice", trust)
    assert report.sound and report.signatures == {}
    assert (tmp_path / "e.asice").stat().st_size < 40_000


def _edited(
    office: AppContext,
    exported: bytes,
    place: Path,
    signer: Signer,
    edit: Callable[[dict[str, Any], dict[str, bytes]], None],
) -> bytes:
    """The files changed, then put together and signed again, as by somebody with a key."""
    with zipfile.ZipFile(io.BytesIO(exported)) as archive:
        files = {
            name: archive.read(name)
            for name in archive.namelist()
            if name != "mimetype" and not name.startswith("META-INF")
        }
    said = json.loads(files["evidence.json"])
    edit(said, files)
    files["evidence.json"] = json.dumps(said).encode()
    folder = place / "files"
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    out = signer.contain(sorted(folder.iterdir()), place / "out.asice", role=SignerRole.clerk)
    return out.read_bytes()


def _first(said: dict[str, Any], kind: str) -> dict[str, Any]:
    found: dict[str, Any] = next(
        one["event"] for one in said["events"] if one["event"]["kind"] == kind
    )
    return found


def _change_actor(said: dict[str, Any], files: dict[str, bytes]) -> None:
    _first(said, "reviewed")["actor"] = "nguoi-khac"


def _change_time(said: dict[str, Any], files: dict[str, bytes]) -> None:
    _first(said, "signed")["at"] = "2020-01-01T00:00:00Z"


def _drop_review(said: dict[str, Any], files: dict[str, bytes]) -> None:
    said["events"] = [one for one in said["events"] if one["event"]["kind"] != "signed"]


def _drop_reviewer(said: dict[str, Any], files: dict[str, bytes]) -> None:
    said["events"] = [one for one in said["events"] if one["event"]["kind"] != "reviewed"]


def _renumber(said: dict[str, Any], files: dict[str, bytes]) -> None:
    _first(said, "opened")["seq"] = 1


def _other_scan(said: dict[str, Any], files: dict[str, bytes]) -> None:
    files["component-001-original.png"] = b"another"


def _other_scan_and_hash(said: dict[str, Any], files: dict[str, bytes]) -> None:
    files["component-001-original.png"] = b"another"
    digest = hashlib.sha256(b"another").hexdigest()
    said["documents"][0]["source_sha256"] = digest
    for kept in said["documents"][0]["objects"]:
        if kept["kind"] == "original":
            kept["sha256"] = digest


def _other_event_rehashed(said: dict[str, Any], files: dict[str, bytes]) -> None:
    """Somebody who knows how hashes are made, but not the chain."""
    event = _first(said, "reviewed")
    event["actor"] = "nguoi-khac"
    event["hash"] = hash_of(Event.model_validate(event))


def _file_gone(said: dict[str, Any], files: dict[str, bytes]) -> None:
    del files["component-001-manifest.json"]


def _another_code(said: dict[str, Any], files: dict[str, bytes]) -> None:
    said["dossier"] = "H17.9.3-261123-9999"


def _longer_chain(said: dict[str, Any], files: dict[str, bytes]) -> None:
    said["chain"]["events"] += 1


def _another_root(said: dict[str, Any], files: dict[str, bytes]) -> None:
    said["chain"]["summary"] = "0" * 64


def _another_renewed(said: dict[str, Any], files: dict[str, bytes]) -> None:
    """A file that was not made from the signed one, told to be its renewal."""
    content = b"%PDF-1.7\n" + files["component-001-signed.pdf"] + b"\n%%EOF\n"
    files["component-001-renewed-001.pdf"] = content
    objects = said["documents"][0]["objects"]
    signed = next(one for one in objects if one["kind"] == "signed")
    digest = hashlib.sha256(content).hexdigest()
    file = "component-001-renewed-001.pdf"
    objects.append({**signed, "kind": "renewed", "sha256": digest, "file": file})


EDITS = {
    "not_the_signed_file": (_another_renewed,),
    "event_changed": (_change_actor, _change_time),
    "no_event_signed": (_drop_review,),
    "events_missing": (_drop_reviewer,),
    "event_not_in_chain": (_other_event_rehashed, _another_root),
    "file_changed": (_other_scan,),
    "no_event_received": (_other_scan_and_hash,),
    "file_missing": (_file_gone,),
    "another_dossier": (_another_code,),
    "chain_head": (_longer_chain,),
}


@pytest.mark.parametrize(
    ("fault", "edit"), [(fault, edit) for fault, edits in EDITS.items() for edit in edits]
)
def test_tampering_shows_even_when_signed_anew(
    office: AppContext,
    exported: bytes,
    guard: Guard,
    tmp_path: Path,
    fault: str,
    edit: Callable[[dict[str, Any], dict[str, bytes]], None],
) -> None:
    content = _edited(office, exported, tmp_path, office.signer, edit)
    report = _checked(content, tmp_path / "e.asice", guard)
    assert not report.sound
    assert fault in {one.code for one in report.faults}
    for one in report.faults:
        assert sentence(f"evidence.fault_{one.code}", "vi")


def test_a_container_signed_by_a_stranger_is_no_evidence(exported: bytes, tmp_path: Path) -> None:
    path = tmp_path / "e.asice"
    path.write_bytes(exported)
    report = check(path, Trust())
    assert {one.code for one in report.faults} == {"container", "signature"}
    assert report.container.verdict is Verdict.intact_untrusted


@pytest.mark.parametrize("at", [0.1, 0.3, 0.5, 0.7, 0.9])
def test_a_changed_byte_shows(exported: bytes, guard: Guard, tmp_path: Path, at: float) -> None:
    place = int(len(exported) * at)
    changed = exported[:place] + bytes([exported[place] ^ 4]) + exported[place + 1 :]
    with contextlib.suppress(InputRejected):
        assert not _checked(changed, tmp_path / "e.asice", guard).sound


def _flipped(content: bytes, at: float) -> bytes:
    place = min(len(content) - 1, int(len(content) * at))
    return content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]


def test_a_changed_byte_in_any_file_shows(exported: bytes, guard: Guard, tmp_path: Path) -> None:
    """Every part in turn, unpacked, changed and packed again with the old signature."""
    with zipfile.ZipFile(io.BytesIO(exported)) as archive:
        entries = [(one.filename, archive.read(one)) for one in archive.infolist()]
    assert len(entries) == 9  # type, description, three files; two manifests, signature, time stamp
    for changed, _ in entries:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            for name, content in entries:
                held = _flipped(content, 0.5) if name == changed else content
                archive.writestr(zipfile.ZipInfo(name), held)
        path = tmp_path / "e.asice"
        with contextlib.suppress(InputRejected):
            report = _checked(out.getvalue(), path, guard)
            assert not report.sound, changed
            assert "container" in {one.code for one in report.faults}, changed


@pytest.mark.parametrize("kind", ["original.png", "manifest.json", "signed.pdf"])
def test_a_changed_byte_shows_also_to_whoever_signs_it_anew(
    office: AppContext, exported: bytes, guard: Guard, tmp_path: Path, kind: str
) -> None:
    def edit(said: dict[str, Any], files: dict[str, bytes]) -> None:
        name = f"component-001-{kind}"
        files[name] = _flipped(files[name], 0.7)

    content = _edited(office, exported, tmp_path, office.signer, edit)
    report = _checked(content, tmp_path / "e.asice", guard)
    assert {one.code for one in report.faults} == {"file_changed"}


def test_evidence_is_checked_elsewhere_without_a_network(
    exported: bytes, trust: Trust, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another folder, no ledger, no store, and every connection refused."""

    def refused(*about: object) -> None:
        raise OSError("no network here")

    monkeypatch.setattr(socket.socket, "connect", refused)
    monkeypatch.setattr(socket, "getaddrinfo", refused)
    path = tmp_path / "far" / "away.asice"
    path.parent.mkdir()
    path.write_bytes(exported)
    monkeypatch.chdir(path.parent)
    assert check(path, trust).sound


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"%PDF-1.7", b"x" * 5000])
def test_what_is_no_evidence_is_refused(content: bytes, guard: Guard, tmp_path: Path) -> None:
    with pytest.raises(InputRejected):
        _checked(content, tmp_path / "e.asice", guard)


def test_nothing_is_exported_from_a_broken_chain_or_twice(
    office: AppContext, exported: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "e.asice"
    out.write_text("there")
    with pytest.raises(Conflict):
        office.export(out)
    assert out.read_text() == "there"
    assert not list(office.place.glob("evidence-*"))
