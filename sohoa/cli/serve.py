"""``sohoa up``: the services, the inbox, and what a person sees of them in the terminal."""

import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.live import Live
from rich.text import Text

from flows.held import held
from flows.inbox import Inbox
from schemas.department import ONE_STOP
from schemas.dossier import Stage
from schemas.errors import ExitCode, SohoaError
from schemas.manifest import Manifest
from schemas.views import DossierSummary, FetchedView
from signing import verify
from sohoa.bootstrap import open_inbox, open_rooms, see_the_same_office
from sohoa.cli.output import AsJson, Data, Output, Verbose, begin, fail, plain
from sohoa.cli.share import tell_rules
from sohoa.cli.status import dossier_table
from sohoa.cli.verify import show_verdicts
from sohoa.first_account import FirstAccount, first_account
from sohoa.keys import trust_of
from sohoa.sample import draw_sample
from sohoa.services import Endpoints, prefect_auth_file, supervise
from sohoa.settings import Settings
from usecases import look
from usecases.approval import approve_waiting, awaiting
from usecases.caller import local_operator
from usecases.context import now
from usecases.fetch import fetch
from usecases.following import resting_claims
from usecases.grants import enter_rules
from usecases.rooms import Rooms
from usecases.submission import Submission, submit

SAMPLE_DEPARTMENT = ONE_STOP.id
_LOOK_SECONDS = 0.5


def add_to(app: typer.Typer) -> None:
    """Register this module's commands."""
    app.command("up")(up)


@dataclass
class _Outcome:
    """What the follower found, for the main thread: the exit code, or what went wrong."""

    code: ExitCode = ExitCode.ok
    error: SohoaError | None = None


