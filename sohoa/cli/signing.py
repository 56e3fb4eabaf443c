"""``sign``, ``sign-batch``, ``resign-archive``, ``draw``. None needs a service of ours."""

import getpass
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from flows.inbox import ignored
from schemas.batch import Batch, BatchItem, ItemEnd
from schemas.errors import Conflict, ExitCode, NotFound
from schemas.messages import sentence
from signing import Profile, Signer, SignerRole, known_profiles
from sohoa.bootstrap import open_rooms, open_signer, open_upkeep
from sohoa.cli.output import AsJson, Data, Output, Verbose, begin
from sohoa.settings import Settings
from usecases import batch
from usecases.archive import Renewal, renew, renew_stored
from usecases.caller import local_operator
from usecases.context import now
from usecases.reserved_codes import reserved_link
from usecases.results import draw_file, known_templates
from usecases.rooms import Rooms

Role = Annotated[SignerRole | None, typer.Option(help="Ai ký. / Who signs.", show_default=False)]
Kind = Annotated[
    str | None,
    typer.Option(
        help="Kiểu ký: sao-y, leader, … / Kind of signature: sao-y, leader, …", show_default=False
    ),
]
Number = Annotated[
    str | None,
    typer.Option(
        help="Số, ký hiệu văn bản (phụ lục). / The document's number.", show_default=False
    ),
]


def add_to(app: typer.Typer) -> None:
    """Register this module's commands."""
    app.command("sign")(sign)
    app.command("sign-batch")(sign_batch)
    app.command("resign-archive")(resign_archive)
    app.command("draw")(draw_result)


def asking_signer(settings: Settings, output: Output) -> AbstractContextManager[Signer]:
    """The signer of this office; a person at the terminal is asked for what has no file."""

    def ask(role: str) -> str:
        prompt = sentence("signing.secret_prompt", output.language, role=role)
        return str(typer.prompt(prompt, hide_input=True, err=True))

    return open_signer(settings, ask if sys.stdin.isatty() else None)


def chosen(settings: Settings, profile: str | None, role: SignerRole | None) -> Profile:
    """The office's profile of that name, or the role's usual one.

    Raises:
        typer.BadParameter: none of both is named, or there is no such profile.
    """
    if profile is None and role is None:
        raise typer.BadParameter("--role / --profile")
    profiles = known_profiles(settings.signing.profiles)
    if profile is not None and profile not in profiles:
        names = ", ".join(f"'{name}'" for name in profiles)
        message = f"'{profile}' is not one of {names}"
        raise typer.BadParameter(message, param_hint="--profile")
    return profiles.chosen(profile, role)


def sign(
    file: Annotated[Path, typer.Argument(help="Tệp PDF. / A PDF.", show_default=False)],
    out: Annotated[Path, typer.Option(help="Tệp đã ký. / The signed file.")],
    role: Role = None,
    profile: Kind = None,
    number: Number = None,
    reference: Annotated[
        str | None,
        typer.Option(
            help="Mã tra cứu (mã QR, lý do ký). / What it is found by.", show_default=False
        ),
    ] = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
    data: Data = None,
) -> None:
    """Ký số một tệp PDF (PAdES B-LTA). / Sign a PDF."""
    settings, output = begin(data, as_json, verbose)
    kind = chosen(settings, profile, role).name
    if not file.is_file():
        raise NotFound("cli.no_such_path")
    with asking_signer(settings, output) as signer:
        signed = signer.sign(file, out, role=role, profile=kind, number=number, reference=reference)
    output.emit(signed.model_dump(mode="json"))
    if not output.json:
        output.people.print(
            output.text("cli.signed", level=signed.level.value, out=out.name), markup=False
        )
    if not signed.visible:
        output.say(output.text("signing.signed_unseen"))


def sign_batch(
    out: Annotated[Path, typer.Option(help="Thư mục kết quả. / Where signed files go.")],
    paths: Annotated[
        list[Path] | None,
        typer.Argument(help="Tệp PDF, thư mục; không có: ký tiếp. / PDFs; none: go on."),
    ] = None,
    role: Role = None,
    profile: Kind = None,
    number: Number = None,
    yes: Annotated[bool, typer.Option(help="Duyệt, không hỏi lại. / Approved already.")] = False,
    patience: Annotated[
        float, typer.Option(min=0, help="Giây chờ dịch vụ. / Seconds to wait for services.")
    ] = 600.0,
    as_json: AsJson = False,
    verbose: Verbose = False,
    data: Data = None,
) -> None:
    """Duyệt một lần, ký nhiều tệp; chạy lại để ký tiếp. / One approval, many files."""
    settings, output = begin(data, as_json, verbose)
    with open_rooms(settings) as rooms, asking_signer(settings, output) as signer:
        found = batch.show(local_operator(), rooms.ledger, out)
        if found is None:
            found = _approve(
                settings, output, rooms, signer, out, paths, role, profile, number, yes=yes
            )
        else:
            _goes_on(settings, output, found, paths)
        done = batch.run(
            local_operator(),
            rooms.ledger,
            out,
            signer,
            together=settings.signing.together,
            patience=patience,
            said=_telling(output, len(found.items)),
        )
    output.emit(_as_json(done))
    output.say(_summary(output, done))
    if done.count(ItemEnd.refused):
        raise typer.Exit(ExitCode.bad_input)
    if done.count(ItemEnd.waiting):
        raise typer.Exit(ExitCode.service_unavailable)


def _goes_on(
    settings: Settings, output: Output, found: Batch, paths: Sequence[Path] | None
) -> None:
    """See that the batch of the folder is the one that is meant, and say that it goes on."""
    approved = {Path(item.source) for item in found.items}
    if paths and {one.absolute() for one in _pdfs(paths)} != approved:
        raise Conflict("signing.batch_exists")
    known_profiles(settings.signing.profiles).chosen(found.profile, SignerRole(found.role))
    output.say(output.text("signing.batch_goes_on", count=len(found.items)))


