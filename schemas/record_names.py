"""What other systems call things, as data: an *adapter* is one YAML file; an office adds its own.

``record`` is a dossier in that system's names, ``news`` what stands beside it when a change is
delivered, ``inbound`` how that system says what it tells us. A name that is not there is not sent:
what a record holds of a person is what its adapter asks for and nothing more.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, JsonValue, model_validator

from schemas.data_file import read_data_files
from schemas.data_name import DataName
from schemas.delivery import InboundKind
from schemas.document_type import Names
from schemas.errors import NotFound
from schemas.page import Frozen

USUAL_ADAPTER = "sohoa"


class Fact(StrEnum):
    """What is known, by our own names. Those of a document are null where the news are of none."""

    delivery = "delivery"
    """Key of the delivery, the same at every try."""
    news = "news"
    number = "number"
    """Grows with every change: of two states of a dossier the one with the higher number counts."""
    at = "at"
    """When it happened."""
    dossier = "dossier"
    """Its code, which may be a provisional one."""
    official_code = "official_code"
    """Its code; null while it is a provisional one."""
    first_code = "first_code"
    department = "department"
    department_name = "department_name"
    procedure = "procedure"
    """Null where its papers do not tell one alone."""
    procedure_name = "procedure_name"
    received_at = "received_at"
    due_at = "due_at"
    stage = "stage"
    """Of the dossier."""
    digitised = "digitised"
    """Whether a component of it is digitised."""
    document = "document"
    """Number in the dossier."""
    document_label = "document_label"
    document_code = "document_code"
    """DocCode of its signed file, as letter 7197 has it; null before it has one."""
    document_role = "document_role"
    document_type = "document_type"
    document_type_name = "document_type_name"
    document_stage = "document_stage"
    document_file_name = "document_file_name"
    document_pages = "document_pages"
    document_sha256 = "document_sha256"
    """Of the signed file."""
    document_path = "document_path"
    """Where the signed file lies in the store: ``bucket/key``."""
    document_successor = "document_successor"
    """What takes its place: ``H17-261123-0001/result-002``."""


class Papers(StrEnum):
    """Documents of a dossier, to be listed."""

    components = "components"
    results = "results"


def _short(value: object) -> object:
    """``MaHoSo: dossier`` says the same as ``MaHoSo: {fact: dossier}``."""
    return {"fact": value} if isinstance(value, str) else value


class Value(Frozen):
    """Where the value of one name comes from: exactly one of the first four."""

    fact: Fact | None = None
    field: tuple[str, ...] = Field(
        (), description="of the document, or of the first component that has one; may be personal"
    )
    constant: JsonValue = None
    each: Papers | None = Field(None, description="a list, with a record for each document")

    format: str | None = Field(None, description="of a time, as strftime; else ISO 8601")
    part: Literal["number", "notation"] | None = Field(
        None, description="of 12/QĐ-UBND, 12 or QĐ-UBND"
    )
    values: dict[str, JsonValue] | None = Field(None, description="what a value is called there")
    otherwise: JsonValue = Field(None, description="for values that ``values`` does not name")
    record: "dict[str, NamedValue]" = Field({}, description="of each document")

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        given = (self.fact is not None, bool(self.field), self.each is not None)
        if sum(given) + ("constant" in self.model_fields_set) != 1:
            raise ValueError("one of fact, field, constant, each")
        if bool(self.record) != (self.each is not None):
            raise ValueError("each and record go together")
        return self


NamedValue = Annotated[Value, BeforeValidator(_short)]


class Inbound(Frozen):
    """What a system calls the parts of what it tells us."""

    event: str
    delivery: str
    dossier: str
    department: str
    events: dict[InboundKind, str] = Field(description="how it says each")


class Adapter(Frozen):
    """The names of one system."""

    name: DataName
    names: Names
    basis: str = Field(description="where these names are written down, and how sure that is")
    news: dict[str, NamedValue]
    record: dict[str, NamedValue]
    inbound: Inbound


class Adapters(Mapping[str, Adapter]):
    """The adapters that are known, by name."""

    def __init__(self, known: list[Adapter]) -> None:
        """A later one takes the place of an earlier one of its name."""
        self._known = {one.name: one for one in known}

    def __getitem__(self, name: str) -> Adapter:
        """The adapter of this name.

        Raises:
            KeyError: there is none.
        """
        return self._known[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)

    def chosen(self, name: str) -> Adapter:
        """The adapter that somebody named.

        Raises:
            NotFound: ``delivering.no_adapter``; it names those there are.
        """
        if name not in self._known:
            raise NotFound("delivering.no_adapter", name=name, known=", ".join(self._known))
        return self._known[name]


@cache
def shipped_adapters() -> Adapters:
    """Those the project ships."""
    return Adapters(read_data_files(files("schemas").joinpath("adapters"), Adapter))


def known_adapters(folder: Path | None = None) -> Adapters:
    """The shipped adapters and those of ``folder`` (``*.yaml``).

    Raises:
        ConfigurationError: a file is not what it should be; the sentence names its line.
    """
    if folder is None or not folder.is_dir():
        return shipped_adapters()
    return Adapters([*shipped_adapters().values(), *read_data_files(folder, Adapter)])
