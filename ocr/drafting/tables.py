"""Tables of a blank: their heading's words, columns and the label over them."""

from collections.abc import Sequence
from typing import NamedTuple

from ocr.drafting.ruled import Grid
from ocr.drafting.runs import Run
from schemas.page import Box

ABOVE = 32.0
"""Points from a table to its label at most."""


class DraftTable(NamedTuple):
    """A table: where it is, how high its heading, each column's words and sides."""

    box: Box
    head: float
    columns: tuple[tuple[str, tuple[float, float]], ...]
    label: Run | None


def table_of(grid: Grid, runs: Sequence[Run]) -> DraftTable:
    """A ruled grid as a table; the heading reaches down to where cells are empty."""
    inner = [run for run in runs if _within(run, grid.box)]
    ends = [level for level in grid.levels[1:-1] if not any(run.base > level for run in inner)]
    foot = ends[0] if ends else grid.levels[1]
    columns = []
    for left, right in zip(grid.uprights, grid.uprights[1:], strict=False):
        own = [r for r in inner if left - 1 <= (r.box[0] + r.box[2]) / 2 <= right + 1]
        words = " ".join(run.text for run in sorted(own, key=lambda r: r.base) if run.base < foot)
        columns.append((words, (left, right)))
    over = [r for r in runs if 0 < grid.box[1] - r.box[3] < ABOVE and r.box[0] < grid.box[2]]
    label = max(over, key=lambda r: r.base, default=None)
    return DraftTable(grid.box, round(foot - grid.levels[0], 1), tuple(columns), label)


def _within(run: Run, box: Box) -> bool:
    x, y = (run.box[0] + run.box[2]) / 2, (run.box[1] + run.box[3]) / 2
    return box[0] < x < box[2] and box[1] < y < box[3]


def outside(runs: Sequence[Run], boxes: Sequence[Box]) -> list[Run]:
    """The runs that lie in none of the boxes."""
    return [run for run in runs if not any(_within(run, box) for box in boxes)]
