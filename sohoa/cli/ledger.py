"""``ledger check``, ``accept``, ``restore``: where it contradicts itself; ``root``: whose it is."""

from typing import Annotated

import typer
from rich.progress import Progress, TextColumn

from schemas.errors import ExitCode
from sohoa.bootstrap import open_rooms
from sohoa.cli.doctor import show_wrong
from sohoa.cli.output import AsJson, Data, Verbose, begin
from sohoa.keys import own_root
from usecases import office_keys, trust
from usecases.caller import local_operator

app = typer.Typer(
    help="Sổ cái: kiểm tra, chấp nhận, đặt lại, chứng thư gốc, chỉ mục tìm kiếm."
    " / Ledger: check, accept, restore, root, reindex.",
    no_args_is_help=True,
    add_completion=False,
)

WHY = (
    "Lý do, lưu mãi trong sổ cái; không ghi tên người."
    " / Why; kept in the ledger for ever, so name nobody."
)
Reason = Annotated[str, typer.Option("--reason", help=WHY, show_default=False)]


def add_to(main: typer.Typer) -> None:
    """Register this module's commands."""
    main.add_typer(app, name="ledger")


@app.command("check")
def check(as_json: AsJson = False, verbose: Verbose = False, data: Data = None) -> None:
    """Kiểm tra cả sổ cái, không cần dịch vụ nào. / Check the whole ledger; needs no service."""
    settings, output = begin(data, as_json, verbose)
    with open_rooms(settings) as rooms:
        found = trust.check(local_operator(), rooms)
    output.emit(found.model_dump(mode="json"))
    if not output.json:
        show_wrong(output, found.wrong)
        if found.trusted:
            output.say(output.text("cli.ledger_trusted", events=found.events))
    if not found.trusted:
        raise typer.Exit(ExitCode.not_valid)


@app.command("accept")
def accept(
    reason: Reason, as_json: AsJson = False, verbose: Verbose = False, data: Data = None
) -> None:
    """Chấp nhận sổ cái như hiện có; việc ký chạy tiếp. / Take it as it stands; signing goes on."""
    _answer(reason, as_json, verbose, data, restore=False)


@app.command("restore")
def restore(
    reason: Reason, as_json: AsJson = False, verbose: Verbose = False, data: Data = None
) -> None:
    """Đặt các dòng lại theo sự kiện đã ghi. / Set rows back to what their events say."""
    _answer(reason, as_json, verbose, data, restore=True)


@app.command("root")
def root(
    replace: Annotated[
        str,
        typer.Option(
            help="Đầu dấu vân tay của máy này: thay chứng thư gốc đã ghi."
            " / How this host's fingerprint begins: it replaces the one on record.",
            show_default=False,
        ),
    ] = "",
    reason: Annotated[str, typer.Option(help=WHY, show_default=False)] = "",
    as_json: AsJson = False,
    verbose: Verbose = False,
    data: Data = None,
) -> None:
    """Chứng thư gốc của cơ quan trong sổ cái. / The office's root certificate on record."""
    settings, output = begin(data, as_json, verbose)
    own = own_root(settings)
    caller = local_operator()
    with open_rooms(settings) as rooms:
        if replace:
            office_keys.replace_root(caller, rooms, own, confirmed=replace, reason=reason)
        shown = office_keys.root(caller, rooms, own)
    output.emit({**shown.model_dump(mode="json"), "agrees": shown.agrees})
    output.say(
        output.text("cli.root_replaced")
        if replace
        else output.text("cli.root_recorded", recorded=shown.recorded or "-", own=own or "-")
    )


@app.command("reindex")
def reindex(
    everything: Annotated[
        bool, typer.Option("--all", help="Làm lại từ đầu. / Make it anew.")
    ] = False,
    as_json: AsJson = False,
    verbose: Verbose = False,
    data: Data = None,
) -> None:
    """Bổ sung chỉ mục tìm kiếm, ngắt lúc nào cũng được. / Fill the search index; may be cut off."""
    from usecases import search_index  # noqa: PLC0415 - brings what reads pages
    from usecases.pictures import drawer  # noqa: PLC0415 - as above

    settings, output = begin(data, as_json, verbose)
    columns = (TextColumn("{task.description}"), TextColumn("{task.completed}"))
    pool = drawer()
    try:
        with open_rooms(settings) as rooms, Progress(*columns, disable=output.json) as bars:
            bar = bars.add_task(output.text("cli.indexing"), total=None)
            done = search_index.reindex(
                local_operator(),
                rooms,
                pool,
                everything=everything,
                seen=lambda looked: bars.update(bar, completed=looked),
            )
    finally:
        pool.close()
    output.emit(done.model_dump(mode="json"))
    output.say(output.text("cli.indexed", **done.model_dump()))
    if done.failed:
        raise typer.Exit(ExitCode.service_unavailable)


def _answer(reason: str, as_json: bool, verbose: bool, data: Data, *, restore: bool) -> None:
    settings, output = begin(data, as_json, verbose)
    words = " ".join(reason.split())
    if not words:
        raise typer.BadParameter("--reason")
    with open_rooms(settings) as rooms:
        done = trust.answer(local_operator(), rooms, words, restore=restore)
    counts = {"breaks": done.breaks, "dossiers": done.dossiers, "restored": done.restored}
    output.emit({"reason": words, **counts})
    output.say(output.text("cli.ledger_accepted", **counts))
