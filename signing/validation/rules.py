# mypy: disable-error-code="no-untyped-call"
# pyHanko ships py.typed but leaves much of its validation interface without annotations.
"""What may be appended to a signed file: pyHanko's rules, and stricter ones where needed.

Under the pretext of evidence or of a time stamp (which anybody gets from a trusted authority)
pyHanko lets a file's title and metadata be rewritten, an object be defined that the signed pages
already point to, and a field be shown whose corners are written as references.
"""

import re
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree

from pyhanko.pdf_utils.decode_limits import DecodePurpose
from pyhanko.pdf_utils.generic import (
    ByteStringObject,
    DictionaryObject,
    IndirectObject,
    StreamObject,
    TextStringObject,
    parse_pdf_date,
)
from pyhanko.pdf_utils.reader import HistoricalResolver
from pyhanko.sign.diff_analysis import (
    CatalogModificationRule,
    DocInfoRule,
    GenericFieldModificationRule,
    MetadataUpdateRule,
    ModificationLevel,
    ObjectStreamRule,
    QualifiedWhitelistRule,
    ReferenceUpdate,
    StandardDiffPolicy,
    SuspiciousModification,
    WhitelistRule,
    XrefStreamRule,
)

from signing.validation.dss_rule import DSSRule
from signing.validation.entries import entry
from signing.validation.form_rule import Form, NewFields, SignedFields, named_but_missing
from signing.validation.views import View
from signing.validation.written_anew import moved_out

_CATALOGUE = frozenset({"/AcroForm", "/DSS", "/Extensions", "/Metadata", "/Version"})
_INFO = frozenset({"/ModDate", "/Producer"})
_INFO_ADDED = frozenset({"/CreationDate", "/Creator"})
_VERSION = re.compile(r"/([12])\.(\d)")

_SINGLE = re.compile(r"\A<[^>]*><[^>]*><[^>]*>([^<>]*)</[^>]*></[^>]*></[^>]*>\Z")
"""A property whose value is a list of one, whatever the kind of the list."""

_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_CHANGING = (
    "{http://ns.adobe.com/xap/1.0/}ModifyDate",
    "{http://ns.adobe.com/xap/1.0/}MetadataDate",
    "{http://ns.adobe.com/pdf/1.3/}Producer",
    "{http://ns.adobe.com/xap/1.0/mm/}",
    f"{_RDF}about",
)
"""What programs that sign write into metadata: when and by which program; never what it says."""

_REPEATED = {
    "{http://ns.adobe.com/xap/1.0/}CreateDate": "/CreationDate",
    "{http://ns.adobe.com/xap/1.0/}CreatorTool": "/Creator",
    "{http://ns.adobe.com/pdf/1.3/}Keywords": "/Keywords",
    "{http://purl.org/dc/elements/1.1/}title": "/Title",
    "{http://purl.org/dc/elements/1.1/}creator": "/Author",
    "{http://purl.org/dc/elements/1.1/}description": "/Subject",
}
"""Properties that say the same as an entry of the document's information (ISO 19005-2, 6.6.3)."""


class _Catalogue(CatalogModificationRule):
    """The catalogue's own entries; a version goes up, or back to what the file's header says."""

    def __init__(self) -> None:
        super().__init__(_CATALOGUE)

    def apply_qualified(
        self, old: HistoricalResolver, new: HistoricalResolver
    ) -> Iterable[tuple[ModificationLevel, ReferenceUpdate]]:
        before, after = (_version(one.root) for one in (old, new))
        raised = after >= max(before, (1, 4))
        if after != before and not raised and after < (new.reader._header_version or (1, 4)):
            raise SuspiciousModification("another version")
        was, now = old.root, new.root
        same = set[str]()
        for key in (was.keys() & now.keys()) - _CATALOGUE:
            moved = moved_out(old, was.raw_get(key), now.raw_get(key))
            if moved is not None:
                same.add(key)
                for ref in moved:
                    yield ModificationLevel.LTA_UPDATES, ReferenceUpdate(ref)
        rest = CatalogModificationRule(_CATALOGUE | same)
        yield from rest.apply_qualified(old, new)


def _version(root: DictionaryObject) -> tuple[int, int]:
    found = _VERSION.fullmatch(str(entry(root, "/Version", "/1.0")))
    return (int(found[1]), int(found[2])) if found else (0, 0)


class _Info(DocInfoRule):
    """Only when and by which program the file was changed may be told anew.

    What was not told before may be told empty, and when and by which program it was made.
    """

    def apply(self, old: HistoricalResolver, new: HistoricalResolver) -> Iterable[ReferenceUpdate]:
        before, after = (_info(one) for one in (old, new))
        for key in {*before, *after} - _INFO:
            was, now = (_text(entry(one, key)) for one in (before, after))
            if was != now and (was or key not in _INFO_ADDED):
                raise SuspiciousModification("the document's information says something else")
        if isinstance(_held_info(new), IndirectObject):
            yield from super().apply(old, new)


def _held_info(resolver: HistoricalResolver) -> Any:
    """The document's information as the trailer has it: a reference, or, by mistake, itself."""
    trailer = resolver.trailer_view
    return trailer.raw_get("/Info") if "/Info" in trailer else None


def _info(resolver: HistoricalResolver) -> DictionaryObject:
    held = _held_info(resolver)
    found = resolver(held.reference) if isinstance(held, IndirectObject) else held
    return found if isinstance(found, DictionaryObject) else DictionaryObject()


def _text(value: Any) -> Any:
    """What an entry says, however the string is written; nothing where it says nothing."""
    if isinstance(value, ByteStringObject):
        return value.original_bytes.decode("latin-1") or None
    return str(value) or None if isinstance(value, TextStringObject) else value


