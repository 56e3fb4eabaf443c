"""Scans of several documents with odd pages among them: no page may vanish, no text unseen.

Each scan goes the way of the service: read, split where that is sure, each document looked at
again, and the decision whether a person must look. Fields are left out of that decision: a doubtful
field would call a person to nearly every drawn page and hide what is lost. A page is *lost* when it
is in no document though something stands on it, and *unseen* when it would be signed without its
text and without a person.
"""

import asyncio
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from pydantic import Field

from ocr import AttachedKind, PackedPages, ReaderPool, ReadingOptions, cut, pack
from schemas.dossier import Stage
from schemas.errors import InputRejected
from schemas.manifest import Manifest, PageReport, page_groups, pages_of
from schemas.page import Frozen, PageReading
from storage import Dossier
from training.benches.alignment import infix_distance
from training.benches.odd_files import DOSSIER, KINDS, Scan, draw_scan
from usecases.attachments import taken_out
from usecases.digitise import ReadFile, read_file
from usecases.splitting import sure_split

MISREAD = 0.35
"""Part of a page's letters that may be read wrongly before its text counts as not read."""


class LossesReport(Frozen):
    """What became of the pages."""

    seed: int
    count: int = Field(description="scans")
    wall_seconds: float
    pages: dict[str, int] = Field(description="drawn, by kind")
    documents: int = Field(description="that the scans became")
    split: int = Field(description="scans that were split without a person")
    asked: int = Field(description="documents that a person must look at")
    needless: int = Field(description="of these, such as have no odd page and were read")
    lost: tuple[str, ...] = Field((), description="scan, page and kind: in no document")
    unseen: tuple[str, ...] = Field((), description="signed without its text and without a person")

    @property
    def passed(self) -> bool:
        """Nothing was lost, nothing unseen."""
        return not self.lost and not self.unseen


class Judged(NamedTuple):
    """A document: which pages of the scan it has, as read, and whether a person looks at it."""

    pages: tuple[tuple[int, PageReading], ...]
    asked: bool


def losses(
    count: int,
    seed: int,
    options: ReadingOptions,
    workers: int,
    progress: Callable[[int, int], None],
    kinds: Sequence[str] = KINDS,
) -> LossesReport:
    """Draw ``count`` scans of series ``seed`` with pages of ``kinds``, and see what is lost.

    Raises:
        InputRejected: ``bench.no_such_kind``.
        MissingDependency: ``fields.no_sample_font``.
    """
    if unknown := [kind for kind in kinds if kind not in KINDS]:
        raise InputRejected("bench.no_such_kind", kind=unknown[0], kinds=", ".join(KINDS))
    with tempfile.TemporaryDirectory(prefix="sohoa-losses-") as folder:
        run = Run(Path(folder), seed, count, kinds, progress)
        return asyncio.run(run.all_scans(options, workers))


