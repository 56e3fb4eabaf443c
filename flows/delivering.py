"""Telling other systems of changes, beside the flows: a system that is down holds up no dossier."""

import asyncio
import logging

from usecases.delivering import Sender, deliver

log = logging.getLogger(__name__)

PAUSE = 5.0
"""Seconds after a mistake of the program's own."""


async def keep_delivering(sender: Sender, *, pause: float = PAUSE) -> None:
    """Send what there is, until cancelled."""
    while True:
        try:
            await deliver(sender)
        except Exception as error:  # its text may quote what was said
            log.error("delivering: again in %.0f s: %s", pause, type(error).__name__)
            await asyncio.sleep(pause)
