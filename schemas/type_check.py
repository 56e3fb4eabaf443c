"""What is wrong with a document type file, line by line, with what to do about it.

The file is read as strictly as when it is used, and besides as a person would: a key written twice,
a label that stands off the page, a required field nobody can find. Faults forbid the file; advice
does not.
"""

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any, NamedTuple

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from schemas.data_file import keys_at, keys_twice, line_at, listed
from schemas.document_type import DocumentType, FieldSpec, merged, resolved, shipped
from schemas.messages import Language, sentence
from schemas.page import Box, Frozen

_PROCEDURE = re.compile(r"[123]\.[0-9]{6}(\.[0-9]{3}\.[0-9]{2}\.[0-9]{2}\.H[0-9]{2})?")
"""``1.004222`` (QĐ 1085/QĐ-TTg and portals)."""

Location = tuple[str | int, ...]


class Diagnostic(Frozen):
    """One thing to mend, or to think about."""

    line: int
    where: str
    """``fields.2.labels``: keys and numbers from 0; empty for the whole file."""
    code: str
    params: dict[str, str | int]
    fault: bool = True
    """False: advice, the file can be used."""

    def sentence(self, language: Language) -> str:
        """What it is and what to do, without the line."""
        return sentence(self.code, language, **self.params)


class Checked(NamedTuple):
    """The type, where the file has no fault, and everything found."""

    type: DocumentType | None
    findings: tuple[Diagnostic, ...]


def check_type(text: str, own: Mapping[str, str] | None = None) -> Checked:
    """Check the YAML text of a document type.

    Args:
        text: the file's content.
        own: further files it may extend, name without ending to content; the shipped ones are
            always there.
    """
    try:
        tree = yaml.compose(text, Loader=yaml.SafeLoader)
        raw = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        return _broken("types.not_yaml", mark.line + 1 if mark else 1)
    except (ValueError, RecursionError):
        return _broken("types.not_yaml", 1)
    if not isinstance(raw, dict) or not isinstance(tree, yaml.MappingNode):
        return _broken("types.not_a_mapping", 1)
    findings = [
        Diagnostic(line=line, where="", code="types.key_twice", params={"key": key})
        for key, line in keys_twice(tree)
    ]
    abstract = raw.get("abstract") is True
    try:
        whole, kept = _whole(raw, own or {})
    except KeyError as error:
        return _broken("types.unknown_base", line_at(tree, ("extends",)), name=str(error.args[0]))
    except (TypeError, AttributeError, ValueError, RecursionError):
        return _broken("types.not_a_mapping", line_at(tree, ("fields",)))
    found: DocumentType | None = None
    try:
        found = DocumentType.model_validate({**_PLACEHOLDERS, **whole} if abstract else whole)
    except ValidationError as wrong:
        findings += [
            _finding(tree, _own_place(error["loc"], kept), error)
            for error in wrong.errors(include_url=False, include_input=False)
        ]
    if found is not None:
        findings += _advice(tree, found, kept)
    return Checked(None if any(f.fault for f in findings) else found, tuple(findings))


_PLACEHOLDERS: dict[str, Any] = {
    "id": "abstract",
    "names": {"vi": "-", "en": "-"},
    "legal_basis": "-",
    "layout": "labelled",
    "recognise": {},
    "fields": [],
}


def _broken(code: str, line: int, **params: str | int) -> Checked:
    return Checked(None, (Diagnostic(line=line, where="", code=code, params=params),))


def _whole(raw: dict[str, Any], own: Mapping[str, str]) -> tuple[dict[str, Any], int]:
    """The content with what it extends, and how many fields come from there."""
    base = raw.get("extends")
    if not base:
        return merged({}, raw), 0
    files = {**shipped(), **{name: yaml.safe_load(text) for name, text in own.items()}}
    below = resolved(str(base), files)
    whole = merged(below, raw)
    return whole, len(whole.get("fields", ())) - len(raw.get("fields", ()))


def _own_place(loc: Location, kept: int) -> Location:
    """Where an error of the merged content stands in the file itself."""
    if len(loc) > 1 and loc[0] == "fields" and isinstance(loc[1], int):
        own = loc[1] - kept
        return ("fields", own, *loc[2:]) if own >= 0 else ("extends",)
    return loc


