"""Pages of a PDF on their way into the PDF/A: kept as they are, or drawn."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pikepdf
from PIL import Image

from ocr import geometry, pdfpages
from ocr.annotations import appearances, placed, words_by_annotation
from ocr.embedding import embed_jpeg, embed_lossless
from ocr.options import ReadingOptions
from schemas.page import Box, PageKind, PageReading, Word

_Instruction = pikepdf.ContentStreamInstruction | pikepdf.ContentStreamInlineImage

DRAWING_DPI = 300.0
DRAWING_QUALITY = 92
COLOUR_TOLERANCE = 12
"""Difference of channels, of 255, up to which a drawn page counts as grey."""
_SHOWING = {"Tj", "TJ", "'", '"'}
_HIDDEN_MODES = {3, 7}
_KEPT_IMAGE_KEYS = {
    "/Type", "/Subtype", "/Width", "/Height", "/ColorSpace", "/BitsPerComponent", "/Filter",
    "/DecodeParms", "/Decode", "/ImageMask", "/Mask", "/SMask", "/Intent", "/Length",
    "/SMaskInData", "/Matte",
}  # fmt: skip


@dataclass(frozen=True)
class Sheet:
    """A page to be written: what it shows, the words to be laid over that, then the stamps.

    ``media`` is ``(left, bottom, right, top)`` in PDF user space.
    """

    media: Box
    rotation: int
    content: bytes
    resources: pikepdf.Object
    words: Sequence[Word]
    stamps: bytes = b""
    group: pikepdf.Object | None = None


def keep_sheet(
    target: pikepdf.Pdf,
    source: pikepdf.Pdf,
    path: Path,
    reading: PageReading,
    options: ReadingOptions,
) -> Sheet | None:
    """The page as it is, stamps drawn into it, other programs' hidden text taken out.

    None where that is not possible: text that is visible but cannot be believed, layers.
    """
    page = source.pages[reading.number - 1]
    with pdfpages.open_page(path, reading.number) as opened:
        made = pdfpages.makeup(opened, options)
        media = opened.get_bbox()
        own_rotation = opened.get_rotation()
        visible = pdfpages.text_words(opened, made.visible) if made.visible else []
        sole = made.sole_image
        place = sole.get_matrix().get() if sole is not None else None
        pixels = sole.get_px_size() if sole is not None else (0, 0)
    if (visible and reading.kind is PageKind.scan) or "/OCProperties" in source.Root:
        return None
    if made.nested_hidden and sole is None:
        return None
    resources = _resources(page)
    image = _image_of(resources, pixels) if place is not None else None
    if image is not None and place is not None:
        numbers = " ".join(f"{value:.5f}" for value in place)
        content = f"q {numbers} cm /Page Do Q\n".encode("ascii")
        forms = {"/Page": _plain_image(target, image)}
        kept: pikepdf.Object = pikepdf.Dictionary()
    else:
        content, resources = _content(
            page, resources, hidden_goes=reading.kind is not PageKind.digital
        )
        forms = {}
        kept = _foreign(target, source, resources)
    printed = [word for part in words_by_annotation(source, reading.number) for word in part]
    stamps = b""
    for index, appearance in enumerate(appearances(page)):
        name = f"/Stamp{index}"
        forms[name] = _foreign(target, source, appearance.form)
        stamps += placed(name, appearance)
    objects = kept.get("/XObject", pikepdf.Dictionary())
    for name, form in forms.items():
        objects[name] = form
    kept["/XObject"] = objects
    group = page.obj.get("/Group")
    return Sheet(
        media=media,
        rotation=(own_rotation + reading.rotation) % 360,
        content=content,
        resources=kept,
        words=_unprinted(reading, [*visible, *printed]),
        stamps=stamps,
        group=_foreign(target, source, group) if group is not None else None,
    )


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


def _plain_image(target: pikepdf.Pdf, image: pikepdf.Object) -> pikepdf.Object:
    """The image in ``target`` without alternates, metadata, layers; its data untouched."""
    copied = target.copy_foreign(image)
    for key in list(copied.keys()):
        if key not in _KEPT_IMAGE_KEYS:
            del copied[key]
    return copied


def _foreign(target: pikepdf.Pdf, source: pikepdf.Pdf, thing: pikepdf.Object) -> pikepdf.Object:
    if not thing.is_indirect:
        thing = source.make_indirect(thing)
    return target.copy_foreign(thing)


def _content(
    page: pikepdf.Page, resources: pikepdf.Object, *, hidden_goes: bool
) -> tuple[bytes, pikepdf.Object]:
    """The page's content, closed in itself, and its resources.

    With ``hidden_goes``, text that nobody sees is left out, and so are the fonts only it used:
    programs that lay text under scans seldom embed them, and PDF/A forbids that.
    """
    instructions: list[_Instruction] = list(pikepdf.parse_content_stream(page))
    fonts = resources.get("/Font")
    if hidden_goes:
        instructions, used = _without_hidden_text(instructions)
        if isinstance(fonts, pikepdf.Dictionary):
            resources = pikepdf.Dictionary(dict(resources.items()))
            kept = {name: font for name, font in fonts.items() if name in used}
            resources["/Font"] = pikepdf.Dictionary(kept)
    depth = 0
    for instruction in instructions:
        operator = str(instruction.operator)
        depth += (operator == "q") - (operator == "Q")
    body = pikepdf.unparse_content_stream(instructions)
    return b"q\n" + body + b"\nQ" * (1 + max(depth, 0)) + b"\n", resources


def _without_hidden_text(
    instructions: Sequence[_Instruction],
) -> tuple[list[_Instruction], set[str]]:
    """Leave out what is shown in rendering modes 3 and 7; also the names of the fonts still used.

    Mode and font are graphics state: ``q`` keeps and ``Q`` restores them.
    """
    kept: list[_Instruction] = []
    used: set[str] = set()
    mode, font, saved = 0, "", list[tuple[int, str]]()
    for instruction in instructions:
        operator = str(instruction.operator)
        if operator == "q":
            saved.append((mode, font))
        elif operator == "Q" and saved:
            mode, font = saved.pop()
        elif operator == "Tr":
            mode = int(instruction.operands[0])
        elif operator == "Tf":
            font = str(instruction.operands[0])
        shows = operator in _SHOWING
        if shows and mode not in _HIDDEN_MODES:
            used.add(font)
        if not (shows and mode in _HIDDEN_MODES):
            kept.append(instruction)
    chosen = [
        instruction
        for instruction in kept
        if str(instruction.operator) != "Tf" or str(instruction.operands[0]) in used
    ]
    return chosen, used


def _unprinted(reading: PageReading, printed: Sequence[Word]) -> list[Word]:
    """The words of a reading that the kept page does not already show as text."""
    width, height = reading.width, reading.height
    if reading.rotation % 180:
        width, height = height, width
    there = {
        _key(word.text, geometry.clipped(
            geometry.turned(word.box, width, height, reading.rotation),
            reading.width, reading.height,
        ))
        for word in printed
    }  # fmt: skip
    return [word for word in reading.words if _key(word.text, word.box) not in there]


def _key(text: str, box: Box) -> tuple[str, int, int, int, int]:
    return (text, round(box[0]), round(box[1]), round(box[2]), round(box[3]))


def draw_sheet(
    target: pikepdf.Pdf, path: Path, reading: PageReading, options: ReadingOptions
) -> Sheet:
    """The page as a picture of 300 dpi, stamps included, with all its words to be laid over.

    Raises:
        InputRejected: ``reading.broken``.
    """
    with pdfpages.open_page(path, reading.number, forms=True) as page:
        width, height = page.get_size()
        dpi = min(DRAWING_DPI, 72 * float(np.sqrt(options.max_pixels / (width * height))))
        bitmap = page.render(scale=dpi / 72, draw_annots=True, may_draw_forms=True)
        picture = bitmap.to_pil().convert("RGB")
    picture = _as_grey_if_grey(picture)
    if reading.kind is PageKind.digital:
        image = embed_lossless(target, picture)
    else:
        image = embed_jpeg(target, picture, DRAWING_QUALITY)
    return Sheet(
        media=(0.0, 0.0, width, height),
        rotation=reading.rotation,
        content=f"q {width:.4f} 0 0 {height:.4f} 0 0 cm /Page Do Q\n".encode("ascii"),
        resources=pikepdf.Dictionary(XObject=pikepdf.Dictionary(Page=image)),
        words=reading.words,
    )


def _as_grey_if_grey(picture: Image.Image) -> Image.Image:
    pixels = np.asarray(picture, dtype=np.int16)
    spread = pixels.max(axis=2) - pixels.min(axis=2)
    return picture.convert("L") if int(spread.max(initial=0)) <= COLOUR_TOLERANCE else picture


def part_soft_masks(target: pikepdf.Pdf) -> None:
    """Give images soft masks of their own where the mask is also listed as a picture.

    iText, which most signing tools here use, lists every mask among the drawable objects; the
    PDF/A check cannot tell then which rules to hold it to.
    """
    listed: set[tuple[int, int]] = set()
    masked: list[pikepdf.Object] = []
    for thing in target.objects:
        if not isinstance(thing, pikepdf.Dictionary | pikepdf.Stream):
            continue
        resources = thing.get("/Resources")
        drawable = resources.get("/XObject") if isinstance(resources, pikepdf.Dictionary) else None
        if isinstance(drawable, pikepdf.Dictionary):
            listed |= {form.objgen for form in drawable.values()}
        if isinstance(thing.get("/SMask"), pikepdf.Stream):
            masked.append(thing)
    for image in masked:
        mask = image.SMask
        if mask.objgen in listed:
            own = target.make_stream(mask.read_raw_bytes())
            for key, value in mask.items():
                if key != "/Length":
                    own[key] = value
            image.SMask = own
