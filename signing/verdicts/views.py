# mypy: disable-error-code="no-untyped-call"
# pyHanko ships py.typed but leaves much of its reading interface without annotations.
"""A PDF's revisions, looked through by pyHanko in walks that end.

To hold two revisions against each other, pyHanko writes down every way from the trailer to every
object. A chain of bookmarks makes these long, a few objects that lead to each other twice make them
more than can be walked. Only the ways to what was written anew are needed.
"""

from collections.abc import Iterator
from typing import IO, Any

from pyhanko.pdf_utils import xref
from pyhanko.pdf_utils.generic import (
    ArrayObject,
    DictionaryObject,
    IndirectObject,
    NullObject,
    PdfObject,
    Reference,
    StreamObject,
)
from pyhanko.pdf_utils.misc import PdfReadError
from pyhanko.pdf_utils.reader import HistoricalResolver, PdfFileReader

from signing.verdicts.linearised import join_linearised
from signing.verdicts.names import read_as_bytes

LOOKUPS = 500_000
"""Objects looked up in one view of a file at most; ten thousand pages take 80,000."""

_TREE = 100_000  # pages, and nodes of their tree

ENTRIES = 4_000_000
"""Entries in all cross-reference streams of a file together. They need no bytes to be counted, and
pyHanko would count through all of them, also where nothing is left to read."""


class TooMuch(BaseException):
    """There is more in the file than can be looked through.

    Not an :class:`Exception`: what is caught as damage elsewhere must let this through, or a file
    that is merely large would be called altered.
    """


class Reader(PdfFileReader):
    """A reader that takes what readers of the wild take, and whose walks end."""

    def __init__(self, stream: IO[bytes]) -> None:
        """Raises what pyHanko raises where it is no PDF."""
        self._left = LOOKUPS
        self._entries = ENTRIES
        super().__init__(stream, strict=False)
        sections = self.xrefs._xref_sections
        streams = self.xrefs.xref_stream_refs
        self.xrefs = _Sections(self, join_linearised(self, sections))
        self.xrefs.xref_stream_refs = streams
        self._views: dict[int, View] = {}

    def count(self, entries: int) -> None:
        """Take note of so many more entries.

        Raises:
            TooMuch: there are too many now.
        """
        self._entries -= entries
        if self._entries < 0:
            raise TooMuch

    def get_object(self, *about: Any, **options: Any) -> Any:
        """An object.

        Raises:
            TooMuch: too many were asked for.
        """
        self._left -= 1
        if self._left < 0:
            raise TooMuch
        return super().get_object(*about, **options)

    def get_historical_resolver(self, revision: int) -> HistoricalResolver:
        """The file as it was at a revision."""
        if revision not in self._views:
            self._views[revision] = View(self, revision)
        return self._views[revision]


class _Sections(xref.XRefCache):
    """Cross-reference sections, in which a reference may lead to nothing."""

    def get_introducing_revision(self, ref: Reference) -> int:
        """The revision that brings an object; one that none brings is as old as what names it.

        Trailers name such objects (``/AdditionalStreams`` of LibreOffice). Should a later revision
        bring one, it is new, and named already, which no rule allows.
        """
        try:
            return int(super().get_introducing_revision(ref))
        except KeyError:
            return -1


_parse_xref_stream = xref.parse_xref_stream


def _counted(xref_stream: StreamObject, strict: bool = True) -> Iterator[xref.XRefEntry]:
    """The entries of a cross-reference stream, of which a :class:`Reader` takes note first."""
    place = xref_stream.container_ref
    handler = None if place is None else place.get_pdf_handler()
    if isinstance(handler, Reader):
        held = xref_stream.get("/Index", None)
        counts = [xref_stream["/Size"]] if held is None else list(held)[1::2]
        if any(int(one) < 0 for one in counts):
            raise PdfReadError("fewer than no entries")
        handler.count(sum(int(one) for one in counts))
    return _parse_xref_stream(xref_stream, strict=strict)


xref.parse_xref_stream = _counted  # pyHanko's reader has no seam here
read_as_bytes()


