# mypy: disable-error-code="no-untyped-call"
# pyHanko ships py.typed but leaves much of its interface without annotations.
"""What one signature looks like and where it stands, by its profile and the page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import enumerate_sig_fields
from pyhanko.stamp import BaseStampStyle

from schemas.errors import InputRejected
from signing.appearance.check_marks import check_marks
from signing.appearance.code_apart import CodeApart, place_apart
from signing.appearance.fields import FieldPlan, FieldsThere, Rectangle
from signing.appearance.picture import (
    Picture,
    PictureStampStyle,
    forbids_transparency,
    load_picture,
)
from signing.appearance.placement import first_page
from signing.appearance.signature_places import signature_places
from signing.appearance.stamp import LineStampStyle, lay_out
from signing.appearance.typeface import Typeface, find_font, load
from signing.options import InkColour, SignerRole, SigningOptions
from signing.profiles import Placement, Profile, Profiles

_TIME_LETTERS = "0123456789-+:TZ; "
_NUMBER_LETTERS = (
    "0123456789 ABCDEFGHIJKLMNOPQRSTUVWXYZĂÂĐÊÔƠƯabcdefghijklmnopqrstuvwxyzđ/\\-–.,:;()&_+"
)
"""What numbers and symbols of documents are made of (``123/QĐ-UBND``)."""

_DEEPEST = 64  # page trees are not deeper

_MOST_UNIT = 100.0
_USUAL_PERSON = (120.0, 50.0)
"""Size of a signature's picture in points, where the office has none."""

_INKS = {
    SignerRole.leader: InkColour.blue,
    SignerRole.clerk: InkColour.blue,
    SignerRole.seal: InkColour.red,
}


@dataclass(frozen=True)
class SignatureRequest:
    """One signature as it was asked for."""

    profile: Profile
    signer: str
    time: datetime
    number: str | None = None
    reference: str | None = None
    public_code: str | None = None
    """By which anybody checks the document, without gaps."""
    coming: Sequence[Profile] = ()
    """Who signs after this one."""


@dataclass(frozen=True)
class Appearance:
    """How a signature shows: nothing at all, or a style in a box of a page."""

    style: BaseStampStyle | None = None
    page: int = 0
    box: Rectangle | None = None
    later: Sequence[FieldPlan] = ()
    code: CodeApart | None = None
    """A QR code that found no room beside the lines."""


