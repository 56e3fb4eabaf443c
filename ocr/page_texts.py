"""The text of our own PDF/As, page by page, as their text layer has it."""

from pathlib import Path

from ocr.files import open_pages

MOST_LETTERS = 200_000
"""Of one document; what comes after them is left out."""


def page_texts(path: Path, pages: int) -> tuple[str, ...]:
    """The text of each page in its order on the page, NFC as it was written there.

    Args:
        path: a PDF/A that was made here, signed or not.
        pages: how many it has.

    Returns:
        One text a page, with line ends; empty for pages without words, and for those after
        :data:`MOST_LETTERS`.

    Raises:
        InputRejected: ``reading.broken``: a page cannot be loaded.
    """
    found: list[str] = []
    left = MOST_LETTERS
    for number in range(1, pages + 1):
        text = ""
        if left > 0:
            with open_pages.open_page(path, number) as page:
                text_page = page.get_textpage()
                text = text_page.get_text_range().replace("\0", "")[:left]
                text_page.close()
        left -= len(text)
        found.append(text)
    return tuple(found)
