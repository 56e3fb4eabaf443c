"""What `make setup` prepares on a machine for the tests: what is missing fails with a sentence.

A test that is skipped says nothing, so a piece that is missing is a failure. Only the samples may
be absent (``SOHOA_SAMPLES``): they are not part of the project.
"""

import shutil
from pathlib import Path
from typing import NoReturn

import pytest
from PIL import ImageFont

FONTS = Path("/usr/share/fonts/truetype/croscore")
PACKAGES = {
    "chromium": "chromium",
    "certutil": "libnss3-tools",
    "mutool": "mupdf-tools",
    "openssl": "openssl",
    "pdfsig": "poppler-utils",
    "pdftotext": "poppler-utils",
    "qpdf": "qpdf",
    "softhsm2-util": "softhsm2",
    "tesseract": "tesseract-ocr",
}
"""Programs and the Debian packages that bring them."""


def absent(what: str, package: str) -> NoReturn:
    """Fail: a piece is missing that `make setup` installs."""
    pytest.fail(f"{what} is missing: run `make setup`, which installs {package}.", pytrace=False)


def need_programs(*programs: str) -> None:
    """Fail where one of these programs is not installed."""
    for program in programs:
        if shutil.which(program) is None:
            absent(f"the program {program}", PACKAGES[program])


def need_font(path: Path) -> Path:
    """The font's file; fails where it is not installed."""
    if not path.exists():
        absent(f"the font {path.name}", "fonts-croscore")
    return path


def font_of(pixels: int, name: str = "Tinos-Regular.ttf") -> ImageFont.FreeTypeFont:
    """One of the croscore fonts for drawing, so many pixels tall."""
    return ImageFont.truetype(str(need_font(FONTS / name)), pixels)
