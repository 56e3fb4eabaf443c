"""The settings that are in force: ``config show``."""

import typer
from rich.text import Text

from sohoa.cli.output import AsJson, Data, Verbose, begin
from sohoa.shown_settings import describe, flat

config = typer.Typer(help="Cấu hình. / Configuration.", no_args_is_help=True, add_completion=False)


def add_to(app: typer.Typer) -> None:
    """Register this module's commands."""
    app.add_typer(config, name="config")


@config.command("show")
def config_show(as_json: AsJson = False, verbose: Verbose = False, data: Data = None) -> None:
    """Mọi thiết lập đang dùng, giấu khóa bí mật. / Every setting in use, secrets masked."""
    settings, output = begin(data, as_json, verbose)
    output.emit(describe(settings))
    if not output.json:
        table = output.table(None, "name", "value")
        for name, value in flat(settings):
            table.add_row(name, Text(str(value)))
        output.people.print(table)
