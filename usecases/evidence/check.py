"""Checking an evidence file with nothing else at hand than the certificates that are trusted."""

import hashlib
import itertools
import mmap
import re
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

from pydantic import JsonValue, ValidationError

from schemas.dossier import Stage
from schemas.errors import InputRejected
from schemas.manifest import Manifest
from schemas.messages import Language
from schemas.verdict import Verdict
from signing import Guard, Trust
from storage import Event, ObjectKind, hash_of
from usecases.context import ACTOR
from usecases.evidence.records import (
    EVIDENCE_FILE,
    DossierEvidence,
    EvidenceReport,
    Exhibit,
    Fault,
    ProvenEvent,
)
from usecases.evidence.tree import root_of, summary

_CHUNK = 1 << 20
_DESCRIPTION = 64 << 20
"""Bytes of an ``evidence.json`` at most."""
_OF_KIND = {"remade": "digitised"}
"""Events that say of a document made again what another kind said of it at first."""
_BEGINS = {"begun_again", "page_turned", "type_changed", "page_replaced"}
"""Events after which a document is read again: reviews before them are of no account."""
_MARKER = re.compile(rb"%%EOF(\r\n|\r|\n)?")


def check(
    path: Path,
    trust: Trust,
    *,
    language: Language = "vi",
    at: datetime | None = None,
    guard: Guard | None = None,
) -> EvidenceReport:
    """Check everything that an evidence file says against itself. Needs no service.

    Checked are: the container's signature and that it covers every file; the hash of every event
    and its place in the ledger's tree; that scan, manifest and signed file are those of the events,
    that the signed file is the digitised one plus signatures, and that these are valid.

    Args:
        path: the evidence.
        trust: whose signatures count.
        language: that of the container's sentence.
        at: the moment of judging; now when unset.
        guard: one that is there already, instead of ``trust`` and ``language``.

    Raises:
        InputRejected: it is no evidence file.
    """
    with ExitStack() as stack:
        guard = guard or stack.enter_context(Guard(trust, language=language))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        container = guard.verify(path, at=at).verdict
        evidence = _open(path, folder)
        found = _Findings(evidence)
        if container.verdict is not Verdict.valid:
            found.add("container", path.suffix.removeprefix("."))
        found.dossier()
        found.events()
        for exhibit in evidence.documents:
            found.document(exhibit, folder, guard, at)
    return EvidenceReport(
        file=str(path),
        sound=not found.faults,
        container=container,
        department=evidence.department,
        dossier=evidence.dossier,
        exported_at=evidence.exported_at,
        events=len(evidence.events),
        documents=len(evidence.documents),
        reviewers=tuple(found.reviewers()),
        signatures=found.signatures,
        faults=tuple(found.faults),
    )


def _open(path: Path, folder: Path) -> DossierEvidence:
    """Unpack the files that the description names; their names are ours, not the archive's."""
    try:
        with zipfile.ZipFile(path) as archive:
            if archive.getinfo(EVIDENCE_FILE).file_size > _DESCRIPTION:
                raise InputRejected("evidence.not_evidence")
            evidence = DossierEvidence.model_validate_json(archive.read(EVIDENCE_FILE))
            wanted = {kept.file for one in evidence.documents for kept in one.objects if kept.file}
            for name in wanted & set(archive.namelist()):
                target = folder / hashlib.sha256(name.encode()).hexdigest()
                with archive.open(name) as source, target.open("wb") as out:
                    while block := source.read(_CHUNK):
                        out.write(block)
    except InputRejected:
        raise
    except Exception as exc:  # a damaged archive fails in many ways
        raise InputRejected("evidence.not_evidence") from exc
    return evidence


