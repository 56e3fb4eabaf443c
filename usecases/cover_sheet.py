"""Cover sheets: a page with a dossier's code as text and as QR, laid before its papers."""

import io
from collections.abc import Sequence

import numpy as np
import zxingcpp
from fpdf import FPDF
from PIL import Image

from usecases.tinos import font_file

COVER_TITLE = "PHIẾU BÌA HỒ SƠ"
"""The heading that the document type ``phieu_bia`` is told by."""

SIDE = 170.0
"""Points of the QR code's side, its quiet zone included."""


def cover_sheets(codes: Sequence[str]) -> bytes:
    """A PDF with one A4 page a code.

    Raises:
        MissingDependency: ``fields.no_sample_font``.
    """
    pdf = FPDF(unit="pt", format="A4")
    pdf.set_auto_page_break(False)
    pdf.set_title(COVER_TITLE)
    pdf.add_font("Tinos", style="", fname=str(font_file("Regular")))
    pdf.add_font("Tinos", style="B", fname=str(font_file("Bold")))
    middle = pdf.w / 2
    for code in codes:
        pdf.add_page()
        pdf.set_font("Tinos", "B", 20)
        _centred(pdf, 110, COVER_TITLE)
        pdf.image(_qr(code), x=middle - SIDE / 2, y=150, w=SIDE, h=SIDE)
        pdf.set_font("Tinos", "B", 18)
        _centred(pdf, 365, f"Mã hồ sơ: {code}")
        pdf.set_font("Tinos", "", 13)
        _centred(pdf, 400, "Đặt tờ này trước giấy tờ của hồ sơ khi quét.")
        _centred(pdf, 420, "Tờ này không phải là thành phần hồ sơ.")
    return bytes(pdf.output())


def _centred(pdf: FPDF, y: float, text: str) -> None:
    pdf.text((pdf.w - pdf.get_string_width(text)) / 2, y, text)


def _qr(text: str) -> io.BytesIO:
    return io.BytesIO(qr_picture(text))


def qr_picture(text: str) -> bytes:
    """The code of a text at medium error correction, with its quiet zone, as PNG."""
    made = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    picture = Image.fromarray(np.asarray(made.to_image(scale=8, add_quiet_zones=True)))
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


def code_drawing(text: str) -> tuple[str, int]:
    """The QR code of a text as the path of an SVG drawing, and its side in modules."""
    made = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    dark = np.asarray(made.to_image(scale=1, add_quiet_zones=False)) < 128
    squares = (f"M{x} {y}h1v1h-1z" for y, x in zip(*np.nonzero(dark), strict=True))
    return "".join(squares), dark.shape[0]
