"""Verifying strangers' files in a process of its own, with limits of time and memory.

A file of some kilobytes can ask for gigabytes (a compressed stream inside a compressed stream) or
keep a parser busy for ever. Where verification runs in the office's pool of workers, that pool has
limits; the command line uses this.
"""

import multiprocessing
import resource
from contextlib import suppress
from datetime import datetime
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import Self

from schemas.messages import Language, sentence
from schemas.verdict import FileVerdict, Verdict
from signing.keys.trust import Trust
from signing.validation.validation_result import ValidationResult, validate

SECONDS = 300.0
"""Wall clock for one file."""

MEMORY = 4 << 30
"""Address space of the process; a signed file of 100 MB needs a tenth of it."""

_SPAWN = multiprocessing.get_context("spawn")


class Guard:
    """Verifies one file after the other; use as ``with Guard(trust) as guard``.

    The process is started with the first file and lives on; one that dies or is late is killed, the
    verdict on its file is ``unreadable``, and the next file gets a new one.
    """

    def __init__(
        self,
        trust: Trust,
        *,
        language: Language = "vi",
        seconds: float = SECONDS,
        memory: int = MEMORY,
    ) -> None:
        """Nothing is started yet."""
        self._trust = trust
        self._language = language
        self._seconds = seconds
        self._memory = memory
        self._process: multiprocessing.process.BaseProcess | None = None
        self._pipe: Connection | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop()

    def verify(
        self, path: Path, *, at: datetime | None = None, report: bool = False
    ) -> ValidationResult:
        """The verdict on a file, with its validation report where one is asked for."""
        try:
            pipe = self._start()
            pipe.send((path, at, report))
            if pipe.poll(self._seconds):
                answer: ValidationResult = pipe.recv()
                return answer
        except (EOFError, OSError):
            pass  # it died: out of memory, or a crash in a library
        self._stop()
        return ValidationResult(
            verdict=FileVerdict(
                file=str(path),
                verdict=Verdict.unreadable,
                sentence=sentence("signing.verdict_too_heavy", self._language),
            )
        )

    def _start(self) -> Connection:
        if self._pipe is None:
            self._pipe, theirs = _SPAWN.Pipe()
            self._process = _SPAWN.Process(
                target=_serve, args=(theirs, self._trust, self._language, self._memory), daemon=True
            )
            self._process.start()
            theirs.close()
        return self._pipe

    def _stop(self) -> None:
        if self._pipe is not None:
            self._pipe.close()
        if self._process is not None:
            self._process.kill()
            self._process.join()
        self._process = self._pipe = None


def _serve(pipe: Connection, trust: Trust, language: Language, memory: int) -> None:
    """The process: one file after the other until the other end is closed."""
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (memory, hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with suppress(EOFError, OSError, KeyboardInterrupt):
        while True:
            path, at, report = pipe.recv()
            pipe.send(validate(path, trust, language=language, at=at, report=report))
