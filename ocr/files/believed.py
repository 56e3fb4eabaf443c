"""Whether the text layer of a page is what the page shows.

The page is drawn twice, with its text and without: the difference is what the text adds to what is
seen. A word that adds nothing is white, transparent, clipped, covered or off the page, and is not
believed. A few lines of each font are then read from the difference and compared; where the layer
says something else than what is seen (a wrong ``/ToUnicode``, a legacy encoding), the whole page is
read. What the second drawing still shows has to be read beside the text.
"""

from dataclasses import dataclass

import cv2
import numpy as np
import pypdfium2 as pdfium

from ocr import geometry
from ocr.files import pdfpages
from ocr.files.digital import laid_words, sane, viewed
from ocr.files.drawn_twice import DrawnTwice, Image
from ocr.files.lines_compared import as_read
from ocr.files.pdf_size import Size, paper_size
from ocr.files.pictures import Scan
from ocr.options import ReadingOptions
from schemas.page import Word

SPECK_INCHES, RULE_INCHES = 0.02, 0.4
"""Ink is more than a speck, and not a rule that goes straight on for so long."""
SMALL_PICTURE = 900.0
"""Square points; a picture of less is an ornament."""
FAINT = 18
"""Grey levels under its surroundings from which something is ink."""


@dataclass(frozen=True)
class Believed:
    """What a page shows, in text and otherwise."""

    words: list[Word]
    """The words of its text layer that are seen; none where that is doubted."""
    doubted: bool
    """Whether text is seen that the layer says wrongly: :attr:`rest` is the whole page then."""
    rest: Scan | None
    """What is to be read beside the words, at the size of the page's box; None where there is no
    other ink."""
    size: Size
    """The likeliest size of the paper; words lie on the page's box."""
    unread: bool = False
    """Whether there is a picture that could not be drawn."""


def believed(page: "pdfium.PdfPage", made: pdfpages.Makeup, options: ReadingOptions) -> Believed:
    """Compare the text layer of an open page with what the page shows.

    Raises:
        InputRejected: ``reading.broken``.
        MissingDependency: the engine is not there.
    """
    laid = laid_words(page, made.visible)
    size = paper_size(page, made, options.ocr_dpi, options)
    drawn = DrawnTwice.of(page, made, laid, options, size)
    shown = [word for word in laid if drawn.shows(word)]
    words = [one.word for one in shown]
    unread = _unread_picture(page, made, drawn)
    if shown and not (sane(words) and as_read(shown, drawn, options)):
        whole = pdfpages.as_scan(page, made, drawn.whole, drawn.dpi)
        return Believed([], True, whole, size, unread)
    return Believed(words, False, _rest(page, made, drawn), size, unread)


def unseen_objects(
    page: "pdfium.PdfPage", made: pdfpages.Makeup, size: Size, options: ReadingOptions
) -> tuple[set[int], bool]:
    """Addresses of text objects that show nothing; and whether others, that do, remain.

    ``size`` is that of the paper, as the page is viewed.
    """
    laid = laid_words(page, made.visible)
    drawn = DrawnTwice.of(page, made, laid, options, size)
    showing = {owner for word in laid if drawn.shows(word) for owner in word.owners}
    hidden = {owner for word in laid for owner in word.owners} - showing
    return hidden, bool(showing)


def _rest(page: "pdfium.PdfPage", made: pdfpages.Makeup, drawn: DrawnTwice) -> Scan | None:
    if not made.drawn:
        return None
    if made.ground is not None:
        own = pdfpages.own_pixels(page, made.ground, drawn.dpi)
        if own is not None:
            return own
    rest = pdfpages.as_scan(page, made, drawn.bare, drawn.dpi)
    return rest if has_ink(rest.grey, drawn.paper_dpi) else None


def has_ink(image: Image, dpi: float) -> bool:
    """Whether there is ink besides rules and specks: letters, drawings, photographs."""
    scale = min(1.0, 100 / dpi)
    small = geometry.reduced(image, scale) if scale < 1 else image
    fine = dpi * scale
    inked = geometry.ink(small, FAINT).astype(np.uint8)
    long, thick = max(3, round(RULE_INCHES * fine)), np.ones((3, 3), np.uint8)
    across = cv2.morphologyEx(inked, cv2.MORPH_OPEN, np.ones((1, long), np.uint8))
    down = cv2.morphologyEx(inked, cv2.MORPH_OPEN, np.ones((long, 1), np.uint8))
    rules = cv2.dilate(np.asarray(cv2.bitwise_or(across, down), np.uint8), thick, iterations=2)
    inked[rules > 0] = 0
    _, _, stats, _ = cv2.connectedComponentsWithStats(inked, connectivity=8)
    least = max(2, round(SPECK_INCHES * fine))
    large = (stats[1:, cv2.CC_STAT_WIDTH] > least) | (stats[1:, cv2.CC_STAT_HEIGHT] > least)
    return bool(large.any())


def _unread_picture(page: "pdfium.PdfPage", made: pdfpages.Makeup, drawn: DrawnTwice) -> bool:
    """Whether a picture of some size cannot be decoded, so that nothing of it is seen."""
    for picture in made.pictures:
        box = geometry.clipped(viewed(page, picture.get_bounds()), *drawn.size)
        area = (box[2] - box[0]) * (box[3] - box[1]) * drawn.factors[0] * drawn.factors[1]
        if area < SMALL_PICTURE:
            continue
        part = drawn.crop(drawn.bare, box)
        if part.size and int(part.max()) - int(part.min()) < FAINT and not _decodes(picture):
            return True
    return False


def _decodes(picture: "pdfium.PdfImage") -> bool:
    try:
        bitmap = picture.get_bitmap(render=False)
    except (pdfium.PdfiumError, ValueError):
        return False
    return int(bitmap.width) > 0
