"""Photographs: how well fields are read where a scan's paper is photographed instead.

The first page of each document that a truth names is photographed in every condition of
:data:`training.benches.camera.CONDITIONS`, and read like any file; the truth stays the scan's.
"""

import json
import tempfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pypdfium2 as pdfium
from pydantic import Field as Describe

from ocr import ReadingOptions
from schemas.errors import InputRejected
from schemas.page import Frozen
from training.benches.camera import CONDITIONS, Shot, jpeg, photographed
from training.benches.fields import TRUTHS, Score, fields

DPI = 300
BARS: Mapping[str, float] = {
    "flat": 0.94,
    "2 megapixels": 0.93,
    "tilt 6": 0.95,
    "tilt 18": 0.95,
    "tilt 28": 0.95,
    "shadow": 0.80,
    "curl": 0.80,
    "dim": 0.75,
}
"""Values that must be exact, by condition; others are only measured."""


class Condition(Frozen):
    """What came of one condition."""

    name: str
    bar: float | None = Describe(None, description="part of the values that must be exact")
    score: Score

    @property
    def passed(self) -> bool:
        """Whether enough was exact, and nothing that was accepted was wrong."""
        exact = self.score.exact / max(self.score.total, 1)
        return self.score.wrong == 0 and (self.bar is None or exact >= self.bar)


class PhotographsReport(Frozen):
    """The whole measurement."""

    seed: int
    conditions: tuple[Condition, ...]

    @property
    def passed(self) -> bool:
        """Whether every condition passed."""
        return all(one.passed for one in self.conditions)


def photographs(
    folder: Path,
    options: ReadingOptions,
    say: Callable[[str], None],
    *,
    first: int | None = None,
    seed: int = 1,
    only: tuple[str, ...] = (),
) -> PhotographsReport:
    """Photograph and read the documents of ``folder``.

    Args:
        folder: PDF scans with a ``truth.jsonl`` beside them.
        options: as documents are read with.
        say: told which condition is being measured.
        first: so many documents only.
        seed: of the camera's noise, light and shadows.
        only: names of conditions; none: all.

    Raises:
        InputRejected: ``bench.no_truth``.
    """
    truth = next((folder / name for name in TRUTHS if (folder / name).is_file()), None)
    if truth is None:
        raise InputRejected("bench.no_truth")
    rows = [json.loads(line) for line in truth.read_text("utf-8").splitlines() if line.strip()]
    wanted = only or tuple(CONDITIONS)
    measured = []
    for name in wanted:
        say(name)
        with tempfile.TemporaryDirectory(prefix="sohoa-bench-") as taken:
            _shoot(folder, rows[:first], Path(taken), CONDITIONS[name], seed)
            report = fields(Path(taken), options, lambda _said: None)
        score = report.groups["all"]
        measured.append(Condition(name=name, bar=BARS.get(name), score=score))
    return PhotographsReport(seed=seed, conditions=tuple(measured))


def _shoot(folder: Path, rows: list[dict[str, object]], out: Path, shot: Shot, seed: int) -> None:
    """The pictures of one condition and their truth."""
    lines = []
    for row in rows:
        name = str(row["file"])
        with pdfium.PdfDocument(folder / name) as pdf:
            drawn = pdf[0].render(scale=DPI / 72).to_pil().convert("RGB")
        page = np.ascontiguousarray(np.asarray(drawn, np.uint8)[:, :, ::-1])
        picture = Path(name).stem + ".jpg"
        own = seed + zlib.crc32(name.encode()) % 10_000
        (out / picture).write_bytes(jpeg(photographed(page, shot, own)))
        lines.append(json.dumps({**row, "file": picture}, ensure_ascii=False))
    (out / TRUTHS[0]).write_text("\n".join(lines) + "\n", "utf-8")
