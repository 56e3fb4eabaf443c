"""YAML files that describe things as data, read into their models; a fault is told by its line.

Those the project ships and those an office adds are read alike. A key written twice is a fault,
because YAML would silently take the last.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.resources.abc import Traversable
from string import Formatter
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from schemas.data_name import NAME
from schemas.errors import ConfigurationError

_M = TypeVar("_M", bound=BaseModel)

_ENDING = ".yaml"


def read_data_files(folder: Traversable, model: type[_M]) -> list[_M]:
    """Each ``*.yaml`` of ``folder`` as a ``model``, in the order of their names.

    The file's name without its ending becomes the model's ``name``.

    Raises:
        ConfigurationError: ``data.*``, or a code of the model's own (a ``PydanticCustomError``
            whose type is ``catalogue.key``); its parameters are ``file``, ``line`` and ``key``.
    """
    paths = sorted(folder.iterdir(), key=lambda path: path.name)
    return [
        _read(path, model)
        for path in paths
        if path.name.endswith(_ENDING) and not path.name.startswith(".")
    ]


def _read(path: Traversable, model: type[_M]) -> _M:
    name = path.name
    if not re.fullmatch(NAME, name.removesuffix(_ENDING)):
        raise ConfigurationError("data.bad_name", file=name)
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        raise ConfigurationError("data.not_text", file=name) from None
    try:
        tree, raw = yaml.compose(text, Loader=yaml.SafeLoader), yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        raise ConfigurationError("data.not_yaml", file=name, line=line) from None
    if not isinstance(raw, dict) or not isinstance(tree, yaml.MappingNode):
        raise ConfigurationError("data.not_a_mapping", file=name)
    for key, line in keys_twice(tree):
        raise ConfigurationError("data.key_twice", file=name, line=line, key=key)
    if "name" in raw:  # one name is enough
        line, known = line_at(tree, ("name",)), _known(model, ())
        raise ConfigurationError("data.unknown_key", file=name, line=line, key="name", known=known)
    try:
        return model.model_validate({**raw, "name": name.removesuffix(_ENDING)})
    except ValidationError as wrong:
        first = wrong.errors(include_url=False, include_input=False)[0]
        code, params = _complaint(model, first)
        line = line_at(tree, _place(first))
        raise ConfigurationError(code, file=name, line=line, **params) from None


def _complaint(model: type[BaseModel], error: ErrorDetails) -> tuple[str, dict[str, str]]:
    """The sentence for one complaint of the model, and its parameters."""
    kind, loc, about = error["type"], _place(error), error.get("ctx", {})
    key = {"key": ".".join(str(part) for part in loc)}
    if "." in kind:
        return kind, {**{name: str(value) for name, value in about.items() if name != "at"}, **key}
    if kind == "extra_forbidden":
        return "data.unknown_key", {**key, "known": _known(model, loc)}
    if kind == "missing":
        return "data.missing_key", key
    if kind in {"literal_error", "enum"}:
        return "data.not_one_of", {**key, "expected": listed(about)}
    return "data.bad_value", key


def _place(error: ErrorDetails) -> tuple[str | int, ...]:
    """Where it is; a complaint of a whole model may say by ``at`` which part it means."""
    at = error.get("ctx", {}).get("at")
    if at is None:
        return error["loc"]
    return tuple(int(part) if part.isdigit() else part for part in str(at).split("."))


def parameters(text: str) -> set[str]:
    """What is put in for the braces of a text; ``a.b``, ``a!r`` and ``a:b`` are no names.

    Raises:
        PydanticCustomError: ``data.brace``: a brace has no counterpart.
    """
    try:
        parsed = list(Formatter().parse(text))
    except ValueError:
        raise PydanticCustomError("data.brace", "a single brace") from None
    return {
        name + (f"!{conversion}" if conversion else "") + (f":{form}" if form else "")
        for _, name, form, conversion in parsed
        if name is not None
    }


def refuse_unknown(text: str, known: Iterable[str], at: str | None = None) -> None:
    """Let a text have no parameters but the ``known``; ``at`` is where it stands in its file.

    Raises:
        PydanticCustomError: ``data.unknown_parameter``, or ``data.brace``.
    """
    if unknown := sorted(parameters(text) - set(known)):
        about = {"name": unknown[0], "parameters": ", ".join(f"{{{one}}}" for one in sorted(known))}
        if at is not None:
            about["at"] = at
        raise PydanticCustomError("data.unknown_parameter", "unknown parameter", about)


def _known(model: type[BaseModel], loc: Sequence[str | int]) -> str:
    return ", ".join(key for key in keys_at(model, loc) if key != "name" or len(loc) > 1)


def listed(about: Mapping[str, Any]) -> str:
    """``a, b, c`` from pydantic's ``'a', 'b' or 'c'``."""
    return str(about["expected"]).replace("'", "").replace(" or ", ", ")


def line_at(tree: yaml.MappingNode, loc: Sequence[str | int]) -> int:
    """The line (from 1) of the node at ``loc``, or of the deepest one that is there."""
    node: yaml.Node = tree
    line = tree.start_mark.line
    for part in loc:
        if isinstance(node, yaml.MappingNode):
            pair = next((p for p in node.value if p[0].value == str(part)), None)
            if pair is None:
                break
            line, node = pair[0].start_mark.line, pair[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int):
            if part >= len(node.value):
                break
            node = node.value[part]
            line = node.start_mark.line
    return int(line) + 1


def keys_twice(node: yaml.Node) -> Iterator[tuple[str, int]]:
    """Keys that stand twice in one mapping, with the line of the second."""
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                yield str(key.value), key.start_mark.line + 1
            seen.add(key.value)
            yield from keys_twice(value)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from keys_twice(item)


def keys_at(model: Any, loc: Sequence[str | int]) -> list[str]:
    """Keys that ``model`` knows where ``loc`` stands, for a hint."""
    for part in loc[:-1]:
        if isinstance(part, str) and part in model.model_fields:
            model = _model_in(model.model_fields[part].annotation) or model
    return list(model.model_fields)


def _model_in(annotation: Any) -> Any:
    if hasattr(annotation, "model_fields"):
        return annotation
    for part in getattr(annotation, "__args__", ()):
        if (found := _model_in(part)) is not None:
            return found
    return None
