"""Broken and hostile files end as outcomes; `sohoa bench fuzz` runs thousands of them."""

from pathlib import Path

import pytest

from ocr import ReadingOptions
from training.benches.fuzz import fuzz
from training.benches.hostile_files import HOSTILE
from training.benches.mutants import mutant
from training.benches.whole_files import originals


def test_mutants_are_repeatable_and_of_every_kind() -> None:
    assert mutant(3, 8) == mutant(3, 8)
    assert mutant(3, 9) != mutant(4, 9)
    endings = {name.rpartition("-")[2] for name in originals()}
    assert {"jpeg", "png", "tiff", "webp", "heic", "pdf"} <= endings
    made = {mutant(3, 4 * number).recipe for number in range(len(HOSTILE))}
    assert len(made) == len({name for name, _ in HOSTILE})


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_forty_files_end_as_outcomes(tmp_path: Path) -> None:
    seen: list[int] = []
    report = fuzz(40, 11, ReadingOptions(), 1, lambda done, _total: seen.append(done))
    assert report.passed, (report.hangs, report.crashes)
    assert sum(report.outcomes.values()) == 40
    assert seen == list(range(1, 41))
    assert any(outcome.startswith("rejected") for outcome in report.outcomes)
