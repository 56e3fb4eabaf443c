# mypy: disable-error-code="no-untyped-call"
# pyHanko ships py.typed but leaves much of its validation interface without annotations.
"""What may become of the form and of the pages' annotations when somebody signs or adds evidence.

pyHanko knows how pyHanko, Acrobat and iText sign. Here is what others write besides, and what must
not pass although pyHanko lets it.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from pyhanko.pdf_utils.decode_limits import DecodePurpose
from pyhanko.pdf_utils.generic import (
    DictionaryObject,
    IndirectObject,
    PdfObject,
    Reference,
    StreamObject,
)
from pyhanko.pdf_utils.reader import HistoricalResolver, RawPdfPath
from pyhanko.sign.diff_analysis import (
    FieldComparisonContext,
    FormUpdate,
    FormUpdatingRule,
    ModificationLevel,
    SigFieldCreationRule,
    SigFieldModificationRule,
    SuspiciousModification,
)
from pyhanko.sign.diff_analysis.constants import (
    ACROFORM_EXEMPT_STRICT_COMPARISON,
    FORMFIELD_ALWAYS_MODIFIABLE,
    VALUE_UPDATE_KEYS,
)
from pyhanko.sign.diff_analysis.form_rules_api import FieldComparisonSpec
from pyhanko.sign.diff_analysis.rules_api import Context

from signing.validation.annotations import widgets_added
from signing.validation.entries import entry
from signing.validation.written_anew import compare_strictly

Update = tuple[ModificationLevel, FormUpdate]
EVIDENCE, FILLING = ModificationLevel.LTA_UPDATES, ModificationLevel.FORM_FILLING

_FLAGS, _PLACE = "/SigFlags", "/Rect"
_ACTIONS = frozenset({"/A", "/AA"})
_BORDERS = ("/MK", "/BS", "/Border")
_WRITTEN_ALONG = frozenset({*_BORDERS, "/M", "/P"})
_REMARK = re.compile(rb"%[^\r\n]*")
_LOOKS = ("/N", "/R", "/D")


class Form(FormUpdatingRule):
    """The form of the document; its settings are judged by ``changes.form_kept``."""

    def __init__(self, field_rules: list[Any]) -> None:
        """With rules for its fields."""
        super().__init__(field_rules, ACROFORM_EXEMPT_STRICT_COMPARISON | {_FLAGS})

    def apply(self, old: HistoricalResolver, new: HistoricalResolver) -> Iterable[Update]:
        """The updates that are allowed, of no object that the signed revision names but lacks."""
        for level, update in self._apply(old, new):
            if not named_but_missing(old, update.updated_ref):
                yield level, update

    def _apply(self, old: HistoricalResolver, new: HistoricalResolver) -> Iterator[Update]:
        before, after = (entry(one.root, "/AcroForm") for one in (old, new))
        if before is not None and after is not None:
            was, now = (int(entry(one, _FLAGS, 0)) for one in (before, after))
            if was & ~now:
                raise SuspiciousModification("the form does not say any more that it is signed")
            yield from _resources(old, new, before, after)
        yield from super().apply(old, new)


def _resources(
    old: HistoricalResolver, new: HistoricalResolver, before: Any, after: Any
) -> Iterator[Update]:
    """Default resources that a time stamp brings along as well (EU DSS with PDFBox)."""
    if "/DR" not in after:
        return
    was, now = entry(before, "/DR", {}), entry(after, "/DR", {})
    for held in (after.raw_get("/DR"), now, *(now[kind] for kind in now)):
        for ref in new.collect_dependencies(held, since_revision=old.revision + 1):
            yield EVIDENCE, FormUpdate(ref)
    path = RawPdfPath("/Root", "/AcroForm", "/DR")
    places = [(path, before, after, "/DR")]
    places += [(path + kind, was, now, kind) for kind in now]
    for place, one, other, key in places:  # written anew where they stand
        there = other.raw_get(key)
        if isinstance(there, IndirectObject) and key in one and one.raw_get(key) == there:
            if isinstance(there.get_object(), StreamObject):
                raise SuspiciousModification("resources are a stream")
            checked = Context.from_absolute(old, place)
            yield EVIDENCE, FormUpdate(there.reference, context_checked=checked)


def named_but_missing(old: HistoricalResolver, ref: Reference) -> bool:
    """Whether something signed names an object that did not exist when it was signed.

    Brought later, it would show or do what nobody has seen (a shadow attack).
    """
    if old.reader.xrefs.get_historical_ref(ref, old.revision) is not None:
        return False
    return not old.is_ref_unassignable(ref)


class NewFields(SigFieldCreationRule):
    """New signature fields do nothing; one that is empty or can be seen is more than evidence."""

    def apply(self, context: FieldComparisonContext) -> Iterable[Update]:
        """The new fields with all that belongs to them, and the pages that show them."""
        lowest, bound = EVIDENCE, dict[Reference, str]()
        for name, spec in context.field_specs.items():
            if spec.old_field_ref and not spec.new_field_ref:
                raise SuspiciousModification(f"the field {name} was taken away")
            ref, field, was = spec.new_field_ref, spec.new_field, spec.old_field
            if ref is None or field is None or (was is not None and not signed_now(was, field)):
                continue
            if spec.field_type != "/Sig":
                raise SuspiciousModification(f"the new field {name} is for no signature")
            bound |= dict.fromkeys(widgets_of(ref, field), name)
            if was is None:
                new = _New(context, name, ref, field)
                lowest = max(lowest, new.level)
                yield from new.updates()
        if bound:
            for one in widgets_added(context.old, context.new, bound):
                yield (
                    lowest,
                    FormUpdate(
                        one.ref,
                        context_checked=one.context,
                        field_name=one.field,
                        valid_when_locked=one.field is not None,
                    ),
                )


class _New:
    """A signature field that was not there, and what belongs to it."""

    def __init__(
        self, context: FieldComparisonContext, name: str, ref: Reference, field: DictionaryObject
    ) -> None:
        """Raises SuspiciousModification where it acts."""
        self._context, self._name, self._ref, self._field = context, name, ref, field
        self._kids = [one.reference for one in entry(field, "/Kids", ())]
        self._parts = [field, *(one.get_object() for one in self._kids)]
        if any(_ACTIONS & one.keys() or _readable_otherwise(one) for one in self._parts):
            raise SuspiciousModification("a signature field with actions")
        self._seen = any(may_be_seen(one) for one in self._parts)
        self.level = FILLING if self._seen or "/V" not in field else EVIDENCE

    def updates(self) -> Iterator[Update]:
        """Itself, its widgets, and their looks where these show nothing."""
        held = self._field.raw_get("/Kids") if "/Kids" in self._field else None
        refs = [self._ref, *self._kids]
        refs += [held.reference] if isinstance(held, IndirectObject) else []
        for ref in refs:  # what was there is not the field's to write
            if self._context.old.is_ref_unassignable(ref):
                yield self.level, self._update(ref, visible=self._seen)
        for part in self._parts:
            quiet = not self._seen and draws_nothing(part)
            for ref in self._brought(part, *_BORDERS, *(("/AP",) if quiet else ())):
                yield self.level, self._update(ref, visible=self._seen)
            for ref in self._brought(part, "/Lock", "/SV", *(() if quiet else ("/AP",))):
                yield FILLING, self._update(ref, visible=True)

    def _update(self, ref: Reference, *, visible: bool) -> FormUpdate:
        return FormUpdate(
            ref,
            field_name=self._name,
            valid_when_locked=not visible,
            valid_when_certifying=not self._seen,
        )

    def _brought(self, part: DictionaryObject, *keys: str) -> set[Reference]:
        return brought(self._context, *(part.raw_get(key) for key in keys if key in part))


def _readable_otherwise(field: DictionaryObject) -> bool:
    """Whether readers differ in what a key is: PDFium makes ``/#K1A`` out to be ``/AA``."""
    return any("#" in key for key in field)


