"""A host that tells other systems of changes and does nothing else, until it is killed.

``python -m training.benches.outbox_sender DATA NAME``: on the ledger of that data folder; NAME is
the host's, so that several on one machine are several hosts.
"""

import asyncio
import dataclasses
import sys
from pathlib import Path

from sohoa.bootstrap import open_ledger, sender_of
from sohoa.settings import load_settings
from usecases.delivering import deliver


def main(data: Path, name: str) -> None:
    """Send until killed."""
    settings = load_settings(data=data)
    with open_ledger(settings) as ledger:
        sender = dataclasses.replace(sender_of(settings, ledger), owner=f"sender@{name}")
        asyncio.run(deliver(sender))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
