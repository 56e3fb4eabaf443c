"""The watcher's process: ``python -m sohoa.watch``, started and restarted by the supervisor."""

import asyncio
import logging
import signal
import sys

from signing import Level
from sohoa.bootstrap import open_inbox, open_office, owner_of, school_of, sender_of
from sohoa.processes import exit_code_of
from sohoa.services import announce_ready
from sohoa.services.leftovers import sweep
from sohoa.services.lock import only_one
from sohoa.settings import Settings, load_settings

log = logging.getLogger("sohoa.watch")


async def watch(settings: Settings) -> None:
    """Open the office and watch until told to stop."""
    from flows.delivering import keep_delivering  # noqa: PLC0415 - as below
    from flows.dossier import dossier_flow, prefect_connection  # noqa: PLC0415 - Prefect reads its settings on import
    from flows.learning import learning_night  # noqa: PLC0415
    from flows.proving import keep_proving  # noqa: PLC0415
    from flows.schedule import FIXITY_CHECK, RENEWAL, keep  # noqa: PLC0415
    from flows.watch import Rhythm, Watcher  # noqa: PLC0415

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    taking = settings.taking
    logging.getLogger("prefect.task_runs").setLevel(logging.WARNING)  # a line a task says nothing
    rhythm = Rhythm(
        look=taking.poll_seconds,
        rescan=taking.rescan_seconds,
        polling=taking.polling,
        dossiers=2 * settings.workers,
    )
    if swept := sweep(settings):
        log.info("%d work files of writes that were cut off were removed", swept)
    async with open_office(settings) as office:
        run = dossier_flow(office)
        inbox = open_inbox(settings, office.ledger)
        watcher = Watcher(office, inbox, run, rhythm, owner_of(settings))
        async with prefect_connection():
            announce_ready(settings.data)
            sender = sender_of(settings, office.ledger)
            nights = [
                asyncio.create_task(keep_proving(office)),
                asyncio.create_task(keep_delivering(sender)),
            ]
            work = [FIXITY_CHECK]
            if settings.signing.level is Level.b_lta:
                work.append(RENEWAL)
            school = school_of(settings)
            if school.options.collect or school.options.nightly or school.lines.is_dir():
                work.append(learning_night(school))
            for night in work:
                kept = keep(office, night, owner_of(settings), settings.signing.timezone)
                nights.append(asyncio.create_task(kept))
            try:
                await watcher.until(stop)
            finally:
                for task in nights:
                    task.cancel()
                await asyncio.gather(*nights, return_exceptions=True)


def main() -> int:
    """Watch; the exit code of the process."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    for noisy in ("httpx", "httpcore", "urllib3", "fontTools"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    for noisier in ("pyhanko", "pyhanko_certvalidator"):  # they warn of what is meant to be
        logging.getLogger(noisier).setLevel(logging.ERROR)
    settings = load_settings()

    def work() -> None:
        with only_one(settings.data / "run" / "watcher.lock"):
            asyncio.run(watch(settings))

    return exit_code_of(work, "the watcher", log)


if __name__ == "__main__":
    sys.exit(main())
