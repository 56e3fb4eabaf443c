# mypy: disable-error-code="no-untyped-call"
# pyHanko ships py.typed but leaves much of its validation interface without annotations.
"""What a signature covers, and whether what came after it was allowed.

After a signature only these may come: evidence for validation (DSS), document time stamps, and
further signatures. Forms may be filled in only where the signature certifies the document and says
so (DocMDP 2 or 3); after others PDF would allow it too, but in a signed result nothing is left to
fill in, and known shadow attacks hide behind it (Mainka, Mladenov and Rohlmann, "Shadow Attacks",
NDSS 2021). Notes and comments are never taken, also where DocMDP 3 allows them.
"""

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import IO

from pyhanko.pdf_utils.generic import DictionaryObject, IndirectObject
from pyhanko.pdf_utils.misc import PdfReadError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.rw_common import PdfHandler
from pyhanko.sign.diff_analysis import DiffResult, ModificationLevel, SuspiciousModification
from pyhanko.sign.fields import MDPPerm, enumerate_sig_fields
from pyhanko.sign.validation import EmbeddedPdfSignature, read_certification_data
from pyhanko.sign.validation.status import SignatureCoverageLevel

from signing.validation.ending import before_filling, content_end
from signing.validation.entries import entry
from signing.validation.form_settings import form_kept
from signing.validation.rules import ANY_FREED, FILLING_POLICY, POLICY
from signing.validation.views import TooMuch

_READ_ONLY, _PUSHED = 1, 1 << 16  # bits 1 and 17 of a field's /Ff; what is pushed holds no value
_FIELDS = 20_000  # a form with more is not looked through


_TAIL = 4096
_BLANK = b"\x00\t\n\x0c\r "
_CLOSING = re.compile(rb"startxref\s+(\d+)\s+%%EOF\Z")


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

    filled: frozenset[str] = frozenset()
    """Names of form fields that were filled in afterwards, as the signer allowed."""

    not_understood: bool = False
    """What follows could not be held against the signed revision; no change in it can be named."""


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
        digits = gap[1:-1].translate(None, _BLANK).decode("ascii")
        digits += "0" * (len(digits) % 2)  # ISO 32000-2, 7.3.4.3
        return bytes.fromhex(digits) == bytes(signature.pkcs7_content)
    except (UnicodeDecodeError, ValueError):
        return False


def coverage(stream: IO[bytes], signature: EmbeddedPdfSignature) -> Coverage:
    """Look at the byte range and at everything appended after it."""
    sound = contiguous(stream, signature)
    numbers = [int(number) for number in signature.byte_range]
    end = numbers[2] + numbers[3] if len(numbers) == 4 else 0
    stream.seek(0, os.SEEK_END)
    whole = sound and end == stream.tell()
    open_form = not whole and _certified_form(signature)
    if sound and numbers[2] - numbers[1] != 2 * len(signature.pkcs7_content) + 2:
        extent = _extent(stream, signature)
        signature.evaluate_signature_coverage = lambda: extent  # type: ignore[method-assign]
    try:
        signature.compute_integrity_info(diff_policy=FILLING_POLICY if open_form else POLICY)
    except RecursionError:
        raise TooMuch from None
    except Exception:  # what follows cannot be understood
        signature.compute_integrity_info(skip_diff=True)
        clear = not whole and sound and _explained(stream, signature, end)
        strange = clear and _past_understanding(signature)
        return Coverage(sound, whole, whole, whole, end, not_understood=strange)
    difference = signature.diff_result
    if (
        not isinstance(difference, DiffResult)
        or not sound
        or not _explained(stream, signature, end)
    ):
        return Coverage(sound, whole, False, False, end)
    allowed = bool(signature.summarise_integrity_info()["docmdp_ok"])
    allowed = allowed and (whole or _form_kept(signature))
    level = difference.modification_level
    filled = frozenset[str]()
    if open_form:
        filled, honest = _filled_in(signature, difference.changed_form_fields)
        allowed = allowed and honest
    return Coverage(sound, whole, allowed, level <= ModificationLevel.LTA_UPDATES, end, filled)


