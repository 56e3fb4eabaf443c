"""A word list may mend running text; a field's value is what was read."""

from ocr.fields import _as_read
from schemas.page import PageKind, PageReading, Word


def test_fields_see_words_as_they_were_read() -> None:
    mended = Word(text="tổ", raw="tỗ", box=(0, 0, 9, 9), confidence=0.9, line=0)
    plain = Word(text="chức", box=(10, 0, 19, 9), confidence=0.9, line=0)
    page = PageReading(
        number=1,
        width=100,
        height=100,
        dpi=200,
        rotation=0,
        skew=0,
        blank=False,
        kind=PageKind.scan,
        words=(mended, plain),
        confidence=0.9,
    )
    assert [word.text for word in _as_read(page).words] == ["tỗ", "chức"]
    assert page.words == (mended, plain)
