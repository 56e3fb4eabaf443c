"""The pages of a long document, packed: a word costs about a kilobyte as an object, ten bytes here.

Five hundred pages as objects are 150 MB in every process that has them all; packed they are five,
and whoever goes through them holds one page at a time.
"""

import zlib
from collections.abc import Callable, Iterable, Sequence
from typing import overload

from schemas.page import PageReading

_LEVEL = 1
"""Of zlib: six times smaller, 1 ms a page."""


def pack(page: PageReading) -> bytes:
    """A page as :class:`PackedPages` keeps it."""
    return zlib.compress(page.model_dump_json().encode(), _LEVEL)


class PackedPages(Sequence[PageReading]):
    """Readings of pages in order; each is unpacked when it is asked for."""

    def __init__(
        self,
        packed: Iterable[bytes],
        change: Callable[[PageReading], PageReading] | None = None,
    ) -> None:
        """``packed`` comes from :func:`pack`; ``change`` is applied to each page given out."""
        self._packed = tuple(packed)
        self._change = change

    @classmethod
    def of(cls, pages: Sequence[PageReading]) -> "PackedPages":
        """``pages`` packed; the same object where they are."""
        return pages if isinstance(pages, cls) else cls(pack(page) for page in pages)

    def changed(self, change: Callable[[PageReading], PageReading]) -> "PackedPages":
        """The same pages, each as ``change`` makes it."""
        before = self._change
        both = change if before is None else (lambda page: change(before(page)))
        return PackedPages(self._packed, both)

    def __len__(self) -> int:
        return len(self._packed)

    @overload
    def __getitem__(self, index: int) -> PageReading: ...
    @overload
    def __getitem__(self, index: slice) -> "PackedPages": ...
    def __getitem__(self, index: int | slice) -> "PageReading | PackedPages":
        if isinstance(index, slice):
            return PackedPages(self._packed[index], self._change)
        page = PageReading.model_validate_json(zlib.decompress(self._packed[index]))
        return page if self._change is None else self._change(page)