class _Metadata(MetadataUpdateRule):
    """The same for metadata in XML.

    Programs that sign write metadata anew: a time in another way, and properties that were missing
    and that the signed document's information has.
    """

    def apply(self, old: HistoricalResolver, new: HistoricalResolver) -> Iterable[ReferenceUpdate]:
        if _same_metadata(old, new):
            return
        if "/Metadata" in new.root:
            before, after, info = _properties(old), _properties(new), _info(old)
            known = {name: str(entry(info, key)) for name, key in _REPEATED.items() if key in info}
            for name in {*before, *after}:
                was, now = (_meaning(said.get(name)) for said in (before, after))
                if was != now and (was is not None or now != _meaning(known.get(name))):
                    raise SuspiciousModification("the document's metadata say something else")
        yield from super().apply(old, new)


def _same_metadata(old: HistoricalResolver, new: HistoricalResolver) -> bool:
    """Whether the catalogue names the same stream, and no revision after wrote it anew."""
    held = new.root.raw_get("/Metadata") if "/Metadata" in new.root else None
    if not isinstance(held, IndirectObject) or "/Metadata" not in old.root:
        return False
    places = (
        new.reader.xrefs.get_historical_ref(held.reference, one.revision) for one in (old, new)
    )
    return bool(old.root.raw_get("/Metadata") == held and len(set(places)) == 1)


def _meaning(said: str | None) -> str | None:
    """What a property says, times to the second; a list of one is what it lists."""
    if said is None:
        return None
    text = _SINGLE.sub(r"\1", said).strip()
    for read in (datetime.fromisoformat, parse_pdf_date):
        with suppress(Exception):
            time: datetime = read(text)
            return time.astimezone(UTC).replace(microsecond=0).isoformat()
    return text


def _properties(resolver: HistoricalResolver) -> dict[str, str]:
    """What metadata say, by the names of the properties."""
    if "/Metadata" not in resolver.root:
        return {}
    place = resolver.root.get_value_as_reference("/Metadata")
    stream = resolver.reader.get_object(place, resolver.revision, as_metadata_stream=True)
    if not isinstance(stream, StreamObject):
        raise SuspiciousModification("metadata are no stream")
    data = stream.read_data(DecodePurpose.XMP_METADATA)
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise SuspiciousModification("entities in metadata")
    said: dict[str, str] = {}
    for one in ElementTree.fromstring(data).iter(f"{_RDF}Description"):  # noqa: S314 - none left
        held = dict(one.attrib) | {child.tag: _value(child) for child in one}
        said |= {name: text for name, text in held.items() if not name.startswith(_CHANGING)}
    return said


def _value(held: ElementTree.Element) -> str:
    """A property's text, as if it stood in an attribute, or its parts as they are written."""
    if not len(held) and not held.attrib:
        return held.text or ""
    parts = ElementTree.tostring(held, encoding="unicode")
    return ElementTree.canonicalize(parts, strip_text=True)


class _Unreached(WhitelistRule):
    """New objects that nothing leads to.

    pyHanko takes them too, but believes that no older object leads to what is new. A signed page
    may name an object that is not there (``/AA 99 0 R``), for somebody to bring it later; of
    another generation too, to which some readers pay no heed.
    """

    def apply(self, old: HistoricalResolver, new: HistoricalResolver) -> Iterable[ReferenceUpdate]:
        xrefs = new.reader.xrefs
        fresh = {
            ref
            for ref in new.explicit_refs_in_revision()
            if xrefs.get_historical_ref(ref, old.revision) is None
        }
        led_to = new.collect_dependencies(new.trailer_view, since_revision=new.revision)
        if fresh <= led_to:
            return
        assert isinstance(new, View)  # noqa: S101 - for the type checker
        reached = new.named()
        yield from (ReferenceUpdate(ref) for ref in fresh if ref.idnum not in reached)


class _Guarded(QualifiedWhitelistRule):
    """A rule's updates, but for objects that the signed revision names and lacks."""

    def __init__(self, rule: QualifiedWhitelistRule) -> None:
        self._rule = rule

    def apply_qualified(
        self, old: HistoricalResolver, new: HistoricalResolver
    ) -> Iterable[tuple[ModificationLevel, ReferenceUpdate]]:
        for level, update in self._rule.apply_qualified(old, new):
            if not named_but_missing(old, update.updated_ref):
                yield level, update


_GLOBAL_RULES: list[QualifiedWhitelistRule] = [
    _Guarded(rule)
    for rule in (
        _Catalogue(),
        *(
            rule.as_qualified(ModificationLevel.LTA_UPDATES)
            for rule in (
                _Info(),
                ObjectStreamRule(),
                XrefStreamRule(),
                DSSRule(),
                _Metadata(),
                _Unreached(),
            )
        ),
    )
]
_FIELD_RULES = [NewFields(), SignedFields()]

POLICY = StandardDiffPolicy(
    _GLOBAL_RULES, Form(field_rules=_FIELD_RULES), ignore_orphaned_objects=False
)
"""Without the rule that lets form fields be filled in."""

FILLING_POLICY = StandardDiffPolicy(
    _GLOBAL_RULES,
    Form(
        field_rules=[
            *_FIELD_RULES,
            GenericFieldModificationRule(allow_in_place_appearance_stream_changes=False),
        ]
    ),
    ignore_orphaned_objects=False,
)
"""For what the signer left open in a certified form."""

ANY_FREED = StandardDiffPolicy(
    _GLOBAL_RULES,
    Form(field_rules=_FIELD_RULES),
    reject_object_freeing=False,
    ignore_orphaned_objects=False,
)
"""The first, for a revision that is held against itself: what it frees was there before it."""