_KINDS = {
    "string_type": "types.wants_text",
    "bool_type": "types.wants_yes_or_no",
    "bool_parsing": "types.wants_yes_or_no",
    "tuple_type": "types.wants_list",
    "model_type": "types.wants_keys",
    "dict_type": "types.wants_keys",
}


def _finding(tree: yaml.MappingNode, loc: Location, error: ErrorDetails) -> Diagnostic:
    """The sentence for one complaint of the model."""
    kind, about = error["type"], error.get("ctx", {})
    key = str(loc[-1]) if loc else ""
    params: dict[str, str | int] = {"key": key}
    if kind.startswith("types."):
        code, params = kind, {name: str(value) for name, value in about.items()}
    elif kind == "extra_forbidden":
        code = "types.unknown_key"
        near = get_close_matches(key, keys_at(DocumentType, loc), 1, 0.6)
        if near:
            code, params = "types.misspelt_key", {"key": key, "near": near[0]}
    elif kind == "missing":
        code = "types.missing_key"
    elif kind in {"literal_error", "enum"}:
        code, params = "types.not_one_of", {"key": key, "expected": listed(about)}
    elif kind == "string_pattern_mismatch":
        code = "types.bad_id"
    elif kind == "too_short":
        code = "types.empty_list"
    elif kind in _KINDS:
        code = _KINDS[kind]
    elif kind.startswith(("float", "int", "greater", "less", "finite")):
        code = "types.wants_number"
    else:
        code = "types.bad_value"
    where = ".".join(str(part) for part in loc)
    return Diagnostic(line=line_at(tree, loc), where=where, code=code, params=params)


def _advice(tree: yaml.MappingNode, found: DocumentType, kept: int) -> Iterator[Diagnostic]:
    """What a careful person would ask about a file that can be used."""

    def advise(loc: Location, code: str, **params: str | int) -> Diagnostic:
        loc = _own_place(loc, kept)
        where = ".".join(str(part) for part in loc)
        return Diagnostic(
            line=line_at(tree, loc), where=where, code=code, params=params, fault=False
        )

    told = found.recognise
    if found.layout != "administrative" and not told.titles and found.geometry is None:
        yield advise(("recognise",), "types.not_recognisable")
    if found.guessed:
        yield advise(("guessed",), "types.guessed_type", keys=", ".join(found.guessed))
    for index, text in enumerate(found.procedures):
        if not _PROCEDURE.fullmatch(text):
            yield advise(("procedures", index), "types.odd_procedure", value=text)
    for index, field in enumerate(found.fields):
        if index < kept:
            continue
        at: Location = ("fields", index)
        if field.guessed:
            keys = ", ".join(field.guessed)
            yield advise(at, "types.guessed_field", id=field.id, keys=keys)
        headed = any(column.labels for column in field.columns)
        found_by = field.labels or field.pattern or field.code or field.placed or headed
        if found.layout != "administrative" and not found_by:
            yield advise(at, "types.no_label", id=field.id)
        if found.geometry is not None:
            page = (0.0, 0.0, found.geometry.width, found.geometry.height)
            if any(not _inside(box, page) for box in _boxes(field)):
                yield advise(at, "types.off_page", id=field.id)
        twin = next((f.id for f in found.fields[:index] if _same_label(f, field)), None)
        if twin is not None:
            yield advise(at, "types.same_label", id=field.id, other=twin)


def _boxes(field: FieldSpec) -> list[Box]:
    placed = [label.box for label in field.labels if label.box] + [(field.box or (0, 0, 0, 0))]
    return [*placed, *((x0, y, x1, y) for x0, x1, y in field.zones)]


def _inside(box: Box, page: Box) -> bool:
    return page[0] <= box[0] <= box[2] <= page[2] and page[1] <= box[1] <= box[3] <= page[3]


def _same_label(one: FieldSpec, other: FieldSpec) -> bool:
    """Two fields that would take each other's value."""
    if (one.section, one.side) != (other.section, other.side):
        return False
    if one.pattern != other.pattern:
        return False
    mine = {label.text.casefold().strip(" :") for label in one.labels if label.box is None}
    theirs = {label.text.casefold().strip(" :") for label in other.labels if label.box is None}
    return bool(mine & theirs)
