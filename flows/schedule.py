"""What happens every night, as operators see it in Prefect: ``resign-archive``, ``check-store``.

The deployment and its schedule are Prefect's: operators may change or pause it, or start a run, on
its page. Runs are planned and worked off here, in the process that has the office's keys open: a
process per run costs seconds, and Prefect's own scheduler (3.8.8) fails with SQLAlchemy 2.1
(``Can't evaluate bulk DML statement``).
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from prefect import Flow, flow
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.actions import DeploymentScheduleCreate
from prefect.client.schemas.objects import FlowRun, State
from prefect.client.schemas.responses import DeploymentResponse
from prefect.client.schemas.schedules import CronSchedule
from prefect.exceptions import ObjectNotFound
from prefect.flow_engine import run_flow_async
from prefect.server.schemas.schedules import SCHEDULE_TYPES
from prefect.states import Cancelled, Completed, Failed, Pending, Scheduled
from pydantic import TypeAdapter

from schemas.errors import SohoaError
from usecases.archive import Tally, renew_stored
from usecases.caller import SERVICE
from usecases.context import ACTOR, AppContext
from usecases.delivering import REMEMBERED
from usecases.fixity import FOLDER as FIXITY
from usecases.fixity import Archive, FixityProgress, look_through
from usecases.rooms import Rooms
from usecases.search_index import index_missing
from usecases.sweeping import sweep_work

Nightly = Flow[[], Coroutine[Any, Any, State[None]]]

log = logging.getLogger(__name__)

LOOK_HOURS = 3.0
"""How long a night's look through the store takes at most; the next night goes on from there."""
DATES: TypeAdapter[SCHEDULE_TYPES] = TypeAdapter(SCHEDULE_TYPES)
"""Schedules as Prefect's server knows them, with their dates."""
LOOK = 30.0
"""Seconds between two looks for a run that is due."""


class Night(NamedTuple):
    """What is done every night: a name in Prefect, when, and the work.

    ``work`` blocks, is told by its argument when to stop, says in a line what it did, and whether
    an operator must look.
    """

    name: str
    cron: str
    work: Callable[[AppContext, Callable[[], bool]], tuple[str, bool]]


def renew_archive(context: AppContext, stopped: Callable[[], bool]) -> tuple[str, bool]:
    """Renew the archive time stamps of what is stored."""
    tally = renew_stored(SERVICE, context, stopped=stopped)
    return _said(tally), tally.refused > 0


def look_at_everything(context: AppContext, stopped: Callable[[], bool]) -> tuple[str, bool]:
    """Prove the ledger, sweep, fill the search index, then look through the store.

    The last takes :data:`LOOK_HOURS` at most.
    """
    wrong = context.ledger.examine()
    if swept := sweep_work(context):
        log.info("work of %d claims that had ended was left, and is removed", swept)
    context.ledger.outbox.forget(context.clock() - REMEMBERED)
    rooms = Rooms(context.ledger, context.work, lambda: context.objects)
    indexed = asyncio.run(index_missing(rooms, context.pool, stopped=stopped))
    if indexed.indexed or indexed.failed:
        log.info("search index: %d put in, %d not yet", indexed.indexed, indexed.failed)
    looked = look_through(
        archive_of(context), until=context.clock() + timedelta(hours=LOOK_HOURS), stopped=stopped
    )
    context.ledger.note(
        None, None, ACTOR, "store_checked", data=looked.model_dump(mode="json", exclude={"after"})
    )
    return _looked(looked), bool(wrong or looked.wrong)


def archive_of(context: AppContext) -> Archive:
    """What the office keeps, to be looked through."""
    return Archive(
        ledger=context.ledger,
        objects=context.objects,
        trust=context.trust,
        folder=context.work / FIXITY,
        clock=context.clock,
    )


RENEWAL = Night("resign-archive", "17 2 * * *", renew_archive)
FIXITY_CHECK = Night("check-store", "47 22 * * *", look_at_everything)