def up(
    data: Data = None,
    inbox: Annotated[
        Path | None, typer.Option(help="Hộp thư. / The inbox folder.", show_default=False)
    ] = None,
    once: Annotated[
        bool, typer.Option("--once", help="Xử lý xong thì dừng. / Stop when all is through.")
    ] = False,
    sample: Annotated[
        bool, typer.Option("--sample", help="Thả hồ sơ mẫu. / Drop a sample dossier.")
    ] = False,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Chạy mọi dịch vụ và xử lý hộp thư. / Run every service and work on the inbox."""
    settings, output = begin(data, as_json, verbose, inbox=inbox)
    output.say(output.text("cli.starting"))
    stop, outcome = threading.Event(), _Outcome()
    started = now()
    submission = _drop_sample(settings) if sample else None

    def follow(endpoints: Endpoints) -> None:
        try:
            outcome.code = _follow(settings, output, endpoints, submission, started, once, stop)
        except SohoaError as error:
            outcome.error = error
        except Exception as error:  # this thread's last resort: the services must stop and say so
            outcome.error = SohoaError("cli.unexpected", error=type(error).__name__)
        finally:
            if once or outcome.error:
                stop.set()

    def on_ready(endpoints: Endpoints) -> None:
        threading.Thread(target=follow, args=(endpoints,), daemon=True).start()

    see_the_same_office(settings)  # before anything starts: the sentence is seen
    settings.portal.check()
    _tell_first_account(output, first_account(settings))
    _enter_sharing_rules(settings, output)
    supervise(settings, on_ready=on_ready, stop=stop)
    if outcome.error:
        raise typer.Exit(fail(outcome.error))
    if not once:
        output.say(output.text("cli.interrupted"))
    if outcome.code is not ExitCode.ok:
        raise typer.Exit(outcome.code)


def _tell_first_account(output: Output, made: FirstAccount | None) -> None:
    if made is None:
        return
    if made.password is not None:
        output.say(output.text("cli.first_account", name=made.name, password=made.password))
    else:
        output.say(output.text("cli.first_account_file", name=made.name, file=str(made.file)))


def _enter_sharing_rules(settings: Settings, output: Output) -> None:
    """What the settings say that departments must share; said where something changed."""
    zone = ZoneInfo(settings.signing.timezone)
    with open_rooms(settings) as rooms:
        done = enter_rules(local_operator(), rooms, settings.sharing.mandatory, zone=zone)
    if done.added or done.ended or done.unknown:
        tell_rules(output, done)


def _drop_sample(settings: Settings) -> Submission:
    """Draw a dossier of invented people and put it into the inbox, like a clerk."""
    today = date.today()
    code = f"H17.99-{today:%y%m%d}-{now():%H%M%S}"
    with tempfile.TemporaryDirectory() as folder:
        draw_sample(Path(folder), today)
        submission = Submission(code, False, (Path(folder),))
        submit(local_operator(), settings.inbox, SAMPLE_DEPARTMENT, submission)
    return submission


def _follow(
    settings: Settings,
    output: Output,
    endpoints: Endpoints,
    submission: Submission | None,
    started: datetime,
    once: bool,
    stop: threading.Event,
) -> ExitCode:
    """Show the dossiers of this run as they move; what they came to."""
    announce = output.text(
        "cli.serving",
        inbox=str(settings.inbox),
        desk=endpoints.desk_url or "-",
        prefect=endpoints.prefect_ui_url,
    )
    output.say(announce)
    if not (once or submission):
        output.emit({"dossiers": [], "where": _where(settings, endpoints)})
        return ExitCode.ok
    with open_rooms(settings) as rooms:
        dossiers = _watch_until_idle(settings, rooms, output, started, stop)
        if submission and _sample_approved(settings, rooms, output, submission.code):
            dossiers = _watch_until_idle(settings, rooms, output, started, stop)
        summary: dict[str, Any] = {"dossiers": [], "where": _where(settings, endpoints)}
        if not output.json:
            output.people.print(dossier_table(output, dossiers, settings))
        for dossier in dossiers:
            summary["dossiers"].append({"code": dossier.code, "stage": dossier.stage})
            if submission and dossier.code == submission.code and dossier.stage is Stage.published:
                folder = settings.data / "fetched"
                fetched = fetch(local_operator(), rooms, dossier.code, folder)
                summary["sample"] = _show_results(settings, output, fetched)
                summary["where"] = {"files": fetched.out} | summary["where"]
        if not output.json:
            where = output.table(output.text("cli.where_title"), "what", "where")
            for name, place in summary["where"].items():
                where.add_row(output.text(f"cli.where_{name}"), Text(place))
            output.people.print(where)
        stages = {one.code: one.stage for one in dossiers}
        wanted = {submission.code} if submission else set(stages)
        through = all(stages.get(code) is Stage.published for code in wanted)
        if waiting := held(settings.inbox):
            through = through and submission is not None
            output.say(output.text("cli.held", count=len(waiting)))
        output.say(output.text("cli.all_through" if through else "cli.not_through"))
        output.emit(summary)
        if not once:
            output.say(announce)
        return ExitCode.ok if through else ExitCode.not_finished


def _sample_approved(settings: Settings, rooms: Rooms, output: Output, code: str) -> bool:
    """Approve what waits of the sample, as a signer would; whether anything did."""
    ledger = rooms.ledger
    dossier = ledger.dossier(code, SAMPLE_DEPARTMENT)
    if dossier is None or not awaiting(ledger, dossier):
        return False
    said = output.text("cli.sample_approved", code=code)
    output.say(said)
    approve_waiting(local_operator(), ledger, dossier, options=settings.approval, why=said)
    return True


def _watch_until_idle(
    settings: Settings, rooms: Rooms, output: Output, started: datetime, stop: threading.Event
) -> tuple[DossierSummary, ...]:
    """Until nothing moves by itself any more; the dossiers that moved since ``started``."""
    inbox = open_inbox(settings, rooms.ledger)
    console = output.people
    said: dict[tuple[str, str], Stage] = {}
    dossiers: tuple[DossierSummary, ...] = ()
    with Live(console=console, refresh_per_second=4, transient=True) as live:
        quiet = 0
        while quiet < 3 and not stop.is_set():
            time.sleep(_LOOK_SECONDS)
            dossiers = look.moved(local_operator(), rooms, started)
            if console.is_terminal:
                live.update(dossier_table(output, dossiers, settings))
            else:
                _say_changes(output, dossiers, said)
            quiet = quiet + 1 if _idle(inbox, rooms) else 0
    return dossiers


def _say_changes(
    output: Output, dossiers: Sequence[DossierSummary], said: dict[tuple[str, str], Stage]
) -> None:
    """A line whenever a dossier moved on, where nobody watches a table."""
    for one in dossiers:
        if said.get((one.department, one.code)) is not one.stage:
            said[one.department, one.code] = one.stage
            output.say(f"{one.code}: {output.text(f'cli.stage_{one.stage.value}')}")


def _idle(inbox: Inbox, rooms: Rooms) -> bool:
    """Nothing in this inbox, and each of its claims either through or waiting for a person."""
    ready, waiting = inbox.look(time.monotonic())
    if ready or waiting:
        return False
    resting = resting_claims(local_operator(), rooms, inbox.name)
    return resting is not None and {claim.claim_id for claim in inbox.claims()} <= resting


def _where(settings: Settings, endpoints: Endpoints) -> dict[str, str]:
    scheme = "https" if endpoints.store.secure else "http"
    store = endpoints.store
    where = {
        "inbox": str(settings.inbox),
        "done": str(settings.inbox / "done"),
        "store": f"{scheme}://{store.endpoint} · {store.results_bucket}, {store.originals_bucket}",
        "prefect": endpoints.prefect_ui_url,
    }
    if endpoints.desk_url:
        where["desk"] = endpoints.desk_url
    if settings.embedded_prefect:
        where["prefect_key"] = str(prefect_auth_file(settings.data))
    return where


def _show_results(settings: Settings, output: Output, fetched: FetchedView) -> dict[str, Any]:
    """Verify a dossier that was fetched as a department would, and show it."""
    signed = [Path(one.path) for one in fetched.files if one.kind == "signed"]
    manifests = [Path(one.path) for one in fetched.files if one.kind == "manifest"]
    trust = trust_of(settings)
    verdicts = [verify(path, trust, language=settings.language) for path in signed]
    if not output.json:
        table = output.table(output.text("cli.fields_title"), "document", "field", "value")
        for path in manifests:
            manifest = Manifest.model_validate_json(path.read_bytes())
            _add_fields(table, path.stem, manifest)
        output.people.print(table)
        show_verdicts(output, verdicts, ZoneInfo(settings.signing.timezone))
    return {
        "code": fetched.dossier,
        "files": [one.model_dump(mode="json") for one in fetched.files],
        "verdicts": [one.model_dump(mode="json") for one in verdicts],
    }


def _add_fields(table: Any, name: str, manifest: Manifest) -> None:
    for path, field in manifest.walk():
        if field.value:
            table.add_row(plain(name), path, plain(field.value))
            name = ""
    table.add_section()
