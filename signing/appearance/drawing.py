# mypy: disable-error-code="no-untyped-call"
# pyHanko ships py.typed but leaves much of its interface without annotations.
"""What one signature looks like and where it stands, by its profile and the page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from urllib.parse import quote

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import enumerate_sig_fields
from pyhanko.stamp import BaseStampStyle

from schemas.errors import InputRejected
from schemas.messages import sentence
from signing.appearance.fields import FieldPlan, FieldsThere, Rectangle
from signing.appearance.picture import (
    Picture,
    PictureStampStyle,
    forbids_transparency,
    load_picture,
)
from signing.appearance.placement import first_page
from signing.appearance.qr import qr_code
from signing.appearance.signature_places import seats
from signing.appearance.stamp import LineStampStyle, lay_out
from signing.appearance.typeface import Typeface, find_font, load
from signing.options import Ink, SignerRole, SigningOptions
from signing.profiles import PROFILES, Place, Profile, ProfileName

_TIME_LETTERS = "0123456789-+:TZ; "
_NUMBER_LETTERS = (
    "0123456789 ABCDEFGHIJKLMNOPQRSTUVWXYZĂÂĐÊÔƠƯabcdefghijklmnopqrstuvwxyzđ/\\-–.,:;()&_+"
)
"""What numbers and symbols of documents are made of (``123/QĐ-UBND``)."""

_DEEPEST = 64  # page trees are not deeper

_MOST_UNIT = 100.0
_USUAL_PERSON = (120.0, 50.0)
"""Size of a signature's picture in points, where the office has none."""

_INKS = {SignerRole.leader: Ink.blue, SignerRole.clerk: Ink.blue, SignerRole.seal: Ink.red}


@dataclass(frozen=True)
class Desk:
    """One signature as it was asked for."""

    profile: Profile
    signer: str
    time: datetime
    number: str | None = None
    reference: str | None = None
    coming: Sequence[ProfileName] = ()
    """Who signs after this one."""


@dataclass(frozen=True)
class Seen:
    """How a signature shows: nothing at all, or a style in a box of a page."""

    style: BaseStampStyle | None = None
    page: int = 0
    box: Rectangle | None = None
    later: Sequence[FieldPlan] = ()


class Look:
    """Makes appearances; font and pictures are loaded once."""

    def __init__(self, options: SigningOptions) -> None:
        """Load what every signature needs.

        Raises:
            MissingDependency: no font with the metrics of Times New Roman on this machine.
            ConfigurationError: the font lacks letters, or a picture is not what it should be.
        """
        self._options = options
        self._font = find_font(options.font)
        self._pictures: dict[SignerRole, Picture] = {
            role: load_picture(chosen.file, _INKS[role], chosen.width_mm)
            for role, chosen in options.pictures.items()
        }
        self._typeface("")

    def of(
        self,
        desk: Desk,
        path: Path,
        writer: IncrementalPdfFileWriter,
        there: FieldsThere,
        ready: str | None,
    ) -> Seen:
        """How this signature shows in the document at ``path``.

        Nothing is drawn on a document that is signed, except in the field ``ready`` that was made
        before its first signature.

        Raises:
            InputRejected: no room for it.
            ConfigurationError: a number is missing or has letters that cannot be drawn.
        """
        if ready is not None:
            return Seen(self._in_field(desk, writer, ready))
        if there.signed:
            return Seen()
        picture = self._pictures.get(desk.profile.role)
        if desk.profile.pictured and picture is not None:
            return self._pictured(desk, path, writer.prev, picture)
        return self._lines(desk, path, writer.prev)

    def _typeface(self, signer: str) -> Typeface:
        letters = {*_TIME_LETTERS, *self._options.agency, *signer, *_NUMBER_LETTERS}
        for profile in PROFILES.values():
            if profile.text is not None:
                words = sentence(
                    f"signing.{profile.text}", "vi", agency="", signer="", number="", time=""
                )
                letters.update(words.replace("\n", ""))
        return load(self._font, "".join(sorted(letters)))

    def _lines(self, desk: Desk, path: Path, reader: PdfFileReader) -> Seen:
        profile = desk.profile
        lines = profile.lines(
            agency=self._options.agency, signer=desk.signer, time=desk.time, number=desk.number
        )
        if not lines:
            return Seen()
        typeface = self._typeface(desk.signer)
        typeface.require("".join(lines))
        code = None
        if profile.linked and self._options.check_page is not None:
            code = qr_code(link(self._options.check_page, desk.reference))
        unit = unit_of(reader, 0)
        stamp = lay_out(lines, typeface, first_page(path, unit), code)
        if stamp is None:
            stamp = lay_out(lines, typeface, first_page(path, unit, whole=True))
        if stamp is None:
            raise InputRejected("signing.no_stamp_room")
        style = LineStampStyle(stamp=stamp, typeface=typeface)
        return Seen(style, 0, stamp.rectangle, self._coming(desk, path, reader))

    def _coming(self, desk: Desk, path: Path, reader: PdfFileReader) -> tuple[FieldPlan, ...]:
        """Fields for the pictures of those who sign after this one."""
        person = self._pictures.get(SignerRole.leader)
        seal = self._pictures.get(SignerRole.seal)
        led = ProfileName.leader in desk.coming and person is not None
        sealed = ProfileName.agency in desk.coming and seal is not None
        if not led and not sealed:
            return ()
        usual = _USUAL_PERSON if person is None else person.size
        wanted = seal.size if sealed and seal is not None else None
        where = seats(path, "", usual, wanted, partial(unit_of, reader))
        boxes = {
            ProfileName.leader: where.person if led else None,
            ProfileName.agency: where.agency,
        }
        return tuple(
            FieldPlan(f"{PROFILES[name].field}1", where.page, box, PROFILES[name].locks)
            for name, box in boxes.items()
            if box is not None
        )

    def _pictured(self, desk: Desk, path: Path, reader: PdfFileReader, picture: Picture) -> Seen:
        opaque = forbids_transparency(reader)
        seal = self._pictures.get(SignerRole.seal)
        later: tuple[FieldPlan, ...] = ()
        unit = partial(unit_of, reader)
        if desk.profile.place is Place.over_signature:
            # no person signed before it: its place is reckoned from where one would have
            person = self._pictures.get(SignerRole.leader)
            usual = _USUAL_PERSON if person is None else person.size
            where = seats(path, "", usual, picture.size, unit)
            box, size = where.agency, picture.size
        else:
            coming = ProfileName.agency in desk.profile.prepares and seal is not None
            wanted = seal.size if coming and seal is not None else None
            where = seats(path, desk.signer, picture.size, wanted, unit)
            box, size = where.person, where.person_size
            agency = PROFILES[ProfileName.agency]
            if where.agency is not None:
                later = (FieldPlan(f"{agency.field}1", where.page, where.agency, agency.locks),)
        style = PictureStampStyle(
            picture=picture, size=size, rotation=where.rotation, opaque=opaque
        )
        return Seen(style, where.page, box, later)

    def _in_field(
        self, desk: Desk, writer: IncrementalPdfFileWriter, ready: str
    ) -> BaseStampStyle | None:
        picture = self._pictures.get(desk.profile.role)
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


def link(address: str, reference: str | None) -> str:
    """The verification page's address for one document."""
    named = quote(reference or "", safe="")
    return address.replace("{reference}", named) if "{reference}" in address else address + named
