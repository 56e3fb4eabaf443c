"""How far the pages of a dossier are read: in the workspace for ``sohoa status``, in Prefect's UI.

Told about once a second and only for dossiers of more than a few pages: an update is a request to
Prefect's server, and most dossiers are read before anybody could look.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from uuid import UUID

from prefect.artifacts import acreate_progress_artifact, aupdate_progress_artifact

from storage import Document, Dossier
from usecases.context import AppContext
from usecases.digitise import Progress
from usecases.workspace import Workspace

log = logging.getLogger(__name__)

FEW = 5
"""Pages of a dossier up to which nothing is told."""
EVERY_SECONDS = 1.0

Tell = Callable[[int, int], Awaitable[None]]
"""Called with pages read and pages in all."""


@asynccontextmanager
async def pages_shown(
    context: AppContext, dossier: Dossier
) -> AsyncIterator[Callable[[Document], Progress]]:
    """Gives the progress to read each document of ``dossier`` with; shows them within."""
    pages = PageCounter(context.workspace)
    async with pages.told(_Artifact(dossier.code).tell):
        yield pages.of


class PageCounter:
    """Counts the pages of several documents."""

    def __init__(self, workspace: Callable[[Document], Workspace]) -> None:
        """``workspace`` tells where a document's state is written."""
        self._workspace = workspace
        self._counts: dict[int, tuple[int, int]] = {}
        self._workspaces: dict[int, Workspace] = {}
        self._told: dict[int, tuple[int, int]] = {}

    def of(self, document: Document) -> Progress:
        """The progress of one document."""
        self._workspaces[document.id] = self._workspace(document)

        def progress(done: int, total: int) -> None:
            self._counts[document.id] = (done, total)

        return progress

    @asynccontextmanager
    async def told(self, tell: Tell, every: float = EVERY_SECONDS) -> AsyncIterator[None]:
        """Call ``tell`` within, at most once in ``every`` seconds, and once at the end."""

        async def again() -> None:
            while True:
                await asyncio.sleep(every)
                await self._say(tell)

        telling = asyncio.create_task(again())
        try:
            yield
        finally:
            telling.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await telling
        await self._say(tell)

    async def _say(self, tell: Tell) -> None:
        counts = dict(self._counts)
        total = sum(pages for _, pages in counts.values())
        if total <= FEW or counts == self._told:
            return
        for document_id, (done, pages) in counts.items():
            if self._told.get(document_id) != (done, pages):
                await asyncio.to_thread(self._workspaces[document_id].note, done, pages)
        self._told = counts
        try:
            await tell(sum(done for done, _ in counts.values()), total)
        except Exception as error:  # Prefect shows; without it the work goes on
            log.debug("progress was not told: %s", type(error).__name__)


class _Artifact:
    """One progress artifact of the run, made at the first news."""

    def __init__(self, code: str) -> None:
        self._code = code
        self._id: UUID | None = None

    async def tell(self, done: int, total: int) -> None:
        percent, text = 100.0 * done / total, f"{self._code}: {done}/{total}"
        if self._id is None:
            self._id = await acreate_progress_artifact(percent, description=text)
        else:
            await aupdate_progress_artifact(self._id, percent, description=text)
