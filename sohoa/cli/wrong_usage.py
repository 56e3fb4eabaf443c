"""What was wrong with a command line, in one sentence of the catalogue."""

from typer._click.exceptions import (  # typer exports only some of them
    BadParameter,
    ClickException,
    MissingParameter,
    NoSuchOption,
    UsageError,
)

from schemas.errors import ExitCode, SohoaError


class WrongUsage(SohoaError):
    """The command line cannot be understood."""

    exit_code = ExitCode.usage


def wrong_usage(wrong: ClickException) -> WrongUsage:
    """The sentence for what typer did not understand, and the command whose page helps."""
    context = wrong.ctx if isinstance(wrong, UsageError) else None
    command = context.command_path if context else "sohoa"
    if isinstance(wrong, NoSuchOption):
        return WrongUsage("cli.usage_option", option=wrong.option_name, command=command)
    if isinstance(wrong, MissingParameter) and wrong.param is not None:
        name = wrong.param.get_error_hint().strip("'")
        return WrongUsage("cli.usage_missing", name=name, command=command)
    if isinstance(wrong, BadParameter) and (wrong.param or isinstance(wrong.param_hint, str)):
        hint = wrong.param.get_error_hint() if wrong.param else wrong.param_hint
        name = str(hint).strip("'")
        problem = wrong.message.removeprefix("Value error, ").rstrip(".")
        return WrongUsage("cli.usage_value", name=name, problem=problem, command=command)
    return WrongUsage("cli.usage", problem=wrong.format_message().rstrip("."), command=command)
