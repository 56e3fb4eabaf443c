"""Pages of a PDF on their way into the PDF/A, kept as they are."""

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import pikepdf
import pypdfium2 as pdfium
from PIL import Image

from ocr import geometry
from ocr.files import open_pages, pdfpages
from ocr.files.annotations import words_by_annotation
from ocr.files.appearances import appearances, placed
from ocr.files.believed import unseen_objects
from ocr.files.digital import laid_words, text_words
from ocr.files.page_box import page_box
from ocr.files.pdf_size import Size, changed, scaled
from ocr.options import ReadingOptions
from ocr.pdfa.hidden_text import content_without_hidden_text
from ocr.pdfa.layers import Layers, colour_scan, layered
from ocr.pdfa.spool import PageImage
from schemas.page import Box, PageKind, PageReading, Shown, Word

Adopt = Callable[[pikepdf.Object], pikepdf.Object]
"""Makes an object of the source one of the target: a copy, or itself where both are one file."""


@dataclass(frozen=True)
class OutputPage:
    """A page to be written: what it shows, the words to be laid over that, then the stamps.

    ``media`` is ``(left, bottom, right, top)`` in PDF user space; ``images`` go into its resources
    by name, beside what ``resources`` (an object of the target, or nothing) has. ``unit`` is what a
    unit of the source page's space is in points, across and up: its ``/UserUnit``, and what makes
    the page as large as its paper. Content and stamps are scaled by it, ``media`` is so already.
    """

    media: Box
    rotation: int
    content: bytes
    words: Sequence[Word]
    resources: pikepdf.Object | None = None
    images: Mapping[str, PageImage] = field(default_factory=dict)
    stamps: bytes = b""
    group: pikepdf.Object | None = None
    unit: tuple[float, float] = (1.0, 1.0)
    shown: Shown = Shown.kept
    exact: bool = False
    """Whether there is nothing to compare: it is one picture that is kept byte for byte, or a
    photograph's sheet, which the source shows from the side."""


def keep_sheet(
    source: pikepdf.Pdf,
    path: Path,
    reading: PageReading,
    options: ReadingOptions,
    adopt: Adopt,
    *,
    compact: bool = False,
) -> OutputPage | None:
    """The page as it is, stamps drawn into it, other programs' hidden text taken out.

    With ``compact`` a page that is one grey or colour picture gets that in layers.

    None where the page cannot be kept: text that is seen but not believed, layers.
    """
    with open_pages.open_page(path, reading.number) as opened:
        made = pdfpages.makeup(opened, options)
        examined = _examined(opened, made, reading, options, compact=compact)
    if examined is None or "/OCProperties" in source.Root:
        return None
    if made.nested_hidden and not examined.only_picture:
        return None
    page = source.pages[reading.number - 1]
    resources = _resources(page)
    image = _image_of(resources, examined.pixels) if examined.only_picture else None
    layers: Layers | None = None
    if image is not None:
        if examined.scan is not None:
            dpi = reading.dpi or made.source_dpi
            layers = layered(examined.scan, dpi, _length(image))
        content = _picture_content(examined.placed, layers)
        objects = {} if layers else {"/Page": adopt(image)}
        kept: pikepdf.Object = pikepdf.Dictionary(XObject=pikepdf.Dictionary(objects))
    else:
        found = content_without_hidden_text(page, resources, examined.left_out)
        if found is None:
            return None
        content, resources = found
        kept = _own(resources, adopt)
    printed = [
        word
        for part in words_by_annotation(source, reading.number, signatures=True)
        for word in part
    ]
    group, stamps = page.obj.get("/Group"), _stamps(page, kept, adopt)
    return OutputPage(
        media=_times(examined.media, examined.unit),
        rotation=(examined.rotation + reading.rotation) % 360,
        content=content,
        resources=kept,
        images=layers or {},
        words=_unprinted(reading, scaled([*examined.visible, *printed], examined.factors)),
        stamps=stamps,
        group=adopt(group) if isinstance(group, pikepdf.Dictionary) else None,
        unit=examined.unit,
        shown=Shown.layered if layers else Shown.kept,
        exact=image is not None and not layers and not stamps and not made.visible,
    )