class AppearanceBuilder:
    """Makes appearances; font and pictures are loaded once."""

    def __init__(self, options: SigningOptions, profiles: Profiles) -> None:
        """Load what every signature needs.

        Raises:
            MissingDependency: no font with the metrics of Times New Roman on this machine.
            ConfigurationError: the font lacks letters, or a picture is not what it should be.
        """
        self._options = options
        self._profiles = profiles
        self._font = find_font(options.font)
        own = {letter for profile in profiles.values() for letter in profile.letters}
        self._letters = own.union(_TIME_LETTERS, options.agency, _NUMBER_LETTERS)
        self._letters.update(options.check_page or "")
        self._pictures: dict[SignerRole, Picture] = {
            role: load_picture(chosen.file, _INKS[role], chosen.width_mm)
            for role, chosen in options.pictures.items()
        }
        self._typeface("")

    def build(
        self,
        request: SignatureRequest,
        path: Path,
        writer: IncrementalPdfFileWriter,
        there: FieldsThere,
        ready: str | None,
    ) -> Appearance:
        """How this signature shows in the document at ``path``.

        Nothing is drawn on a document that is signed, except in the field ``ready`` that was made
        before its first signature.

        Raises:
            InputRejected: no room for it.
            ConfigurationError: a number is missing or has letters that cannot be drawn.
        """
        if ready is not None:
            return Appearance(self._in_field(request.profile, writer, ready))
        if there.signed:
            return Appearance()
        picture = self._picture(request.profile)
        if request.profile.pictured and picture is not None:
            return self._pictured(request, path, writer.prev, picture)
        return self._lines(request, path, writer.prev)

    def _picture(self, profile: Profile | None) -> Picture | None:
        return None if profile is None else self._pictures.get(profile.role)

    def _typeface(self, signer: str) -> Typeface:
        return load(self._font, "".join(sorted(self._letters.union(signer))))

    def _lines(self, request: SignatureRequest, path: Path, reader: PdfFileReader) -> Appearance:
        saying = partial(
            request.profile.lines,
            agency=self._options.agency,
            signer=request.signer,
            time=request.time,
            number=request.number,
        )
        lines = saying()
        if not lines:
            return Appearance()
        code, text = check_marks(
            request.profile, self._options.check_page, request.public_code, request.reference
        )
        checked = () if text is None else saying(check=text)
        typeface = self._typeface(request.signer)
        typeface.require("".join((*lines, *checked)))
        unit = unit_of(reader, 0)
        stamp = lay_out(lines, typeface, first_page(path, unit), code, checked)
        if stamp is None:
            stamp = lay_out(lines, typeface, first_page(path, unit, whole=True), code, checked)
        if stamp is None:
            raise InputRejected("signing.no_stamp_room")
        style = LineStampStyle(stamp=stamp, typeface=typeface)
        apart = None
        if code is not None and stamp.code is None and request.public_code and not request.coming:
            apart = place_apart(first_page(path, unit, whole=True), code, stamp.box)
        return Appearance(style, 0, stamp.rectangle, self._coming(request, path, reader), apart)

    def _coming(
        self, request: SignatureRequest, path: Path, reader: PdfFileReader
    ) -> tuple[FieldPlan, ...]:
        """Fields for the pictures of those who sign after this one."""
        person = self._next(request.coming, Placement.signer_block)
        seal = self._next(request.coming, Placement.over_signature)
        if person is None and seal is None:
            return ()
        below, above = self._picture(person), self._picture(seal)
        usual = self._size_below(seal) if below is None else below.size
        wanted = None if above is None else above.size
        where = signature_places(path, "", usual, wanted, partial(unit_of, reader))
        boxes = ((person, where.person), (seal, where.agency))
        return tuple(
            _first_field(profile, where.page, box)
            for profile, box in boxes
            if profile is not None and box is not None
        )

    def _next(self, coming: Sequence[Profile], placement: Placement) -> Profile | None:
        """The first of those who come whose picture goes to ``placement``."""
        pictured = (one for one in coming if self._picture(one) is not None)
        return next((one for one in pictured if one.placement is placement), None)

    def _size_below(self, seal: Profile | None) -> tuple[float, float]:
        """Size of the person's picture that a seal covers a part of, or would."""
        below = None if seal is None else self._picture(self._profiles.preparing(seal))
        return _USUAL_PERSON if below is None else below.size

    def _pictured(
        self, request: SignatureRequest, path: Path, reader: PdfFileReader, picture: Picture
    ) -> Appearance:
        profile = request.profile
        opaque = forbids_transparency(reader)
        later: tuple[FieldPlan, ...] = ()
        unit = partial(unit_of, reader)
        if profile.placement is Placement.over_signature:
            # no person signed before it: its place is reckoned from where one would have
            usual = self._size_below(profile)
            where = signature_places(path, "", usual, picture.size, unit)
            box, size = where.agency, picture.size
        else:
            after = self._profiles[profile.prepares] if profile.prepares else None
            seal = self._picture(after)
            wanted = None if seal is None else seal.size
            where = signature_places(path, request.signer, picture.size, wanted, unit)
            box, size = where.person, where.person_size
            if after is not None and where.agency is not None:
                later = (_first_field(after, where.page, where.agency),)
        style = PictureStampStyle(
            picture=picture, size=size, rotation=where.rotation, opaque=opaque
        )
        return Appearance(style, where.page, box, later)

    def _in_field(
        self, profile: Profile, writer: IncrementalPdfFileWriter, ready: str
    ) -> BaseStampStyle | None:
        picture = self._picture(profile)
        if picture is None:
            return None
        box, rotation = field_box(writer.prev, ready)
        width, height = abs(box[2] - box[0]), abs(box[3] - box[1])
        if rotation in {90, 270}:
            width, height = height, width
        return PictureStampStyle(
            picture=picture,
            size=(width, height),
            rotation=rotation,
            opaque=forbids_transparency(writer.prev),
        )


def _first_field(profile: Profile, page: int, box: Rectangle) -> FieldPlan:
    return FieldPlan(f"{profile.field}1", page, box, profile.locks)


def field_box(reader: PdfFileReader, name: str) -> tuple[Rectangle, int]:
    """The rectangle of a signature field and how its page is turned."""
    for found, _, reference in enumerate_sig_fields(reader, filled_status=False):
        if str(found) == name:
            widget = reference.get_object()
            x0, y0, x1, y1 = (float(side) for side in widget["/Rect"])
            return (x0, y0, x1, y1), _turned(widget)
    raise KeyError(name)


def unit_of(reader: PdfFileReader, index: int) -> float:
    """The UserUnit of a page counted from 0; 1 where it is not to be found or makes no sense."""
    try:
        page = reader.find_page_for_modification(index)[0].get_object()
        unit = float(page.get("/UserUnit", 1))
    except (PdfError, LookupError, TypeError, ValueError, AttributeError):
        return 1.0
    return unit if 0.01 <= unit <= _MOST_UNIT else 1.0


def _turned(widget: generic.DictionaryObject) -> int:
    """How the widget's page is turned, which a page may inherit (ISO 32000-1, 7.7.3.4)."""
    node = widget["/P"] if "/P" in widget else generic.DictionaryObject()
    for _ in range(_DEEPEST):
        if "/Rotate" in node:
            return int(node["/Rotate"]) % 360
        if "/Parent" not in node:
            break
        node = node["/Parent"]
    return 0
