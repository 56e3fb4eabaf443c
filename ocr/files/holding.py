"""What a PDF holds besides its pages: files, and forms whose pages a viewer makes.

Files are found where ISO 32000-2 (7.11.4, 14.13) lets them be: the name tree ``/EmbeddedFiles``,
``/AF`` of the document, its pages and annotations, annotations with a file, and the assets of rich
media. Trees of strangers may be cyclic or endless: what was seen is not entered again, and what is
beyond the limits is counted as more.
"""

from collections.abc import Iterator
from typing import Any

import pikepdf

from ocr.values import FormKind, Holding

MOST_FILES = 200
"""Files looked at; where there are more, the rest is only known to be there."""
_MOST_NODES = 20_000
_STREAMS = ("/UF", "/F", "/DOS", "/Mac", "/Unix")
_MOST_CONFIG = 4 << 20
"""Bytes of a form's configuration that are looked through."""


def holding(pdf: pikepdf.Pdf) -> Holding:
    """Of an open PDF: whether it is a portfolio, how many files it holds, what form it is."""
    return Holding(
        portfolio=isinstance(pdf.Root.get("/Collection"), pikepdf.Dictionary),
        files=sum(1 for _ in file_specifications(pdf)),
        form=_form(pdf.Root),
    )


def file_specifications(pdf: pikepdf.Pdf) -> Iterator[pikepdf.Object]:
    """The file specifications with embedded files, each file once, at most :data:`MOST_FILES`."""
    seen: set[tuple[int, int]] = set()
    count = 0
    for found in _candidates(pdf):
        stream = embedded(found)
        if found is None or stream is None or stream.objgen in seen:
            continue
        if count == MOST_FILES:
            return
        count += 1
        seen.add(stream.objgen)
        yield found


def embedded(specification: pikepdf.Object | None) -> pikepdf.Stream | None:
    """The embedded file of a file specification, if it has one."""
    if not isinstance(specification, pikepdf.Dictionary):
        return None
    files = specification.get("/EF")
    if not isinstance(files, pikepdf.Dictionary):
        return None
    streams = (files.get(key) for key in _STREAMS)
    return next((one for one in streams if isinstance(one, pikepdf.Stream)), None)


def _candidates(pdf: pikepdf.Pdf) -> Iterator[pikepdf.Object | None]:
    names = pdf.Root.get("/Names")
    if isinstance(names, pikepdf.Dictionary):
        yield from _leaves(names.get("/EmbeddedFiles"))
    yield from _entries(pdf.Root.get("/AF"))
    for page in pdf.pages:
        yield from _entries(page.obj.get("/AF"))
        for annotation in _entries(page.obj.get("/Annots")):
            if not isinstance(annotation, pikepdf.Dictionary):
                continue
            yield annotation.get("/FS")
            yield from _entries(annotation.get("/AF"))
            media = annotation.get("/RichMediaContent")
            if isinstance(media, pikepdf.Dictionary):
                yield from _leaves(media.get("/Assets"))


def _leaves(tree: pikepdf.Object | None) -> Iterator[pikepdf.Object]:
    """The values of a name tree (ISO 32000-2, 7.9.6)."""
    waiting: list[pikepdf.Object | None] = [tree]
    seen, nodes = set[tuple[int, int]](), 0
    while waiting and nodes < _MOST_NODES:
        node = waiting.pop(0)
        nodes += 1
        if not isinstance(node, pikepdf.Dictionary):
            continue
        if node.objgen != (0, 0):
            if node.objgen in seen:
                continue
            seen.add(node.objgen)
        pairs = list(_entries(node.get("/Names")))
        yield from pairs[1::2]
        waiting += _entries(node.get("/Kids"))


def _entries(value: pikepdf.Object | None) -> Iterator[pikepdf.Object]:
    if isinstance(value, pikepdf.Array):
        yield from value


def _form(root: pikepdf.Object) -> FormKind | None:
    """What an XFA form is: one whose pages are made by the viewer, or one that has them."""
    said: Any = root.get("/NeedsRendering")
    needed = isinstance(said, bool) and said
    form = root.get("/AcroForm")
    xfa = form.get("/XFA") if isinstance(form, pikepdf.Dictionary) else None
    if not isinstance(xfa, pikepdf.Array | pikepdf.Stream):
        return FormKind.unsure if needed else None
    if needed or _rendered_by_viewer(xfa):
        return FormKind.dynamic
    fields = form.get("/Fields") if isinstance(form, pikepdf.Dictionary) else None
    return FormKind.static if isinstance(fields, pikepdf.Array) and len(fields) else FormKind.unsure


def _rendered_by_viewer(xfa: pikepdf.Object) -> bool:
    """Whether the configuration asks for it: ``<dynamicRender>required</dynamicRender>``."""
    packets = list(_entries(xfa)) or [xfa]
    for packet in packets:
        if not isinstance(packet, pikepdf.Stream):
            continue
        try:
            content = packet.read_bytes()[:_MOST_CONFIG]
        except (pikepdf.PdfError, MemoryError):
            continue
        _, found, rest = content.partition(b"<dynamicRender>")
        if found and rest.lstrip().startswith(b"required"):
            return True
    return False
