"""A person decides what is doubtful: ``review``."""

from typing import Annotated

import typer

from schemas.errors import InputRejected
from sohoa.bootstrap import open_ledger, work_folder
from sohoa.cli.named import Code, Department, find_dossier, numbered
from sohoa.cli.output import AsJson, Data, Verbose, begin
from sohoa.cli.status import doubts_in, proposals_in, reasons_in, show_doubts, status
from usecases.caller import local_operator
from usecases.review import Assignment, settle
from usecases.splitting import parse_ranges, split_by_person


def add_to(app: typer.Typer) -> None:
    """Register this module's commands."""
    app.command("review")(review)


def review(
    code: Code,
    ranges: Annotated[
        str | None,
        typer.Argument(
            help="Với --split: 1-2,3-5 hoặc 1-2,3-5=MÃ. / With --split: the pages of each.",
            show_default=False,
        ),
    ] = None,
    accept: Annotated[bool, typer.Option("--accept", help="Chấp nhận. / Accept all.")] = False,
    assign: Annotated[
        list[str] | None, typer.Option("--set", help="TRƯỜNG=GIÁ TRỊ / FIELD=VALUE")
    ] = None,
    split: Annotated[
        bool, typer.Option("--split", help="Tách thành các tài liệu. / Split into documents.")
    ] = False,
    keep_together: Annotated[
        bool, typer.Option("--keep-together", help="Là một tài liệu. / It is one document.")
    ] = False,
    seen: Annotated[
        str,
        typer.Option(
            help="Mã băm bản kê đã xem. / Hash of the manifest that was seen.", show_default=False
        ),
    ] = "",
    department: Department = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
    data: Data = None,
) -> None:
    """Xác nhận điều nghi ngờ; MÃ/SỐ là một tài liệu. / Settle doubts; CODE/N is one document."""
    settings, output = begin(data, as_json, verbose)
    code, number = numbered(code)
    caller = local_operator()
    if split and (accept or assign or keep_together):
        raise InputRejected("flow.split_alone")
    if ranges is not None and not split:
        raise InputRejected("flow.bad_ranges")
    with open_ledger(settings) as ledger:
        dossier = find_dossier(ledger, code, department)
        work = work_folder(settings)
        if split:
            wanted = parse_ranges(ranges) if ranges else ()
            made = split_by_person(caller, ledger, work, dossier, number, wanted, seen=seen)
            named = [f"{ledger.dossier_by_id(one.dossier_id).code}/{one.number}" for one in made]
            output.emit({"dossier": code, "split": named})
            output.say(output.text("cli.split", documents=", ".join(named)))
            return
        if not (accept or assign or keep_together):
            waiting = {
                "doubts": doubts_in(ledger, settings, dossier, number),
                "proposals": proposals_in(ledger, settings, dossier, number),
                "reasons": reasons_in(ledger, settings, dossier, number),
            }
            output.emit(waiting)
            if not output.json:
                if number is None:
                    status(code, department, as_json, verbose, data)
                else:
                    show_doubts(output, waiting)
            return
        settled = settle(
            caller,
            ledger,
            work,
            dossier,
            [Assignment.parse(text) for text in assign or []],
            accept=accept,
            number=number,
            keep_together=keep_together,
            types=settings.reading.types,
            pass_unseen=settings.reading.pass_unseen,
            approval=settings.approval,
            seen=seen,
        )
    output.emit({"dossier": code, "settled": [document.number for document in settled]})
    output.say(output.text("cli.settled", count=len(settled), code=code))
