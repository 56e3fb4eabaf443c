"""The public code that a document gets before it is signed, and what a check may need of its fields.

What is kept beside the code names nobody: the title of who signed the paper, in the words of the
type's own list, and marks of the last figures of the persons' numbers.
"""

from collections.abc import Iterable

from schemas.document_type import DocumentType, FieldType, known_types
from schemas.errors import Conflict
from schemas.field import FieldStatus
from schemas.manifest import Manifest
from storage import Document
from usecases.context import ACTOR, AppContext
from usecases.workspace import load_manifest

FIGURES = 6
"""How many of a number's last figures are the second secret: of an identity number those that
follow neither from where nor from when somebody was born."""
_NUMBERS = frozenset({9, 12})
_RANKS = ("PHÓ ", "QUYỀN ")


def public_code(context: AppContext, document: Document) -> str:
    """The code of a document that is about to be signed: made once, in the ledger.

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
        document.id, ACTOR, signer_title=title, figures=figures
    )


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
        spec = kind.value_spec(path)
        if spec is None or spec.type is not FieldType.personal_id or field.value is None:
            continue
        if field.status is FieldStatus.accepted and field.value.isdecimal():
            if len(field.value) in _NUMBERS:
                found.add(field.value[-FIGURES:])
    return frozenset(found)