def _telling(output: Output, total: int) -> Callable[[BatchItem], None]:
    """Says why a file was not signed."""

    def said(item: BatchItem) -> None:
        if item.error is not None:
            words = output.text(item.error, seconds=0, role="", error="")
            output.say(f"{item.number}/{total}: {words}")

    return said


def _as_json(found: Batch) -> dict[str, Any]:
    return {
        "batch_id": found.key,
        "results": [
            {
                "number": one.number,
                "out": one.out,
                "outcome": one.end.value,
                "sha256": one.signed_sha256,
                "adopted": one.adopted,
                "error": one.error,
                "attempts": one.attempts,
            }
            for one in found.items
        ],
    }


def _approve(
    settings: Settings,
    output: Output,
    rooms: Rooms,
    signer: Signer,
    out: Path,
    paths: Sequence[Path] | None,
    role: SignerRole | None,
    profile: str | None,
    number: str | None,
    *,
    yes: bool,
) -> Batch:
    """Ask the person whether these files are to be signed, and enter that they are."""
    if not paths:
        raise NotFound("signing.batch_none")
    kind = chosen(settings, profile, role)
    who = role or kind.role
    signer.check(who)
    sources = _pdfs(paths)
    question = output.text("signing.batch_question", count=len(sources), profile=kind.name)
    if not yes and not typer.confirm(question, err=True):
        raise typer.Exit(ExitCode.usage)
    return batch.approve(
        local_operator(),
        rooms.ledger,
        out,
        sources,
        profile=kind.name,
        role=who,
        person=getpass.getuser(),
        moment=now(),
        number=number,
    )


def _summary(output: Output, found: Batch) -> str:
    counts = {end.value: found.count(end) for end in ItemEnd}
    return output.text("signing.batch_report", **counts)


def _pdfs(paths: Sequence[Path]) -> list[Path]:
    """The PDFs named and those in folders, in name order."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            found += sorted(
                one
                for one in path.rglob("*")
                if one.suffix.lower() == ".pdf"
                and one.is_file()
                and not any(ignored(part) for part in one.relative_to(path).parts)
            )
        elif path.is_file():
            found.append(path)
        else:
            raise NotFound("cli.no_such_path")
    return found


def resign_archive(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(help="Tệp, thư mục. / Files or folders.", show_default=False),
    ] = None,
    stored: Annotated[
        bool, typer.Option("--stored", help="Mọi kết quả đang lưu. / Everything in the store.")
    ] = False,
    within: Annotated[
        int, typer.Option(min=1, help="Gia hạn nếu còn ít hơn số ngày này. / Days left.")
    ] = 365,
    as_json: AsJson = False,
    verbose: Verbose = False,
    data: Data = None,
) -> None:
    """Gia hạn dấu thời gian lưu trữ trước khi hết hạn. / Renew archive time stamps."""
    settings, output = begin(data, as_json, verbose)
    if stored == bool(paths):
        raise typer.BadParameter("FILE... / --stored")
    if stored:
        with asking_signer(settings, output) as signer, open_upkeep(settings, signer) as context:
            tally = renew_stored(local_operator(), context, days=within)
        counts = tally.model_dump()
        output.emit(counts)
        output.say(output.text("signing.archive_tally", **counts))
        _exit(waiting=bool(tally.waiting), refused=bool(tally.refused))
        return
    with asking_signer(settings, output) as signer:
        entries = [(path, renew(path, signer, days=within)) for path in _pdfs(paths or [])]
    output.emit(
        {"files": [{"file": str(path), **one.model_dump(mode="json")} for path, one in entries]}
    )
    if not output.json:
        table = output.table(None, "file", "outcome")
        for path, one in entries:
            table.add_row(Text(path.name), output.text(f"signing.renewal_{one.outcome.value}"))
        output.people.print(table)
    outcomes = {one.outcome for _, one in entries}
    _exit(waiting=Renewal.waiting in outcomes, refused=Renewal.refused in outcomes)


def _exit(*, waiting: bool, refused: bool) -> None:
    if waiting:
        raise typer.Exit(ExitCode.service_unavailable)
    if refused:
        raise typer.Exit(ExitCode.not_valid)


def draw_result(
    template: Annotated[
        str, typer.Argument(help="Mẫu: decision, ct07, … / Template.", show_default=False)
    ],
    fields: Annotated[
        Path, typer.Argument(help="Dữ liệu, YAML hoặc JSON. / Fields.", show_default=False)
    ],
    out: Annotated[Path, typer.Option(help="Tệp PDF. / The PDF.")],
    code: Annotated[
        bool, typer.Option("--code", help="In mã kiểm tra. / With a public code.")
    ] = False,
    as_json: AsJson = False,
    verbose: Verbose = False,
    data: Data = None,
) -> None:
    """Lập kết quả (quyết định, CT07) từ dữ liệu, để ký. / Draw a result from its fields."""
    settings, output = begin(data, as_json, verbose)
    templates = known_templates(settings.result_templates)
    if template not in templates:
        names = ", ".join(f"'{name}'" for name in templates)
        raise typer.BadParameter(f"'{template}' is not one of {names}", param_hint="TEMPLATE")
    if not fields.is_file():
        raise NotFound("cli.no_such_path")
    check = None
    if code:
        with open_rooms(settings) as rooms:
            check = reserved_link(local_operator(), rooms)
    draw_file(templates[template], fields, out, check=check)
    output.emit({"template": template, "out": str(out)})
    if not output.json:
        output.people.print(output.text("signing.result_drawn", out=out.name), markup=False)