def night_flow(context: AppContext, night: Night, stopped: Callable[[], bool]) -> Nightly:
    """The night's work as a flow."""

    @flow(
        name=night.name,
        persist_result=False,
        result_storage=context.work,  # nothing is kept there; unsaid, each run asks the server
        log_prints=False,
        validate_parameters=False,
    )
    async def process() -> State[None]:
        try:
            said, operator = await asyncio.to_thread(night.work, context, stopped)
        except SohoaError as error:
            return Failed(name="Waiting", message=str(error))
        return Completed(name="NeedsOperator" if operator else None, message=said)

    return process


async def keep(
    context: AppContext, night: Night, owner: str, zone: str, *, look: float = LOOK
) -> None:
    """Work off the nights' runs until cancelled; Prefect may be away in between.

    Args:
        office: the rooms.
        night: what is done, and when.
        owner: names the deployment, because several offices may share a Prefect server.
        zone: IANA name of the time zone whose nights count.
        look: seconds between two looks for a run that is due.
    """
    stopping = False
    process = night_flow(context, night, lambda: stopping)
    try:
        async with get_client() as client:
            while True:
                try:
                    deployment = await _deployed(client, process, night, owner, zone)
                    await _plan(client, deployment)
                    due = await client.get_scheduled_flow_runs_for_deployments(
                        [deployment.id], scheduled_before=datetime.now(UTC)
                    )
                    if due:
                        await _work_off(client, process, due)
                except Exception as error:  # the server restarts, or is not there yet
                    log.warning("%s: again in %.0f s: %s", night.name, look, type(error).__name__)
                await asyncio.sleep(look)
    finally:
        stopping = True


async def _deployed(
    client: PrefectClient, process: Nightly, night: Night, owner: str, zone: str
) -> DeploymentResponse:
    """The deployment with its schedule, made the first time."""
    try:
        return await client.read_deployment_by_name(f"{night.name}/{owner}")
    except ObjectNotFound:
        schedule = CronSchedule(cron=night.cron, timezone=zone)
        made = await client.create_deployment(
            flow_id=await client.create_flow(process),
            name=owner,
            schedules=[DeploymentScheduleCreate(schedule=schedule, slug="nightly")],
        )
        return await client.read_deployment(made)


async def _plan(client: PrefectClient, deployment: DeploymentResponse) -> None:
    """Plan the next run of each schedule; repeating it changes nothing."""
    if deployment.paused:
        return
    for one in deployment.schedules:
        if not one.active:
            continue
        times = DATES.validate_python(one.schedule.model_dump())
        for moment in await times.get_dates(1, start=datetime.now(UTC)):
            await client.create_flow_run_from_deployment(
                deployment.id,
                state=Scheduled(scheduled_time=moment),
                idempotency_key=f"{deployment.id} {moment.astimezone(UTC).isoformat()}",
            )


async def _work_off(client: PrefectClient, process: Nightly, due: list[FlowRun]) -> None:
    """Run the last one that is due; earlier ones that were missed are skipped."""
    *missed, last = sorted(due, key=lambda run: run.expected_start_time or datetime.min)
    for run in missed:
        await client.set_flow_run_state(run.id, Cancelled(message="a later run is due"))
    await client.set_flow_run_state(last.id, Pending())
    state = await run_flow_async(
        process, flow_run=await client.read_flow_run(last.id), return_type="state"
    )
    log.info("%s: %s", process.name, state.message if isinstance(state, State) else "")


def _looked(looked: FixityProgress) -> str:
    state = "all" if looked.ended_at else "to be continued"
    return (
        f"{looked.dossiers} dossiers, {looked.objects} objects, {looked.wrong} wrong,"
        f" {looked.unrecorded} unrecorded: {state}"
    )


def _said(tally: Tally) -> str:
    return ", ".join(f"{count} {name}" for name, count in tally.model_dump().items())
