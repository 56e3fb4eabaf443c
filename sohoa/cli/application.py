"""The commands as one program, and what becomes of what they raise."""

from typing import Annotated

import typer
from typer._click.exceptions import ClickException, NoArgsIsHelpError  # typer exports neither

from schemas.errors import ExitCode, Interrupted, SohoaError
from sohoa.cli.commands import Commands
from sohoa.cli.output import fail, unwritable
from sohoa.cli.wrong_usage import wrong_usage

app = typer.Typer(
    name="sohoa",
    cls=Commands,
    help="Số hóa: từ giấy đến kết quả điện tử đã ký. / From paper to signed electronic results.",
    no_args_is_help=True,
    invoke_without_command=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def common(
    version: Annotated[
        bool, typer.Option("--version", help="Phiên bản. / The version.", is_eager=True)
    ] = False,
) -> None:
    """What stands before every command."""
    if version:
        from importlib import metadata  # noqa: PLC0415 - seldom asked for, and large

        print(f"sohoa {metadata.version('sohoa')}")
        raise typer.Exit


def run() -> int:
    """Run the command that ``sys.argv`` names; its exit code."""
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