def _extent(stream: IO[bytes], signature: EmbeddedPdfSignature) -> SignatureCoverageLevel:
    """How far a sound signature reaches whose hexadecimal digits have blanks between them.

    pyHanko reckons that they have none (ISO 32000-2, 7.3.4.3 allows them). No upstream issue is
    known. To be removed when ``evaluate_signature_coverage`` measures ``/Contents`` in the file.
    """
    _, _, second, length = (int(number) for number in signature.byte_range)
    end = second + length
    if end == stream.seek(0, os.SEEK_END):
        return SignatureCoverageLevel.ENTIRE_FILE
    xrefs, signed = signature.reader.xrefs, signature.signed_revision
    stream.seek(end)
    with suppress(PdfReadError):
        if before_filling(stream) == xrefs.get_startxref_for_revision(signed) and all(
            xrefs.get_xref_container_info(at).end_location <= end for at in range(signed + 1)
        ):
            return SignatureCoverageLevel.ENTIRE_REVISION
    return SignatureCoverageLevel.CONTIGUOUS_BLOCK_FROM_START


def _past_understanding(signature: EmbeddedPdfSignature) -> bool:
    """Whether the signed revision cannot even be held against itself.

    Then it is to blame, or we are, not what was appended: no change in that can be named.
    """
    signed = signature.reader.get_historical_resolver(signature.signed_revision)
    try:
        ANY_FREED.apply(signed, signed)
    except SuspiciousModification:
        return False
    except Exception:
        return True
    return False


def _form_kept(signature: EmbeddedPdfSignature) -> bool:
    """Whether the form's settings are what they were, as far as fields look otherwise by them."""
    root = signature.reader.get_historical_root(signature.signed_revision)
    return form_kept(entry(root, "/AcroForm"), entry(signature.reader.root, "/AcroForm"))


def _certified_form(signature: EmbeddedPdfSignature) -> bool:
    """Whether this signature certifies the document and leaves its form to be filled in."""
    certified = read_certification_data(signature.reader)
    return (
        certified is not None
        and certified.author_sig.container_ref == signature.sig_object.container_ref
        and certified.permission in {MDPPerm.FILL_FORMS, MDPPerm.ANNOTATE}
    )


def _filled_in(
    signature: EmbeddedPdfSignature, names: Iterable[str]
) -> tuple[frozenset[str], bool]:
    """Which fields got other values, and whether nothing else changed in any field.

    A field that looks different with the same value, that was not to be written to, that holds no
    value, or that was not to be seen before, is an attack on a certified form, not an entry in it.
    """
    before = dict(_form(signature.reader.get_historical_root(signature.signed_revision)))
    after = dict(_form(signature.reader.root))
    filled = set()
    for name in names:
        old, new = before.get(name), after.get(name)
        if old is None or new is None or entry(new, "/FT", entry(old, "/FT")) == "/Sig":
            continue
        flags, now = int(entry(old, "/Ff", 0)), int(entry(new, "/Ff", 0))
        same = all(entry(old, key) == entry(new, key) for key in ("/V", "/AS"))
        shown = entry(old, "/F", 0) == entry(new, "/F", 0)
        pushed = entry(old, "/FT") == "/Btn" and flags & _PUSHED
        if same or flags != now or flags & _READ_ONLY or pushed or not shown:
            return frozenset(), False
        filled.add(name)
    return frozenset(filled), True


def _form(root: DictionaryObject) -> Iterator[tuple[str, DictionaryObject]]:
    """Every field by its full name."""
    waiting = [("", field) for field in root["/AcroForm"]["/Fields"]]
    seen = 0
    while waiting and seen < _FIELDS:
        seen += 1
        prefix, reference = waiting.pop()
        field = reference.get_object()
        name = f"{prefix}.{field['/T']}" if prefix else str(entry(field, "/T", ""))
        yield name, field
        waiting += [(name, kid) for kid in entry(field, "/Kids", ()) if "/T" in kid.get_object()]


def _explained(stream: IO[bytes], signature: EmbeddedPdfSignature, end: int) -> bool:
    """Whether what follows ``end`` is nothing, or revisions that the reader has looked at.

    Objects appended without a cross-reference section are invisible to a strict reader, and shown
    by viewers that repair files (the incremental saving attack; Mladenov et al., "1 Trillion Dollar
    Refund", CCS 2019).
    """
    size = content_end(stream)
    if size <= end:
        return True
    stream.seek(max(end, size - _TAIL))
    tail = stream.read(size - stream.tell())
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
    for revision in range(reader.xrefs.total_revisions - 1):
        with suppress(Exception):  # a revision that no reader shows; its signatures' bytes are told
            if not _filled(reader.get_historical_resolver(revision)) <= now:
                return True
    return False


def _filled(handler: PdfHandler) -> set[tuple[int, int]]:
    """Object and generation number of every signature dictionary in a field."""
    found = set()
    for _, _, field in enumerate_sig_fields(handler, filled_status=True):
        value = field.get_object().raw_get("/V")
        if isinstance(value, IndirectObject):
            found.add((value.idnum, value.generation))
    return found
