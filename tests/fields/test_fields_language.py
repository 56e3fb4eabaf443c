"""Lists that stand in data files: spelled as texts are compared, and of use."""

import unicodedata

import pytest

from ocr.fields.forms.text_lines import tidy
from ocr.fields.language import language, text_repairs
from schemas.validators import FieldType, is_syllable
from schemas.validators.vietnamese import vietnamese


def test_lists_are_in_nfc() -> None:
    for lists in (language(), vietnamese()):
        said = str(lists)
        assert said == unicodedata.normalize("NFC", said)


def test_words_of_lists_are_syllables() -> None:
    known = language()
    words = {*known.places, *known.after_comma, *known.below_units, *known.undotted}
    assert {word for word in words if not is_syllable(word)} == set()
    assert known.undotted and known.places >= known.below_units


def test_short_ranks_are_of_known_ranks() -> None:
    assert set(vietnamese().short_ranks.values()) <= set(vietnamese().ranks)


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("K1O/8 Lê Lợi,phường Hải Châu", "K10/8 Lê Lợi, phường Hải Châu"),
        ("Trần Phú. thị trấn Nam Phước", "Trần Phú, thị trấn Nam Phước"),
        ("thôn, Phú Sơn", "thôn Phú Sơn"),
        ("12 Lê Lợi, tô 5", "12 Lê Lợi, tổ 5"),
    ],
)
def test_readings_of_addresses_are_repaired(read: str, meant: str) -> None:
    assert tidy(read, FieldType.text) == meant
    assert tidy(meant, FieldType.text) == meant


def test_every_repair_takes_the_ranks_of_units() -> None:
    assert not any("{parts}" in pattern.pattern for pattern, _ in text_repairs())
