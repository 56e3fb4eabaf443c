"""Some pages of a file as a file of their own, as they were scanned: nothing is encoded anew."""

import shutil
import warnings
from collections.abc import Sequence
from pathlib import Path

import pikepdf
from PIL import Image

from ocr.files.flattening import generate
from ocr.files.tiff import TiffError, page_frame
from ocr.files.tiff_frames import copy_frames
from ocr.files.wholeness import HEAD_BYTES, sniff
from ocr.values import FileKind
from schemas.errors import InputRejected


def cut(source: Path, pages: Sequence[int], out: Path) -> None:
    """Write the ``pages`` of ``source`` (counted from 1, ascending) to ``out``.

    Nothing of the other pages is in ``out``, neither links nor bookmarks. Frames of a TIFF whose
    data cannot be copied are compressed anew without loss.

    Raises:
        InputRejected: ``reading.broken``; ``reading.no_such_pages``.
        OSError: the disk failed.
    """
    with source.open("rb") as file:
        kind = sniff(file.read(HEAD_BYTES))
    if kind is FileKind.pdf:
        _cut_pdf(source, pages, out)
    elif kind is FileKind.tiff:
        _cut_tiff(source, pages, out)
    elif list(pages) == [1]:
        shutil.copyfile(source, out)
    else:
        raise InputRejected("reading.no_such_pages")


def _cut_pdf(source: Path, pages: Sequence[int], out: Path) -> None:
    try:
        with (
            warnings.catch_warnings(),
            pikepdf.open(source, suppress_warnings=True) as pdf,
            pikepdf.new() as made,
        ):
            if not pages or max(pages) > len(pdf.pages):
                raise InputRejected("reading.no_such_pages")
            warnings.simplefilter("ignore")  # of the form that stays behind
            generate(pdf)  # what fields show depends on the form, which stays behind
            for number in pages:
                made.pages.append(pdf.pages[number - 1])
            layers = pdf.Root.get("/OCProperties")
            if isinstance(layers, pikepdf.Dictionary):  # hidden layers stay hidden
                made.Root.OCProperties = made.copy_foreign(pdf.make_indirect(layers))
            made.save(out, deterministic_id=True)
    except (pikepdf.PdfError, ValueError, RuntimeError, TypeError, KeyError) as exc:
        raise InputRejected("reading.broken", kind="PDF") from exc


def _cut_tiff(source: Path, pages: Sequence[int], out: Path) -> None:
    try:
        frames = [page_frame(source, number).index for number in pages]
    except TiffError as exc:
        raise InputRejected("reading.no_such_pages") from exc
    if not frames:
        raise InputRejected("reading.no_such_pages")
    try:
        with source.open("rb") as file, out.open("wb") as made:
            copy_frames(file, [frame + 1 for frame in frames], made)
    except TiffError:
        _compressed_anew(source, frames, out)


def _compressed_anew(source: Path, frames: Sequence[int], out: Path) -> None:
    try:
        with source.open("rb") as file, Image.open(file, formats=("TIFF",)) as picture:
            wanted = []
            for frame in frames:
                picture.seek(frame)
                wanted.append(picture.copy())
            wanted[0].save(
                out,
                "TIFF",
                compression="tiff_adobe_deflate",
                save_all=True,
                append_images=wanted[1:],
            )
    except (OSError, ValueError, SyntaxError, EOFError) as exc:
        raise InputRejected("reading.broken", kind="TIFF") from exc
