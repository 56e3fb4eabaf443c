"""Codes printed on a page: QR, bar codes, and machine-readable zones of cards."""

from collections.abc import Sequence
from datetime import date

import numpy as np
import zxingcpp
from numpy.typing import NDArray

from schemas.page import Box, Frozen
from schemas.validators import CardQr, MrzCard, parse_card_qr, parse_mrz, personal_number

_WANTED = ("QRCode", "DataMatrix", "Aztec", "PDF417", "Code128", "Code39")
"""Kinds that offices print; looking for fewer costs less and finds fewer that are not there."""

MRZ_LENGTH = 30
_MRZ_LEAST = 24
_LIKE_FIGURES = str.maketrans("OQDILZSB", "00011258")


class Code(Frozen):
    """One code: its kind (``QRCode``, ``Code128``), its text, and where it stands."""

    kind: str
    text: str
    box: Box
    """Points of the upright page."""


def read_codes(image: NDArray[np.uint8], dpi: float) -> tuple[Code, ...]:
    """The codes on a page.

    Args:
        image: the page in grey, upright, shape (height, width), 255 is paper.
        dpi: its resolution.

    Returns:
        Codes whose check sums are right, top to bottom; turned ones too.
    """
    points = 72 / dpi
    found = []
    # made here: what the binding still holds when a process ends, it complains of
    wanted = zxingcpp.BarcodeFormats(
        tuple(getattr(zxingcpp.BarcodeFormat, name) for name in _WANTED)
    )
    for code in zxingcpp.read_barcodes(image, formats=wanted):
        where = code.position
        corners = (where.top_left, where.top_right, where.bottom_left, where.bottom_right)
        xs, ys = [c.x * points for c in corners], [c.y * points for c in corners]
        box = (min(xs), min(ys), max(xs), max(ys))
        found.append(Code(kind=code.format.name, text=code.text, box=box))
    return tuple(sorted(found, key=lambda one: (one.box[1], one.box[0])))


def card_of(codes: Sequence[Code]) -> CardQr | None:
    """The identity card whose QR code is among ``codes``."""
    return next((card for code in codes if (card := parse_card_qr(code.text)) is not None), None)


def mrz_of(lines: Sequence[str]) -> MrzCard | None:
    """The card whose machine-readable zone stands in three neighbouring ``lines`` as read.

    Spaces are dropped, ``«`` is ``<<``, and letters that look like figures are figures where only
    those can stand; every check digit must then be right, so that nothing is guessed. The century
    is the personal number's; a card expires on its bearer's sixtieth birthday at the latest.
    """
    packed = ["".join(line.split()).replace("«", "<<").replace("‹", "<") for line in lines]
    for index in range(len(packed) - 2):
        three = packed[index : index + 3]
        if all(_like_mrz(line) for line in three):
            repaired = [_first(three[0]), _second(three[1]), _sized(three[2])]
            number = personal_number(repaired[0][15:27])
            if number is None:
                continue
            card = parse_mrz(repaired, date(number.birth_year, 12, 31))
            if card is not None:
                return card
    return None


def _like_mrz(line: str) -> bool:
    return len(line) >= _MRZ_LEAST and "<" in line


def _sized(line: str) -> str:
    """A line that lost or won fillers at its end brought to 30 characters."""
    return line.rstrip("<").ljust(MRZ_LENGTH, "<")[:MRZ_LENGTH]


def _figures(text: str) -> str:
    return text.translate(_LIKE_FIGURES)


def _first(line: str) -> str:
    """``IDVNM``, then figures only; the filler before the check digit is two long."""
    figures = _figures(line[5:].replace("<", ""))
    return f"IDVNM{figures[:22]}<<{figures[22:23]}" if len(figures) >= 23 else line


def _second(line: str) -> str:
    """Date, check, sex, date, check, ``VNM``, eleven fillers, check."""
    dates = _figures(line[:7]) + line[7:8] + _figures(line[8:15])
    return f"{dates}{line[15:18]}{'<' * 11}{_figures(line[-1:])}"
