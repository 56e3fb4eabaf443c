# mypy: disable-error-code="no-untyped-call"
# pyHanko ships py.typed but leaves much of its reading interface without annotations.
"""Whether the form's own settings still make fields look as they did when they were signed.

Default appearances, default resources and ``/NeedAppearances`` change what a field shows although
its value is the same (a shadow attack by form). They change nothing where all are signatures,
whose looks come with them; and programs that sign bring their own (PDFBox writes the resources of
every visible signature into the form's, and Helvetica once more for each).
"""

import re
from collections.abc import Iterator
from typing import Any

from pyhanko.pdf_utils.generic import (
    ArrayObject,
    DictionaryObject,
    IndirectObject,
    StreamObject,
)

from signing.validation.entries import entry
from signing.validation.form_rule import drawn

_FIELDS = 20_000  # a form with more is not looked through
_DEEP = 12  # objects within objects, held against each other
_ANEW = "/NeedAppearances"
_PLAIN_LOOK = re.compile(r"/\w+ 0 Tf 0 g\s*")
"""What Acrobat and PDFBox write where a form has no default appearance: black, as large as fits."""

_DRAWN_WITH = frozenset({"/XObject", "/ProcSet"})
"""Resources that a default appearance cannot use; it sets a font and a colour."""


def form_kept(before: DictionaryObject | None, after: DictionaryObject | None) -> bool:
    """Whether fields that were in a signed form look the same under its settings of today.

    Args:
        before: ``/AcroForm`` of the signed revision.
        after: that of the file.
    """
    if before is None or after is None:
        return before is None
    texts, leaning = _others(before), _lean_on_form(before)
    if texts and not _looks_kept(before, after):
        return False
    if not texts and not leaning:
        return True
    free = frozenset[str]() if leaning else _DRAWN_WITH
    return _resources_kept(entry(before, "/DR", {}), entry(after, "/DR", {}), free=free)


def _looks_kept(before: DictionaryObject, after: DictionaryObject) -> bool:
    if bool(entry(before, _ANEW, False)) != bool(entry(after, _ANEW, False)):
        return False
    if entry(before, "/Q") != entry(after, "/Q"):
        return False
    was, now = entry(before, "/DA"), entry(after, "/DA")
    return was == now or (was is None and _PLAIN_LOOK.fullmatch(str(now)) is not None)


def _resources_kept(before: Any, after: Any, *, free: frozenset[str]) -> bool:
    """Whether every resource is what it was; there may be more now."""
    for kind in before.keys() - free:
        was, now = before[kind], entry(after, kind)
        if not isinstance(was, DictionaryObject):
            if not same(was, now):
                return False
        elif not isinstance(now, DictionaryObject) or any(
            name not in now or not same(was.raw_get(name), now.raw_get(name)) for name in was
        ):
            return False
    return True


def same(one: Any, other: Any, deep: int = _DEEP) -> bool:
    """Whether two values say the same, each in its own revision, wherever their parts stand."""
    if deep == 0:
        return False
    one, other = (
        held.get_object() if isinstance(held, IndirectObject) else held for held in (one, other)
    )
    if isinstance(one, StreamObject) or isinstance(other, StreamObject):
        both = isinstance(one, StreamObject) and isinstance(other, StreamObject)
        if not both or one.encoded_data != other.encoded_data:
            return False
    if isinstance(one, DictionaryObject) and isinstance(other, DictionaryObject):
        return one.keys() == other.keys() and all(
            same(one.raw_get(key), other.raw_get(key), deep - 1) for key in one
        )
    if isinstance(one, ArrayObject) and isinstance(other, ArrayObject):
        pairs = zip(one, other, strict=False)
        return len(one) == len(other) and all(same(*pair, deep - 1) for pair in pairs)
    return bool(type(one) is type(other) and one == other)


def _others(form: DictionaryObject) -> bool:
    """Whether the form has other fields than signatures."""
    return any(kind != "/Sig" for kind, field in _fields(form) if "/Kids" not in field)


def _lean_on_form(form: DictionaryObject) -> bool:
    """Whether a field's looks bring no resources, so that a viewer may take the form's."""
    for _, field in _fields(form):
        looks = entry(field, "/AP", {})
        for key in looks:
            look = looks[key]
            streams = [look] if isinstance(look, StreamObject) else [look[one] for one in look]
            if any(not isinstance(one, StreamObject) or _leans(one) for one in streams):
                return True
    return False


def _leans(look: StreamObject) -> bool:
    return "/Resources" not in look and drawn(look.data)


def _fields(form: DictionaryObject) -> Iterator[tuple[Any, DictionaryObject]]:
    """Every field and widget, with the kind of field that it is or inherits."""
    waiting = [(None, one) for one in entry(form, "/Fields", ())]
    seen = 0
    while waiting:
        seen += 1
        if seen > _FIELDS:
            raise ValueError("more fields than can be looked through")
        inherited, held = waiting.pop()
        field = held.get_object()
        kind = entry(field, "/FT", inherited)
        yield kind, field
        waiting += [(kind, kid) for kid in entry(field, "/Kids", ())]
