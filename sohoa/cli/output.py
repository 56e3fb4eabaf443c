"""Output of commands: JSON alone on stdout, tables and sentences for people, progress on stderr."""

import json
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from schemas.errors import ConfigurationError, ExitCode, SohoaError
from schemas.messages import Language, sentence

if TYPE_CHECKING:
    from sohoa.settings import Settings

_KEPT_WHOLE = frozenset({"time", "updated", "level", "confidence", "pages"})
"""Columns of tables whose cells are never broken."""

AsJson = Annotated[
    bool,
    typer.Option("--json", help="Một đối tượng JSON trên stdout. / One JSON object on stdout."),
]
Verbose = Annotated[
    bool,
    typer.Option("--verbose", "-v", help="Kèm vết lỗi. / With tracebacks.", show_default=False),
]
Data = Annotated[
    Path | None,
    typer.Option("--data", help="Thư mục dữ liệu. / Data folder (SOHOA_DATA).", show_default=False),
]


def plain(text: str) -> Text:
    """A stranger's words, such as a file's name, without what would steer the terminal."""
    return Text(
        "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text)
    )


@dataclass
class Output:
    """Where and how this run of the command speaks."""

    json: bool = False
    verbose: bool = False
    language: Language = "vi"
    _emitted: bool = False

    _current: ClassVar["Output | None"] = None

    @classmethod
    def start(cls, *, json: bool, verbose: bool, language: Language) -> "Output":
        """Set how this run speaks."""
        cls._current = cls(json, verbose, language)
        return cls._current

    @classmethod
    def current(cls) -> "Output":
        """How this run speaks; before a command has begun, what its arguments say."""
        if cls._current is None:
            said = set(sys.argv)
            return cls.start(
                json="--json" in said,
                verbose=bool({"-v", "--verbose"} & said),
                language=_language(),
            )
        return cls._current

    @property
    def people(self) -> Console:
        """The console for tables and results: stdout, or stderr when stdout is for JSON."""
        return Console(stderr=self.json, highlight=False)

    def emit(self, value: dict[str, Any]) -> None:
        """Print the one JSON object, when JSON was asked for. There is no second one."""
        if self.json and not self._emitted:
            self._emitted = True
            text = json.dumps(value, ensure_ascii=False, indent=2, default=str)
            # a path may hold bytes that are not UTF-8, which JSON cannot
            print(text.encode("utf-8", "replace").decode("utf-8"), flush=True)

    def described(self, error: SohoaError) -> dict[str, Any]:
        """An error as JSON has it."""
        text = error.sentence(self.language)
        return {"code": error.code, "sentence": text, "exit_code": int(error.exit_code)}

    def say(self, text: str) -> None:
        """One sentence to the person, on stderr."""
        Console(stderr=True, highlight=False).print(text, markup=False, soft_wrap=True)

    def standing(self, *, stands: bool, over: bool) -> str:
        """Whether what lasts from day to day holds now, is over, or is to come."""
        key = "state_stands" if stands else ("state_ended" if over else "state_to_come")
        return self.text(f"cli.{key}")

    def text(self, code: str, /, **params: str | int | float) -> str:
        """A sentence of the catalogue in the person's language."""
        return sentence(code, self.language, **params)

    def table(self, title: str | None, *columns: str) -> Table:
        """A table with columns named by catalogue keys below ``cli.column_``."""
        made = Table(title=title, title_justify="left", header_style="bold")
        for column in columns:
            whole = column in _KEPT_WHOLE
            made.add_column(self.text(f"cli.column_{column}"), overflow="fold", no_wrap=whole)
        return made


def _language() -> Language:
    from sohoa.settings import load_settings  # noqa: PLC0415 - the first page needs no setting

    try:
        return load_settings().language
    except SohoaError:
        return "vi"


def begin(
    data: Path | None, as_json: bool, verbose: bool, *, inbox: Path | None = None
) -> "tuple[Settings, Output]":
    """What every command does first: its settings, and how it speaks."""
    from sohoa.settings import load_settings  # noqa: PLC0415 - the first page needs no setting

    settings = load_settings(data=data, inbox=inbox)
    return settings, Output.start(json=as_json, verbose=verbose, language=settings.language)


def unwritable(wrong: OSError) -> ConfigurationError:
    """The outcome for a file or folder that cannot be read or written, or a disk that is full."""
    return ConfigurationError("cli.file_trouble", problem=wrong.strerror or "I/O")


def fail(error: SohoaError) -> ExitCode:
    """Say the error's sentence, as JSON too where JSON was asked for; its exit code."""
    out = Output.current()
    if out.verbose:
        traceback.print_exc()
    out.emit({"error": out.described(error)})
    out.say(error.sentence(out.language))
    return error.exit_code
