"""The page of all sentences is the catalogue's."""

from pathlib import Path

from error_pages import error_page

PAGE = Path(__file__).parents[2] / "docs" / "errors.md"


def test_the_page_of_sentences_is_up_to_date() -> None:
    assert PAGE.read_text("utf-8") == error_page(), "run: make errors"