class View(HistoricalResolver):
    """A revision in which ways are looked for only to what later revisions write anew."""

    def __init__(self, reader: PdfFileReader, revision: int) -> None:
        """Of one file."""
        self._left = LOOKUPS
        self._leading: set[Reference] | None = None
        self._names: frozenset[int] | None = None
        self._shown: DictionaryObject | None = None
        super().__init__(reader, revision)

    @property
    def trailer_view(self) -> DictionaryObject:
        """The trailer, but for entries that led to nothing and were given other numbers later.

        PDFBox and EU DSS give every reference to a missing object a new number whenever they
        append, and the old one to the next object that they write. Where a later trailer still
        names it, what was brought is what the signed revision names.
        """
        if self._shown is None:
            held = self._trailer
            self._shown = DictionaryObject(
                {key: value for key, value in held.items() if not self._given_up(key, value)}
            )
            self._shown.container_ref = held.container_ref
        return self._shown

    def _given_up(self, key: str, value: Any) -> bool:
        named = {ref for ref, _ in _references(value)}
        if not named or key == "/Root" or any(self._known(ref) for ref in named):
            return False
        numbers = {ref.idnum for ref in named}
        later = range(self.revision + 1, self.reader.xrefs.total_revisions)
        return not any(
            ref.idnum in numbers
            for at in later
            for ref, _ in _references(self.reader.trailer.flatten(at))
        )

    def _known(self, ref: Reference) -> bool:
        """Whether there is an object of this number in this revision, of whatever generation."""
        return any(_holds(self.reader, at, ref.idnum) for at in range(self.revision + 1))

    def get_object(self, *about: Any, **options: Any) -> Any:
        """An object as it was.

        Raises:
            TooMuch: too many were asked for.
        """
        self._left -= 1
        if self._left < 0:
            raise TooMuch
        return super().get_object(*about, **options)

    def __call__(self, ref: Reference) -> Any:
        """The same; while ways are looked for, nothing where they cannot lead on."""
        if self._leading is not None and ref not in self._leading:
            return NullObject()
        return super().__call__(ref)

    def refs_freed_in_revision(self) -> set[Reference]:
        """What is freed here, but for what was free before: lists of free objects tell it again."""
        freed: set[Reference] = super().refs_freed_in_revision()
        return {
            ref
            for ref in freed
            if any(_holds(self.reader, at, ref.idnum) for at in range(self.revision))
        }

    def is_ref_unassignable(self, ref: Reference) -> bool:
        """Whether nothing in this revision is, or may mean, the object of this number.

        So it is with numbers that no object ever had and nothing names, also below the revision's
        size, where Acrobat takes them from; a number beyond it may be named all the same.
        """
        used = any(_holds(self.reader, at, ref.idnum) for at in range(self.revision + 1))
        return not used and ref.idnum not in self._named()

    def _named(self) -> frozenset[int]:
        """The numbers of all objects that are named from the trailer on."""
        if self._names is None:
            self._ways_to(set())
        return self._names or frozenset()

    def _load_reverse_xref_cache(self) -> None:
        if self._indirect_object_access_cache is not None:
            return
        self._leading = self._ways_to(self._written_anew())
        try:
            super()._load_reverse_xref_cache()
        finally:
            self._leading = None

    def _written_anew(self) -> set[Reference]:
        last = self.reader.xrefs.total_revisions
        later = (self.reader.get_historical_resolver(at) for at in range(self.revision + 1, last))
        return set[Reference]().union(*(one.explicit_refs_in_revision() for one in later))

    def _ways_to(self, targets: set[Reference]) -> set[Reference]:
        """The objects from which one comes to the targets.

        A page is entered from the tree of pages alone, as pyHanko does it; other references to it
        lead to it, not through it.
        """
        pages, tree = self._pages()
        comes_from: dict[Reference, set[Reference]] = {}
        seen: set[Reference] = set()
        waiting = [there for there, _ in _references(self.trailer_view)]
        while waiting:
            here = waiting.pop()
            if here in seen:
                continue
            seen.add(here)
            for there, part in _references(self.get_object(here)):
                if there not in seen:
                    waiting.append(there)
                if not part:
                    continue
                if there not in pages or here in tree or there in targets:
                    comes_from.setdefault(there, set()).add(here)
        self._names = frozenset(one.idnum for one in seen)
        leading: set[Reference] = set()
        ends = list(targets)
        while ends:
            there = ends.pop()
            for here in comes_from.get(there, ()):
                if here not in leading:
                    leading.add(here)
                    ends.append(here)
        return leading

    def _pages(self) -> tuple[set[Reference], set[Reference]]:
        """The nodes of the tree of pages, and these with the arrays that hold them."""
        pages: set[Reference] = set()
        arrays: set[Reference] = set()
        waiting = [self.root.raw_get("/Pages")]
        while waiting and len(pages) < _TREE:
            node = waiting.pop()
            if isinstance(node, IndirectObject):
                if node.reference in pages:
                    continue
                pages.add(node.reference)
            held = node.get_object()
            if isinstance(held, DictionaryObject) and "/Kids" in held:
                kids = held.raw_get("/Kids")
                if isinstance(kids, IndirectObject):
                    arrays.add(kids.reference)
                waiting += list(kids.get_object())
        return pages, pages | arrays | {self.root_ref}


def _holds(reader: PdfFileReader, revision: int, number: int) -> bool:
    """Whether the sections of one revision have an object of this number."""
    data = reader.xrefs.get_xref_data(revision)
    both = (data, data.hybrid.xref_data if data.hybrid else data)
    return any(number in one.standard_xrefs or number in one.xrefs_in_objstm for one in both)


def _references(held: PdfObject) -> Iterator[tuple[Reference, bool]]:
    """What an object refers to, and whether that is not what it is a part of."""
    waiting: list[tuple[Any, bool]] = [(held, True)]
    while waiting:
        one, part = waiting.pop()
        if isinstance(one, IndirectObject):
            yield one.reference, part
        elif isinstance(one, DictionaryObject):
            waiting += [(value, part and name != "/Parent") for name, value in one.items()]
        elif isinstance(one, ArrayObject):
            waiting += [(value, part) for value in one]
