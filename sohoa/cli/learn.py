"""``sohoa learn``: the line reader learns from the office's own lines."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from schemas.durable import write_durably
from schemas.errors import NotFound
from schemas.learning import Learned
from sohoa.bootstrap import school_of
from sohoa.cli.output import AsJson, Data, Output, Verbose, begin
from usecases import learning, teaching_sheets
from usecases.caller import local_operator

app = typer.Typer(
    help="Máy đọc học nét chữ của đơn vị. / The reader learns the office's hands.",
    invoke_without_command=True,
    add_completion=False,
)


def add_to(main: typer.Typer) -> None:
    """Register this module's commands."""
    main.add_typer(app, name="learn")


@app.callback()
def learn(
    context: typer.Context,
    as_json: AsJson = False,
    verbose: Verbose = False,
    data: Data = None,
) -> None:
    """Máy đọc học nét chữ của đơn vị. / The reader learns the office's hands."""
    if context.invoked_subcommand is not None:
        return
    settings, output = begin(data, as_json, verbose)
    with Progress(console=Console(stderr=True), transient=True, disable=output.json) as bar:
        task = bar.add_task("", total=None)
        learned = learning.learn(
            local_operator(),
            school_of(settings),
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )
    output.emit(learned.model_dump(mode="json"))
    _say(output, learned)


@app.command("status")
def status(as_json: AsJson = False, verbose: Verbose = False, data: Data = None) -> None:
    """Đã giữ gì, đang dùng gì, lần học cuối ra sao. / What is kept, in use, and came of it."""
    settings, output = begin(data, as_json, verbose)
    state = learning.state(local_operator(), school_of(settings))
    output.emit(state.model_dump(mode="json"))
    if output.json:
        return
    lines = output.table(None, "source", "lines")
    for source, count in state.lines.items():
        lines.add_row(source, str(count))
    output.people.print(lines)
    table = output.table(None, "name", "time", "lines", "before", "after", "in_use")
    for card in state.adapters:
        before, after = (
            _share(one.characters if one else None) for one in (card.before, card.after)
        )
        used = "*" if card.name in state.in_use else ""
        made = f"{card.made_at:%Y-%m-%d %H:%M}"
        table.add_row(card.name, made, str(card.lines), before, after, used)
    output.people.print(table)
    if state.last is not None:
        _say(output, state.last)


@app.command("back")
def back(as_json: AsJson = False, verbose: Verbose = False, data: Data = None) -> None:
    """Dùng lại bản trước. / Let what was in use before count again."""
    settings, output = begin(data, as_json, verbose)
    names = learning.back(local_operator(), school_of(settings))
    output.emit({"in_use": list(names)})
    output.say(
        output.text("learning.went_back", names=", ".join(names) or output.text("learning.shipped"))
    )


@app.command("lines")
def lines(
    folder: Annotated[
        Path,
        typer.Argument(
            help="Thư mục ảnh dòng chữ và truth.jsonl. / Pictures of lines, and truth.jsonl.",
            show_default=False,
        ),
    ],
    as_json: AsJson = False,
    verbose: Verbose = False,
    data: Data = None,
) -> None:
    """Nạp các dòng chữ đã biết nội dung. / Give lines whose text is known."""
    settings, output = begin(data, as_json, verbose)
    count = learning.add_lines(local_operator(), school_of(settings), folder)
    output.emit({"kept": count})
    output.say(output.text("learning.kept", count=count))


@app.command("sheet")
def sheet(
    pages: Annotated[int, typer.Option(min=1, max=200, help="Số tờ. / Sheets.")] = 3,
    out: Annotated[Path, typer.Option(help="Tệp PDF. / The file.")] = Path("phieu-viet-mau.pdf"),
    as_json: AsJson = False,
    verbose: Verbose = False,
    data: Data = None,
) -> None:
    """In phiếu để nhiều người chép tay. / Sheets for people to copy by hand."""
    settings, output = begin(data, as_json, verbose)
    write_durably(out, teaching_sheets.sheets(local_operator(), school_of(settings), pages))
    output.emit({"out": str(out), "sheets": pages})
    output.say(output.text("learning.sheets_made", count=pages, out=str(out)))


@app.command("add")
def add(
    scans: Annotated[
        list[Path],
        typer.Argument(help="Bản quét phiếu đã viết. / Scans.", show_default=False),
    ],
    as_json: AsJson = False,
    verbose: Verbose = False,
    data: Data = None,
) -> None:
    """Nạp bản quét phiếu đã viết. / Read back the sheets that people wrote."""
    settings, output = begin(data, as_json, verbose)
    if not all(scan.is_file() for scan in scans):
        raise NotFound("cli.no_such_path")
    school = school_of(settings)
    added = asyncio.run(teaching_sheets.add_scans(local_operator(), school, scans))
    output.emit(added.model_dump(mode="json"))
    output.say(
        output.text(
            "learning.sheets_read", kept=added.kept, sheets=added.sheets, unread=added.unread
        )
    )


@app.command("forget")
def forget(
    everything: Annotated[
        bool, typer.Option("--all", help="Xóa hết, không chỉ dòng quá hạn. / All of them.")
    ] = False,
    as_json: AsJson = False,
    verbose: Verbose = False,
    data: Data = None,
) -> None:
    """Xóa các dòng đã giữ quá hạn. / Remove lines that were kept for long enough."""
    settings, output = begin(data, as_json, verbose)
    count = learning.forget(local_operator(), school_of(settings), everything=everything)
    output.emit({"forgotten": count})
    output.say(output.text("learning.forgotten", count=count))


def _say(output: Output, learned: Learned) -> None:
    card = learned.card
    output.say(
        output.text(
            "learning.taken" if learned.taken else "learning.not_taken",
            lines=card.lines,
            held=learned.before.values,
            before=_share(card.before.characters if card.before else None),
            after=_share(card.after.characters if card.after else None),
            wrong_before=learned.before.wrong,
            wrong_after=learned.after.wrong,
        )
    )


def _share(error: float | None) -> str:
    return "-" if error is None else f"{error:.1%}"
