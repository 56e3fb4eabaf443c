"""Batches: hundreds of files signed with one approval, each a transaction of its own.

What was approved is written down first (``batch.json`` in the batch's folder: every file by its
hash) and never changed; what is done goes line by line into ``done.jsonl``. Whatever happens in
between, the same batch taken up again signs what is missing, and nothing twice: the signer adopts
an output that an interrupted run left whole.
"""

import json
import os
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from pydantic import Field, ValidationError

from schemas.durable import held, write_durably
from schemas.errors import Conflict, InputRejected, NotFound, ServiceUnavailable, SohoaError
from schemas.page import Frozen
from signing import ProfileName, Signer, SignerRole
from usecases.caller import Caller, Right, permit
from usecases.files import fingerprint

FOLDER = ".sohoa-batch"
APPROVED = "batch.json"
DONE = "done.jsonl"


class Item(Frozen):
    """One file of a batch, as it was approved."""

    source: Path = Field(repr=False)
    sha256: str
    out: str = Field(repr=False, description="name of the signed file in the batch's folder")


class Batch(Frozen):
    """What one person approved at one moment."""

    batch_id: str
    approved_by: str
    approved_at: datetime
    profile: ProfileName
    role: SignerRole
    number: str | None = None
    items: tuple[Item, ...]


class Outcome(StrEnum):
    """What became of a file."""

    signed = "signed"
    waiting = "waiting"
    refused = "refused"


class Result(Frozen):
    """What became of one file, and why."""

    number: int
    """Its place in the batch, from 1."""
    out: str = Field(repr=False)
    outcome: Outcome
    sha256: str | None = None
    adopted: bool = False
    error: str | None = None
    """Code of the sentence that says why not."""
    attempts: int = 0


class Report(Frozen):
    """How a batch stands."""

    batch_id: str
    results: tuple[Result, ...]

    def count(self, outcome: Outcome) -> int:
        """How many files came out so."""
        return sum(one.outcome is outcome for one in self.results)


def approve(
    caller: Caller,
    folder: Path,
    sources: Sequence[Path],
    *,
    profile: ProfileName,
    role: SignerRole,
    actor: str,
    moment: datetime,
    number: str | None = None,
) -> Batch:
    """Write down what is to be signed; the outputs go to ``folder``, beside what is written.

    Raises:
        NotAllowed: the caller signs nothing.
        Conflict: ``folder`` holds a batch already.
        NotFound: a source is not there.
    """
    permit(caller, Right.sign)
    taken: set[str] = set()
    items = []
    for source in sources:
        if not source.is_file():
            raise NotFound("cli.no_such_path")
        name, count = source.name, 1
        while name.casefold() in taken:
            count += 1
            name = f"{source.stem}-{count}{source.suffix}"
        taken.add(name.casefold())
        items.append(Item(source=source.absolute(), sha256=fingerprint(source)[0], out=name))
        if source.absolute() == (folder / name).absolute():
            raise Conflict("cli.would_overwrite")
    batch = Batch(
        batch_id=f"{moment:%y%m%d}-{secrets.token_hex(4)}",
        approved_by=actor,
        approved_at=moment,
        profile=profile,
        role=role,
        number=number,
        items=tuple(items),
    )
    (folder / FOLDER).mkdir(mode=0o700, parents=True, exist_ok=True)
    with held(folder / FOLDER / "lock", ServiceUnavailable("signing.batch_in_progress")):
        if (folder / FOLDER / APPROVED).exists():
            raise Conflict("signing.batch_exists")
        write_durably(folder / FOLDER / APPROVED, batch.model_dump_json(indent=1).encode())
    return batch


def approved(folder: Path) -> Batch | None:
    """The batch of ``folder``, if there is one.

    Raises:
        Conflict: what is written down cannot be read.
    """
    path = folder / FOLDER / APPROVED
    if not path.exists():
        return None
    try:
        return Batch.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as exc:
        raise Conflict("signing.batch_damaged") from exc


