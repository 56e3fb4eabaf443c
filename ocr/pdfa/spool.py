"""Image objects on their way into a PDF, kept on disk.

pikepdf holds in memory whatever it is given, also what it copies from another file; only what a
file had when it was opened stays there (measured: 50 images of 4 MB cost 210 MB, or 1 MB). So the
images of a long document are first written into a PDF of their own, one at a time, and the
document is built inside that.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class PageImage:
    """An image that is in no PDF yet: its data as they will stand there, and what they are.

    ``colours`` and ``parms`` are in PDF syntax; ``stencil`` marks a 1-bit mask, ``mask`` is the
    stencil through which the image is seen (1-bit, any size).
    """

    data: bytes
    size: tuple[int, int]
    """Pixels across and down."""
    colours: str = "/DeviceGray"
    bits: int = 8
    filter: str | None = None
    parms: str = ""
    stencil: bool = False
    mask: "PageImage | None" = None

    def entries(self) -> str:
        """The dictionary of the image object, without ``/Length`` and ``/Mask``."""
        parts = [
            f"/Type /XObject /Subtype /Image /Width {self.size[0]} /Height {self.size[1]}",
            f"/BitsPerComponent {self.bits}",
            "/ImageMask true" if self.stencil else f"/ColorSpace {self.colours}",
        ]
        if self.filter:
            parts.append(f"/Filter {self.filter}")
        if self.parms:
            parts.append(f"/DecodeParms {self.parms}")
        return " ".join(parts)


class Spool:
    """A PDF that is written image by image; its pages show nothing and own the images."""

    def __init__(self, path: Path) -> None:
        """``path`` is made anew."""
        self.path = path
        self.pages = 0
        self.bytes = 0
        self._file = path.open("wb")
        self._offsets: list[int] = []
        self._leaves: list[int] = []
        self._file.write(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")

    def add(self, images: Mapping[str, PageImage]) -> int:
        """One more page with these images as resources, ``/Name``; returns its index."""
        refs = " ".join(f"{name} {self._image(image)} 0 R" for name, image in images.items())
        body = (
            f"<< /Type /Page /Parent 1 0 R /MediaBox [0 0 72 72]"
            f" /Resources << /XObject << {refs} >> >> >>"
        )
        self._leaves.append(self._object(body.encode("ascii")))
        self.pages += 1
        return self.pages - 1

    def finish(self) -> None:
        """Write the structure; the file can be opened now."""
        self._finish()
        self._file.close()

    def abandon(self) -> None:
        """Close the file, finished or not."""
        self._file.close()

    def _image(self, image: PageImage) -> int:
        mask = f" /Mask {self._image(image.mask)} 0 R" if image.mask is not None else ""
        head = f"<< {image.entries()}{mask} /Length {len(image.data)} >>\nstream\n"
        self.bytes += len(image.data)
        return self._object(head.encode("ascii"), image.data, b"\nendstream")

    def _object(self, *parts: bytes) -> int:
        """Write an object; numbers 1 (the page tree) and 2 (the catalogue) come last."""
        number = len(self._offsets) + 3
        self._offsets.append(self._file.tell())
        self._write(number, *parts)
        return number

    def _write(self, number: int, *parts: bytes) -> None:
        self._file.write(b"%d 0 obj\n" % number)
        for part in parts:
            self._file.write(part)
        self._file.write(b"\nendobj\n")

    def _finish(self) -> None:
        kids = " ".join(f"{number} 0 R" for number in self._leaves)
        tree = self._file.tell()
        pages = f"<< /Type /Pages /Count {self.pages} /Kids [{kids}] >>"
        self._write(1, pages.encode("ascii"))
        catalogue = self._file.tell()
        self._write(2, b"<< /Type /Catalog /Pages 1 0 R >>")
        start = self._file.tell()
        offsets = [tree, catalogue, *self._offsets]
        # a cross-reference stream without compression: its offsets may have eight bytes
        number = len(offsets) + 1
        rows = struct.pack(">BQB", 0, 0, 0)
        rows += b"".join(struct.pack(">BQB", 1, offset, 0) for offset in [*offsets, start])
        head = (
            f"<< /Type /XRef /Size {number + 1} /W [1 8 1] /Root 2 0 R"
            f" /Length {len(rows)} >>\nstream\n"
        )
        self._write(number, head.encode("ascii"), rows, b"\nendstream")
        self._file.write(b"startxref\n%d\n%%%%EOF\n" % start)
