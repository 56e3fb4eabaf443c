"""The fields of a document as every face may tell them: some things would spoil somebody's look.

Which values were picked to see whether machines are right (:mod:`usecases.audit_sample`), and what
stands in fields that people enter independently (:mod:`usecases.double_entry`), as long as they do.
"""

from collections.abc import Iterator
from pathlib import Path

from schemas.document_type import document_type
from schemas.dossier import Stage
from schemas.field import Field
from schemas.manifest import Manifest
from storage import Document
from usecases.audit_sample import as_doubtful
from usecases.double_entry import twice_paths


def told_fields(
    document: Document, manifest: Manifest, types: Path | None
) -> Iterator[tuple[str, Field]]:
    """Path and field, all of a manifest's.

    Args:
        document: whose they are; what is hidden depends on its stage.
        manifest: its own.
        types: the folder of the office's own document types.
    """
    hidden: frozenset[str] = frozenset()
    if document.stage is Stage.in_review:
        known = document_type(manifest.document_type or "", manifest.form_version, types)
        hidden = twice_paths(manifest, known)
    for path, read in manifest.walk():
        field = as_doubtful(path, read, manifest.source.sha256)
        yield path, _untold(field) if path in hidden else field


def _untold(read: Field) -> Field:
    told = {"value": None, "raw": None, "confidence": 0.0, "readers": (), "checks": ()}
    return read.model_copy(update={**told, "reasons": ("called.entry_hidden",)})