class _Examined(NamedTuple):
    """What PDFium says of a page that can be kept."""

    media: Box
    rotation: int
    factors: Size
    unit: tuple[float, float]
    visible: Sequence[Word]
    """The words that are seen and believed."""
    left_out: tuple[set[int], int] | None
    """As :func:`_places` has it."""
    only_picture: bool
    """Whether the page is one picture once the text that is not believed is gone."""
    placed: Sequence[float] = ()
    """That picture's matrix."""
    pixels: tuple[int, int] = (0, 0)
    scan: Image.Image | None = None
    """The picture decoded, where it is to be put into layers."""


def _examined(
    opened: "pdfium.PdfPage",
    made: pdfpages.Makeup,
    reading: PageReading,
    options: ReadingOptions,
    *,
    compact: bool,
) -> _Examined | None:
    """An open page's boxes, words and picture; None where text is seen but not believed."""
    rotation = opened.get_rotation()
    factors = _factors(open_pages.page_size(opened), reading)
    gone = _disbelieved(opened, made, reading, factors, options)
    if gone is None:
        return None
    found = _Examined(
        media=opened.get_bbox(),
        rotation=rotation,
        factors=factors,
        unit=_unit(open_pages.user_unit(opened), factors, rotation),
        visible=text_words(opened, made.visible.keys() - gone),
        left_out=_places(made, gone),
        only_picture=made.ground is not None and gone == made.visible.keys(),
    )
    if made.ground is None or not found.only_picture:
        return found
    return found._replace(
        placed=made.ground.get_matrix().get(),
        pixels=made.ground.get_px_size(),
        scan=colour_scan(made.ground) if compact else None,
    )


def _picture_content(placed: Sequence[float], layers: Layers | None) -> bytes:
    """A content stream that shows the page's picture, or its layers, where it stood."""
    numbers = " ".join(f"{value:.5f}" for value in placed)
    names = b" Do ".join(name.encode() for name in layers or ("/Page",))
    return f"q {numbers} cm ".encode("ascii") + names + b" Do Q\n"


def _disbelieved(
    opened: "pdfium.PdfPage",
    made: pdfpages.Makeup,
    reading: PageReading,
    factors: Size,
    options: ReadingOptions,
) -> set[int] | None:
    """Addresses of the page's text objects that were not believed, and must not be searchable.

    None where they cannot be left out because they show something. ``factors`` tells how much
    larger the paper, on which words were read, is than the page's box.
    """
    if not made.visible:
        return set()
    if reading.kind is PageKind.scan:
        unseen, others = unseen_objects(opened, made, reading.size_as_stored, options)
        return None if others else unseen
    read = {_key(word.text, word.box) for word in reading.words}
    believed, gone = set[int](), set[int]()
    laid = laid_words(opened, made.visible)
    for one, word in zip(laid, scaled([one.word for one in laid], factors), strict=True):
        key = _key(word.text, _upright(word.box, reading))
        (believed if key in read else gone).update(one.owners)
    return None if believed & gone else gone


def _places(made: pdfpages.Makeup, gone: Container[int]) -> tuple[set[int], int] | None:
    """Which of the text objects of the page's own content are gone, and how many there are.

    None where one is gone that stands in a form object.
    """
    own = [address for address, level in made.texts if level == 0]
    if any(level > 0 and address in gone for address, level in made.texts):
        return None
    return {index for index, address in enumerate(own) if address in gone}, len(own)


def keep_unseen(source: pikepdf.Pdf, reading: PageReading, adopt: Adopt) -> OutputPage:
    """A page as it is without PDFium: no picture of it is decoded or drawn here.

    Other programs' hidden text goes; only over a scan that was read words are laid.
    """
    page = source.pages[reading.number - 1]
    scan = reading.kind is PageKind.scan and reading.problem is None
    found = content_without_hidden_text(page, _resources(page), (set(), 0))
    if found is None:
        raise ValueError("nothing else was to be left out")
    content, resources = found
    kept = _own(resources, adopt)
    media, turn = page_box(page)
    unit = open_pages.stated_unit(page)
    across, down = (media[2] - media[0]) * unit, (media[3] - media[1]) * unit
    shown = (down, across) if turn % 180 else (across, down)
    factors = _factors(shown, reading) if reading.problem is None else (1.0, 1.0)
    scale = _unit(unit, factors, turn)
    return OutputPage(
        media=_times(media, scale),
        unit=scale,
        rotation=(turn + reading.rotation) % 360,
        content=content,
        words=reading.words if scan else (),
        resources=kept,
        stamps=_stamps(page, kept, adopt),
    )


