"""Templates of results as data: which fields each takes, and what stands where.

One YAML file each under ``templates/``, and in the folder where an office keeps its own; the file's
name without its ending is the template's name. A new result touches no Python.
"""

from collections.abc import Mapping
from datetime import date
from functools import cache, cached_property
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, create_model, model_validator
from pydantic_core import PydanticCustomError

from schemas.data_file import read_data_files, refuse_unknown
from schemas.data_name import DataName
from schemas.page import Frozen
from usecases.results.paper import Align, Issuer, SignatureBlock, Style

Kind = Literal["text", "date", "texts", "rows"]
_COMMON = frozenset({"number", "day"})
"""Fields of every result that lines may show; ``issuer``, ``signer`` and ``check`` are drawn."""


class TemplateField(Frozen):
    """One field that a result is made from."""

    kind: Kind = "text"
    required: bool = True
    default: str | None = Field(None, description="of a text: what stands where none is given")
    at_least: int = Field(0, ge=0, description="letters of a text, entries of a list")
    columns: dict[str, "TemplateField"] = Field({}, description="of rows: texts and dates")
    about: str | None = Field(None, description="for whoever fills it in")

    @model_validator(mode="after")
    def _rows_have_columns(self) -> "TemplateField":
        flat = all(one.kind in {"text", "date"} for one in self.columns.values())
        if (self.kind == "rows") != bool(self.columns) or not flat:
            raise PydanticCustomError("signing.template_columns", "columns belong to rows")
        return self


class Paragraph(Frozen):
    """A paragraph over the width between the margins."""

    text: str
    size: float = Field(13.0, ge=6, le=30, description="points")
    style: Style = ""
    align: Align = "L"
    indent: float = Field(0.0, ge=0, le=100, description="of its first line, mm")
    when: str | None = Field(None, description="a field without which the line is left out")


class Each(Paragraph):
    """A paragraph for each entry of a list; ``{n}`` is its number, ``{item}`` a text."""

    field: str
    strip: str = Field("", description="signs taken off the end of each")
    between: str = Field("", description="put at the end of each but the last")
    last: str = Field("", description="put at the end of the last")


class ResultColumn(Frozen):
    """One column of a table."""

    head: str
    text: str
    width: float = Field(gt=0, le=200, description="mm")


class ResultTable(Frozen):
    """A table of rows; left out where there are none."""

    field: str
    columns: tuple[ResultColumn, ...] = Field(min_length=1)


class Letterhead(Frozen):
    """National header, issuer, number, place and day."""


class ThinRule(Frozen):
    """A thin rule in the middle of the page."""

    length: float = Field(gt=0, le=170, description="mm")


class Space(Frozen):
    """Free paper."""

    height: float = Field(gt=0, le=200, description="mm")


class Signature(Frozen):
    """Receivers and the QR code at the left, the signer's block at the right."""

    receivers: str | None = Field(None, description="a list of texts")


class Element(Frozen):
    """One thing on the page; exactly one of these."""

    letterhead: Letterhead | None = None
    line: Paragraph | None = None
    each: Each | None = None
    table: ResultTable | None = None
    rule: ThinRule | None = None
    space: Space | None = None
    signature: Signature | None = None

    @model_validator(mode="after")
    def _one(self) -> "Element":
        if len(self.model_fields_set) != 1 or self.what is None:
            raise PydanticCustomError("signing.template_one", "not exactly one")
        return self

    @property
    def what(self) -> Frozen | None:
        """The thing itself."""
        given = (getattr(self, name) for name in self.model_fields_set)
        return next(given, None)


class Template(Frozen):
    """A kind of result."""

    name: DataName
    title: str = Field(min_length=1, description="in the file's metadata")
    legal_basis: str = Field(min_length=1)
    missing: str = Field("", description="what stands in a line for a text that is not given")
    fields: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")], TemplateField]
    body: tuple[Element, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _names_known_fields(self) -> "Template":
        if taken := sorted({*_DRAWN, *_COMMON} & set(self.fields)):
            where = {"at": f"fields.{taken[0]}", "name": taken[0]}
            raise PydanticCustomError("signing.template_taken", "a field of every result", where)
        refuse_unknown(self.title, self._shown, "title")
        for index, element in enumerate(self.body):
            at = f"body.{index}.{next(iter(element.model_fields_set))}"
            self._check(element.what, at)
        return self

    @property
    def _shown(self) -> frozenset[str]:
        single = {name for name, spec in self.fields.items() if spec.kind in {"text", "date"}}
        return _COMMON | single

    def _check(self, what: Frozen | None, at: str) -> None:
        if isinstance(what, Each | ResultTable):
            spec = self._field(what.field, {"texts", "rows"}, at)
            own = set(spec.columns) | ({"item"} if spec.kind == "texts" else set()) | {"n"}
            texts = [what.text] if isinstance(what, Each) else [c.text for c in what.columns]
            for text in texts:
                refuse_unknown(text, self._shown | own, at)
        elif isinstance(what, Paragraph):
            refuse_unknown(what.text, self._shown, at)
        if isinstance(what, Paragraph) and what.when is not None:
            self._field(what.when, {"text", "date", "texts", "rows"}, at)
        if isinstance(what, Signature) and what.receivers is not None:
            self._field(what.receivers, {"texts"}, at)

    def _field(self, name: str, kinds: set[str], at: str) -> TemplateField:
        spec = self.fields.get(name)
        if spec is None or spec.kind not in kinds:
            where = {"at": at, "name": name}
            raise PydanticCustomError("signing.template_field", "no field of the kind", where)
        return spec

    @cached_property
    def values(self) -> type[Frozen]:
        """The model of what a result is made from: the fields of all results, and its own."""
        own = {name: _typed(name, spec) for name, spec in self.fields.items()}
        made: type[Frozen] = create_model(self.name, __base__=ResultValues, **own)
        return made


class ResultValues(Frozen):
    """What every result is made from."""

    issuer: Issuer
    number: str = Field(min_length=1, description="number and symbol: 123/QĐ-UBND")
    day: date
    signer: SignatureBlock
    check: str | None = Field(None, description="address that its QR code leads to")


_DRAWN = frozenset(ResultValues.model_fields) - _COMMON


def _typed(name: str, spec: TemplateField) -> Any:
    """A field as pydantic wants it: its type, and its default and limits."""
    if spec.kind == "date":
        kind: Any = date
    elif spec.kind == "text":
        kind = Annotated[str, Field(min_length=spec.at_least)]
    else:
        columns = {key: _typed(key, column) for key, column in spec.columns.items()}
        row = create_model(name, __base__=Frozen, **columns) if columns else str
        kind = Annotated[tuple[row, ...], Field(min_length=spec.at_least)]  # type: ignore[valid-type]
    if spec.default is not None:
        return kind, spec.default
    if spec.required:
        return kind, ...
    return (kind, ()) if spec.kind in {"texts", "rows"} else (kind | None, None)


@cache
def shipped_templates() -> Mapping[str, Template]:
    """Those the project ships, by name."""
    folder = files(__package__).joinpath("templates")
    return {one.name: one for one in read_data_files(folder, Template)}


def known_templates(folder: Path | None = None) -> Mapping[str, Template]:
    """The shipped templates and those of ``folder`` (``*.yaml``), which win, by name.

    Raises:
        ConfigurationError: a file is not what it should be; the sentence names its line.
    """
    if folder is None or not folder.is_dir():
        return shipped_templates()
    return {**shipped_templates(), **{one.name: one for one in read_data_files(folder, Template)}}