class Run:
    """One run of the bench: what it has counted so far."""

    def __init__(
        self,
        folder: Path,
        seed: int,
        count: int,
        kinds: Sequence[str],
        progress: Callable[[int, int], None],
    ) -> None:
        self._folder, self._seed, self._count, self._kinds = folder, seed, count, kinds
        self._progress = progress
        self._pages: Counter[str] = Counter()
        self._told: Counter[str] = Counter()
        self.lost: list[str] = []
        self.unseen: list[str] = []

    async def all_scans(self, options: ReadingOptions, workers: int) -> LossesReport:
        """Every scan, a few at once."""
        start, waiting = time.monotonic(), iter(range(self._count))
        async with ReaderPool(options, workers) as pool, asyncio.TaskGroup() as group:
            for _ in range(workers + 1):
                group.create_task(self._some(waiting, pool))
        return LossesReport(
            seed=self._seed,
            count=self._count,
            wall_seconds=round(time.monotonic() - start, 1),
            pages=dict(self._pages.most_common()),
            documents=self._told["documents"],
            split=self._told["split"],
            asked=self._told["asked"],
            needless=self._told["needless"],
            lost=tuple(sorted(self.lost)),
            unseen=tuple(sorted(self.unseen)),
        )

    async def _some(self, waiting: Iterator[int], pool: ReaderPool) -> None:
        for number in waiting:
            work = (self._folder, self._seed, number, self._kinds)
            scan = await asyncio.to_thread(draw_scan, *work)
            self._pages.update(page.kind for page in scan.pages)
            self._pages.update(["attachment"] if scan.attached else [])
            documents = await self._documents(scan, pool)
            self.judge(number, scan, documents, await self._inside(scan, pool))
            scan.path.unlink()
            self._told["scans"] += 1
            self._progress(self._told["scans"], self._count)

    async def _documents(self, scan: Scan, pool: ReaderPool) -> list[Judged]:
        """The documents that the service makes of a scan."""
        read = await read_file(scan.path, pool=pool)
        ranges = sure_split(read.parts, a_dossier())
        if ranges:
            self._told["split"] += 1
            groups = [one.pages for one in ranges]
        elif _asked(read):
            # a person is asked, and takes the proposal as it is
            groups = [pages_of(group) for group in page_groups(read.parts)]
        else:
            return [_judged(read, tuple(range(1, len(read.pages) + 1)))]
        return [await self._part(read, pages, pool, asked=not ranges) for pages in groups]

    async def _inside(self, scan: Scan, pool: ReaderPool) -> list[Judged]:
        """The documents that the service makes of what is attached to a scan."""
        if not scan.attached:
            return []
        folder = scan.path.with_suffix(".inside")
        made = []
        for one in await taken_out(scan.path, folder, pool):
            if one.kind is AttachedKind.paper:
                read = await read_file(folder / one.name, pool=pool)
                made.append(_judged(read, tuple(range(1, len(read.pages) + 1))))
            else:  # the scan says that it is there, and a person looks
                made.append(Judged((), asked=True))
        shutil.rmtree(folder, ignore_errors=True)
        return made

    async def _part(
        self, read: ReadFile, pages: tuple[int, ...], pool: ReaderPool, *, asked: bool
    ) -> Judged:
        out = read.path.with_name(f"{read.path.stem}-{pages[0]}.pdf")
        try:
            await pool.on_file(cut, read.path, pages, out, pages=len(pages))
            known = PackedPages(
                pack(read.pages[page - 1].model_copy(update={"number": at}))
                for at, page in enumerate(pages, start=1)
            )
            part = await read_file(out, pool=pool, known=known, propose=not asked)
        finally:
            out.unlink(missing_ok=True)
        return _judged(part, pages)

    def judge(
        self,
        number: int,
        scan: Scan,
        documents: Sequence[Judged],
        attached: Sequence[Judged] = (),
    ) -> None:
        """Count what is lost and what is unseen of scan ``number`` and of what lies in it."""
        self._told["documents"] += len(documents)
        inside = {page for document in documents for page, _ in document.pages}
        self.lost += [
            f"{number} p{at} {page.kind}"
            for at, page in enumerate(scan.pages, start=1)
            if page.content and at not in inside
        ]
        for document in documents:
            unread = [at for at, read in document.pages if not _says(read, scan.pages[at - 1].text)]
            if not document.asked:
                self.unseen += [f"{number} p{at} {scan.pages[at - 1].kind}" for at in unread]
                continue
            self._told["asked"] += 1
            odd = [at for at, _ in document.pages if scan.pages[at - 1].kind in KINDS]
            self._told["needless"] += not odd and not unread
        if scan.attached and not any(
            document.asked or any(_says(read, scan.attached) for _, read in document.pages)
            for document in (*documents, *attached)
        ):
            self.unseen.append(f"{number} attachment")


def a_dossier() -> Dossier:
    """The dossier that the scans are handed in under."""
    moment = datetime(2026, 11, 23, tzinfo=UTC)
    return Dossier(
        id=1, department="mot-cua", code=DOSSIER, provisional=False, stage=Stage.received,
        lease_owner=None, lease_until=None, attempts=1, next_attempt_at=None, created_at=moment,
        updated_at=moment, warnings=(),
    )  # fmt: skip


def _asked(read: ReadFile) -> bool:
    """Whether a person looks at the file because it may be several documents."""
    return _manifest(read).undecided()


def _judged(read: ReadFile, pages: tuple[int, ...]) -> Judged:
    return Judged(tuple(zip(pages, read.pages, strict=True)), _manifest(read).needs_person())


def _manifest(read: ReadFile) -> Manifest:
    """The manifest of a document whose type is known and whose fields are all sure."""
    return Manifest(
        source=read.inspection.source,
        document_type="thong_bao",
        form_version=None,
        legal_basis=None,
        pages=tuple(PageReport.of(page) for page in read.pages),
        fields={},
        parts=read.parts,
    )


def _says(page: PageReading, texts: Sequence[str]) -> bool:
    """Whether most of ``texts`` was read on a page; of each line, where it fits best."""
    read = " ".join(word.text for word in page.words).lower()
    edits = sum(infix_distance(text.lower(), read) for text in texts)
    return edits <= MISREAD * sum(map(len, texts))
