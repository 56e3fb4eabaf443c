"""Every night: what people confirmed is kept to learn from, what is old removed, and learned from.

The lesson runs in a process of its own, at the lowest priority: it takes minutes of two cores, and
papers come first.
"""

import asyncio
import logging
import multiprocessing
import os
from collections.abc import Callable

from flows.schedule import Night
from schemas.errors import SohoaError
from usecases.caller import SERVICE
from usecases.context import AppContext
from usecases.learning import School, forget, last_learned, learn, something_new

log = logging.getLogger(__name__)

LOOK = 1.0
"""Seconds between two looks whether the lesson is over, or the service stops."""


def learning_night(school: School) -> Night:
    """The night's work of an office that keeps lines, or learns from them."""

    def work(context: AppContext, stopped: Callable[[], bool]) -> tuple[str, bool]:
        from usecases.corrections_kept import collect  # noqa: PLC0415 - large, and of the night

        kept = asyncio.run(collect(context, school))
        said = f"{kept} lines kept, {forget(SERVICE, school)} removed"
        if not school.options.nightly or not something_new(school):
            return said, False
        _learn_apart(school, stopped)
        learned = last_learned(school)
        taken = learned is not None and learned.taken
        return f"{said}; {'taken' if taken else 'not taken'}", False

    return Night("learn-lines", "37 3 * * *", work)


def _learn_apart(school: School, stopped: Callable[[], bool]) -> None:
    """Learn in another process; it is ended with the service, which leaves all as it was."""
    process = multiprocessing.get_context("spawn").Process(
        target=_lesson, args=(school,), daemon=True
    )
    process.start()
    while process.is_alive():
        process.join(LOOK)
        if stopped():
            process.kill()
    process.close()


def _lesson(school: School) -> None:
    os.nice(19)
    try:
        learn(SERVICE, school)
    except SohoaError as error:
        log.warning("nothing was learned: %s", error.code)
