"""What it costs a person to settle the doubts of really digitised documents whose truth is known.

Each doubt is shown as the page of a review shows it (the same function makes both), and settled by
the cheapest honest keys of that page; see :mod:`training.benches.keystrokes`. What the rest of a
dossier, a register or the office's past would offer besides is not there: real work has more to
choose from.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from random import Random
from typing import NamedTuple

import cv2
from pydantic import Field

from ocr import ReadingOptions
from schemas.document_type import DocumentType, known_types
from schemas.errors import InputRejected
from schemas.manifest import Manifest, Source
from schemas.page import Frozen
from schemas.review_views import Asked, AskedView
from training.benches.fields import ReadDocument, read_documents
from training.benches.keystrokes import CONSTANTS, Way, cheapest, sheet_seconds
from usecases.doubts_shown import Known, asked
from usecases.reading_compared import shown
from usecases.sheet_zones import LEAST_SURE, PLANTED_ONE_IN, SIZES, kind_of

BAR_KEYS, BAR_SECONDS, BAR_ZONE = 4.0, 3.0, 1.0
ACROSS = 5
"""Zones side by side on a sheet, at 1366 pixels."""


class Settled(NamedTuple):
    """A doubt, and the cheapest way to settle it."""

    file: str
    path: str
    kind: str | None
    text: str
    truth: str
    way: Way


class Cost(Frozen):
    """Of all doubts, or of those that are settled in one way."""

    doubts: int
    keys: float = Field(description="on average")
    keys_p90: int
    seconds: float = Field(description="on average, by the keystroke-level model")
    seconds_p90: float


class SheetCost(Frozen):
    """The doubts that may stand on a sheet, on full sheets by kind, wrong ones planted."""

    zones: int
    wrong: int = Field(description="zones whose value is not what stands on the paper")
    keys_a_zone: float
    seconds_a_zone: float


class DoubtsReport(Frozen):
    """The whole measurement."""

    documents: int
    fields_without_truth: int = Field(description="doubts that cannot be judged: left out")
    constants: dict[str, float]
    all: Cost
    ways: dict[str, Cost]
    carpet: SheetCost | None

    @property
    def passed(self) -> bool:
        """Whether all bars are kept."""
        sheet = self.carpet is None or self.carpet.seconds_a_zone <= BAR_ZONE
        return self.all.keys <= BAR_KEYS and self.all.seconds <= BAR_SECONDS and sheet


def doubts(
    folders: Sequence[Path],
    options: ReadingOptions,
    say: Callable[[str], None],
    *,
    first: int | None = None,
    told: Callable[[Settled], None] = lambda _one: None,
) -> DoubtsReport:
    """Measure the doubts of the documents in ``folders``.

    Args:
        folders: each with a truth in it or below it.
        options: as documents are read with.
        say: told which document is being read.
        first: so many documents of each truth only.
        told: each doubt, as it is settled.

    Raises:
        NotFound: ``cli.no_such_path``.
        InputRejected: ``bench.no_truth``; ``bench.no_doubts``; a file that cannot be read.
    """
    cv2.setNumThreads(1)
    types = {(one.id, one.form_version): one for one in known_types(options.types)}
    settled: list[Settled] = []
    documents = unknown = 0
    for folder in folders:
        for read in read_documents(folder, options, say, first=first):
            documents += 1
            for one in _doubts_of(read, types):
                if one is None:
                    unknown += 1
                else:
                    settled.append(one)
                    told(one)
    if not settled:
        raise InputRejected("bench.no_doubts")
    by_way = defaultdict(list)
    for one in settled:
        by_way[one.way.name].append(one)
    return DoubtsReport(
        documents=documents,
        fields_without_truth=unknown,
        constants=CONSTANTS,
        all=cost(settled),
        ways={name: cost(found) for name, found in sorted(by_way.items())},
        carpet=sheets(settled),
    )


def _doubts_of(
    read: ReadDocument, types: dict[tuple[str, str | None], DocumentType]
) -> Iterator[Settled | None]:
    manifest = Manifest(
        source=Source(name="", sha256="0" * 64, bytes=1, media_type="application/pdf"),
        pages=(),
        **read.extraction.model_dump(include={"document_type", "form_version", "legal_basis"}),
        fields=read.extraction.fields,
    )
    known = Known("vi", types)
    spec = known.type_of(manifest)
    for one in asked(manifest, known):
        if one.about is Asked.field:
            yield _settled(read, one, spec) if read.tells(one.path) else None


def _settled(read: ReadDocument, one: AskedView, spec: DocumentType | None) -> Settled:
    truth = shown(one.field_type, read.truth.get(one.path))
    way = cheapest(one.text, truth, one.differences, [found.text for found in one.candidates])
    kind = kind_of(spec, one.path, one.text) if one.confidence >= LEAST_SURE else None
    return Settled(read.path.name, one.path, kind, one.text, truth, way)


def cost(settled: Sequence[Settled]) -> Cost:
    """Means and 90th percentiles."""
    keys = sorted(one.way.keys for one in settled)
    seconds = sorted(one.way.seconds for one in settled)
    at = min(len(keys) - 1, int(0.9 * len(keys)))
    return Cost(
        doubts=len(keys),
        keys=round(sum(keys) / len(keys), 2),
        keys_p90=keys[at],
        seconds=round(sum(seconds) / len(seconds), 2),
        seconds_p90=round(seconds[at], 2),
    )


def sheets(settled: Iterable[Settled], seed: int = 1) -> SheetCost | None:
    """The same doubts in bulk: on a sheet a person marks what is wrong, and accepts the rest.

    An office has enough of each kind for whole sheets: where there are fewer here they come again.
    Every kind counts as often as it is doubtful.
    """
    kinds: dict[str, list[Settled]] = defaultdict(list)
    for one in settled:
        if one.kind is not None:
            kinds[one.kind].append(one)
    zones = sum(map(len, kinds.values()))
    if not zones:
        return None
    keys = seconds = 0.0
    dice = Random(seed)  # noqa: S311 - the same series each time
    for of_kind in kinds.values():
        full = -(-len(of_kind) // SIZES[0]) * SIZES[0]
        filled = [of_kind[at % len(of_kind)] for at in range(full)]
        for begin in range(0, full, SIZES[0]):
            spent = _sheet(filled[begin : begin + SIZES[0]], dice)
            keys += spent[0] * len(of_kind) / full
            seconds += spent[1] * len(of_kind) / full
    return SheetCost(
        zones=zones,
        wrong=sum(one.text != one.truth for of_kind in kinds.values() for one in of_kind),
        keys_a_zone=round(keys / zones, 2),
        seconds_a_zone=round(seconds / zones, 2),
    )


def _sheet(zones: Sequence[Settled], dice: Random) -> tuple[int, float]:
    """Keys and seconds of one sheet, one in ten of its right zones planted as wrong."""
    wrong = {at for at, one in enumerate(zones) if one.text != one.truth}
    right = sorted(set(range(len(zones))) - wrong)
    planted = dice.sample(right, min(len(right), len(zones) // PLANTED_ONE_IN))
    return sheet_seconds([one.text for one in zones], sorted(wrong | set(planted)), ACROSS)
