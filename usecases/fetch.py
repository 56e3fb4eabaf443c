"""Fetches what is published of a dossier, each file verified by its hash."""

from collections.abc import Sequence
from pathlib import Path

from schemas.dossier import Stage
from schemas.errors import Damaged, NotFound
from schemas.views import FetchedFile, FetchedView
from storage import Document, Dossier, KeptObject, Ledger, ObjectKind, Objects, newest
from usecases.caller import Caller, Right
from usecases.fixity import note_damage, note_missing
from usecases.identity_pictures import is_hidden, see
from usecases.rooms import Rooms
from usecases.sharing import is_shared, note_reading, purpose_of, reached_dossier

ORIGINALS = "originals"
INDEX = "index"
FETCHED = "results_taken"
"""Kind of the line in the access log."""
_LONGEST_STEM = 200


def fetch(
    caller: Caller,
    rooms: Rooms,
    code: str,
    folder: Path,
    *,
    department: str | None = None,
    purpose: str | None = None,
) -> FetchedView:
    """Write signed files, manifests and indexes to a folder, originals to a folder below it.

    Files are called as the clerk called them. What is there with the same bytes stays. A scan that
    was split is fetched once, as the original of its documents. What is damaged in the store is
    written down as a finding, and does not keep the others back. Of another department's dossier
    only signed files and manifests come, no scans or indexes, which may hold more than is shared.

    Args:
        caller: who fetches.
        rooms: the ledger and the store.
        code: of the dossier.
        folder: where the dossier's own folder is made, called by its code.
        department: whose it is, where several may have that code.
        purpose: what for, where another department shares it.

    Raises:
        NotAllowed: they may fetch nothing; or ``usecase.identity_hidden``, a paper is one.
        NotFound: as :func:`usecases.sharing.reached_dossier`; or nothing of it is published.
        PurposeNeeded: another department shares it, and they have not said what for.
        Conflict: several departments that reach them have it.
        NotTrusted: the ledger's rows of the dossier are not what its events say.
        Damaged: the first file that is damaged or gone; the others are there.
        ServiceUnavailable: the store does not answer.
    """
    ledger = rooms.ledger
    dossier, reached = reached_dossier(caller, Right.fetch, rooms, code, department)
    purpose = purpose_of(caller, rooms, dossier, purpose)
    shared, ids = is_shared(caller, dossier), {one.id for one in reached}
    fetching = _Fetching(ledger, rooms.objects(), folder / dossier.code)
    proven = ledger.prove(dossier.id, alone=True)
    for elsewhere in {one.dossier_id for one in proven.objects} - {dossier.id}:
        ledger.prove(elsewhere, alone=True)  # of linked documents, or the scan of these
    kept = newest(proven.objects)
    for document in proven.documents:
        published = document.stage is Stage.published and not document.split
        if not published or document.id not in ids:
            continue
        if shared and is_hidden(caller, rooms, dossier, document):
            continue
        see(caller, rooms, dossier, document, "file")
        fetching.document(document, kept, shared=shared)
        note_reading(caller, rooms, dossier, FETCHED, document=document, purpose=purpose)
    if fetching.fetched and not shared:
        fetching.indexes(kept)
    fetching.see_whole(dossier)
    return FetchedView(
        dossier=dossier.code, out=str(fetching.folder), files=tuple(fetching.fetched)
    )


class _Fetching:
    """What was fetched of a dossier so far, and what could not be."""

    def __init__(self, ledger: Ledger, objects: Objects, folder: Path) -> None:
        self.folder = folder
        self.fetched: list[FetchedFile] = []
        self.damaged: list[Damaged] = []
        self._ledger, self._objects = ledger, objects
        self._taken: set[str] = set()
        self._scans: set[int] = set()

    def document(self, document: Document, kept: Sequence[KeptObject], *, shared: bool) -> None:
        """Everything of one document; its scan once, whichever documents are of it.

        Where it is ``shared``, nothing of its scan: other documents may be on it.
        """
        if shared:
            for one in kept:
                if document.owns(one) and one.kind is not ObjectKind.original:
                    self._get(one, _relative(one, document.label), document.label)
            return
        name = _free_name(document, self._taken)
        for one in kept:
            if not document.owns(one):
                continue
            if document.part_of is None or one.document_id != document.part_of:
                self._get(one, _relative(one, name), document.label)
            elif document.part_of not in self._scans:
                self._scans.add(document.part_of)
                scan = self._ledger.document(document.part_of)
                self._get(one, _relative(one, _free_name(scan, self._taken)), scan.label)

    def see_whole(self, dossier: Dossier) -> None:
        """See that something was fetched, and nothing was damaged.

        Raises:
            Damaged, NotFound: as :func:`fetch`.
        """
        if self.damaged:
            raise self.damaged[0]
        if not self.fetched:
            raise NotFound("cli.nothing_published", dossier=dossier.code)

    def indexes(self, kept: Sequence[KeptObject]) -> None:
        """All indexes of the dossier."""
        for one in kept:
            if one.kind is ObjectKind.index:
                self._get(one, Path(INDEX) / Path(one.key).name, "index")

    def _get(self, one: KeptObject, relative: Path, label: str) -> None:
        try:
            self.fetched.append(_get(self._objects, one, self.folder / relative, label))
        except Damaged as error:
            self.damaged.append(error)
            note_damage(self._ledger, one)
        except NotFound:
            self.damaged.append(note_missing(self._ledger, one))


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
