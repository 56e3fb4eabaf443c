"""What nobody can read is scanned again: the decision ``unreadable`` asks for its page.

Taken back, it takes its request back as well, as long as nothing came of that and nobody asked for
the page for another reason.
"""

from collections.abc import Sequence
from contextlib import suppress

from schemas.document_type import document_type
from schemas.errors import Conflict, NotFound
from schemas.manifest import Manifest
from schemas.messages import Language, sentence
from schemas.work import DecisionKind
from storage import Decision, Document, Ledger
from usecases.called_fields import field_name
from usecases.caller import Caller
from usecases.rooms import Rooms
from usecases.workspace import Workspace, load_manifest

_LANGUAGES: tuple[Language, ...] = ("vi", "en")


def asked_again(caller: Caller, rooms: Rooms, document: Document, said: Decision) -> str | None:
    """Ask for the page of what was said to be unreadable, once for each page; the request's code.

    Not for signed files, whose pages stay, nor where its page is not known.
    """
    if said.kind is not DecisionKind.unreadable:
        return None
    manifest = _manifest(rooms, document)
    page = _page(manifest, said.path)
    if manifest.signatures or page is None:
        return None
    reason = _reason(rooms, manifest, said.path, rooms.language)
    with suppress(Conflict):  # the document went on: the decision says so
        return rooms.ledger.rescans.ask(
            document.id, page, reason, caller.name, based_on=document.manifest_sha256 or ""
        ).code
    return None


def expect_no_rescan(ledger: Ledger, document: Document) -> None:
    """See that nothing of a document is to be scanned again: it does not go on before.

    Raises:
        Conflict: ``usecase.rescan_waits``.
    """
    asked = ledger.rescans.unmet(document.id)
    if asked is not None:
        raise Conflict("usecase.rescan_waits", code=asked)


def taken_back(
    caller: Caller, rooms: Rooms, document: Document, undone: Sequence[Decision]
) -> tuple[str, ...]:
    """These decisions stand no longer: neither does what they alone asked for; its codes."""
    if not any(one.kind is DecisionKind.unreadable for one in undone):
        return ()
    waiting = rooms.ledger.rescans.open(None, document_id=document.id)
    if not waiting:
        return ()
    ended: list[str] = []
    manifest = _manifest(rooms, document)
    every = rooms.ledger.decisions(document.id)
    said = [one for one in every if one.kind is DecisionKind.unreadable]
    needed = {_page(manifest, one.path) for one in said if one.undone_at is None}
    own = {_reason(rooms, manifest, one.path, language) for one in said for language in _LANGUAGES}
    for one in waiting:
        if one.page not in needed and one.picture_sha256 is None and one.reason in own:
            with suppress(Conflict, NotFound):
                rooms.ledger.rescans.give_up(one.code, caller.name)
                ended.append(one.code)
    return tuple(ended)


def _manifest(rooms: Rooms, document: Document) -> Manifest:
    return load_manifest(Workspace(rooms.work / str(document.id)), document, rooms.ledger)


def _page(manifest: Manifest, path: str) -> int | None:
    """On which page it stands."""
    name, _, number = path.partition(".")
    if name == "pages" and number.isdecimal():
        return int(number)
    field = dict(manifest.walk()).get(path)
    return field.page if field is not None else None


def _reason(rooms: Rooms, manifest: Manifest, path: str, language: Language) -> str:
    own = document_type(manifest.document_type or "", manifest.form_version, rooms.types)
    return sentence("called.rescan_why", language, label=field_name(own, path, language))
