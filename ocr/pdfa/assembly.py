"""Sheets put together to a document, whatever its length in little memory.

A base file is edited where it lies: the source PDF, or the spool of images. Neither its pictures
nor its fonts are loaded. Content and words of the pages are held, compressed.
"""

import shutil
import tempfile
import zlib
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pikepdf

from ocr.files.page_box import MAX_SIDE
from ocr.pdfa.sheets import OutputPage
from ocr.pdfa.spool import Spool
from ocr.pdfa.textlayer import LayerFont, layer, on_page
from schemas.page import Box, PageReading, Shown

IN_MEMORY = 24 << 20
"""Bytes of pictures that are copied into a base file directly; more go by way of a merged file."""
_FONT = "/Sohoa"


@dataclass(frozen=True)
class _Leaf:
    """A page to be: its content is deflated, its images lie in the spool."""

    media: Box
    rotation: int
    content: bytes
    resources: pikepdf.Object | None
    group: pikepdf.Object | None
    spooled: int | None
    worded: bool


class Assembly:
    """Takes sheets one by one and makes a document of them. Use as a context.

    Everything temporary lies in a folder beside the result and goes when the context ends.
    """

    def __init__(self, folder: Path, prefix: str) -> None:
        """``folder`` holds the temporary folder, whose name begins with ``prefix``."""
        self._stack = ExitStack()
        self.folder = Path(tempfile.mkdtemp(prefix=prefix, dir=folder))
        self._stack.callback(shutil.rmtree, self.folder, ignore_errors=True)
        self._spool = Spool(self.folder / "pictures.pdf")
        self._font = LayerFont()
        self._leaves: list[_Leaf] = []
        self.shown: list[Shown] = []
        self.exact: list[bool] = []
        """Of each page, whether it is one picture kept byte for byte."""

    def __enter__(self) -> "Assembly":
        return self

    def __exit__(self, *_: object) -> None:
        self._spool.abandon()
        self._stack.close()

    def add(self, sheet: OutputPage, reading: PageReading) -> None:
        """One more page; its words are laid between its content and its stamps."""
        words = layer(sheet.words, self._font, _FONT, reading.height)
        content = _scaled(sheet.content, sheet.unit)
        if words:
            matrix = " ".join(f"{value:g}" for value in on_page(sheet.rotation, sheet.media))
            content += b"q " + matrix.encode("ascii") + b" cm\n" + words + b"Q\n"
        content += _scaled(sheet.stamps, sheet.unit)
        media = sheet.media
        longest = max(media[2] - media[0], media[3] - media[1])
        if longest > MAX_SIDE:
            shrink = MAX_SIDE / longest * 0.9999
            content = _scaled(content, (shrink, shrink))
            media = (media[0] * shrink, media[1] * shrink, media[2] * shrink, media[3] * shrink)
        self._leaves.append(
            _Leaf(
                media=media,
                rotation=sheet.rotation,
                content=zlib.compress(content, 6),
                resources=sheet.resources,
                group=sheet.group,
                spooled=self._spool.add(sheet.images) if sheet.images else None,
                worded=bool(words),
            )
        )
        self.shown.append(sheet.shown)
        self.exact.append(sheet.exact)

    def finished(self, base: pikepdf.Pdf | None) -> pikepdf.Pdf:
        """The document, not saved yet; valid until the context ends.

        ``base`` is the file whose objects the sheets' resources are; None where they have none.
        It is edited. Images of the sheets come in from the spool.
        """
        self._spool.finish()
        if base is None or all(leaf.resources is None for leaf in self._leaves):
            made = self._opened(self._spool.path)
            parts = [page.obj.Resources for page in made.pages]
            self._lay_pages(made, parts)
        else:
            self._lay_pages(base, None)
            made = self._with_pictures(base) if self._spool.pages else base
        self._embed_font(made)
        made.Root.Lang = pikepdf.String("vi-VN")
        return made

    def _opened(self, path: Path) -> pikepdf.Pdf:
        return self._stack.enter_context(pikepdf.open(path))

    def _lay_pages(self, pdf: pikepdf.Pdf, spooled: Sequence[pikepdf.Object] | None) -> None:
        """Replace all pages of ``pdf``, and everything that is no page."""
        pages = []
        for leaf in self._leaves:
            resources = leaf.resources
            if resources is None:
                resources = pikepdf.Dictionary()
                if spooled is not None and leaf.spooled is not None:
                    resources = spooled[leaf.spooled]
            page = pikepdf.Dictionary(
                Type=pikepdf.Name.Page,
                MediaBox=[round(value, 4) for value in leaf.media],
                Resources=resources,
                Contents=pdf.make_stream(leaf.content, Filter=pikepdf.Name.FlateDecode),
            )
            if leaf.rotation:
                page.Rotate = leaf.rotation
            if leaf.group is not None:
                page.Group = leaf.group
            pages.append(pikepdf.Page(pdf.make_indirect(page)))
        del pdf.pages[:]
        pdf.pages.extend(pages)
        for key in list(pdf.Root.keys()):
            if key not in {"/Type", "/Pages"}:
                del pdf.Root[key]
        for key in list(pdf.trailer.keys()):
            if key not in {"/Root", "/Size", "/ID"}:
                del pdf.trailer[key]

    def _with_pictures(self, base: pikepdf.Pdf) -> pikepdf.Pdf:
        """``base`` with the spooled images in the resources of their pages."""
        if self._spool.bytes <= IN_MEMORY:
            with pikepdf.open(self._spool.path) as spool:
                for page, leaf in zip(base.pages, self._leaves, strict=True):
                    if leaf.spooled is not None:
                        objects = spool.pages[leaf.spooled].obj.Resources.XObject
                        _put(page, {name: base.copy_foreign(one) for name, one in objects.items()})
            return base
        kept, merged = self.folder / "kept.pdf", self.folder / "merged.pdf"
        base.save(kept)
        parts = [{"file": str(path), "range": "1-z"} for path in (kept, self._spool.path)]
        job = {"empty": "", "pages": parts, "outputFile": str(merged), "warningExit0": ""}
        pikepdf.Job(job).run()
        made = self._opened(merged)
        count = len(self._leaves)
        for index, leaf in enumerate(self._leaves):
            if leaf.spooled is not None:
                objects = made.pages[count + leaf.spooled].obj.Resources.XObject
                _put(made.pages[index], dict(objects.items()))
        del made.pages[count:]
        return made

    def _embed_font(self, pdf: pikepdf.Pdf) -> None:
        if not any(leaf.worded for leaf in self._leaves):
            return
        embedded = self._font.embed(pdf)
        for page, leaf in zip(pdf.pages, self._leaves, strict=True):
            if leaf.worded:
                resources = page.obj.Resources
                fonts = resources.get("/Font")
                if not isinstance(fonts, pikepdf.Dictionary):
                    fonts = pikepdf.Dictionary()
                fonts[_FONT] = embedded
                resources["/Font"] = fonts


def _put(page: pikepdf.Page, objects: dict[str, pikepdf.Object]) -> None:
    resources = page.obj.Resources
    own = resources.get("/XObject")
    if not isinstance(own, pikepdf.Dictionary):
        own = pikepdf.Dictionary()
    for name, thing in objects.items():
        own[name] = thing
    resources["/XObject"] = own


def _scaled(content: bytes, unit: tuple[float, float]) -> bytes:
    if unit == (1.0, 1.0) or not content:
        return content
    return f"q {unit[0]:g} 0 0 {unit[1]:g} 0 0 cm\n".encode("ascii") + content + b"Q\n"
