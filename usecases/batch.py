"""Batches: hundreds of files signed with one approval, each a transaction of its own.

What was approved is in the ledger before anything is signed, every file by its hash, and never
changes; what became of each file is told to it one by one. Whatever happens in between, the same
batch taken up again signs what is missing, and nothing twice: the signer adopts an output that an
interrupted run left whole. The signed files lie in the folder that the person named.
"""

import secrets
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import datetime
from pathlib import Path

from schemas.batch import ApprovedBatch, Batch, BatchItem, BatchPage, ItemEnd, NewBatchItem
from schemas.errors import Conflict, InputRejected, NotFound, ServiceUnavailable, SohoaError
from signing import ProfileName, Signer, SignerRole
from storage import Ledger
from usecases.caller import Caller, Right, permit
from usecases.files import fingerprint
from usecases.old_folders import BATCH, old_batch
from usecases.signing_folders import SigningFolder

FOLDER = ".sohoa-batch"


def approve(
    caller: Caller,
    ledger: Ledger,
    folder: Path,
    sources: Sequence[Path],
    *,
    profile: ProfileName,
    role: SignerRole,
    person: str,
    moment: datetime,
    number: str | None = None,
) -> Batch:
    """Enter what is to be signed; the outputs go to ``folder``.

    Args:
        caller: who says so to the program.
        ledger: where it is kept.
        folder: of the signed files; made where it is missing.
        sources: what is to be signed.
        profile: how.
        role: with which of the office's keys.
        person: who approves.
        moment: now.
        number: the documents' own number.

    Raises:
        NotAllowed: the caller signs nothing.
        Conflict: ``folder`` holds a batch already.
        NotFound: a source is not there.
    """
    permit(caller, Right.sign)
    items = tuple(_named(folder, sources))
    own = SigningFolder(ledger, folder, "batch")
    with own.alone():
        if own.key() is not None or own.taken() or (folder / FOLDER / BATCH).exists():
            raise Conflict("signing.batch_exists")
        new = ApprovedBatch(
            key=own.new_key(lambda: f"{moment:%y%m%d}-{secrets.token_hex(4)}"),
            folder=str(folder.absolute()),
            approved_by=person,
            approved_at=moment,
            profile=profile,
            role=role,
            number=number,
            items=items,
        )
        batch = ledger.approve_batch(new, caller.name)
        own.keep_key()
    return batch


def show(caller: Caller, ledger: Ledger, folder: Path) -> Batch | None:
    """How the batch of ``folder`` stands; None where there is none.

    Raises:
        NotAllowed: the caller may look at none.
        Conflict: it is another ledger's, or what version 0.1 wrote cannot be read.
    """
    permit(caller, Right.look)
    key = _taken_up(caller, SigningFolder(ledger, folder, "batch"), ledger)
    return None if key is None else ledger.batch(key)


def look(caller: Caller, ledger: Ledger, key: str) -> Batch:
    """How a batch of the list stands, file by file.

    Raises:
        NotAllowed: the caller may look at none.
        NotFound: there is none with this key, or it is not in the caller's list.
    """
    permit(caller, Right.look)
    found = ledger.batch(key)
    if found is None or (caller.departments is not None and found.approved_by != caller.name):
        raise NotFound("storing.no_batch")
    return found


def batches(
    caller: Caller, ledger: Ledger, *, after: int | None = None, limit: int = 50
) -> BatchPage:
    """The batches of the ledger, the newest first.

    A batch is no department's: who looks after some departments only sees those they approved.

    Args:
        caller: who asks.
        ledger: where they are.
        after: ``next`` of the page before.
        limit: how many at most.

    Raises:
        NotAllowed: the caller may look at none.
    """
    permit(caller, Right.look)
    mine = None if caller.departments is None else caller.name
    return ledger.batches(approved_by=mine, after=after, limit=limit)


