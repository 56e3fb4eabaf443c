"""A scan that holds several documents: which of its pages are which, decided by it or by a person.

The documents are made of the scan's own pages. Nothing is cut off it: each has the scan's hash and
the numbers of its pages, so that the scan proves all of them.
"""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from schemas.dossier import is_code
from schemas.errors import Conflict, InputRejected
from schemas.manifest import (
    SEVERAL_DOCUMENTS,
    Manifest,
    PageReport,
    Part,
    PartReason,
    Region,
    Source,
    cover_pages,
    page_groups,
    pages_left_out,
    pages_of,
)
from schemas.page import PageReading
from storage import Document, Dossier, Ledger, NewPart
from usecases.caller import Caller, Right
from usecases.digitise import ReadFile
from usecases.dossiers import permit_dossier
from usecases.review import Doubt, doubts, nothing_waits, see_the_same
from usecases.workspace import Workspace

MOST_DIGITS = 6


@dataclass(frozen=True)
class Range:
    """Pages of a file that are one document, and the dossier it is of where that is another."""

    pages: tuple[int, ...]
    code: str | None = None


def parse_ranges(text: str) -> tuple[Range, ...]:
    """``1-2,4=H17-261123-0002``: documents in order; pages that are left out are of none.

    Only empty pages and cover sheets may be: :func:`split_by_person` sees to that.

    Raises:
        InputRejected: it is not written like that, or a page is named twice or out of order.
    """
    found: list[Range] = []
    last = 0
    for one in text.split(","):
        span, equals, code = (part.strip() for part in one.partition("="))
        first, dash, end = (part.strip() for part in span.partition("-"))
        end = end if dash else first
        if not all(n.isascii() and n.isdecimal() and len(n) <= MOST_DIGITS for n in (first, end)):
            raise InputRejected("flow.bad_ranges")
        pages = tuple(range(int(first), int(end) + 1))
        if not pages or pages[0] <= last or (equals and not is_code(code)):
            raise InputRejected("flow.bad_ranges")
        last = pages[-1]
        found.append(Range(pages, code or None))
    return tuple(found)


def sure_split(parts: Sequence[Part], dossier: Dossier) -> tuple[Range, ...]:
    """The documents of a file where what parts them is unmistakable; none where a person must say.

    That is also where a cover sheet names another dossier than the one the file was handed in
    under, and where one names none: whose papers come after it cannot be guessed.
    """
    groups = page_groups(parts, sure=True)
    covered = [part for part in parts if part.reason is PartReason.cover]
    named = {part.dossier_code for part in covered}
    if not all(part.sure for part in covered):
        return ()
    if not dossier.provisional and named - {dossier.code, dossier.first_code}:
        return ()
    if len(groups) < 2 and not covered:
        return ()
    return _ranges(groups)


def left_out(
    ranges: Sequence[Range], pages: Iterable[PageReport | PageReading], parts: Sequence[Part]
) -> tuple[int, ...]:
    """The pages of a file that ``ranges`` give to no document: empty ones and cover sheets.

    Args:
        ranges: the documents.
        pages: all pages of the file.
        parts: the documents as they were proposed, with the cover sheets between them.

    Raises:
        InputRejected: ``flow.pages_lost``, something stands on a page that is in none.
    """
    return pages_left_out([one.pages for one in ranges], pages, cover_pages(parts))


def _ranges(groups: Sequence[Sequence[Part]]) -> tuple[Range, ...]:
    return tuple(Range(pages_of(group), group[0].dossier_code) for group in groups)


def new_parts(ranges: Sequence[Range], document: Document) -> list[NewPart]:
    """The ranges of a document's pages as the ledger takes them: as pages of its scan."""
    return [NewPart(pages=of_scan(one.pages, document), code=one.code) for one in ranges]


def of_scan(pages: Sequence[int], document: Document) -> tuple[int, ...]:
    """Pages of a document as those of the scan that it is part of, or is."""
    return tuple(
        document.source_pages[page - 1] if document.source_pages else page for page in pages
    )


def scan_manifest(read: ReadFile, source: Source, notes: Sequence[str] = ()) -> Manifest:
    """The manifest of a file that is only the sum of its documents: no fields, no PDF/A."""
    warnings = [*notes, *(warning for page in read.pages for warning in page.warnings)]
    warnings += [SEVERAL_DOCUMENTS] if read.parts else []
    return Manifest(
        source=source,
        document_type=None,
        form_version=None,
        legal_basis=None,
        pages=tuple(PageReport.of(page) for page in read.pages),
        fields={},
        warnings=tuple(dict.fromkeys(warnings)),
        parts=read.parts,
    )


def split_by_person(
    caller: Caller,
    ledger: Ledger,
    work: Path,
    dossier: Dossier,
    number: int | None,
    ranges: Sequence[Range],
    *,
    seen: str = "",
) -> list[Document]:
    """Split a document under review as a person says; the new documents.

    Args:
        caller: who says so.
        ledger: where it is noted.
        work: the folder of the documents' workspaces.
        dossier: whose document.
        number: which; None where only one waits to be split.
        ranges: the documents in it; none: as they were proposed.
        seen: as for :func:`usecases.review.see_the_same`.

    Raises:
        NotAllowed: the caller may not review.
        NotFound: the dossier is not theirs.
        Conflict: no such document is under review, it is signed, or somebody else decided first.
        InputRejected: several could be meant, it has no such pages, nothing was proposed, or a page
            on which something stands would be in no document.
    """
    permit_dossier(caller, Right.review, dossier)
    waiting = [
        one
        for one in doubts(ledger, work, dossier, number)
        if number is not None or ranges or one.manifest.undecided()
    ]
    see_the_same(waiting, seen)
    document, manifest = _only_one(ledger, dossier, number, waiting)
    if manifest.signatures:
        raise Conflict("flow.split_signed", document=document.label)
    if ranges and ranges[-1].pages[-1] > len(manifest.pages):
        raise InputRejected("flow.no_such_page", pages=len(manifest.pages))
    decided = tuple(ranges) or _ranges(page_groups(manifest.parts))
    if not decided:
        raise Conflict("flow.nothing_to_split", dossier=dossier.code)
    without = left_out(decided, manifest.pages, manifest.parts)
    said = manifest.model_copy(update={"parts": tuple(map(_as_said, decided))})
    return ledger.split(
        document.id,
        new_parts(decided, document),
        caller.name,
        manifest=Workspace(work / str(document.id)).keep_manifest(said),
        based_on=document.manifest_sha256,
        decision=secrets.token_hex(8),
        media_type=manifest.source.media_type,
        pages=len(manifest.pages),
        left_out=of_scan(without, document),
    )


def _only_one(
    ledger: Ledger, dossier: Dossier, number: int | None, waiting: Sequence[Doubt]
) -> tuple[Document, Manifest]:
    """The one document of ``waiting`` that is to be split.

    Raises:
        Conflict: there is none.
        InputRejected: there are several.
    """
    if not waiting:
        missing = nothing_waits(ledger, dossier, number)
        known = missing.code == "flow.decided_already"
        raise missing if known else Conflict("flow.nothing_to_split", dossier=dossier.code)
    if len(waiting) > 1:
        numbers = ", ".join(f"{dossier.code}/{one.document.number}" for one in waiting)
        raise InputRejected("flow.which_to_split", documents=numbers)
    return waiting[0].document, waiting[0].manifest


def _as_said(one: Range) -> Part:
    return Part(
        regions=tuple(Region(page=page) for page in one.pages),
        reason=PartReason.person,
        confidence=1.0,
        dossier_code=one.code,
        sure=True,
    )