class SignedFields(SigFieldModificationRule):
    """Fields that get a signature: what the field says, how its widgets look."""

    def __init__(self) -> None:
        """With the entries that programs write into a field when they sign it."""
        super().__init__(
            always_modifiable=FORMFIELD_ALWAYS_MODIFIABLE | {"/M"},
            value_update_keys=VALUE_UPDATE_KEYS | _WRITTEN_ALONG,
        )

    def compare_fields(self, spec: FieldComparisonSpec) -> bool:
        """Whether a field may be locked and change so.

        Raises:
            SuspiciousModification: it may not change so at all.
        """
        if not _shrunk(spec.old_field, spec.new_field):
            return bool(super().compare_fields(spec))
        keys = self.value_update_keys | {_PLACE}
        return bool(
            SigFieldModificationRule(
                always_modifiable=self.always_modifiable, value_update_keys=keys
            ).compare_fields(spec)
        )

    def check_form_field(
        self, fq_name: str, spec: FieldComparisonSpec, context: FieldComparisonContext
    ) -> Iterable[Update]:
        """The field and its signature."""
        yield from super().check_form_field(fq_name, spec, context)
        own, field, was = spec.new_field_ref, spec.new_field, spec.old_field
        if spec.field_type != "/Sig" or own is None or field is None or "/V" not in field:
            return
        if was is not None and not signed_now(was, field):
            return
        kids = [one for one in widgets_of(own, field) if one != own]
        parts: list[Any] = [field, *(one.get_object() for one in kids)]
        stamp = is_time_stamp(field["/V"]) and not any(may_be_seen(one) for one in parts)
        level = EVIDENCE if stamp else FILLING
        for ref in brought(context, field.raw_get("/V")):
            yield level, FormUpdate(ref, field_name=fq_name, valid_when_locked=stamp)
        if was is None:
            return
        for ref in (own, *kids):
            yield from self._written_anew(context, fq_name, ref)

    def _written_anew(
        self, context: FieldComparisonContext, name: str, ref: Reference
    ) -> Iterator[Update]:
        """A field or widget that was there, with its looks now that it is signed."""
        old, new = context.old, context.new
        was, now = old(ref), new(ref)
        if not isinstance(was, DictionaryObject):
            return  # a new widget of an old field is not known of
        place = {_PLACE} if _shrunk(was, now) else set[str]()
        compare_strictly(was, now, self.value_update_keys | place)
        for path in places_of(old, ref):
            checked = Context.from_absolute(old, path)
            yield EVIDENCE, FormUpdate(ref, field_name=name, context_checked=checked)
        parts = (now.raw_get(key) for key in (*_BORDERS, "/AP") if key in now)
        for one in brought(context, *parts):
            yield FILLING, FormUpdate(one, field_name=name)


