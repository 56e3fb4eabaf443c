# mypy: disable-error-code="no-untyped-call"
# pyHanko ships py.typed but leaves much of its validation interface without annotations.
"""The DSS (document security store, ISO 32000-2, 12.8.4.3): written anew at will, if it stays one.

EU DSS, iText and others write the whole DSS once more, with other objects, and leave out what
another signature has brought or all of ``/VRI``. That is no change of the document: the DSS holds
certificates and what tells of revocations, and what an earlier revision held still counts
(:mod:`signing.validation.validation_material` reads the DSS of all revisions).
"""

import re
from collections.abc import Generator, Iterable, Iterator
from typing import Any

from pyhanko.pdf_utils.generic import (
    ArrayObject,
    BooleanObject,
    ByteStringObject,
    DictionaryObject,
    FloatObject,
    IndirectObject,
    NameObject,
    NullObject,
    NumberObject,
    Reference,
    StreamObject,
    TextStringObject,
)
from pyhanko.pdf_utils.reader import HistoricalResolver, RawPdfPath
from pyhanko.sign.diff_analysis import ReferenceUpdate, SuspiciousModification, WhitelistRule
from pyhanko.sign.diff_analysis.rules_api import Context

_VALUES = (
    BooleanObject,
    ByteStringObject,
    FloatObject,
    NameObject,
    NullObject,
    NumberObject,
    TextStringObject,
)
_LISTS = frozenset({"/Certs", "/CRLs", "/OCSPs"})
_LISTS_OF_ONE = frozenset({"/Cert", "/CRL", "/OCSP"})
_SIGNATURE = re.compile(r"/[0-9A-Fa-f]{40}")  # the SHA-1 of a signature's /Contents

_Part = tuple[Reference, RawPdfPath, bool]


class DSSRule(WhitelistRule):
    """Everything in the DSS may change; what is in it is of the DSS's kinds, and new.

    An object that is anything else too, in the signed revision, is not cleared by this.
    """

    def apply(self, old: HistoricalResolver, new: HistoricalResolver) -> Iterable[ReferenceUpdate]:
        """The objects of the DSS.

        Raises:
            SuspiciousModification: the DSS was taken away, or there is something else in it.
        """
        if "/DSS" not in new.root:
            if "/DSS" in old.root:
                raise SuspiciousModification("the DSS was taken away")
            return
        for ref, path, stream in _parts(new.root):
            if not stream or old.is_ref_unassignable(ref):
                yield ReferenceUpdate(ref, context_checked=Context.from_absolute(old, path))


def _parts(root: DictionaryObject) -> Iterator[_Part]:
    """Every object of the DSS, how one comes to it, and whether it is a stream."""
    here = RawPdfPath("/Root", "/DSS")
    dss = yield from _entered(root.raw_get("/DSS"), here, DictionaryObject)
    for key, held in dss.items():
        if key in _LISTS:
            yield from _listed(held, here + key)
        elif key == "/VRI":
            about = yield from _entered(held, here + key, DictionaryObject)
            for name, one in about.items():
                if not _SIGNATURE.fullmatch(name):
                    raise SuspiciousModification(f"{name} in /VRI")
                yield from _about_one(one, here + key + name)
        else:
            yield from _value(held, here + key)


def _about_one(held: Any, path: RawPdfPath) -> Iterator[_Part]:
    """What the DSS holds for one signature."""
    about = yield from _entered(held, path, DictionaryObject)
    for key, one in about.items():
        if key in _LISTS_OF_ONE:
            yield from _listed(one, path + key)
        elif key == "/TS":
            yield from _stream(one, path + key)
        else:
            yield from _value(one, path + key)


def _listed(held: Any, path: RawPdfPath) -> Iterator[_Part]:
    streams = yield from _entered(held, path, ArrayObject)
    for at, one in enumerate(streams):
        yield from _stream(one, path + at)


def _stream(held: Any, path: RawPdfPath) -> Iterator[_Part]:
    if not isinstance(held, IndirectObject) or not isinstance(held.get_object(), StreamObject):
        raise SuspiciousModification("no stream where the DSS has them")
    yield held.reference, path, True


def _value(held: Any, path: RawPdfPath) -> Iterator[_Part]:
    """What is neither list nor dictionary: a kind, a time, what other programs note."""
    if not isinstance(held.get_object(), _VALUES):
        raise SuspiciousModification(f"more than a value at {path}")
    if isinstance(held, IndirectObject):
        yield held.reference, path, False


def _entered(held: Any, path: RawPdfPath, kind: type[Any]) -> Generator[_Part, None, Any]:
    """A dictionary or a list, which may be an object of its own."""
    value = held.get_object()
    if not isinstance(value, kind) or isinstance(value, StreamObject):
        raise SuspiciousModification(f"no {kind.__name__} at {path}")
    if isinstance(held, IndirectObject):
        yield held.reference, path, False
    return value
