"""The command line: ``sohoa COMMAND``. Every command has ``--json``, ``--data`` and ``--verbose``.

With ``--json`` one JSON object goes to stdout and nothing else; progress and sentences go to
stderr. Exit codes are :class:`schemas.errors.ExitCode`.
"""

import sys
from importlib import metadata
from typing import Annotated

import typer

from schemas.errors import ExitCode, SohoaError
from schemas.messages import sentence
from sohoa.cli import (
    calibrate,
    engine,
    evidence,
    export,
    office,
    results,
    review,
    serve,
    status,
    types,
    upkeep,
)
from sohoa.cli.output import Output, fail

app = typer.Typer(
    name="sohoa",
    help="Số hóa: từ giấy đến kết quả điện tử đã ký. / From paper to signed electronic results.",
    no_args_is_help=True,
    invoke_without_command=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
serve.add_to(app)
office.add_to(app)
status.add_to(app)
review.add_to(app)
results.add_to(app)
engine.add_to(app)
evidence.add_to(app)
types.add_to(app)
calibrate.add_to(app)
export.add_to(app)
upkeep.add_to(app)


@app.callback()
def common(
    version: Annotated[
        bool, typer.Option("--version", help="Phiên bản. / The version.", is_eager=True)
    ] = False,
) -> None:
    """What stands before every command."""
    if version:
        print(f"sohoa {metadata.version('sohoa')}")
        raise typer.Exit


def main() -> None:
    """Run the command line; every failure is one sentence and an exit code."""
    try:
        app()
    except SohoaError as error:
        sys.exit(fail(error))
    except KeyboardInterrupt:
        Output.current().say(sentence("cli.interrupted", Output.current().language))
        sys.exit(130)
    except BrokenPipeError:
        sys.exit(ExitCode.ok)
    except Exception as error:  # the last resort: a sentence, and the traceback when asked
        if Output.current().verbose:
            raise
        sys.exit(fail(SohoaError("cli.unexpected", error=type(error).__name__)))
