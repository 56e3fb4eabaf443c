"""Every outcome of this room has its sentences, and they fit its parameters."""

import re
from pathlib import Path
from string import Formatter

import yaml

import schemas.messages
import storage

SOURCES = Path(storage.__file__).parent
CATALOGUE = yaml.safe_load(
    Path(schemas.messages.__file__).with_name("storing.yaml").read_text("utf-8")
)
RAISED = re.compile(r'"storing\.(\w+)"((?:,\s*\w+=)?)')


def used() -> dict[str, set[str]]:
    """Each key with the parameters it is raised with."""
    found: dict[str, set[str]] = {}
    call = re.compile(r'\(\s*"storing\.(\w+)"(.*?)\)\s*(?:from|$|\n)', re.DOTALL)
    for source in SOURCES.rglob("*.py"):
        for key, arguments in call.findall(source.read_text("utf-8")):
            names = set(re.findall(r"\b(\w+)=", arguments))
            found.setdefault(key, set()).update(names)
    return found


def test_each_has_both_languages_and_no_one_is_left_over() -> None:
    assert set(used()) == set(CATALOGUE)
    for sentences in CATALOGUE.values():
        assert set(sentences) == {"vi", "en"}


def test_the_parameters_fit() -> None:
    for key, given in used().items():
        for sentence in CATALOGUE[key].values():
            wanted = {name for _, name, _, _ in Formatter().parse(sentence) if name}
            assert wanted <= given, key
