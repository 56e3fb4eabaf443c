"""The engines that turn a picture into words, behind one protocol."""

import csv
import ctypes
import io
import os
import unicodedata
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ocr.options import ReaderName, ReadingOptions
from ocr.recognition import LineRecogniser, UnfitModel
from ocr.recognition.layout import pieces, stacked
from schemas.errors import InputRejected, MissingDependency
from schemas.page import Box

os.environ.setdefault("OMP_THREAD_LIMIT", "1")  # tesseract's own threads cost more than they give

_LEPTONICA_SILENT = 6
PSM_AUTO = 3
PSM_BLOCK = 6


@dataclass(frozen=True)
class SeenWord:
    """A word as an engine saw it: ``box`` in pixels of the picture, ``line`` in reading order."""

    text: str
    box: Box
    confidence: float
    line: int


class Reader(Protocol):
    """Reads a grey picture; one object a process, kept for its lifetime."""

    def read(self, image: NDArray[np.uint8], dpi: float, mode: int = PSM_AUTO) -> list[SeenWord]:
        """The words of ``image`` (uint8, shape (height, width)), in reading order.

        ``mode`` is a page segmentation mode of Tesseract: 3 for a page, 6 for one block of text.
        """

    def read_lines(self, images: Sequence[NDArray[np.uint8]], dpi: float) -> list[str]:
        """The text of pictures that show one level line each, with a margin around it."""


@lru_cache(maxsize=2)
def reader(options: ReadingOptions) -> Reader:
    """The engine that ``options`` name, loaded on first use and kept.

    Raises:
        MissingDependency: ``reading.no_engine``, ``reading.no_language_data``.
    """
    if options.reader is ReaderName.tesserocr:
        return TesserocrReader(options)
    return PytesseractReader(options)


class TesserocrReader:
    """Tesseract inside this process: no start of a program, no file per page."""

    def __init__(self, options: ReadingOptions) -> None:
        self._api = tesseract(options.tessdata_folder(), options.language)
        self._lines = _line_recogniser(options)

    def read(self, image: NDArray[np.uint8], dpi: float, mode: int = PSM_AUTO) -> list[SeenWord]:
        """See :class:`Reader`."""
        height, width = image.shape
        self._api.SetPageSegMode(mode)
        self._api.SetImageBytes(np.ascontiguousarray(image).tobytes(), width, height, 1, width)
        self._api.SetSourceResolution(round(dpi))
        try:
            if self._lines is not None:
                seen = pieces(self._api, dpi)
                found = self._lines.read(image, seen, dpi, lost=mode == PSM_AUTO)
                return [
                    SeenWord(clean(word.text), word.box, word.confidence, word.line)
                    for word in found
                ]
            self._api.Recognize()
            return parse_tsv(self._api.GetTSVText(0))
        except RuntimeError:  # an image too small for Tesseract
            return []
        finally:
            self._api.Clear()

    def read_lines(self, images: Sequence[NDArray[np.uint8]], dpi: float) -> list[str]:
        """See :class:`Reader`. Costs no layout analysis where the lines are read in batches."""
        if self._lines is None:
            return [_joined(self.read(image, dpi, PSM_BLOCK)) for image in images]
        stack, pieces_of = stacked(images)
        found = self._lines.read(stack, pieces_of, dpi, lost=False)
        texts = [list[str]() for _ in images]
        for word in found:
            texts[word.line].append(clean(word.text))
        return [" ".join(words) for words in texts]


@lru_cache(maxsize=2)
def tesseract(folder: Path, language: str) -> Any:
    """The engine of this process, loaded on first use and kept, for pages and for zones alike.

    Who reads sets the page segmentation mode, and takes back what else it sets.

    Raises:
        MissingDependency: ``reading.no_engine``.
    """
    try:
        import tesserocr  # noqa: PLC0415 - not on every platform
    except ImportError as exc:
        raise MissingDependency("reading.no_engine", engine="tesserocr") from exc
    _silence(Path(tesserocr.__file__))
    api = tesserocr.PyTessBaseAPI(path=str(folder), lang=language, oem=tesserocr.OEM.LSTM_ONLY)
    # a search for typewriters' even pitch, a seventh of layout's time
    api.SetVariable("textord_all_prop", "1")
    return api


