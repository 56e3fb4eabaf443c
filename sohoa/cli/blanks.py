"""Blanks of forms: ``types blank`` keeps one that is given, ``types learn`` learns one."""

from pathlib import Path
from typing import Annotated

import typer

from ocr import keep_given, keep_learned
from schemas.document_type import DocumentType, known_types
from schemas.errors import NotFound
from sohoa.cli.output import AsJson, Data, Output, Verbose, begin
from sohoa.settings import Settings

TypeKey = Annotated[
    str, typer.Argument(metavar="ID", help="ct01@66/2023, ct01", show_default=False)
]
BlankFile = Annotated[Path, typer.Argument(metavar="FILE", help="to-trong.pdf", show_default=False)]
FilledFiles = Annotated[
    list[Path], typer.Argument(metavar="FILE...", help="da-dien-*.pdf", show_default=False)
]


def add_to(types: typer.Typer) -> None:
    """Register the commands in the group ``types``."""
    types.command("blank")(blank)
    types.command("learn")(learn)


def blank(
    type_id: TypeKey,
    file: BlankFile,
    as_json: AsJson = False,
    verbose: Verbose = False,
    data: Data = None,
) -> None:
    """Nạp tờ mẫu trống của một loại. / Give the blank of a form; its print is taken away."""
    settings, output = begin(data, as_json, verbose)
    spec = _one(type_id, settings)
    _there([file])
    _say(output, spec, keep_given(_folder(settings), spec, file, settings.reading))


def learn(
    type_id: TypeKey,
    files: FilledFiles,
    as_json: AsJson = False,
    verbose: Verbose = False,
    data: Data = None,
) -> None:
    """Học mẫu trống từ khoảng mười hai tờ đã điền. / Learn a blank from a dozen filled scans."""
    settings, output = begin(data, as_json, verbose)
    spec = _one(type_id, settings)
    _there(files)
    _say(output, spec, keep_learned(_folder(settings), spec, files, settings.reading))


def _one(type_id: str, settings: Settings) -> DocumentType:
    """The type of that key, or of that id where it has one version.

    Raises:
        NotFound: ``types.no_such_type``, ``fields.blank_which_version``.
    """
    known = known_types(settings.reading.types)
    found = [one for one in known if type_id == one.key] or [
        one for one in known if type_id == one.id
    ]
    if not found:
        raise NotFound("types.no_such_type")
    if len(found) > 1:
        keys = ", ".join(one.key for one in found)
        raise NotFound("fields.blank_which_version", keys=keys)
    return found[0]


def _there(files: list[Path]) -> None:
    if not all(file.is_file() for file in files):
        raise NotFound("cli.no_such_path")


def _folder(settings: Settings) -> Path:
    return settings.reading.types or settings.data / "types"


def _say(output: Output, spec: DocumentType, path: Path) -> None:
    output.emit({"type": spec.key, "blank": path.name})
    output.say(output.text("fields.blank_kept", type=spec.key))
