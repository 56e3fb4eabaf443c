"""PDFs that hold files: portfolios, letters with attachments, forms; drawn here, nothing copied."""

import io
import zlib
from collections.abc import Sequence
from pathlib import Path

import pikepdf
from fpdf import FPDF
from pikepdf import Array, Dictionary, Name, Pdf, String


def page_bytes(text: str) -> bytes:
    """A PDF with one line of text."""
    pdf = FPDF(unit="pt", format="A4")
    pdf.add_page()
    pdf.set_font("helvetica", size=14)
    pdf.text(60, 100, text)
    return bytes(pdf.output())


def specification(pdf: Pdf, name: str, content: bytes, **more: object) -> pikepdf.Object:
    """A file specification with an embedded file, indirect."""
    stream = pdf.make_stream(content)
    stream.Type = Name.EmbeddedFile
    made = Dictionary(
        Type=Name.Filespec, F=String(name), UF=String(name), EF=Dictionary(F=stream, UF=stream)
    )
    for key, value in more.items():
        made[f"/{key}"] = value
    return pdf.make_indirect(made)


def named_tree(pdf: Pdf, files: Sequence[tuple[str, bytes]]) -> None:
    """Put files into the name tree, in a leaf below its root."""
    pairs: list[object] = []
    for name, content in files:
        pairs += [String(name), specification(pdf, name, content)]
    leaf = pdf.make_indirect(Dictionary(Names=Array(pairs)))
    pdf.Root.Names = Dictionary(EmbeddedFiles=Dictionary(Kids=Array([leaf])))


def holding(
    path: Path,
    files: Sequence[tuple[str, bytes]],
    *,
    base: bytes | None = None,
    portfolio: bool = False,
) -> Path:
    """``base`` (a page that asks for another viewer, if unset) with ``files`` inside."""
    cover = page_bytes("For the best experience, open this PDF portfolio in Acrobat X.")
    with pikepdf.open(io.BytesIO(base or cover)) as pdf:
        named_tree(pdf, files)
        if portfolio:
            pdf.Root.Collection = Dictionary(Type=Name.Collection, View=Name.D)
        pdf.save(path)
    return path


def pinned(path: Path, name: str, content: bytes, *, base: bytes) -> Path:
    """``base`` with a paper-clip annotation that holds a file."""
    with pikepdf.open(io.BytesIO(base)) as pdf:
        clip = Dictionary(
            Type=Name.Annot,
            Subtype=Name.FileAttachment,
            Rect=Array([10, 10, 30, 30]),
            FS=specification(pdf, name, content),
        )
        pdf.pages[0].obj.Annots = Array([pdf.make_indirect(clip)])
        pdf.save(path)
    return path


def xfa(path: Path, *, needed: bool, config: bytes = b"", fields: int = 0, base: bytes) -> Path:
    """``base`` as an XFA form."""
    with pikepdf.open(io.BytesIO(base)) as pdf:
        packet = pdf.make_stream(b"<xdp:xdp>" + config + b"</xdp:xdp>")
        parts = [
            pdf.make_indirect(Dictionary(FT=Name.Tx, T=String(f"f{n}"))) for n in range(fields)
        ]
        pdf.Root.AcroForm = Dictionary(Fields=Array(parts), XFA=Array([String("preamble"), packet]))
        if needed:
            pdf.Root.NeedsRendering = True
        pdf.save(path)
    return path


def bomb(path: Path, size: int) -> Path:
    """A file inside that is small only as long as it is packed."""
    with pikepdf.open(io.BytesIO(page_bytes("x"))) as pdf:
        packing = zlib.compressobj(9)
        block = bytes(1 << 20)
        packed = packing.compress(b"%PDF-1.7\n") + b"".join(
            packing.compress(block) for _ in range(size >> 20)
        )
        stream = pikepdf.Stream(pdf, packed + packing.flush())
        stream.Filter = Name.FlateDecode
        made = Dictionary(Type=Name.Filespec, UF=String("a.pdf"), EF=Dictionary(F=stream))
        pdf.Root.AF = Array([pdf.make_indirect(made)])
        pdf.save(path)
    return path
