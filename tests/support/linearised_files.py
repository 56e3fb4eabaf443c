"""Linearised PDFs as Acrobat and Distiller write them, unsigned or signed in one piece."""

import re
from io import BytesIO

import pikepdf
from crafted_cms import ROOM, with_hole


def linearised(content: bytes, *, streams: bool = False) -> bytes:
    """A linearised file both of whose trailers name the catalogue; qpdf's second one does not.

    ``streams``: with cross-reference streams, not tables.
    """
    modes = pikepdf.ObjectStreamMode
    out = BytesIO()
    with pikepdf.open(BytesIO(content)) as document:
        mode = modes.generate if streams else modes.disable
        document.save(out, linearize=True, object_stream_mode=mode)
    made = out.getvalue()
    root = re.search(rb"/Root \d+ 0 R ", made)
    assert root is not None
    at = made.rindex(b"/Size ")
    made = made[:at] + root[0] + made[at:]
    length = b"/L %d " % (len(made) - len(root[0]))
    assert made.count(length) == 1
    return made.replace(length, b"/L %d " % len(made))


def first_section(content: bytes) -> int:
    """Where the section that is read first stands, by the file's last words."""
    return int(re.findall(rb"startxref\s+(\d+)", content)[-1])


def second_section(content: bytes) -> int:
    """Where the other one stands, by the first one's ``/Prev``."""
    found = re.search(rb"/Prev (\d+)", content)
    assert found is not None
    return int(found[1])


def prepared_whole(content: bytes, kind: str) -> bytes:
    """A linearised file, one revision, with a signature that still wants its contents."""
    out = BytesIO()
    with pikepdf.open(BytesIO(content)) as document:
        signature = pikepdf.Dictionary(
            Type=pikepdf.Name.Sig,
            Filter=pikepdf.Name("/Adobe.PPKLite"),
            SubFilter=pikepdf.Name(kind),
            ByteRange=[2_000_000_000] * 4,
            Contents=pikepdf.String(bytes(ROOM)),
        )
        field = document.make_indirect(
            pikepdf.Dictionary(
                Type=pikepdf.Name.Annot,
                Subtype=pikepdf.Name.Widget,
                FT=pikepdf.Name.Sig,
                T="Whole",
                F=132,
                Rect=[0, 0, 0, 0],
                P=document.pages[0].obj,
                V=document.make_indirect(signature),
            )
        )
        document.pages[0].Annots = pikepdf.Array([field])
        document.Root.AcroForm = pikepdf.Dictionary(Fields=[field], SigFlags=3)
        document.save(out)
    return with_hole(linearised(out.getvalue()))
