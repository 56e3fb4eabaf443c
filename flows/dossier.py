"""The dossier flow: the five steps of :mod:`usecases.steps`, as operators see them in Prefect.

Async and in process: a process per run costs 2-3 CPU-seconds before any page is read, and sync
flows wait a hidden second for their heartbeat. Prefect shows; the ledger is the truth. Therefore
nothing is retried or cached here, and no result is kept: the next run finds what is done.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from prefect import Task, flow, tags
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.context import AsyncClientContext, SyncClientContext
from prefect.states import Completed

from flows.desk_link import link_to_desk
from flows.progress import pages_shown
from schemas.dossier import Stage
from storage import Dossier
from usecases import steps
from usecases.context import AppContext

Run = Callable[[Dossier], Awaitable[Stage]]
Step = Callable[[AppContext, Dossier], Awaitable[None]]

STATE_NAMES = {
    Stage.published: "Published",
    Stage.withdrawn: "Withdrawn",
    Stage.in_review: "AwaitingReview",
    Stage.awaiting_approval: "AwaitingApproval",
    Stage.rejected: "Rejected",
    Stage.failed: "NeedsOperator",
}
"""How a run that ended well is called in Prefect's UI."""


async def read(context: AppContext, dossier: Dossier) -> None:
    """:func:`usecases.steps.read`, its pages shown as they are read."""
    async with pages_shown(context, dossier) as progress:
        await steps.read(context, dossier, progress)


STEPS: tuple[Step, ...] = (read, steps.decide, steps.sign, steps.store, steps.publish)
"""What happens to a dossier, in order."""


def dossier_flow(context: AppContext) -> Run:
    """The flow for the dossiers of ``office``; call it with a dossier that is leased."""
    tasks = [_task(context, step) for step in STEPS]

    @flow(
        name="dossier",
        flow_run_name="dossier-{code}",
        persist_result=False,
        result_storage=context.work,  # nothing is kept there; unsaid, each run asks the server
        log_prints=False,
        validate_parameters=False,
    )
    async def process(code: str, dossier_id: int) -> State[None]:
        await link_to_desk(context.desk, context.ledger.dossier_by_id(dossier_id))
        for one in tasks:
            await one(dossier_id)
        stage = context.ledger.dossier_by_id(dossier_id).stage
        return Completed(name=STATE_NAMES.get(stage, "Waiting"), message=f"{code}: {stage}")

    async def run(dossier: Dossier) -> Stage:
        with tags(dossier.department):
            await process(dossier.code, dossier.id)
        return context.ledger.dossier_by_id(dossier.id).stage

    return run


@asynccontextmanager
async def prefect_connection() -> AsyncIterator[None]:
    """One connection to Prefect for all runs within.

    Prefect makes its clients anew for every run, and each loads the machine's list of certificate
    authorities: 30 ms CPU a client, half of what a run costs.
    """
    with SyncClientContext.get_or_create():
        async with AsyncClientContext.get_or_create():
            yield


def _task(context: AppContext, step: Step) -> Task[[int], Awaitable[None]]:
    """One step as Prefect shows it, by its own name."""

    async def run(dossier_id: int) -> None:
        await step(context, context.ledger.dossier_by_id(dossier_id))

    return Task(
        fn=run,
        name=step.__name__,
        persist_result=False,
        cache_policy=NO_CACHE,
        log_prints=False,
    )
