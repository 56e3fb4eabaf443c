"""Fetches what is published of a dossier, each file verified by its hash."""

from pathlib import Path

from schemas.dossier import Stage
from schemas.errors import Damaged, NotFound
from schemas.views import FetchedFile, FetchedView
from storage import Document, KeptObject, ObjectKind, Objects, newest
from usecases.caller import Caller, Right
from usecases.dossiers import find_dossier
from usecases.fixity import note_damage, note_missing
from usecases.rooms import Rooms

ORIGINALS = "originals"
INDEX = "index"
_LONGEST_STEM = 200


def fetch(
    caller: Caller, rooms: Rooms, code: str, folder: Path, *, department: str | None = None
) -> FetchedView:
    """Write signed files, manifests and indexes to a folder, originals to a folder below it.

    Files are called as the clerk called them. What is there with the same bytes stays. A scan that
    was split is fetched once, as the original of its documents. What is damaged in the store is
    written down as a finding, and does not keep the others back.

    Args:
        caller: who fetches.
        rooms: the ledger and the store.
        code: of the dossier.
        folder: where the dossier's own folder is made, called by its code.
        department: where several may have that code.

    Raises:
        NotAllowed: they may fetch nothing.
        NotFound: there is no such dossier, it is not theirs, or nothing of it is published.
        Conflict: several of their departments have it.
        NotTrusted: the ledger's rows of the dossier are not what its events say.
        Damaged: the first file whose bytes are not those that were put, or gone from the store;
            the others are there.
        ServiceUnavailable: the store does not answer.
    """
    ledger = rooms.ledger
    dossier = find_dossier(caller, Right.fetch, ledger, code, department)
    objects = rooms.objects()
    folder = folder / dossier.code
    proven = ledger.prove(dossier.id, alone=True)
    for elsewhere in {one.dossier_id for one in proven.objects} - {dossier.id}:
        ledger.prove(elsewhere, alone=True)  # of linked documents, or the scan of these
    kept = newest(proven.objects)
    fetched: list[FetchedFile] = []
    damaged: list[Damaged] = []

    def get(one: KeptObject, path: Path, label: str) -> None:
        try:
            fetched.append(_get(objects, one, path, label))
        except Damaged as error:
            damaged.append(error)
            note_damage(ledger, one)
        except NotFound:
            damaged.append(note_missing(ledger, one))

    taken: set[str] = set()
    scans: dict[int, str] = {}
    for document in proven.documents:
        if document.stage is not Stage.published or document.split:
            continue
        name = _free_name(document, taken)
        for one in kept:
            if not document.owns(one):
                continue
            if one.document_id == document.part_of and document.part_of is not None:
                if document.part_of in scans:
                    continue
                scan = ledger.document(document.part_of)
                scans[scan.id] = _free_name(scan, taken)
                path = folder / _relative(one, scans[scan.id])
                get(one, path, scan.label)
                continue
            path = folder / _relative(one, name)
            get(one, path, document.label)
    if fetched:
        for one in kept:
            if one.kind is ObjectKind.index:
                get(one, folder / INDEX / Path(one.key).name, "index")
    if damaged:
        raise damaged[0]
    if not fetched:
        raise NotFound("cli.nothing_published", dossier=dossier.code)
    return FetchedView(dossier=dossier.code, out=str(folder), files=tuple(fetched))


def _get(objects: Objects, kept: KeptObject, path: Path, label: str) -> FetchedFile:
    path.parent.mkdir(parents=True, exist_ok=True)
    objects.get(kept.bucket, kept.key, path, version_id=kept.version_id, sha256=kept.sha256)
    return FetchedFile(
        label=label, kind=kept.kind.value, path=str(path), sha256=kept.sha256, key=kept.key
    )


def _relative(kept: KeptObject, name: str) -> Path:
    if kept.kind is ObjectKind.original:
        return Path(ORIGINALS) / f"{name}{Path(kept.key).suffix}"
    return Path(f"{name}{'.json' if kept.kind is ObjectKind.manifest else '.pdf'}")


def _free_name(document: Document, taken: set[str]) -> str:
    """The clerk's name without its ending, made safe, unlike the names before it."""
    clean = "".join(letter for letter in document.name if letter.isprintable() and letter != "/")
    stem = Path(clean).stem.strip(". ") or document.label
    stem = stem.encode()[:_LONGEST_STEM].decode("utf-8", "ignore")
    name = stem
    while name in taken:
        name = f"{name}-{document.number}"
    taken.add(name)
    return name