def run(
    caller: Caller,
    ledger: Ledger,
    folder: Path,
    signer: Signer,
    *,
    together: int = 8,
    patience: float = 0.0,
    said: Callable[[BatchItem], None] = lambda _: None,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Batch:
    """Sign what is missing of the batch of ``folder``; how it stands then.

    A file whose services fail waits and is tried again, 1, 2, 4 ... 30 s later, as long as
    ``patience`` seconds have not gone by since the last success; the others go on meanwhile.

    Args:
        caller: who has it signed; what was approved stays as it is.
        ledger: where it is kept.
        folder: the batch's folder.
        signer: whose keys; the level is that of its options, never lower.
        together: files under way at the same time.
        patience: seconds without any success after which the rest is left waiting.
        said: told of every file's end, in the order they come.
        clock: seconds that only grow.
        sleep: waits so many seconds.

    Raises:
        NotAllowed: the caller signs nothing.
        NotFound: the folder has no batch.
        NotTrusted: the ledger contradicts itself.
        ServiceUnavailable: another process works on this batch.
    """
    permit(caller, Right.sign)
    own = SigningFolder(ledger, folder, "batch")
    key = _taken_up(caller, own, ledger)
    if key is None:
        raise NotFound("signing.batch_none")
    with own.working(key) as lease:
        batch = ledger.proven_batch(key)
        if batch is None:
            raise Conflict("signing.batch_damaged")
        work = _Work(caller, ledger, folder, batch, signer)
        rounds = _Rounds(work.one, together, patience, said, clock, sleep)
        left = [one.number for one in batch.items if not _done_before(folder, one)]
        ended = rounds.through(left, lease.prolong)
    return batch.model_copy(
        update={"items": tuple(ended.get(one.number, one) for one in batch.items)}
    )


def _named(folder: Path, sources: Sequence[Path]) -> Iterable[NewBatchItem]:
    """Every source with the name of its signed file, no two alike."""
    taken: set[str] = set()
    for source in sources:
        if not source.is_file():
            raise NotFound("cli.no_such_path")
        name, count = source.name, 1
        while name.casefold() in taken:
            count += 1
            name = f"{source.stem}-{count}{source.suffix}"
        taken.add(name.casefold())
        if source.absolute() == (folder / name).absolute():
            raise Conflict("cli.would_overwrite")
        sha256 = fingerprint(source)[0]
        yield NewBatchItem(source=str(source.absolute()), sha256=sha256, out=name)


def _taken_up(caller: Caller, own: SigningFolder, ledger: Ledger) -> str | None:
    """The key of the folder's batch, which comes into the ledger now where 0.1 wrote it down."""
    key = own.key()
    if key is not None or not (own.folder / FOLDER / BATCH).exists():
        return key
    with own.alone():
        if own.taken():  # by another process, since
            return own.key()
        found = old_batch(own.folder, own.folder / FOLDER)
        if found is None:
            raise Conflict("signing.batch_damaged")
        own.new_key(lambda: found[0].key)
        batch = ledger.approve_batch(found[0], caller.name, ended=found[1])
        own.keep_key()
    return batch.key


def _done_before(folder: Path, item: BatchItem) -> bool:
    """What the ledger says and the folder shows; anything else is done again, by the signer's
    own rules (adopted when it is whole, never overwritten)."""
    return item.end is ItemEnd.signed and fingerprint(folder / item.out)[0] == item.signed_sha256


class _Rounds:
    """Does things again until they end otherwise than waiting, or patience is over."""

    def __init__(
        self,
        one: Callable[[int, int], BatchItem],
        together: int,
        patience: float,
        said: Callable[[BatchItem], None],
        clock: Callable[[], float],
        sleep: Callable[[float], None],
    ) -> None:
        """``one`` does the work on a number, the so-many-th time; the others as :func:`run`."""
        self._one = one
        self._together = together
        self._patience = patience
        self._said = said
        self._clock = clock
        self._sleep = sleep
        self._last = clock()
        self._due: dict[int, float] = {}
        self._attempts: dict[int, int] = {}
        self._running: dict[Future[BatchItem], int] = {}
        self._ended: dict[int, BatchItem] = {}

    def through(
        self, numbers: Sequence[int], each_round: Callable[[], None]
    ) -> dict[int, BatchItem]:
        """What became of each; ``each_round`` is called in between, and may end it by raising."""
        self._attempts = dict.fromkeys(numbers, 0)
        self._due = dict.fromkeys(numbers, self._clock())
        with ThreadPoolExecutor(self._together, thread_name_prefix="batch") as pool:
            while self._due or self._running:
                each_round()
                self._start(pool)
                if not self._running:
                    self._sleep(max(0.01, min(self._due.values()) - self._clock()))
                    continue
                finished, _ = wait(self._running, timeout=0.2, return_when=FIRST_COMPLETED)
                for future in finished:
                    self._note(self._running.pop(future), future.result())
        return self._ended

    def _start(self, pool: ThreadPoolExecutor) -> None:
        """Begin what is due, as far as there is room."""
        ready = [number for number, at in self._due.items() if at <= self._clock()]
        for number in ready[: self._together - len(self._running)]:
            del self._due[number]
            self._attempts[number] += 1
            self._running[pool.submit(self._one, number, self._attempts[number])] = number

    def _note(self, number: int, item: BatchItem) -> None:
        """Tell what became of one; it is due again where it waits."""
        self._ended[number] = item
        self._said(item)
        if item.end is not ItemEnd.waiting:
            self._last = self._clock()
        elif self._clock() - self._last < self._patience:
            pause = min(30.0, 2.0 ** (self._attempts[number] - 1))
            self._due[number] = self._clock() + pause


class _Work:
    """Signs one file of a batch."""

    def __init__(
        self, caller: Caller, ledger: Ledger, folder: Path, batch: Batch, signer: Signer
    ) -> None:
        """As :func:`run`."""
        self._caller = caller
        self._ledger = ledger
        self._folder = folder
        self._batch = batch
        self._signer = signer

    def one(self, number: int, attempts: int) -> BatchItem:
        """What became of a file, whatever it is; only a mistake in the program raises."""
        asked = self._batch.items[number - 1]
        try:
            ended = self._signed(asked.model_copy(update={"attempts": attempts}))
            return self._ledger.end_batch_item(self._batch.key, ended, self._caller.name)
        except (ServiceUnavailable, OSError) as exc:
            code = exc.code if isinstance(exc, SohoaError) else "flow.no_room"
            waits = {"end": ItemEnd.waiting, "error": code, "attempts": attempts}
            return asked.model_copy(update=waits)

    def _signed(self, item: BatchItem) -> BatchItem:
        """Signed, or refused.

        Raises:
            ServiceUnavailable, OSError: it must be tried again.
        """
        source = Path(item.source)
        try:
            if fingerprint(source)[0] != item.sha256:
                raise InputRejected("signing.batch_changed")
            signed = self._signer.sign(
                source,
                self._folder / item.out,
                role=SignerRole(self._batch.role),
                profile=self._batch.profile,
                number=self._batch.number,
                reference=f"{self._batch.key}/{item.number}",
            )
            if signed.source_sha256 != item.sha256:
                raise Conflict("signing.batch_changed")
        except ServiceUnavailable:
            raise
        except SohoaError as exc:
            refused = {"end": ItemEnd.refused, "error": exc.code, "signed_sha256": None}
            return item.model_copy(update=refused)
        done = {
            "end": ItemEnd.signed,
            "signed_sha256": signed.sha256,
            "adopted": signed.adopted,
            "error": None,
        }
        return item.model_copy(update=done)
