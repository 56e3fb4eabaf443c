"""The office teaches its line reader: lines are kept, learned from, and forgotten in time.

What it learned counts only where lines that were held back are read better and no more values are
accepted that are wrong. Everything lies in one folder of the data folder: ``lines/`` (personal
data), ``adapters/`` (what was learned; no picture and no text can be seen in it).
"""

import json
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from ocr import ReadingOptions, lessons
from schemas.errors import InputRejected, NotFound
from schemas.learning import Learned, LearningOptions, LearningState
from usecases.caller import Caller, Right, permit
from usecases.context import now
from usecases.printed_lines import printed_lines

LINES, ADAPTERS = "lines", "adapters"
TRUTH = "truth.jsonl"
FEWEST = 60
"""Fewer lines teach nothing that could be measured."""
MOST_HELD_BACK = 400
IN_PRINT = 150
"""Lines of print that an adapter is shown."""


@dataclass(frozen=True)
class School:
    """What learning needs of an office.

    Attributes:
        folder: where lines and adapters are kept; only the service may look into it.
        reading: how lines are read today.
        options: what the office allows.
        clock: the time now, aware.
    """

    folder: Path
    reading: ReadingOptions
    options: LearningOptions
    clock: Callable[[], datetime] = now

    @property
    def lines(self) -> Path:
        """Where lines are kept."""
        return self.folder / LINES

    @property
    def adapters(self) -> Path:
        """Where adapters are kept."""
        return self.reading.adapters or self.folder / ADAPTERS


def add_lines(caller: Caller, school: School, folder: Path) -> int:
    """Keep the lines of a folder: pictures, and ``truth.jsonl`` with ``file`` and ``text`` of each.

    Args:
        caller: an operator.
        school: what learning needs.
        folder: where the lines lie; they are copied.

    Returns:
        How many were not kept before.

    Raises:
        NotAllowed: ``usecase.not_allowed``.
        NotFound: ``learning.no_truth``.
        InputRejected: ``learning.bad_truth``: a line of the list is not as it should be, or its
            picture cannot be read.
    """
    permit(caller, Right.operate)
    moment, new = school.clock(), 0
    for number, (picture, text, kind) in enumerate(_listed(folder), 1):
        image = lessons.decoded(picture.read_bytes()) if picture.is_file() else None
        if image is None or not text.strip():
            raise InputRejected("learning.bad_truth", line=number)
        line = lessons.line(text, kind, lessons.Source.given, moment)
        new += lessons.keep(school.lines, image, line)
    return new


def _listed(folder: Path) -> Iterator[tuple[Path, str, str]]:
    try:
        rows = (folder / TRUTH).read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as exc:
        raise NotFound("learning.no_truth", name=TRUTH) from exc
    for number, row in enumerate((row for row in rows if row.strip()), 1):
        try:
            said: Mapping[str, object] = json.loads(row)
            file, text, kind = str(said["file"]), str(said["text"]), str(said.get("type", "text"))
        except (ValueError, KeyError, TypeError) as exc:
            raise InputRejected("learning.bad_truth", line=number) from exc
        if Path(file).name != file or kind not in lessons.KINDS:
            raise InputRejected("learning.bad_truth", line=number)
        yield folder / file, text, kind


def learn(
    caller: Caller,
    school: School,
    *,
    steps: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Learned:
    """Learn from the older part of the lines, measure on the newest, take what is better.

    Args:
        caller: an operator, or the service at night.
        school: what learning needs.
        steps: batches to learn from; None: as many as the lines need.
        progress: told how many batches are learned from, of how many.

    Raises:
        NotAllowed: ``usecase.not_allowed``.
        InputRejected: ``learning.few_lines``.
        MissingDependency: the line model is not installed.
    """
    permit(caller, Right.operate)
    begun = school.clock()
    forget(caller, school)
    lines = [one for kept in lessons.kept(school.lines) if (one := lessons.taught(kept))]
    if len(lines) < FEWEST:
        raise InputRejected("learning.few_lines", count=len(lines), least=FEWEST)
    older, newest = lessons.divided(lines)
    newest = newest[-MOST_HELD_BACK:]
    lesson = lessons.teach(
        older,
        newest,
        printed_lines([line.text for line in older], IN_PRINT),
        name=f"office-{begun:%Y%m%d-%H%M%S}",
        now=begun,
        start=lessons.begun_with(school.adapters),
        taught=lessons.adapters(school.adapters),
        steps=steps,
        progress=progress,
    )
    before = lessons.accepted(newest, school.reading)
    with tempfile.TemporaryDirectory(prefix="sohoa-") as scratch:
        trial = Path(scratch)
        lessons.take(trial, lesson)
        after = lessons.accepted(newest, school.reading.model_copy(update={"adapters": trial}))
    taken = lessons.better(lesson.card, before, after)
    if taken:
        lessons.take(school.adapters, lesson)
    learned = Learned(card=lesson.card, before=before, after=after, taken=taken, at=begun)
    lessons.remember(school.adapters, learned)
    return learned


def something_new(school: School) -> bool:
    """Whether lines were kept since the last lesson, and enough of them all together."""
    lines, last = lessons.kept(school.lines), last_learned(school)
    return len(lines) >= FEWEST and (last is None or lines[-1].line.kept_at > last.at)


def last_learned(school: School) -> Learned | None:
    """What came of the last lesson; None before the first."""
    return lessons.last_try(school.adapters)


def state(caller: Caller, school: School) -> LearningState:
    """What is kept, which adapter counts, and what came of the last lesson.

    Raises:
        NotAllowed: ``usecase.not_allowed``.
        ConfigurationError: ``fields.bad_adapter``.
    """
    permit(caller, Right.operate)
    lines = lessons.kept(school.lines)
    return LearningState(
        lines=lessons.counted(lines),
        oldest=lines[0].line.kept_at if lines else None,
        keep_days=school.options.keep_days,
        collecting=school.options.collect,
        in_use=lessons.in_use(school.adapters).names,
        adapters=tuple(lessons.cards(school.adapters)),
        last=last_learned(school),
    )


def back(caller: Caller, school: School) -> tuple[str, ...]:
    """Let what counted before count again; the names of the adapters that count now.

    Raises:
        NotAllowed: ``usecase.not_allowed``.
        NotFound: ``learning.nothing_before``.
    """
    permit(caller, Right.operate)
    used = lessons.back(school.adapters)
    if used is None:
        raise NotFound("learning.nothing_before")
    return used.names


def forget(caller: Caller, school: School, *, everything: bool = False) -> int:
    """Remove the lines that were kept for longer than the office allows, or all; how many.

    Raises:
        NotAllowed: ``usecase.not_allowed``.
    """
    permit(caller, Right.operate)
    days = timedelta(days=0 if everything else school.options.keep_days)
    return lessons.forget(school.lines, school.clock() - days + timedelta(seconds=everything))
