"""A file of pages from several: those of a scan, some of them in a newer scan of their own.

Pages of PDFs are copied, pictures embedded as they are wherever PDF knows their compression.
"""

import tempfile
import warnings
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

import pikepdf

from ocr.files import pictures
from ocr.files.flattening import generate
from ocr.files.wholeness import HEAD_BYTES, sniff
from ocr.options import ReadingOptions
from ocr.pdfa.embedding import embed_picture
from ocr.pdfa.spool import Spool
from ocr.values import FileKind
from schemas.errors import InputRejected


def with_new_pages(
    source: Path,
    pages: Sequence[int],
    new: Mapping[int, Path],
    out: Path,
    options: ReadingOptions,
) -> None:
    """Write a PDF of ``pages`` of ``source``, some of them from other files.

    Args:
        source: a scan of any kind; not opened where every page is in ``new``.
        pages: which of its pages, counted from 1, ascending.
        new: page of ``source`` → the file whose first page stands in its place.
        out: where the PDF goes; temporary files lie beside it.
        options: how large a picture may be.

    Raises:
        InputRejected: ``reading.broken``, ``reading.no_such_pages``, ``reading.too_many_pixels``.
        OSError: the disk failed.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=out.parent, prefix=".")))
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore")  # of forms that stay behind
        opened = _Files(stack, folder, options)
        try:
            made = stack.enter_context(pikepdf.new())
            for number in pages:
                path, at = (new[number], 1) if number in new else (source, number)
                made.pages.append(opened.page(path, at))
            layers = opened.layers(source)
            if layers is not None:
                made.Root.OCProperties = made.copy_foreign(layers)
            made.save(out, deterministic_id=True)
        except (pikepdf.PdfError, ValueError, RuntimeError, TypeError, KeyError) as exc:
            raise InputRejected("reading.broken", kind="PDF") from exc


class _Files:
    """The files that pages are taken from, opened once, until the new one is written."""

    def __init__(self, stack: ExitStack, folder: Path, options: ReadingOptions) -> None:
        self._stack, self._folder, self._options = stack, folder, options
        self._pdfs: dict[Path, pikepdf.Pdf] = {}
        self._kinds: dict[Path, FileKind | None] = {}

    def page(self, path: Path, number: int) -> pikepdf.Page:
        """A page of a file as that of a PDF."""
        kind = self._kind(path)
        if kind is FileKind.pdf:
            pages = self._pdf(path).pages
            if not 1 <= number <= len(pages):
                raise InputRejected("reading.no_such_pages")
            return pages[number - 1]
        if kind is None:
            raise InputRejected("reading.unknown_type")
        return self._picture(path, kind, number)

    def layers(self, path: Path) -> pikepdf.Object | None:
        """What says which layers of a file are hidden, which they stay."""
        pdf = self._pdfs.get(path)
        layers = None if pdf is None else pdf.Root.get("/OCProperties")
        if pdf is None or not isinstance(layers, pikepdf.Dictionary):
            return None
        return pdf.make_indirect(layers)

    def _kind(self, path: Path) -> FileKind | None:
        if path not in self._kinds:
            with path.open("rb") as file:
                self._kinds[path] = sniff(file.read(HEAD_BYTES))
        return self._kinds[path]

    def _pdf(self, path: Path) -> pikepdf.Pdf:
        if path not in self._pdfs:
            pdf = self._stack.enter_context(pikepdf.open(path, suppress_warnings=True))
            generate(pdf)  # what fields show depends on the form, which stays behind
            self._pdfs[path] = pdf
        return self._pdfs[path]

    def _picture(self, path: Path, kind: FileKind, number: int) -> pikepdf.Page:
        scan = pictures.load_picture(path, kind, number, self._options.ocr_dpi, self._options)
        made = embed_picture(path, kind, number, (scan.width, scan.height), self._options)
        spool = Spool(self._folder / f"{len(list(self._folder.iterdir()))}.pdf")
        try:
            spool.add({"/Page": made.image})
            spool.finish()
        finally:
            spool.abandon()
        pdf = self._stack.enter_context(pikepdf.open(spool.path))
        page = pdf.pages[0]
        page.mediabox = pikepdf.Array([0, 0, round(made.width, 3), round(made.height, 3)])
        page.obj.Rotate = made.turn
        content = f"q {made.width:.3f} 0 0 {made.height:.3f} 0 0 cm /Page Do Q".encode("ascii")
        page.contents_add(content)
        return page
