"""How commands speak: JSON alone on stdout, tables and sentences for people, progress on stderr."""

import json
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar

import typer
from rich.console import Console
from rich.table import Table

from schemas.errors import ExitCode, SohoaError
from schemas.messages import Language, sentence
from sohoa.settings import Settings, load_settings

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


@dataclass
class Output:
    """Where and how this run of the command speaks."""

    json: bool = False
    verbose: bool = False
    language: Language = "vi"

    _current: ClassVar["Output | None"] = None

    @classmethod
    def start(cls, *, json: bool, verbose: bool, language: Language) -> "Output":
        """Set how this run speaks."""
        cls._current = cls(json, verbose, language)
        return cls._current

    @classmethod
    def current(cls) -> "Output":
        """How this run speaks; before a command has begun, what its arguments say."""
        return cls._current or cls(
            json="--json" in sys.argv, verbose={"-v", "--verbose"} & set(sys.argv) != set()
        )

    @property
    def people(self) -> Console:
        """The console for tables and results: stdout, or stderr when stdout is for JSON."""
        return Console(stderr=self.json, highlight=False)

    def emit(self, value: dict[str, Any]) -> None:
        """Print the one JSON object, when JSON was asked for."""
        if self.json:
            print(json.dumps(value, ensure_ascii=False, indent=2, default=str))

    def say(self, text: str) -> None:
        """One sentence to the person, on stderr."""
        Console(stderr=True, highlight=False).print(text, markup=False, soft_wrap=True)

    def text(self, code: str, /, **params: str | int | float) -> str:
        """A sentence of the catalogue in the person's language."""
        return sentence(code, self.language, **params)

    def table(self, title: str | None, *columns: str) -> Table:
        """A table with columns named by catalogue keys below ``cli.column_``."""
        made = Table(title=title, title_justify="left", header_style="bold")
        for column in columns:
            made.add_column(self.text(f"cli.column_{column}"), overflow="fold")
        return made


def begin(
    data: Path | None, as_json: bool, verbose: bool, *, inbox: Path | None = None
) -> tuple[Settings, Output]:
    """What every command does first: its settings, and how it speaks."""
    settings = load_settings(data=data, inbox=inbox)
    return settings, Output.start(json=as_json, verbose=verbose, language=settings.language)


def fail(error: SohoaError) -> ExitCode:
    """Say the error's sentence, as JSON too where JSON was asked for; its exit code."""
    out = Output.current()
    if out.verbose:
        traceback.print_exc()
    text = error.sentence(out.language)
    out.emit({"error": {"code": error.code, "sentence": text, "exit_code": int(error.exit_code)}})
    out.say(text)
    return error.exit_code