def _shrunk(was: Any, now: Any) -> bool:
    """Whether an empty field without looks has no place any more now that it is signed.

    PDFBox takes it where it draws no signature; nothing was to be seen there before.
    """
    both = isinstance(was, DictionaryObject) and isinstance(now, DictionaryObject)
    return both and "/AP" not in was and not may_be_seen(now)


def signed_now(was: DictionaryObject, field: DictionaryObject) -> bool:
    """Whether a field that was empty holds a signature in this revision."""
    return "/V" in field and "/V" not in was


def is_time_stamp(signature: DictionaryObject) -> bool:
    """Whether it is one for the document; by its format where it does not say so."""
    kind = entry(signature, "/Type", "/DocTimeStamp")
    return bool(kind == "/DocTimeStamp" and entry(signature, "/SubFilter") == "/ETSI.RFC3161")


def widgets_of(ref: Reference, field: DictionaryObject) -> Iterator[Reference]:
    """The annotations of a field: itself, or its kids that are no fields."""
    if "/Kids" not in field:
        yield ref
    for kid in entry(field, "/Kids", ()):
        if isinstance(kid, IndirectObject) and "/T" not in kid.get_object():
            yield kid.reference


def places_of(old: HistoricalResolver, ref: Reference) -> Iterator[RawPdfPath]:
    """Where a field or widget belongs: in the form, on a page, in the structure of the text."""
    for path in old._get_usages_of_ref(ref):
        first, second, *rest = (*path.path, None, None)[: max(2, len(path))]
        names = [one for one in rest if not isinstance(one, int)]
        if first != "/Root":
            continue
        form = second == "/AcroForm" and names[:1] == ["/Fields"] and set(names[1:]) <= {"/Kids"}
        page = second == "/Pages" and names[-1:] == ["/Annots"] and set(names[:-1]) == {"/Kids"}
        text = second == "/StructTreeRoot" and names[-1:] == ["/Obj"]
        if form or page or text:
            yield path


def brought(context: FieldComparisonContext, *values: PdfObject) -> set[Reference]:
    """The new objects that these values lead to."""
    after = context.old.revision + 1
    found = set[Reference]()
    for one in values:
        found |= context.new.collect_dependencies(one, since_revision=after)
    return found


def draws_nothing(widget: DictionaryObject) -> bool:
    """Whether the looks of a widget, if it has any, are streams that nothing is drawn with."""
    looks = entry(widget, "/AP")
    if looks is None:
        return True
    if not isinstance(looks, DictionaryObject):
        return False
    for key in looks:
        look = looks[key]
        if key not in _LOOKS or not isinstance(look, StreamObject):
            return False
        no_room = "/BBox" in look and not _area(look, "/BBox")
        if not no_room and drawn(look.read_data(DecodePurpose.GENERIC)):
            return False
    return True


def drawn(content: bytes) -> bool:
    """Whether there is more in a content stream than blanks, remarks and saved states."""
    return bool(set(_REMARK.sub(b" ", content).split()) - {b"q", b"Q"})


def may_be_seen(widget: DictionaryObject) -> bool:
    """Whether a widget has a place on a page, wherever its corners are written."""
    return _area(widget, _PLACE)


def _area(held: DictionaryObject, key: str) -> bool:
    corners = entry(held, key, ())
    try:
        left, bottom, right, top = (float(corners[at]) for at in range(4))
    except (TypeError, ValueError, IndexError):
        return bool(corners)
    return not (left == right or bottom == top)
