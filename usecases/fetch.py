"""Fetches what is published of a dossier, each file verified by its hash."""

from pathlib import Path
from typing import Any

from schemas.dossier import Stage
from schemas.errors import Damaged, NotFound
from storage import Document, Dossier, KeptObject, Ledger, ObjectKind, Objects, newest
from usecases.fixity import note_damage, note_missing

ORIGINALS = "originals"
INDEX = "index"
_LONGEST_STEM = 200


def fetch(ledger: Ledger, objects: Objects, dossier: Dossier, folder: Path) -> list[dict[str, Any]]:
    """Write signed files, manifests and indexes to ``folder``, originals to a folder below it.

    Files are called as the clerk called them. What is there with the same bytes stays. A scan that
    was split is fetched once, as the original of its documents. What is damaged in the store is
    written down as a finding, and does not keep the others back.

    Raises:
        NotTrusted: the ledger's rows of the dossier are not what its events say.
        Damaged: the first file whose bytes are not those that were put, or gone from the store;
            the others are there.
        ServiceUnavailable: the store does not answer.
    """
    proven = ledger.prove(dossier.id, alone=True)
    for elsewhere in {one.dossier_id for one in proven.objects} - {dossier.id}:
        ledger.prove(elsewhere, alone=True)  # of linked documents, or the scan of these
    kept = newest(proven.objects)
    fetched: list[dict[str, Any]] = []
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
    return fetched


def _get(objects: Objects, kept: KeptObject, path: Path, label: str) -> dict[str, Any]:
    path.parent.mkdir(parents=True, exist_ok=True)
    objects.get(kept.bucket, kept.key, path, version_id=kept.version_id, sha256=kept.sha256)
    return {
        "label": label,
        "kind": kept.kind.value,
        "path": str(path),
        "sha256": kept.sha256,
        "key": kept.key,
    }


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
