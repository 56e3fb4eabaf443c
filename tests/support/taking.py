"""What an inbox needs of an office: a ledger and a store of folders."""

from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import cast

from stacks import Store

from storage import Ledger, Objects
from usecases.context import AppContext
from usecases.originals import Originals


def taking(ledger: Ledger, folder: Path) -> AppContext:
    """An office that only takes in; its store and its work lie in ``folder``."""
    objects = cast(Objects, Store(folder / "store"))
    return cast(
        AppContext,
        SimpleNamespace(
            ledger=ledger,
            objects=objects,
            originals=Originals(ledger, objects, folder / "work"),
            language="vi",
            clock=lambda: datetime.now(UTC),
        ),
    )
