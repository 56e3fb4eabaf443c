"""QR codes as PDF drawing operators: sharp at every size, no picture needed."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import zxingcpp

QUIET = 2
"""Modules kept white around the code; paper around it gives the rest."""
SCREEN_QUIET = 4
"""On a screen, where nothing else does (ISO/IEC 18004)."""


@dataclass(frozen=True)
class QrCode:
    """A QR code: rows of modules, True is dark."""

    rows: tuple[tuple[bool, ...], ...]

    def operators(self, x: float, y: float, side: float) -> bytes:
        """Filled rectangles, one for each run of dark modules, in a square at ``(x, y)``."""
        unit = side / (len(self.rows) + 2 * QUIET)
        found = []
        for down, row in enumerate(self.rows):
            top = y + side - (down + QUIET + 1) * unit
            start = None
            for across, dark in enumerate((*row, False)):
                if dark and start is None:
                    start = across
                elif not dark and start is not None:
                    left = x + (start + QUIET) * unit
                    size = ((across - start) * unit, unit)
                    found.append(b"%.3f %.3f %.3f %.3f re" % (left, top, *size))
                    start = None
        return b"\n".join([*found, b"f"])


def qr_code(text: str) -> QrCode:
    """A QR code of ``text`` with error correction level M (15 % may be lost)."""
    made = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    picture: Any = made.to_image(scale=1, add_quiet_zones=False)
    rows = tuple(tuple(bool(value < 128) for value in row) for row in np.asarray(picture))
    return QrCode(rows)


def qr_svg(text: str) -> str:
    """A QR code of ``text`` as an SVG picture: dark on white, whatever stands around it."""
    rows = qr_code(text).rows
    side = len(rows) + 2 * SCREEN_QUIET
    squares = "".join(
        f"M{across + SCREEN_QUIET} {down + SCREEN_QUIET}h1v1h-1z"
        for down, row in enumerate(rows)
        for across, dark in enumerate(row)
        if dark
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}"'
        ' shape-rendering="crispEdges" aria-hidden="true">'
        f'<rect width="{side}" height="{side}" fill="#fff"/><path fill="#000" d="{squares}"/></svg>'
    )
