"""DocCodes of documents, what they are said to be, and which version of a file each code names.

A document gets its code when it is stored, so that the object carries it; one that was published
otherwise (linked to a known one, or by an earlier version) gets it when it is first asked for.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from types import MappingProxyType

from schemas.doc_code import SCAN, SIGNED, CodingOptions, field_of
from schemas.document_type import known_types
from schemas.field import Field, FieldStatus, FieldValue
from schemas.manifest import Manifest
from schemas.shared_document import Description
from schemas.validators import number_parts
from storage import Document, KeptObject, KnownCode, Ledger, NewCode, ObjectKind
from usecases.context import ACTOR, AppContext
from usecases.type_names import type_names
from usecases.workspace import load_manifest

UNKNOWN_KIND = "Văn bản"
"""What a document of no known type is called."""
LANGUAGE = "Tiếng Việt"
BORN_DIGITAL, DIGITISED = "Gốc điện tử", "Số hóa"
"""Levels of confidence, as circular 02/2019/TT-BNV names them."""
LARGEST_METADATA = 1900
"""Bytes of an object's metadata together; S3 takes 2 kB."""
_NUMBERS = ("doc_number", "number")
_DAYS = ("issue_date", "issued", "registration_date", "date")


def codes_of(
    ledger: Ledger, coding: CodingOptions, documents: Sequence[Document]
) -> dict[int, KnownCode]:
    """The codes of documents by their ids; who has none gets one."""
    known = ledger.doc_codes.of([one.id for one in documents])
    missing = {one.id: one for one in documents if one.id not in known}
    if missing:
        known |= ledger.doc_codes.give(
            [
                NewCode(
                    document_id=one.id,
                    agency=coding.agency,
                    field=field_of(coding, one.document_type),
                )
                for one in missing.values()
            ],
            ACTOR,
        )
    return known


def described(
    document_type: str | None,
    names: Mapping[str, str],
    fields: Mapping[str, FieldValue] = MappingProxyType({}),
    *,
    electronic: bool = False,
    sensitive: bool = False,
) -> Description:
    """What a document is by its fields: those that nobody doubts, cut to their lengths.

    Of an identity paper it is the kind alone: its number is a person's.

    Args:
        document_type: its identifier, where it is known.
        names: what types are called, by their identifiers.
        fields: of its manifest.
        electronic: it came signed already.
        sensitive: it is an identity paper.
    """
    fields = {} if sensitive else fields

    def value(*paths: str) -> str | None:
        for path in paths:
            field = fields.get(path)
            sure = isinstance(field, Field) and field.status is FieldStatus.accepted
            if sure and isinstance(field, Field) and field.value:
                return field.value
        return None

    number = value(*_NUMBERS)
    parts = number_parts(number) if number else None
    kind = names.get(document_type or "", UNKNOWN_KIND)
    return Description(
        type_name=kind[:100],
        code_number=(parts[0] if parts else number or "")[:11] or None,
        code_notation=parts[1][:30] if parts else None,
        issued_date=_day(value(*_DAYS)),
        organ_name=(value("issuing_org") or "")[:200] or None,
        subject=(value("subject") or kind)[:500],
        language=LANGUAGE,
        confidence_level=BORN_DIGITAL if electronic else DIGITISED,
    )


def described_by(manifest: Manifest, types: Path | None) -> Description:
    """What a manifest says its document is; see :func:`described`.

    Args:
        manifest: of the document.
        types: the folder of the office's own document types.
    """
    kind = manifest.document_type
    return described(
        kind,
        type_names(types, "vi"),
        manifest.fields,
        electronic=bool(manifest.signatures),
        sensitive=any(one.sensitive for one in known_types(types) if one.id == kind),
    )


def _day(text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        return None


def versions_of(
    document: Document, kept: Sequence[KeptObject], *, own: bool
) -> dict[int, KeptObject]:
    """The object that each version of a document's code names.

    The first is the file as it came, the second the signed one, then each with a newer time stamp.
    The file as it came may hold more than the document (other documents of a scan, files inside):
    it is for the department whose it is, and where it was split there is none.

    Args:
        document: of a dossier.
        kept: what is stored of that dossier, the oldest first.
        own: whether it is of a department of who asks.
    """
    its = [one for one in kept if one.document_id in {document.id, document.duplicate_of}]
    originals = [one for one in its if one.kind is ObjectKind.original]
    signed = [one for one in its if one.kind is ObjectKind.signed]
    renewed = [one for one in its if one.kind is ObjectKind.renewed]
    found = dict(enumerate([*signed[:1], *renewed], SIGNED)) if signed else {}
    if originals and document.part_of is None and own:
        found[SCAN] = originals[0]
    return dict(sorted(found.items()))


def file_name(code: str, said: Description, published_at: datetime, ending: str) -> str:
    """How letter 7197 calls a file: ``CODE_YYYYMMDD_DESC.EXT``.

    The day is the one on the document, else that of its publication; the description is its kind:
    a name says nothing of a person.
    """
    day = said.issued_date or published_at.date()
    plain = unicodedata.normalize("NFD", said.type_name or UNKNOWN_KIND)
    plain = plain.replace("đ", "d").replace("Đ", "D").encode("ascii", "ignore").decode()
    kind = re.sub(r"[^A-Za-z0-9]+", "-", plain).strip("-")[:60]
    return f"{code}_{day:%Y%m%d}_{kind or 'document'}{ending}"


def object_metadata(code: str, said: Description, pages: int | None) -> dict[str, str]:
    """What an object carries of its document in the store, under letter 7197's names.

    Where S3 has no room for all, the longest text is cut; values are percent-encoded on the way.
    """
    names = {name: Description.model_fields[name].alias or name for name in said.said()}
    made = {"DocCode": code} | {names[name]: text for name, text in said.said().items()}
    if pages is not None:
        made["PageAmount"] = str(pages)
    while _encoded(made) > LARGEST_METADATA:
        longest = max(made, key=lambda name: len(made[name].encode()))
        made[longest] = made[longest][: len(made[longest]) * 9 // 10]
    return made


def metadata_in_store(context: AppContext, document: Document) -> dict[str, str]:
    """What the object of a document's signed file carries; the document gets its code.

    Raises:
        Conflict: the manifest is not there, or not whole.
    """
    manifest = load_manifest(context.workspace(document), document, context.ledger)
    said = described_by(manifest, context.types)
    code = codes_of(context.ledger, context.coding, [document])[document.id]
    if code.read is None:
        context.ledger.doc_codes.note_read(document.id, said.said())
    return object_metadata(code.series.version(SIGNED), said, document.pages)


def _encoded(metadata: Mapping[str, str]) -> int:
    """About how many bytes it takes: three for each that is no ASCII letter."""
    return sum(len(name) + 3 * len(text.encode()) + 16 for name, text in metadata.items())
