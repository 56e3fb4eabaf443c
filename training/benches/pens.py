"""Real pens against their truth: forms, rows of figures, lines.

A folder with any of ``forms/`` (scans with ``truth.jsonl``), ``figures/`` (single figures cut out
of scans, ``D_NN.png``: D is what it says) and ``lines/`` (pictures with ``truth.jsonl``: ``file``,
``kind``, ``text``). Figures are put together to rows as they stand on CT01: a personal number in
twelve cells, a telephone number on a dotted line, a date in three zones; the same seed gives the
same rows.
"""

import re
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from pydantic import Field as Describe

from ocr import ReadingOptions
from ocr.fields.zone_reader import Image
from schemas.document_type import FieldSpec, known_types
from schemas.errors import InputRejected, NotFound
from schemas.field import Field, FieldStatus
from schemas.manifest import walk_fields
from schemas.page import Frozen
from schemas.validators import folded, normalised
from training.benches.fields import ReadDocument, read_documents
from training.benches.pen_lines import LineScore, pen_lines
from training.pen_rows import drawn_row, form_type, from_pictures, read_row

ROWS = 100
SEED = 14
PARTS = ("forms", "figures", "lines")

_FIGURE = re.compile(r"(\d)_")


class PenScore(Frozen):
    """One field of one part."""

    part: str
    field: str
    total: int = Describe(description="values of the truth")
    exact: int = Describe(description="first proposal is what the truth says")
    proposed: int = Describe(description="the truth is among what a person is shown")
    accepted: int = Describe(description="without a person")
    wrong: int = Describe(description="accepted and not what the truth says")


class PensReport(Frozen):
    """The whole measurement."""

    scores: tuple[PenScore, ...] = ()
    lines: tuple[LineScore, ...] = ()
    cpu_per_form: float = Describe(0.0, description="seconds a form, pages to fields")
    differences: tuple[str, ...] = ()


class _Value(NamedTuple):
    part: str
    name: str
    field: str
    truth: str | None
    read: Field | None
    proposals: tuple[str, ...]

    @property
    def exact(self) -> bool:
        return self.truth is not None and self._said() == self.truth

    @property
    def accepted(self) -> bool:
        return self.read is not None and self.read.status is FieldStatus.accepted

    def _said(self) -> str:
        return folded(self.read.value or "") if self.read else ""

    def told(self) -> str:
        """A line for people."""
        mark = "!" if self.accepted else " "
        sure = self.read.confidence if self.read else 0.0
        place = f"{mark} {self.part} {self.name} {self.field} {sure:.3f}"
        return f"{place}: {self.truth} | {self._said()}"


def pens(
    folder: Path,
    options: ReadingOptions,
    say: Callable[[str], None],
    *,
    rows: int = ROWS,
    first: int | None = None,
    parts: Sequence[str] = PARTS,
) -> PensReport:
    """Measure what is in ``folder``.

    Args:
        folder: with ``forms``, ``figures`` or ``lines``.
        options: as documents are read with.
        say: told what is being read.
        rows: so many rows of figures of each kind.
        first: so many forms and lines only.
        parts: which folders are looked at.

    Raises:
        NotFound: ``cli.no_such_path``.
        InputRejected: ``bench.no_truth``, ``bench.bad_truth``.
    """
    cv2.setNumThreads(1)
    here = [part for part in parts if (folder / part).is_dir()]
    if not folder.is_dir():
        raise NotFound("cli.no_such_path")
    if not here:
        raise InputRejected("bench.no_truth")
    values: list[_Value] = []
    cost = 0.0
    if "forms" in here:
        start = time.process_time()
        documents = list(read_documents(folder / "forms", options, say, first=first))
        cost = (time.process_time() - start) / len(documents)
        values += [value for document in documents for value in _of_form(document, options)]
    if "figures" in here:
        values += _rows(folder / "figures", options, say, rows)
    lines = pen_lines(folder / "lines", options, say, first) if "lines" in here else ()
    return PensReport(
        scores=tuple(_scores(values)),
        lines=lines,
        cpu_per_form=round(cost, 3),
        differences=tuple(value.told() for value in values if not value.exact),
    )


def _of_form(document: ReadDocument, options: ReadingOptions) -> Iterator[_Value]:
    """Every value of the truth, and every accepted one where the truth has none in its table."""
    extraction = document.extraction
    types = [t for t in known_types(options.types) if t.id == extraction.document_type]
    found = dict(walk_fields(extraction.fields))
    for path in dict.fromkeys((*document.truth, *found)):
        field, truth = found.get(path), document.truth.get(path)
        if truth is None and (
            not document.tells(path) or field is None or field.status is not FieldStatus.accepted
        ):
            continue
        spec = types[0].value_spec(path) if types else None
        name = ".".join(part for part in path.split(".") if not part.isdigit())
        shown = _proposals(spec, field) if isinstance(spec, FieldSpec) else _texts(field)
        yield _Value("forms", document.path.name, name, truth, field, shown)


def _proposals(spec: FieldSpec, field: Field | None) -> tuple[str, ...]:
    """What a person may choose: the value, and what each reader says in its normal form."""
    said = (normalised(spec.type, text) or text for text in _texts(field))
    return tuple(dict.fromkeys(said))


def _texts(field: Field | None) -> tuple[str, ...]:
    if field is None:
        return ()
    others = (other for reader in field.readers for other in reader.others)
    said = (field.value or "", *(reader.text for reader in field.readers), *others)
    return tuple(folded(text) for text in said)


def _rows(
    folder: Path, options: ReadingOptions, say: Callable[[str], None], count: int
) -> Iterator[_Value]:
    write = from_pictures(figures_in(folder))
    spec = form_type()
    rng = np.random.default_rng(SEED)
    for number in range(count):
        say(f"{number + 1}/{count}")
        row = drawn_row(write, rng)
        fields = read_row(row.page, spec, options)
        for name, truth in row.truth.items():
            known, field = spec.field(name), fields.get(name)
            shown = _proposals(known, field) if known else ()
            yield _Value("figures", f"{number:03d}", name, truth, field, shown)


def figures_in(folder: Path) -> list[list[Image]]:
    """The pictures of 0 to 9 in a folder, grey.

    Raises:
        InputRejected: ``bench.no_truth``: one of the ten is missing.
    """
    found: list[list[Image]] = [[] for _ in range(10)]
    for path in sorted(folder.glob("*.png")):
        told = _FIGURE.match(path.name)
        image = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
        if told and image is not None:
            found[int(told[1])].append(np.asarray(image, np.uint8))
    if not all(found):
        raise InputRejected("bench.no_truth")
    return found


def _scores(values: Sequence[_Value]) -> Iterator[PenScore]:
    keys = dict.fromkeys((value.part, value.field) for value in values)
    for part in dict.fromkeys(part for part, _ in keys):
        own = [value for value in values if value.part == part]
        yield _score(part, "all", own)
        for _, field in (key for key in keys if key[0] == part):
            yield _score(part, field, [value for value in own if value.field == field])


def _score(part: str, field: str, values: Sequence[_Value]) -> PenScore:
    told = [value for value in values if value.truth is not None]
    return PenScore(
        part=part,
        field=field,
        total=len(told),
        exact=sum(value.exact for value in told),
        proposed=sum(value.truth in value.proposals for value in told),
        accepted=sum(value.accepted for value in values),
        wrong=sum(value.accepted and not value.exact for value in values),
    )