def _factors(stated: tuple[float, float], reading: PageReading) -> tuple[float, float]:
    """How much wider and higher than its file states a page was found to be, as it is viewed."""
    across, down = (
        found / said if said > 0 else 1.0
        for found, said in zip(reading.size_as_stored, stated, strict=True)
    )
    return (across, down) if changed((across, down)) else (1.0, 1.0)


def _unit(unit: float, factors: tuple[float, float], turn: int) -> tuple[float, float]:
    """A unit of the page's space in points, before the page is turned by ``turn`` degrees."""
    across, up = factors[::-1] if turn % 180 else factors
    return (unit * across, unit * up)


def _times(box: Box, unit: tuple[float, float]) -> Box:
    across, up = unit
    return (box[0] * across, box[1] * up, box[2] * across, box[3] * up)


def _length(stream: pikepdf.Object) -> int:
    try:
        return int(stream.get("/Length", 0))
    except (TypeError, ValueError):
        return 0


def _own(resources: pikepdf.Object, adopt: Adopt) -> pikepdf.Object:
    """Resources that other pages do not share: fonts and objects are added to them."""
    own = pikepdf.Dictionary(dict(adopt(resources).items()))
    for key in ("/XObject", "/Font"):
        part = own.get(key)
        if isinstance(part, pikepdf.Dictionary):
            own[key] = pikepdf.Dictionary(dict(part.items()))
    return own


def _stamps(page: pikepdf.Page, resources: pikepdf.Object, adopt: Adopt) -> bytes:
    """Content that draws the page's annotations; their appearances become its resources."""
    content = b""
    for index, appearance in enumerate(appearances(page)):
        if not isinstance(resources.get("/XObject"), pikepdf.Dictionary):
            resources["/XObject"] = pikepdf.Dictionary()
        name = f"/SohoaStamp{index}"
        resources.XObject[name] = adopt(appearance.form)
        content += placed(name, appearance)
    return content


def _resources(page: pikepdf.Page) -> pikepdf.Object:
    found = page.obj.get("/Resources")
    return found if isinstance(found, pikepdf.Dictionary) else pikepdf.Dictionary()


def _image_of(resources: pikepdf.Object, pixels: tuple[int, int]) -> pikepdf.Object | None:
    """The one image object of this size; None when it is not plainly there."""
    objects = resources.get("/XObject")
    if not isinstance(objects, pikepdf.Dictionary):
        return None
    fitting = [
        thing
        for thing in objects.values()
        if isinstance(thing, pikepdf.Stream)
        and thing.get("/Subtype") == pikepdf.Name.Image
        and (int(thing.get("/Width", 0)), int(thing.get("/Height", 0))) == pixels
    ]
    return fitting[0] if len(fitting) == 1 else None


def _unprinted(reading: PageReading, printed: Sequence[Word]) -> list[Word]:
    """The words of a reading that the kept page does not already show as text."""
    there = {_key(word.text, _upright(word.box, reading)) for word in printed}
    return [word for word in reading.words if _key(word.text, word.box) not in there]


def _upright(box: Box, reading: PageReading) -> Box:
    """A box of the page as viewed, on the page as it was set upright."""
    width, height = reading.width, reading.height
    if reading.rotation % 180:
        width, height = height, width
    turned = geometry.turned(box, width, height, reading.rotation)
    return geometry.clipped(turned, reading.width, reading.height)


def _key(text: str, box: Box) -> tuple[str, int, int, int, int]:
    return (text, round(box[0]), round(box[1]), round(box[2]), round(box[3]))
