# mypy: disable-error-code="no-untyped-call"
# pyHanko ships py.typed but leaves much of its validation interface without annotations.
"""Pages to which the widgets of signature fields were added, and nothing else.

pyHanko takes such a page only where every annotation is an object of its own. Many programs write
links and notes right into the page's list; and some note with the page when it was changed. No
upstream issue is known (for inline ``/AP`` it was MatthiasValvekens/pyHanko#719). To be removed
when ``FormUpdatingRule`` takes annotations that stand in the list itself.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pyhanko.pdf_utils.generic import (
    ArrayObject,
    DictionaryObject,
    IndirectObject,
    Reference,
    pdf_name,
)
from pyhanko.pdf_utils.reader import HistoricalResolver, RawPdfPath
from pyhanko.sign.diff_analysis import SuspiciousModification
from pyhanko.sign.diff_analysis.rules_api import Context, RelativeContext

from signing.validation.entries import entry
from signing.validation.written_anew import moved_out

_NOTED = frozenset({"/Annots", "/LastModified", "/Type"})
"""Entries of a page that may change; ``/Type`` only appears."""

_NODES = 100_000


@dataclass(frozen=True)
class Bound:
    """An object that was written anew because a widget was added to a page."""

    ref: Reference
    context: Context | None
    """Where the signed revision names it; ``None``: wherever it does, since it is a page."""
    field: str | None
    """The field, where it is one."""


def widgets_added(
    old: HistoricalResolver, new: HistoricalResolver, fields: Mapping[Reference, str]
) -> Iterator[Bound]:
    """The pages, and lists of annotations, with widgets that the signed revision does not have.

    Args:
        old: the signed revision.
        new: a later one.
        fields: names of fields by their widgets, of which some may be new on a page.

    Raises:
        SuspiciousModification: the pages are others, or a page was changed in another way.
    """
    waiting: list[tuple[Any, Any]] = [(old.root["/Pages"], new.root["/Pages"])]
    seen = 0
    while waiting:
        before, after = waiting.pop()
        kids = _kids(before)
        if kids != _kids(after):
            raise SuspiciousModification("the pages are others")
        seen += len(kids)
        if seen > _NODES:
            raise SuspiciousModification("more pages than can be looked through")
        for kid in kids:
            was, now = old(kid), new(kid)
            if not isinstance(was, DictionaryObject) or not isinstance(now, DictionaryObject):
                raise SuspiciousModification("a page is no dictionary")
            if "/Kids" in was:
                waiting.append((was, now))
            else:
                yield from _page(old, kid, was, now, fields)


def _kids(node: Any) -> list[Reference]:
    held = entry(node, "/Kids", ()) if isinstance(node, DictionaryObject) else ()
    return [one.reference for one in held if isinstance(one, IndirectObject)]


def _page(
    old: HistoricalResolver,
    page: Reference,
    was: DictionaryObject,
    now: DictionaryObject,
    fields: Mapping[Reference, str],
) -> Iterator[Bound]:
    before, after = _annotations(was), _annotations(now)
    if before == after:
        return
    added, moved = _added(old, before, after)
    if any(one not in fields for one in added):
        raise SuspiciousModification("an annotation was added that is no signature's")
    moved += _unchanged(old, was, now)
    name = fields[added[0]] if len(added) == 1 else None
    yield Bound(page, None, name)
    for one in moved:
        yield Bound(one, None, name)
    held = now.raw_get("/Annots")
    if isinstance(held, IndirectObject):
        ref, there = held.reference, was.raw_get("/Annots") if "/Annots" in was else None
        if there == held or old.is_ref_unassignable(ref):
            yield Bound(ref, RelativeContext(page, RawPdfPath("/Annots")), name)


def _annotations(page: DictionaryObject) -> list[Any]:
    """A page's annotations as they stand in its list: objects of their own, or written there."""
    held = entry(page, "/Annots", ())
    return list(held) if isinstance(held, ArrayObject) else []


def _added(
    old: HistoricalResolver, before: list[Any], after: list[Any]
) -> tuple[list[Reference], list[Reference]]:
    """Those that are new, if the others are what they were and in their order.

    And those that were written into the page's list and are objects of their own now.
    """
    added: list[Reference] = []
    moved: list[Reference] = []
    left = list(before)
    for one in after:
        there = moved_out(old, left[0], one) if left else None
        if there is not None:
            left.pop(0)
            moved += there
        elif isinstance(one, IndirectObject):
            added.append(one.reference)
        else:
            raise SuspiciousModification("an annotation was written into a page")
    if left:
        raise SuspiciousModification("annotations were taken away, or moved")
    return added, moved


def _unchanged(
    old: HistoricalResolver, was: DictionaryObject, now: DictionaryObject
) -> list[Reference]:
    """The parts that became objects, if the page says the same but for its annotations."""
    moved: list[Reference] = []
    for key in {*was, *now} - _NOTED:
        both = key in was and key in now
        there = moved_out(old, was.raw_get(key), now.raw_get(key)) if both else None
        if there is None:
            raise SuspiciousModification(f"the page's {key} is another")
        moved += there
    kind = pdf_name("/Page")
    if entry(now, "/Type", kind) != entry(was, "/Type", entry(now, "/Type", kind)) or (
        "/Type" in now and now["/Type"] != kind
    ):
        raise SuspiciousModification("the page is something else")
    return moved
