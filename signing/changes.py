# mypy: disable-error-code="no-untyped-call"
# pyHanko ships py.typed but leaves much of its validation interface without annotations.
"""What a signature covers, and whether what came after it was allowed.

After a signature only these may come: evidence for validation (DSS), document time stamps, and
further signatures. Filling in forms is not among them, although PDF would allow it: in a signed
result nothing is left to fill in, and known shadow attacks hide behind it (Mainka, Mladenov and
Rohlmann, "Shadow Attacks", NDSS 2021).
"""

import os
import re
from dataclasses import dataclass
from typing import IO

from pyhanko.pdf_utils.generic import IndirectObject
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.rw_common import PdfHandler
from pyhanko.sign.diff_analysis import (
    CatalogModificationRule,
    DiffResult,
    DocInfoRule,
    DSSCompareRule,
    FormUpdatingRule,
    MetadataUpdateRule,
    ModificationLevel,
    ObjectStreamRule,
    SigFieldCreationRule,
    SigFieldModificationRule,
    StandardDiffPolicy,
    XrefStreamRule,
)
from pyhanko.sign.fields import enumerate_sig_fields
from pyhanko.sign.validation import EmbeddedPdfSignature

POLICY = StandardDiffPolicy(
    global_rules=[
        CatalogModificationRule(),
        DocInfoRule().as_qualified(ModificationLevel.LTA_UPDATES),
        ObjectStreamRule().as_qualified(ModificationLevel.LTA_UPDATES),
        XrefStreamRule().as_qualified(ModificationLevel.LTA_UPDATES),
        DSSCompareRule().as_qualified(ModificationLevel.LTA_UPDATES),
        MetadataUpdateRule().as_qualified(ModificationLevel.LTA_UPDATES),
    ],
    form_rule=FormUpdatingRule(field_rules=[SigFieldCreationRule(), SigFieldModificationRule()]),
)
"""pyHanko's standard policy without the rule that lets form fields be filled in."""


_TAIL = 4096
_BLANK = b"\x00\t\n\x0c\r "
_CLOSING = re.compile(rb"startxref\s+(\d+)\s+%%EOF[\x00\s]*\Z")


@dataclass(frozen=True)
class Coverage:
    """What one signature says of the file it is in."""

    sound: bool
    """The signed bytes are the file from its beginning, without a gap but the signature itself."""

    whole_file: bool
    """The signed bytes go on to the end of the file."""

    allowed: bool
    """Everything after the signed revision is evidence, time stamps or further signatures, and the
    signer did not forbid it."""

    only_evidence: bool
    """Everything after the signed revision is evidence or document time stamps."""

    end: int
    """Where the signed revision ends, in bytes from the beginning of the file."""


def contiguous(stream: IO[bytes], signature: EmbeddedPdfSignature) -> bool:
    """Whether the byte range leaves out the signature's own hexadecimal string and nothing else.

    pyHanko adds up lengths; the positions matter too, or bytes could hide in a shifted gap.
    """
    numbers = [int(number) for number in signature.byte_range]
    if len(numbers) != 4 or numbers[0] != 0 or min(numbers) < 0:
        return False
    _, first, second, length = numbers
    stream.seek(0, os.SEEK_END)
    if second <= first or second + length > stream.tell():
        return False
    stream.seek(first)
    gap = stream.read(second - first)
    if gap[:1] != b"<" or gap[-1:] != b">":
        return False
    try:
        return bytes.fromhex(gap[1:-1].decode("ascii")) == bytes(signature.pkcs7_content)
    except (UnicodeDecodeError, ValueError):
        return False


def coverage(stream: IO[bytes], signature: EmbeddedPdfSignature) -> Coverage:
    """Look at the byte range and at everything appended after it."""
    sound = contiguous(stream, signature)
    numbers = [int(number) for number in signature.byte_range]
    end = numbers[2] + numbers[3] if len(numbers) == 4 else 0
    stream.seek(0, os.SEEK_END)
    whole = sound and end == stream.tell()
    signature.compute_integrity_info(diff_policy=POLICY)
    difference = signature.diff_result
    if (
        not isinstance(difference, DiffResult)
        or not sound
        or not _explained(stream, signature, end)
    ):
        return Coverage(sound, whole, False, False, end)
    allowed = bool(signature.summarise_integrity_info()["docmdp_ok"])
    level = difference.modification_level
    return Coverage(sound, whole, allowed, level <= ModificationLevel.LTA_UPDATES, end)


def _explained(stream: IO[bytes], signature: EmbeddedPdfSignature, end: int) -> bool:
    """Whether what follows ``end`` is nothing, or revisions that the reader has looked at.

    Objects appended without a cross-reference section are invisible to a strict reader, and shown
    by viewers that repair files (the incremental saving attack; Mladenov et al., "1 Trillion Dollar
    Refund", CCS 2019).
    """
    size = stream.seek(0, os.SEEK_END)
    stream.seek(max(end, size - _TAIL))
    tail = stream.read()
    if size - end <= _TAIL and not tail.strip(_BLANK):
        return True
    xrefs = signature.reader.xrefs
    last = xrefs.total_revisions - 1
    closing = _CLOSING.search(tail)
    return (
        last > signature.signed_revision
        and closing is not None
        and int(closing[1]) == xrefs.get_startxref_for_revision(last)
    )


def removed_signatures(reader: PdfFileReader) -> bool:
    """Whether an earlier revision of the file held a signature that the last one does not show."""
    now = _filled(reader)
    return any(
        not _filled(reader.get_historical_resolver(revision)) <= now
        for revision in range(reader.xrefs.total_revisions - 1)
    )


def _filled(handler: PdfHandler) -> set[tuple[int, int]]:
    """Object and generation number of every signature dictionary in a field."""
    found = set()
    for _, _, field in enumerate_sig_fields(handler, filled_status=True):
        value = field.get_object().raw_get("/V")
        if isinstance(value, IndirectObject):
            found.add((value.idnum, value.generation))
    return found
