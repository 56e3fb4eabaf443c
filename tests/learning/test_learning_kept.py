"""What is kept of lines and of what was learned: how long, which counts, and the way back."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from ocr import lessons
from ocr.learning import adapters_kept
from ocr.learning.teaching import Lesson
from ocr.recognition.adapter import in_use
from schemas.learning import Accepted, Card, Errors
from schemas.validators import FieldType

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
PICTURE = np.full((20, 60), 200, np.uint8)


def lesson(name: str, before: float = 0.3, after: float = 0.1) -> Lesson:
    card = Card(
        name=name, model="0" * 64, narrowing=1.1, made_at=NOW, lines=80,
        before=Errors(lines=20, characters=before, exact=0),
        after=Errors(lines=20, characters=after, exact=0.5),
    )  # fmt: skip
    return Lesson(name.encode(), card)


def kept(folder: Path, text: str, days: float = 0) -> bool:
    line = lessons.line(text, "text", lessons.Source.given, NOW - timedelta(days=days))
    return lessons.keep(folder, PICTURE, line)


def test_a_line_is_kept_once_and_comes_back(tmp_path: Path) -> None:
    folder = tmp_path / "lines"
    assert kept(folder, "12  Lê Lợi", days=2) and not kept(folder, "12 Lê Lợi")
    assert kept(folder, "13 Lê Lợi")
    first, second = lessons.kept(folder)
    assert (first.line.text, second.line.text) == ("12 Lê Lợi", "13 Lê Lợi")
    assert first.line.kind is FieldType.text
    np.testing.assert_array_equal(first.image(), PICTURE)
    assert lessons.counted([first, second]) == {"given": 2}


def test_nothing_of_a_line_is_in_its_name_and_nobody_else_may_look(tmp_path: Path) -> None:
    folder = tmp_path / "lines"
    kept(folder, "Nguyễn Văn Mẫu")
    assert folder.stat().st_mode & 0o077 == 0
    for path in folder.iterdir():
        assert path.stat().st_mode & 0o077 == 0
        assert set(path.stem) <= set("0123456789abcdef")


def test_lines_are_removed_when_their_time_is_over(tmp_path: Path) -> None:
    kept(tmp_path, "cũ", days=91)
    kept(tmp_path, "mới", days=89)
    assert lessons.forget(tmp_path, NOW - timedelta(days=90)) == 1
    assert [one.line.text for one in lessons.kept(tmp_path)] == ["mới"]
    assert len(list(tmp_path.iterdir())) == 2


def test_a_picture_whose_record_was_never_written_counts_for_nothing(tmp_path: Path) -> None:
    kept(tmp_path, "một")
    (record,) = tmp_path.glob("*.json")
    record.unlink()
    assert lessons.kept(tmp_path) == []
    assert lessons.forget(tmp_path, datetime.now(UTC) + timedelta(days=1)) == 0
    assert list(tmp_path.iterdir()) == []


def test_the_newest_part_is_held_back() -> None:
    older, newest = lessons.divided([lessons.Taught(PICTURE, str(k)) for k in range(20)])
    assert [line.text for line in older] == [str(k) for k in range(17)]
    assert [line.text for line in newest] == ["17", "18", "19"]


def test_back_goes_the_way_it_came(tmp_path: Path) -> None:
    for name in ("first", "second", "third"):
        lessons.take(tmp_path, lesson(name))
    assert in_use(tmp_path).names == ("third",)
    for names in (("second",), ("first",), ()):
        used = lessons.back(tmp_path)
        assert used is not None and used.names == names == in_use(tmp_path).names
    assert lessons.back(tmp_path) is None
    assert sorted(path.stem for path in tmp_path.glob("*.onnx")) == ["first", "second", "third"]


def test_a_damaged_list_is_begun_anew(tmp_path: Path) -> None:
    lessons.take(tmp_path, lesson("first"))
    (tmp_path / "in-use.json").write_text("{")
    used = lessons.back(tmp_path)
    assert used is not None and used.names == ()


@pytest.mark.parametrize("at", [0, 1])
def test_cut_off_in_the_middle_the_one_before_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    lessons.take(tmp_path, lesson("first"))
    real: Callable[..., None] = adapters_kept.write_durably
    calls = []

    def cut_off(path: Path, content: bytes, *mode: int) -> None:
        calls.append(path)
        if len(calls) > at:
            raise OSError("no power")
        real(path, content, *mode)

    monkeypatch.setattr(adapters_kept, "write_durably", cut_off)
    with pytest.raises(OSError, match="no power"):
        lessons.take(tmp_path, lesson("second"))
    assert in_use(tmp_path).names == ("first",)
    monkeypatch.setattr(adapters_kept, "write_durably", real)
    lessons.take(tmp_path, lesson("second"))
    assert in_use(tmp_path).names == ("second",)


@pytest.mark.parametrize(
    ("after", "wrong", "taken"), [(0.1, 1, True), (0.1, 2, False), (0.3, 0, False), (0.4, 0, False)]
)
def test_only_what_is_better_and_accepts_no_more_wrong_is_taken(
    after: float, wrong: int, taken: bool
) -> None:
    before, then = Accepted(values=20, accepted=5, wrong=1), Accepted(
        values=20, accepted=9, wrong=wrong
    )  # fmt: skip
    assert lessons.better(lesson("one", after=after).card, before, then) is taken
