"""``sohoa accesses``: who saw or took what of a dossier."""

from zoneinfo import ZoneInfo

import typer

from sohoa.bootstrap import open_rooms
from sohoa.cli.named import Code, Department
from sohoa.cli.output import AsJson, Data, Verbose, begin, plain
from usecases.caller import local_operator
from usecases.identity_pictures import accesses as lines_of


def add_to(app: typer.Typer) -> None:
    """Register this module's commands."""
    app.command("accesses")(accesses)


def accesses(
    code: Code,
    department: Department = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
    data: Data = None,
) -> None:
    """Ai đã xem, tải giấy tờ của hồ sơ. / Who saw or took papers of a dossier."""
    settings, output = begin(data, as_json, verbose)
    with open_rooms(settings) as rooms:
        found = lines_of(local_operator(), rooms, code, department=department)
    output.emit({"dossier": code, "accesses": [one.model_dump(mode="json") for one in found]})
    if output.json:
        return
    zone = ZoneInfo(settings.signing.timezone)
    table = output.table(
        None, "when", "account", "what", "document", "pages", "departments", "purpose"
    )
    for one in found:
        table.add_row(
            f"{one.at.astimezone(zone):%d/%m/%Y %H:%M}",
            plain(one.who),
            one.kind,
            str(one.number or "-"),
            str(one.page or "-"),
            plain(", ".join(one.departments) or "-"),
            plain(one.purpose or "-"),
        )
    output.people.print(table)
