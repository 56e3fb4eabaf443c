# mypy: disable-error-code="no-untyped-call"
# pyHanko ships py.typed but leaves much of its validation interface without annotations.
"""Whether what was written anew says the same, entry by entry.

pyHanko compares values as Python does, to which the name ``/OFF`` and the string ``(/OFF)`` are the
same text: signed as a string, which no reader heeds, an entry could be brought to life later. And
to it a dictionary that stood inside another one is a different value as soon as it is an object of
its own, which PDFBox and EU DSS make of every dictionary in an array that they write. The one is
too lenient, the other too strict. No upstream issue is known; of the same comparison, with numbers,
tells MatthiasValvekens/pyHanko#7. To be removed when ``diff_analysis.commons`` compares kinds too,
and follows references.
"""

from typing import Any

from pyhanko.pdf_utils.generic import (
    ArrayObject,
    DictionaryObject,
    IndirectObject,
    NameObject,
    Reference,
    StreamObject,
)
from pyhanko.pdf_utils.reader import HistoricalResolver
from pyhanko.sign.diff_analysis import SuspiciousModification, commons, form_rules_api
from pyhanko.sign.diff_analysis.rules import file_structure_rules, form_field_rules

_DEEP = 100  # values within values


def moved_out(
    old: HistoricalResolver, was: Any, now: Any, deep: int = _DEEP
) -> list[Reference] | None:
    """The new objects into which parts of a value were put, if it says what it said.

    Args:
        old: the signed revision.
        was: the value in it, as it is written: references are not followed.
        now: the same entry in a later revision.
        deep: values within values at most.

    Returns:
        None: it says something else.
    """
    if deep == 0 or isinstance(was, IndirectObject):
        return [] if was == now else None
    if isinstance(now, IndirectObject):
        if not isinstance(was, DictionaryObject | ArrayObject):
            return None
        if not old.is_ref_unassignable(now.reference):
            return None
        inside = moved_out(old, was, now.get_object(), deep - 1)
        return None if inside is None else [now.reference, *inside]
    pairs = _parts(was, now)
    if pairs is None:
        return [] if _alike(was, now) else None
    found: list[Reference] = []
    for one, other in pairs:
        inside = moved_out(old, one, other, deep - 1)
        if inside is None:
            return None
        found += inside
    return found


def same_kinds(was: Any, now: Any, deep: int = _DEEP) -> bool:
    """Whether two values that Python calls the same are of the same kinds throughout."""
    if deep == 0:
        return False
    pairs = _parts(was, now)
    if pairs is None:
        return _alike(was, now)
    return all(same_kinds(one, other, deep - 1) for one, other in pairs)


def _parts(was: Any, now: Any) -> list[tuple[Any, Any]] | None:
    """The parts of two dictionaries or arrays of the same shape; ``None`` where they are none."""
    if isinstance(was, StreamObject) or isinstance(now, StreamObject):
        return None
    if isinstance(was, DictionaryObject) and isinstance(now, DictionaryObject):
        if was.keys() != now.keys():
            return None
        return [(was.raw_get(key), now.raw_get(key)) for key in was]
    if isinstance(was, ArrayObject) and isinstance(now, ArrayObject):
        if len(was) != len(now):
            return None
        pairs = range(len(was))
        return [(was.raw_get(at), now.raw_get(at)) for at in pairs]
    return None


def _alike(was: Any, now: Any) -> bool:
    return bool(was == now) and isinstance(was, NameObject) == isinstance(now, NameObject)


_compare = commons.compare_dicts


def compare_strictly(
    old_dict: Any, new_dict: Any, ignored: frozenset[str] = frozenset(), raise_exc: bool = True
) -> bool:
    """:func:`pyhanko.sign.diff_analysis.commons.compare_dicts`, to which kinds matter."""
    if not _compare(old_dict, new_dict, ignored, raise_exc):
        return False
    for key in old_dict.keys() - ignored:
        if not same_kinds(old_dict.raw_get(key), new_dict.raw_get(key)):
            if raise_exc:
                raise SuspiciousModification(f"Values for dict key {key} are of another kind")
            return False
    return True


def _compare_kinds() -> None:
    """Have pyHanko's rules compare so, in this process; there is no seam."""
    modules: tuple[Any, ...] = (commons, form_rules_api, file_structure_rules, form_field_rules)
    for module in modules:
        module.compare_dicts = compare_strictly


_compare_kinds()
