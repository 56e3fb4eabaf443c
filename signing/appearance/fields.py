# mypy: disable-error-code="no-untyped-call"
# pyHanko ships py.typed but leaves much of its signing interface without annotations.
"""Signature fields: those a document has, those to be made, and what they lock."""

from dataclasses import dataclass

from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import (
    FieldMDPAction,
    FieldMDPSpec,
    MDPPerm,
    SigFieldSpec,
    enumerate_sig_fields,
)
from pyhanko.sign.validation import EmbeddedPdfSignature, read_certification_data

from schemas.errors import InputRejected
from signing.profiles import Profile

Rectangle = tuple[float, float, float, float]
"""``(x0, y0, x1, y1)`` in PDF user space."""


@dataclass(frozen=True)
class FieldPlan:
    """A signature field to be made."""

    name: str
    page: int
    """Counted from 0."""
    box: Rectangle | None
    """None: nothing is seen of it."""
    locks: bool
    """Lock all fields (FieldMDP) and the document (``/Lock`` with ``/P`` 1, ISO 32000-2, 12.7.5.5),
    rather than certify: it works for the first signature and for the last of several, and leaves
    the catalogue of a PDF/A without ``/Perms``."""

    def spec(self) -> SigFieldSpec:
        """The same as pyHanko wants it."""
        box = None if self.box is None else tuple(round(side, 2) for side in self.box)
        return SigFieldSpec(
            self.name,
            on_page=self.page,
            box=box,  # type: ignore[arg-type]  # pyHanko says int and takes any number
            field_mdp_spec=FieldMDPSpec(FieldMDPAction.ALL) if self.locks else None,
            doc_mdp_update_value=MDPPerm.NO_CHANGES if self.locks else None,
        )


@dataclass(frozen=True)
class FieldsThere:
    """The signature fields of a document."""

    names: frozenset[str]
    empty: frozenset[str]
    """Those that wait for a signature, by their full names."""
    signed: bool
    """Whether one of them is signed."""

    @classmethod
    def none(cls) -> "FieldsThere":
        """Those of a document that cannot be looked into."""
        return cls(frozenset(), frozenset(), False)


def fields_of(reader: PdfFileReader) -> FieldsThere:
    """The signature fields of a document."""
    names: set[str] = set()
    empty: set[str] = set()
    signed = False
    for name, value, _ in enumerate_sig_fields(reader):
        names.add(str(name).split(".", maxsplit=1)[0])
        signed = signed or bool(value)
        if not value:
            empty.add(str(name))
    return FieldsThere(frozenset(names), frozenset(empty), signed)


def refuse_locked(reader: PdfFileReader) -> None:
    """Respect the lock of an earlier signer.

    Raises:
        InputRejected: an earlier signature forbids further ones.
    """
    certified = read_certification_data(reader)
    locked = certified is not None and certified.permission == MDPPerm.NO_CHANGES
    for name, _, found in enumerate_sig_fields(reader, filled_status=True):
        signature = EmbeddedPdfSignature(reader, found, str(name))
        locked = locked or signature.docmdp_level == MDPPerm.NO_CHANGES
    if locked:
        raise InputRejected("signing.locked")


def waiting_field(profile: Profile, there: FieldsThere) -> str | None:
    """The first empty field that was made ready for this kind of signature."""
    own = (name for name in sorted(there.empty) if is_of(profile, name))
    return next(own, None)


def is_of(profile: Profile, name: str) -> bool:
    """Whether a field is called as those of ``profile`` are: ``Leader1``."""
    return name.startswith(profile.field) and name.removeprefix(profile.field).isdigit()


def free_name(profile: Profile, there: FieldsThere) -> str:
    """A name for one more field of this kind."""
    numbers = range(1, len(there.names) + 2)
    return next(name for n in numbers if (name := f"{profile.field}{n}") not in there.names)
