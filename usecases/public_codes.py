"""The public code that a document gets before it is signed, and what a check needs of its fields.

What is kept beside the code names nobody: the title of who signed the paper, in the words of the
type's own list, and marks of the last figures of the persons' numbers.
"""

import asyncio
from collections.abc import Collection, Iterable
from pathlib import Path

from schemas.document_type import DocumentType, known_types
from schemas.door import Named
from schemas.dossier import Role
from schemas.errors import Conflict, InputRejected
from schemas.field import FieldStatus
from schemas.manifest import Manifest
from schemas.validators import FieldType
from storage import Document
from usecases.context import ACTOR, AppContext
from usecases.workspace import load_manifest

DRAWN_CODES = Named("signing", "drawn_codes")
"""By name: what asks for it draws nothing."""
FIGURES = 6
"""How many of a number's last figures are the second secret: of an identity number those that
follow neither from where nor from when somebody was born."""
_NUMBERS = frozenset({9, 12})
_RANKS = ("PHÓ ", "QUYỀN ")


def public_code(context: AppContext, document: Document, drawn: Collection[str] = ()) -> str:
    """The code of a document that is about to be signed: made once, in the ledger.

    Args:
        context: the rooms.
        document: which.
        drawn: what may be codes on it already (:func:`codes_drawn`).

    Raises:
        NotFound: no such document.
        ServiceUnavailable: the ledger does not answer.
    """
    title, figures = None, frozenset[str]()
    try:
        manifest = load_manifest(context.workspace(document), document, context.ledger)
    except Conflict:  # lost: the step that stores it sees to that
        manifest = None
    kind = None if manifest is None else _type_of(context, manifest)
    if manifest is not None and kind is not None:
        title = signer_title(manifest, kind.vocabulary.get("signer_titles", ()))
        figures = last_figures(manifest, kind)
    return context.ledger.public_codes.make(
        document.id, ACTOR, signer_title=title, figures=figures, drawn=drawn
    )


async def codes_drawn(context: AppContext, document: Document, pdf: Path) -> tuple[str, ...]:
    """What may be a code that was reserved for a result and drawn on it; looked for only then.

    Raises:
        ServiceUnavailable: the ledger does not answer, or no process can be started.
    """
    reserved = document.role is Role.result and await asyncio.to_thread(
        context.ledger.public_codes.has_reserved
    )
    if not reserved:
        return ()
    try:
        return await context.pool.on_file(DRAWN_CODES, pdf, pages=1)
    except InputRejected:  # the signer says what is wrong with it
        return ()


def _type_of(context: AppContext, manifest: Manifest) -> DocumentType | None:
    types = known_types(context.pool.options.types)
    return next((one for one in types if one.id == manifest.document_type), None)


def signer_title(manifest: Manifest, titles: Iterable[str]) -> str | None:
    """The title of who signed a paper, in the words of a list; None where it says none of them.

    What stands on the paper beside it may be a name, and is not taken.
    """
    field = dict(manifest.walk()).get("signer_title")
    if field is None or field.value is None or field.status is not FieldStatus.accepted:
        return None
    said = f" {' '.join(field.value.upper().split())} "
    for title in sorted(titles, key=len, reverse=True):
        if f" {title} " in said:
            rank = next((one for one in _RANKS if f" {one}{title} " in said), "")
            return f"{rank}{title}"
    return None


def last_figures(manifest: Manifest, kind: DocumentType) -> frozenset[str]:
    """The last figures of the persons' numbers on a paper; of identity papers none.

    Those are never shown to who holds a copy, so no figures open them.
    """
    if kind.sensitive:
        return frozenset()
    found = set()
    for path, field in manifest.walk():
        spec, number = kind.value_spec(path), field.value or ""
        sure = field.status is FieldStatus.accepted and number.isdecimal()
        asked = spec is not None and spec.type is FieldType.personal_id
        if asked and sure and len(number) in _NUMBERS:
            found.add(number[-FIGURES:])
    return frozenset(found)
