"""Every code of reading that a room uses has its sentences, and every sentence is used."""

import re
import string
from importlib.resources import files
from pathlib import Path

import yaml

import flows
import ocr
import schemas.manifest
import schemas.page
import usecases

ROOMS = tuple(Path(room.__file__).parent for room in (ocr, flows, usecases) if room.__file__)
CATALOGUE: dict[str, dict[str, str]] = yaml.safe_load(
    files("schemas.messages").joinpath("reading.yaml").read_text("utf-8")
)


def used() -> set[str]:
    return {
        code
        for source in (
            *(source for room in ROOMS for source in room.rglob("*.py")),
            Path(schemas.manifest.__file__),
            Path(schemas.page.__file__),
        )
        for code in re.findall(r'"reading\.((?!json")[a-z_]+)"', source.read_text("utf-8"))
    }


def test_every_code_has_a_sentence_and_every_sentence_a_code() -> None:
    assert used() == set(CATALOGUE)


def test_both_languages_take_the_same_parameters() -> None:
    for key, sentences in CATALOGUE.items():
        assert set(sentences) == {"vi", "en"}, key
        fields = [
            {name for _, name, _, _ in string.Formatter().parse(text) if name}
            for text in sentences.values()
        ]
        assert fields[0] == fields[1], key
        assert all(text.strip().endswith(".") for text in sentences.values()), key
