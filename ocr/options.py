"""How pages are read: the engine, its language data, and the limits strangers' files must keep."""

import os
from enum import StrEnum
from pathlib import Path

from pydantic import Field

from schemas.errors import MissingDependency
from schemas.page import Frozen

TESSDATA_FOLDERS = (
    "/usr/share/tesseract-ocr/5/tessdata",
    "/usr/share/tesseract-ocr/4.00/tessdata",
    "/usr/share/tessdata",
    "/usr/share/tesseract/tessdata",
    "/usr/local/share/tessdata",
    "/opt/homebrew/share/tessdata",
)
"""Where distributions keep language data: Debian 12 and Ubuntu 24, Ubuntu 22, Arch, Fedora, ..."""


class ReaderName(StrEnum):
    """The engines behind the :class:`ocr.recognition.reader.Reader` protocol."""

    tesserocr = "tesserocr"
    pytesseract = "pytesseract"


class ReadingOptions(Frozen):
    """Settings of the reading room; the defaults are those measured on real scans."""

    reader: ReaderName = ReaderName.tesserocr
    language: str = Field("vie", pattern=r"^[a-z_]+(\+[a-z_]+)*$")
    tessdata: Path | None = Field(None, description="folder of language data; None: look for it")
    ocr_dpi: int = Field(200, ge=100, le=600, description="resolution pages are read at")
    batch_lines: bool = Field(
        True, description="tesserocr: run its line network for several lines at a time"
    )
    restore_marks: bool = Field(True, description="set lost tone marks of ordinary words right")
    types: Path | None = Field(
        None, description="folder of the office's own document types; None: those shipped"
    )
    compact: bool = Field(
        False, description="pages as small layered pictures instead of the scan as it is"
    )
    calibration: Path | None = Field(
        None, description="the office's own calibration of confidence; None: the shipped one"
    )
    adapters: Path | None = Field(
        None,
        description="folder of what the line reader was taught here; None: what is shipped",
    )
    wanted_error: float = Field(
        0.005, gt=0, le=0.2, description="of values accepted without a person, so many may be wrong"
    )
    audit_share: float = Field(
        0.0, ge=0, le=1, description="of accepted fields, so many go to a person all the same"
    )
    pass_unseen: tuple[str, ...] = Field(
        (),
        description="document types, or 'unknown' for none, that may be signed without a person"
        " though their fields were not looked for",
    )
    max_bytes: int = Field(500_000_000, gt=0, description="largest file taken")
    max_pages: int = Field(2_000, gt=0, description="longest document taken")
    max_pixels: int = Field(
        180_000_000,
        gt=0,
        description="largest picture decoded; a page with a larger one is kept unread",
    )
    seconds_per_page: float = Field(
        90.0, gt=0, description="a page that takes longer is kept unread"
    )
    memory_mb: int = Field(
        2_048,
        ge=640,  # engines and models alone take about 500
        description="data memory of one worker process; a page that needs more is kept unread",
    )

    def tessdata_folder(self) -> Path:
        """The folder that holds this language's data.

        Looks at :attr:`tessdata`, then ``TESSDATA_PREFIX`` (the folder itself or its parent), then
        where distributions put it.

        Raises:
            MissingDependency: ``reading.no_language_data``.
        """
        places = [self.tessdata] if self.tessdata else []
        if prefix := os.environ.get("TESSDATA_PREFIX"):
            places += [Path(prefix), Path(prefix) / "tessdata"]
        places += [Path(folder) for folder in TESSDATA_FOLDERS]
        wanted = [f"{code}.traineddata" for code in self.language.split("+")]
        for place in places:
            if all((place / name).is_file() for name in wanted):
                return place
        raise MissingDependency("reading.no_language_data", language=self.language)