class _Findings:
    """What does not fit, and what was learned on the way."""

    def __init__(self, evidence: DossierEvidence) -> None:
        self.evidence = evidence
        self.faults: list[Fault] = []
        self.signatures: dict[str, Verdict] = {}

    def add(self, code: str, what: str) -> None:
        self.faults.append(Fault(code=code, what=what))

    def reviewers(self) -> Iterator[str]:
        """Who settled doubts or said how a scan is split, in order."""
        seen = (proven.event for proven in self.evidence.events)
        yield from dict.fromkeys(
            event.actor
            for event in seen
            if event.kind in {"decided", "reviewed"}
            or (event.kind == "split" and event.actor != ACTOR)
        )

    def dossier(self) -> None:
        """The events are those of the dossier that the description names."""
        named = (self.evidence.department, self.evidence.dossier)
        events = [proven.event for proven in self.evidence.events]
        ids = {
            event.dossier_id
            for event in events
            if event.kind in {"opened", "recoded"}
            and (event.data.get("department"), event.data.get("dossier")) == named
        }
        for exhibit in self.evidence.documents:
            received = (exhibit.document_id, "received")
            if not any(
                (event.document_id, event.kind) == received and event.dossier_id in ids
                for event in events
            ):
                self.add("another_dossier", exhibit.label)

    def events(self) -> None:
        """Every event is what its hash says, and stands where it says in the chain."""
        chain = self.evidence.chain
        last = 0
        for proven in self.evidence.events:
            event = proven.event
            if event.seq <= last or hash_of(event) != event.hash:
                self.add("event_changed", str(event.seq))
            elif not self._included(event.hash, event.seq, proven.path):
                self.add("event_not_in_chain", str(event.seq))
            last = event.seq
        if not self._included(chain.head, chain.events, chain.head_path):
            self.add("chain_head", str(chain.events))
        for before, after in _neighbours(self.evidence.events):
            if after.prev_hash != before.hash:
                self.add("event_not_in_chain", str(after.seq))

    def _included(self, digest: str, seq: int, path: tuple[str, ...]) -> bool:
        chain = self.evidence.chain
        try:
            nodes = [bytes.fromhex(node) for node in path]
            root = root_of(bytes.fromhex(digest), seq - 1, chain.events, nodes)
            return root is not None and summary(root, chain.events).hex() == chain.summary
        except (ValueError, OverflowError):
            return False

    def document(self, exhibit: Exhibit, folder: Path, guard: Guard, at: datetime | None) -> None:
        """The document's files are those of its events, each made from the one before."""
        events = self._of(exhibit)
        self._hashes(exhibit, events)
        self._moves(exhibit, events)
        if exhibit.scan_id is not None:
            self._pages(exhibit, events)
        files: dict[ObjectKind, Path] = {}
        for kept in exhibit.objects:
            if kept.file is None:
                continue
            file = folder / hashlib.sha256(kept.file.encode()).hexdigest()
            if not file.exists():
                self.add("file_missing", kept.file)
            elif _sha256(file) != kept.sha256:
                self.add("file_changed", kept.file)
            else:
                files[kept.kind] = file
        signed = files.get(ObjectKind.signed)
        if ObjectKind.renewed in files:  # the last of them proves what the signed file did
            signed = files[ObjectKind.renewed]
            if not _begins_with(signed, exhibit.signed_sha256 or ""):
                self.add("not_the_signed_file", exhibit.label)
        if signed is not None:
            verdict = guard.verify(signed, at=at).verdict.verdict
            self.signatures[exhibit.label] = verdict
            if verdict is not Verdict.valid:
                self.add("signature", exhibit.label)
            if not _begins_with(signed, exhibit.pdfa_sha256 or ""):
                self.add("not_the_digitised_file", exhibit.label)
        manifest = files.get(ObjectKind.manifest)
        if manifest is not None:
            self._manifest(exhibit, manifest)

    def _of(self, exhibit: Exhibit) -> list[Event]:
        own = {exhibit.document_id, exhibit.first_id, exhibit.scan_id}
        return [one.event for one in self.evidence.events if one.event.document_id in own]

    def _hashes(self, exhibit: Exhibit, events: list[Event]) -> None:
        """What the description says of the document is what its events say."""
        said = {(_OF_KIND.get(event.kind, event.kind), event.hash_after) for event in events}
        expected = [
            ("received", exhibit.source_sha256),
            ("digitised", exhibit.pdfa_sha256),
            ("signed", exhibit.signed_sha256),
            ("published", exhibit.signed_sha256),
        ]
        for kind, digest in expected:
            if digest is None or (kind, digest) not in said:
                self.add(f"no_event_{kind}", exhibit.label)
        stored = {
            (event.data.get("kind"), event.hash_after, event.data.get("version"))
            for event in events
            if event.kind == "object_stored"
        }
        digests = {
            ObjectKind.original: exhibit.source_sha256,
            ObjectKind.manifest: exhibit.manifest_sha256,
            ObjectKind.signed: exhibit.signed_sha256,
        }
        held = {
            (one.kind, one.sha256)
            for one in exhibit.objects
            if (one.kind.value, one.sha256, one.version_id) in stored
        }
        for part, digest in digests.items():
            if (part, digest) not in held:
                self.add("no_event_stored", f"{exhibit.label}-{part.value}")
        begun = max((event.seq for event in events if event.kind in _BEGINS), default=0)
        reviewed = [event for event in events if event.kind == "reviewed" and event.seq > begun]
        if reviewed and reviewed[-1].hash_after != exhibit.manifest_sha256:
            self.add("not_the_reviewed_manifest", exhibit.label)

    def _moves(self, exhibit: Exhibit, events: list[Event]) -> None:
        """Each move begins where the one before ended, from received to published.

        A review, say, that is left out breaks this; what is left out cannot be told from its hash.
        """
        stage: JsonValue = Stage.received.value
        for event in events:
            if event.document_id != exhibit.first_id or event.kind in {"received", "object_stored"}:
                continue
            if event.kind == "retried":
                stage = event.data.get("to")
            elif "from" in event.data:
                if event.data["from"] != stage:
                    self.add("events_missing", exhibit.label)
                stage = event.data.get("to", event.kind)
        if stage != exhibit.stage.value:
            self.add("events_missing", exhibit.label)

    def _pages(self, exhibit: Exhibit, events: list[Event]) -> None:
        """Scan and document say the same of which pages the document is made of."""
        pages = list(exhibit.source_pages)
        received = any(
            event.kind == "received"
            and event.document_id == exhibit.document_id
            and (event.data.get("scan"), event.data.get("pages")) == (exhibit.scan_id, pages)
            for event in events
        )
        given = any(
            isinstance(part, dict)
            and (part.get("document"), part.get("pages")) == (exhibit.first_id, pages)
            for event in self._events("split")
            for part in _list(event.data.get("parts"))
        )
        scanned = any(
            event.kind == "received"
            and event.document_id == exhibit.scan_id
            and event.hash_after == exhibit.source_sha256
            for event in events
        )
        if not (pages and received and given and scanned):
            self.add("not_these_pages", exhibit.label)

    def _events(self, kind: str) -> list[Event]:
        return [one.event for one in self.evidence.events if one.event.kind == kind]

    def _manifest(self, exhibit: Exhibit, path: Path) -> None:
        try:
            manifest = Manifest.model_validate_json(path.read_bytes())
        except ValidationError:
            self.add("manifest_unreadable", exhibit.label)
            return
        if manifest.source.sha256 != exhibit.source_sha256:
            self.add("not_this_scan", exhibit.label)
        elif manifest.source.pages != exhibit.source_pages:
            self.add("not_these_pages", exhibit.label)
        new = {one.sha256 for one in manifest.changes.pages.values()}
        kept = {one.sha256 for one in exhibit.objects if one.kind is ObjectKind.original}
        if not new <= kept:
            self.add("not_these_pages", exhibit.label)
        if len(manifest.pages) != exhibit.pages:
            self.add("pages_differ", exhibit.label)


def _list(value: JsonValue | None) -> list[JsonValue]:
    return value if isinstance(value, list) else []


def _neighbours(events: tuple[ProvenEvent, ...]) -> Iterator[tuple[Event, Event]]:
    """Events that follow one upon the other in the chain."""
    for before, after in itertools.pairwise(events):
        if after.event.seq == before.event.seq + 1:
            yield before.event, after.event


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(_CHUNK):
            digest.update(block)
    return digest.hexdigest()


def _begins_with(path: Path, sha256: str) -> bool:
    """Whether one of a PDF's revisions has this hash: it was signed by appending alone."""
    digest, done = hashlib.sha256(), 0
    with (
        path.open("rb") as stream,
        mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content,
    ):
        for marker in _MARKER.finditer(content):
            for end in sorted({marker.start() + 5, marker.end()}):
                if end < done:
                    continue
                digest.update(content[done:end])
                done = end
                if digest.hexdigest() == sha256:
                    return True
    return False
