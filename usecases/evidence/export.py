"""Writing the evidence of a dossier from the ledger and the store."""

import tempfile
from datetime import datetime
from pathlib import Path

from schemas.dossier import Stage
from schemas.errors import Conflict
from signing import Signer, SignerRole
from storage import Document, Dossier, Event, KeptObject, Ledger, ObjectKind, Objects
from usecases.caller import Caller, Right
from usecases.evidence.records import (
    EVIDENCE_FILE,
    Chain,
    DossierEvidence,
    Exhibit,
    Kept,
    ProvenEvent,
)
from usecases.evidence.tree import Tree, summary
from usecases.identity_pictures import see
from usecases.rooms import Rooms
from usecases.sharing import whole_dossier

_AT_ONCE = 5000
_KEPT = {Stage.published, Stage.withdrawn}
"""What is withdrawn is evidence all the same."""


def export(
    caller: Caller,
    rooms: Rooms,
    code: str,
    out: Path,
    signer: Signer,
    *,
    department: str | None = None,
    hashes_only: bool = False,
    role: SignerRole = SignerRole.clerk,
) -> DossierEvidence:
    """Write the evidence of a dossier to ``out``, an ASiC-E container signed with ``role``.

    Args:
        caller: who takes it.
        rooms: the ledger is checked as a whole first; scans, manifests and signed files are taken
            from the store, by way of the work folder, where nothing is left.
        code: of the dossier.
        out: where it goes, whole or not at all.
        signer: the office's signer.
        department: where several may have that code.
        hashes_only: without the files; the store is not asked.
        role: whose signature.

    Raises:
        NotAllowed: they may fetch nothing; or ``usecase.identity_hidden``, a paper is one.
        Conflict: several of their departments have it, the ledger's chain is broken, nothing of the
            dossier is published, ``out`` exists, or an object's bytes are not those of the ledger.
        NotTrusted: the ledger's rows of the dossier are not what its events say.
        NotFound: there is no such dossier, it is not theirs and not shared as a whole, or an object
            is gone from the store.
        ServiceUnavailable: the store, the key or the time stamp is not to be had now.
        ConfigurationError: the certificate must not sign.
    """
    ledger, at = rooms.ledger, rooms.clock()
    dossier = whole_dossier(caller, Right.fetch, rooms, code, department)
    objects = None if hashes_only else rooms.objects()
    report = ledger.verify_chain()
    if not report.intact:
        raise Conflict("evidence.chain_broken", seq=report.first_broken_seq or 0)
    proven = ledger.prove(dossier.id, alone=True)
    documents = [one for one in proven.documents if one.stage in _KEPT and not one.split]
    if not documents:
        raise Conflict("evidence.nothing_published", dossier=dossier.code)
    for one in () if hashes_only else documents:
        see(caller, rooms, dossier, one, "file")
    rooms.work.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=rooms.work, prefix="evidence-") as name:
        folder = Path(name)
        kept = list(proven.objects)
        exhibits = [_exhibit(one, kept, objects, folder) for one in documents]
        evidence = _evidence(ledger, dossier, exhibits, at)
        described = folder / EVIDENCE_FILE
        described.write_text(evidence.model_dump_json(indent=1), encoding="utf-8")
        named = (one.file for each in exhibits for one in each.objects if one.file)
        files = [folder / file for file in dict.fromkeys(named)]
        signer.contain([described, *files], out, role=role, at=at)
    return evidence


def _exhibit(
    document: Document, kept: list[KeptObject], objects: Objects | None, folder: Path
) -> Exhibit:
    held = []
    for one in kept:
        if not document.owns(one):
            continue
        file = None
        if objects is not None:
            of_scan = document.part_of is not None and one.document_id == document.part_of
            label = f"scan-{document.part_of}" if of_scan else document.label
            if one.document_id in document.new_pages:
                label = f"page-{one.document_id}"
            file = f"{label}-{one.kind.value}{Path(one.key).suffix}"
            if one.kind is ObjectKind.renewed:  # there may be several of them
                file = Path(one.key).name
            if not (folder / file).exists():
                objects.get(
                    one.bucket, one.key, folder / file, version_id=one.version_id, sha256=one.sha256
                )
        held.append(Kept(**one.model_dump(include=set(Kept.model_fields)), file=file))
    return Exhibit(
        label=document.label,
        role=document.role,
        stage=document.stage,
        document_id=document.id,
        first_id=document.duplicate_of or document.id,
        scan_id=document.part_of,
        source_pages=document.source_pages,
        source_sha256=document.source_sha256,
        pdfa_sha256=document.pdfa_sha256,
        manifest_sha256=document.manifest_sha256,
        signed_sha256=document.signed_sha256,
        pages=document.pages,
        objects=tuple(held),
    )


def _evidence(
    ledger: Ledger, dossier: Dossier, exhibits: list[Exhibit], at: datetime
) -> DossierEvidence:
    """The description, with the events of the dossier, of linked documents and of split scans.

    All events are read once, in one order; those written meanwhile are of no concern.
    """
    firsts = {one.first_id for one in exhibits} | {one.scan_id for one in exhibits if one.scan_id}
    leaves: list[bytes] = []
    mine: list[Event] = []
    while events := ledger.events(after_seq=len(leaves), limit=_AT_ONCE):
        leaves += [bytes.fromhex(event.hash) for event in events]
        mine += [
            event
            for event in events
            if event.dossier_id == dossier.id
            or event.document_id in firsts
            or (event.kind == "split" and _names(event, firsts))
        ]
    tree = Tree(leaves)
    return DossierEvidence(
        department=dossier.department,
        dossier=dossier.code,
        exported_at=at,
        chain=Chain(
            events=len(leaves),
            head=leaves[-1].hex(),
            head_path=_hexadecimal(tree.path(len(leaves) - 1)),
            summary=summary(tree.root, len(leaves)).hex(),
        ),
        documents=tuple(exhibits),
        events=tuple(
            ProvenEvent(event=event, path=_hexadecimal(tree.path(event.seq - 1))) for event in mine
        ),
    )


def _names(event: Event, documents: set[int]) -> bool:
    """Whether the splitting of a scan gave one of ``documents``."""
    parts = event.data.get("parts")
    named = parts if isinstance(parts, list) else []
    return any(isinstance(one, dict) and one.get("document") in documents for one in named)


def _hexadecimal(path: list[bytes]) -> tuple[str, ...]:
    return tuple(node.hex() for node in path)
