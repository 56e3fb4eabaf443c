"""The command line: ``sohoa COMMAND``. Every command has ``--json``, ``--data`` and ``--verbose``.

With ``--json`` one JSON object goes to stdout and nothing else; progress and sentences go to
stderr. Exit codes are :class:`schemas.errors.ExitCode`.
"""

import sys
from importlib import metadata
from typing import Annotated

import typer
from typer._click.exceptions import ClickException, NoArgsIsHelpError  # typer exports neither

from schemas.errors import ExitCode, Interrupted, SohoaError
from sohoa.cli import (
    approve,
    calibrate,
    department,
    doctor,
    engine,
    evidence,
    export,
    ledger,
    office,
    results,
    review,
    serve,
    status,
    types,
    upkeep,
)
from sohoa.cli.output import fail, unwritable
from sohoa.cli.wrong_usage import wrong_usage

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
department.add_to(app)
status.add_to(app)
review.add_to(app)
approve.add_to(app)
results.add_to(app)
engine.add_to(app)
evidence.add_to(app)
types.add_to(app)
calibrate.add_to(app)
export.add_to(app)
doctor.add_to(app)
ledger.add_to(app)
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
    sys.exit(_run())


def _run() -> int:
    try:
        # the command's exit code, or what it returned: nothing
        code = app(standalone_mode=False) or ExitCode.ok
    except NoArgsIsHelpError as help_page:
        help_page.show()
        return help_page.exit_code
    except ClickException as wrong:
        return fail(wrong_usage(wrong))
    except SohoaError as error:
        return fail(error)
    except BrokenPipeError:
        return ExitCode.ok
    except OSError as error:  # a folder that was named cannot be read or written, the disk is full
        return fail(unwritable(error))
    except Exception as error:  # the last resort: a sentence, and the traceback when asked
        return fail(SohoaError("cli.unexpected", error=type(error).__name__))
    if code == ExitCode.interrupted:  # typer has caught Ctrl-C
        return fail(Interrupted("cli.interrupted"))
    return int(code)