class _Journal:
    """What is done, a line a file, on the disk before it counts."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FOLDER / DONE
        self._lock = threading.Lock()

    def read(self) -> dict[int, Result]:
        """By number; a line that was cut off by a crash counts for nothing."""
        if not self._path.exists():
            return {}
        found = {}
        for line in self._path.read_bytes().splitlines():
            try:
                result = Result.model_validate(json.loads(line))
            except ValueError:
                continue
            found[result.number] = result
        return found

    def add(self, result: Result) -> None:
        with self._lock, self._path.open("ab") as out:
            # after a cut-off line the new one begins on a line of its own
            out.write(b"\n" + result.model_dump_json().encode() + b"\n")
            out.flush()
            os.fsync(out.fileno())


def run(
    caller: Caller,
    folder: Path,
    batch: Batch,
    signer: Signer,
    *,
    together: int = 8,
    patience: float = 0.0,
    said: Callable[[Result], None] = lambda _: None,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Report:
    """Sign what is missing of ``batch``.

    A file whose services fail waits and is tried again, 1, 2, 4 ... 30 s later, as long as
    ``patience`` seconds have not gone by since the last success; the others go on meanwhile.

    Args:
        caller: who has it signed; what was approved stays as it is.
        folder: the batch's folder.
        batch: what was approved there.
        signer: whose keys; the level is that of its options, never lower.
        together: files under way at the same time.
        patience: seconds without any success after which the rest is left waiting.
        said: told of every file's outcome, in the order they come.
        clock: seconds that only grow.
        sleep: waits so many seconds.

    Raises:
        NotAllowed: the caller signs nothing.
        ServiceUnavailable: another process works on this batch.
    """
    permit(caller, Right.sign)
    with held(folder / FOLDER / "lock", ServiceUnavailable("signing.batch_in_progress")):
        journal = _Journal(folder)
        results = _done_before(folder, batch, journal)
        work = _Work(folder, batch, signer, journal)
        left = [number for number in range(1, len(batch.items) + 1) if number not in results]
        attempts = dict.fromkeys(left, 0)
        due = dict.fromkeys(left, clock())
        last = clock()
        running: dict[Future[Result], int] = {}
        with ThreadPoolExecutor(together, thread_name_prefix="batch") as pool:
            while due or running:
                ready = [number for number, at in due.items() if at <= clock()]
                for number in ready[: together - len(running)]:
                    del due[number]
                    attempts[number] += 1
                    running[pool.submit(work.one, number, attempts[number])] = number
                if not running:
                    sleep(max(0.01, min(due.values()) - clock()))
                    continue
                finished, _ = wait(running, timeout=0.2, return_when=FIRST_COMPLETED)
                for future in finished:
                    number = running.pop(future)
                    result = results[number] = future.result()
                    said(result)
                    if result.outcome is not Outcome.waiting:
                        last = clock()
                    elif clock() - last < patience:
                        due[number] = clock() + min(30.0, 2.0 ** (attempts[number] - 1))
    return Report(
        batch_id=batch.batch_id,
        results=tuple(results[number] for number in sorted(results)),
    )


def _done_before(folder: Path, batch: Batch, journal: _Journal) -> dict[int, Result]:
    """What the journal says and the folder shows; anything else is done again, by the signer's
    own rules (adopted when it is whole, never overwritten)."""
    return {
        number: result
        for number, result in journal.read().items()
        if 1 <= number <= len(batch.items)
        and result.outcome is Outcome.signed
        and result.out == batch.items[number - 1].out
        and fingerprint(folder / result.out)[0] == result.sha256
    }


class _Work:
    """Signs one file of a batch."""

    def __init__(self, folder: Path, batch: Batch, signer: Signer, journal: _Journal) -> None:
        self._folder = folder
        self._batch = batch
        self._signer = signer
        self._journal = journal

    def one(self, number: int, attempts: int) -> Result:
        """The outcome, whatever it is; only a mistake in the program raises."""
        item = self._batch.items[number - 1]
        try:
            if fingerprint(item.source)[0] != item.sha256:
                raise InputRejected("signing.batch_changed")
            signed = self._signer.sign(
                item.source,
                self._folder / item.out,
                role=self._batch.role,
                profile=self._batch.profile,
                number=self._batch.number,
                reference=f"{self._batch.batch_id}/{number}",
            )
            if signed.source_sha256 != item.sha256:
                raise Conflict("signing.batch_changed")
        except (ServiceUnavailable, OSError) as exc:
            code = exc.code if isinstance(exc, SohoaError) else "flow.no_room"
            return Result(
                number=number,
                out=item.out,
                outcome=Outcome.waiting,
                error=code,
                attempts=attempts,
            )
        except SohoaError as exc:
            return Result(
                number=number,
                out=item.out,
                outcome=Outcome.refused,
                error=exc.code,
                attempts=attempts,
            )
        result = Result(
            number=number,
            out=item.out,
            outcome=Outcome.signed,
            sha256=signed.sha256,
            adopted=signed.adopted,
            attempts=attempts,
        )
        self._journal.add(result)
        return result
