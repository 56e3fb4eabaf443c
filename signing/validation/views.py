# mypy: disable-error-code="no-untyped-call"
# pyHanko ships py.typed but leaves much of its reading interface without annotations.
"""A PDF's revisions as pyHanko reads them, with limits on how many objects a walk visits.

To hold two revisions against each other, pyHanko writes down every way from the trailer to every
object. A chain of bookmarks makes these long, a few objects that lead to each other twice make them
more than can be walked. Only the ways to what was written anew are needed. No upstream issue is
known. To be removed when ``HistoricalResolver`` has a limit, or asks for the ways to given objects.
"""

from collections.abc import Iterator
from contextlib import suppress
from io import BytesIO
from typing import IO, Any

from pyhanko.pdf_utils import xref
from pyhanko.pdf_utils.decode_limits import DecodePurpose
from pyhanko.pdf_utils.generic import (
    ArrayObject,
    DictionaryObject,
    IndirectObject,
    NullObject,
    PdfObject,
    Reference,
    StreamObject,
    read_object,
)
from pyhanko.pdf_utils.misc import PdfReadError
from pyhanko.pdf_utils.reader import HistoricalResolver, PdfFileReader

from signing.validation.linearised import join_linearised
from signing.validation.names import read_as_bytes
from signing.validation.references import Found, in_file, in_stream

LOOKUPS = 500_000
"""Objects looked up in one view of a file at most; ten thousand pages take 80,000."""

_TREE = 100_000  # pages, and nodes of their tree

ENTRIES = 4_000_000
"""Entries in all cross-reference streams of a file together. They need no bytes to be counted, and
pyHanko would count through all of them, also where nothing is left to read."""


_Packed = tuple[bytes, list[int], list[int]]


class TooMuch(BaseException):
    """There is more in the file than can be looked through.

    Not an :class:`Exception`: what is caught as damage elsewhere must let this through, or a file
    that is merely large would be called altered.
    """


class LenientReader(PdfFileReader):
    """A reader that opens what common viewers open, and whose walks over objects are limited."""

    def __init__(self, stream: IO[bytes]) -> None:
        """Raises what pyHanko raises where it is no PDF."""
        self._left = LOOKUPS
        self._entries = ENTRIES
        self._packed: dict[int, _Packed | None] = {}
        self._found: dict[Any, Found | None] = {}
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

    def _get_object_from_stream(self, idnum: int, stmnum: int, idx: int) -> Any:
        """An object of an object stream, whose beginning is read once for all of its objects."""
        held = self._object_stream(stmnum)
        at = None if held is None else _at(held, idnum, idx)
        if held is None or at is None:
            return super()._get_object_from_stream(idnum, stmnum, idx)
        content = BytesIO(held[0])
        content.seek(at)
        try:
            found = read_object(content, Reference(idnum, 0, self))
        except Exception:  # pyHanko says what is wrong with it
            return super()._get_object_from_stream(idnum, stmnum, idx)
        if isinstance(found, StreamObject | IndirectObject):
            return super()._get_object_from_stream(idnum, stmnum, idx)
        return found

    def _object_stream(self, number: int) -> _Packed | None:
        """What an object stream holds, with its objects' numbers and where they begin."""
        if number not in self._packed:
            self._packed[number] = None
            with suppress(Exception):  # as pyHanko finds it, with each of its objects
                self._packed[number] = self._unpacked(number)
        return self._packed[number]

    def _unpacked(self, number: int) -> _Packed | None:
        held = self.get_object(Reference(number, 0, self))
        if not isinstance(held, StreamObject) or held["/Type"] != "/ObjStm":
            return None
        content, first, count = (
            held.read_data(DecodePurpose.OBJECT_STREAM),
            int(held["/First"]),
            int(held["/N"]),
        )
        words = content[:first].split()[: 2 * count]
        if first < 0 or len(words) != 2 * count or not all(map(bytes.isdigit, words)):
            return None
        return content, [*map(int, words[::2])], [first + int(one) for one in words[1::2]]

    def references(self, ref: Reference, revision: int) -> Found | None:
        """What an object refers to as it was; ``None``: that is to be read from the object."""
        place = self.xrefs.get_historical_ref(ref, revision)
        if place is None or self.encrypted:
            return None
        if place not in self._found:
            found = None
            with suppress(Exception):  # whatever it is, pyHanko comes upon it too
                found = self._read_references(ref, place)
            self._found[place] = found
        return self._found[place]

    def _read_references(self, ref: Reference, place: Any) -> Found | None:
        if isinstance(place, int):
            return in_file(self.stream, place, (ref.idnum, ref.generation), self._length)
        held = self._object_stream(place.obj_stream_id)
        at = None if held is None else _at(held, ref.idnum, place.ix_in_stream)
        return None if held is None or at is None else in_stream(held[0], at)

    def _length(self, number: int, generation: int) -> int:
        return int(self.get_object(Reference(number, generation, self)))

    def get_historical_resolver(self, revision: int) -> HistoricalResolver:
        """The file as it was at a revision."""
        if revision not in self._views:
            self._views[revision] = View(self, revision)
        return self._views[revision]


def _at(held: _Packed, number: int, index: int) -> int | None:
    """Where an object of an object stream begins; ``None`` where that is not plain."""
    numbers, places = held[1], held[2]
    if not 0 <= index < len(numbers) or numbers[index] != number:
        return None
    return places[index] if numbers.index(number) == index else None


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
    """The entries of a cross-reference stream, which a :class:`LenientReader` notes first."""
    place = xref_stream.container_ref
    handler = None if place is None else place.get_pdf_handler()
    if isinstance(handler, LenientReader):
        held = xref_stream.get("/Index", None)
        counts = [xref_stream["/Size"]] if held is None else list(held)[1::2]
        if any(int(one) < 0 for one in counts):
            raise PdfReadError("fewer than no entries")
        handler.count(sum(int(one) for one in counts))
    return _parse_xref_stream(xref_stream, strict=strict)


xref.parse_xref_stream = _counted  # pyHanko's reader has no seam here; until it limits /Index
read_as_bytes()


class View(HistoricalResolver):
    """A revision in which ways are looked for only to what later revisions write anew."""

    def __init__(self, reader: LenientReader, revision: int) -> None:
        """Of one file."""
        self._file = reader
        self._left = LOOKUPS
        self._root: DictionaryObject | None = None
        self._leading: set[Reference] | None = None
        self._names: frozenset[int] | None = None
        self._shown: DictionaryObject | None = None
        super().__init__(reader, revision)

    @property
    def root(self) -> DictionaryObject:
        """The catalogue, which is asked for again and again."""
        if self._root is None:
            self._root = super().root
        return self._root

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
        return not used and ref.idnum not in self.named()

    def named(self) -> frozenset[int]:
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
            for there, part in self._refers(here):
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

    def _refers(self, here: Reference) -> Iterator[tuple[Reference, bool]]:
        """What an object refers to, and whether that is not what it is a part of."""
        found = None if here in self.cache else self._file.references(here, self.revision)
        if found is None:
            yield from _references(self.get_object(here))
            return
        self._left -= 1
        if self._left < 0:
            raise TooMuch
        for number, generation, part in found:
            yield Reference(number, generation, self), part

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