def _joined(words: Sequence[SeenWord]) -> str:
    return " ".join(word.text for word in words)


def _line_recogniser(options: ReadingOptions) -> LineRecogniser | None:
    """What reads lines faster than Tesseract; ``None`` where model or runtime do not allow it."""
    if not options.batch_lines:
        return None
    try:
        return LineRecogniser(options.tessdata_folder() / f"{options.language}.traineddata")
    except (UnfitModel, ImportError, OSError):  # also several languages at a time
        return None


def _silence(module: Path) -> None:
    """Keep Leptonica, the library under Tesseract, from writing complaints to standard error."""
    beside = module.parent if module.name.startswith("__init__") else module
    for library in beside.parent.glob("tesserocr.libs/liblept*.so*"):
        with suppress(OSError, AttributeError):
            ctypes.CDLL(str(library)).setMsgSeverity(_LEPTONICA_SILENT)


class PytesseractReader:
    """The ``tesseract`` program, one start per page: portable, about half as fast."""

    def __init__(self, options: ReadingOptions) -> None:
        try:
            import pytesseract  # noqa: PLC0415 - the other engine needs none of it

            pytesseract.get_tesseract_version()
        except (ImportError, OSError, SystemExit) as exc:
            raise MissingDependency("reading.no_engine", engine="pytesseract") from exc
        self._run: Any = pytesseract.image_to_data
        self._error: type[Exception] = pytesseract.TesseractError
        self._options = options
        self._folder = options.tessdata_folder()

    def read(self, image: NDArray[np.uint8], dpi: float, mode: int = PSM_AUTO) -> list[SeenWord]:
        """See :class:`Reader`."""
        from PIL import Image  # noqa: PLC0415

        config = f'--tessdata-dir "{self._folder}" --oem 1 --psm {mode} --dpi {round(dpi)}'
        try:
            tsv: str = self._run(
                Image.fromarray(image),
                lang=self._options.language,
                config=config,
                timeout=self._options.seconds_per_page,
            )
        except RuntimeError as exc:
            if isinstance(exc, self._error):  # an image too small for Tesseract
                return []
            raise InputRejected(
                "reading.page_timeout", seconds=self._options.seconds_per_page
            ) from exc
        return parse_tsv(tsv)

    def read_lines(self, images: Sequence[NDArray[np.uint8]], dpi: float) -> list[str]:
        """See :class:`Reader`."""
        return [_joined(self.read(image, dpi, PSM_BLOCK)) for image in images]


def parse_tsv(tsv: str) -> list[SeenWord]:
    """Words of Tesseract's TSV output (with or without its header line).

    Columns: level, page, block, paragraph, line, word, left, top, width, height, confidence, text.
    """
    words: list[SeenWord] = []
    line, at = -1, ("", "", "")
    for row in csv.reader(io.StringIO(tsv), delimiter="\t", quoting=csv.QUOTE_NONE):
        if len(row) < 12 or row[0] != "5":
            continue
        for text in clean(row[11]).split():
            here = (row[2], row[3], row[4])
            if here != at:
                line, at = line + 1, here
            left, top, width, height = (float(value) for value in row[6:10])
            words.append(
                SeenWord(
                    text=text,
                    box=(left, top, left + width, top + height),
                    confidence=min(max(float(row[10]) / 100, 0.0), 1.0),
                    line=line,
                )
            )
    return words


def clean(text: str) -> str:
    """NFC without control, unassigned, private and surrogate characters."""
    return "".join(
        char
        for char in unicodedata.normalize("NFC", text)
        if unicodedata.category(char) not in {"Cc", "Cf", "Cn", "Co", "Cs"} or char in "\t\n"
    )
