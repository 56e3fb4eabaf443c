"""YAML files that the project ships: word lists, sentences, document types.

They are trusted, so libyaml parses them where PyYAML was built with it: eight times as fast as its
Python parser, which every start of a command and of a reading process would wait for. What an
office writes is parsed in Python, which names the line of a fault and survives any nesting.
"""

from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any


def shipped_data(package: str, name: str) -> Any:
    """What the file ``name.yaml`` in a package says."""
    return parsed(files(package).joinpath(f"{name}.yaml"))


def parsed(file: Traversable) -> Any:
    """What a YAML file of the project's own says."""
    import yaml  # noqa: PLC0415 - the first page of the command line says nothing of the catalogue

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(file.read_text("utf-8"), Loader=loader)  # noqa: S506 - both are safe
