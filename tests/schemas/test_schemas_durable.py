"""Files are there whole or not at all, and one process at a time works behind a lock."""

import multiprocessing
import os
from pathlib import Path

import pytest

from schemas.durable import held, write_durably, written_whole
from schemas.errors import Conflict


@pytest.fixture
def mask() -> None:
    os.umask(0o022)


@pytest.mark.usefixtures("mask")
def test_a_file_takes_the_place_of_another_and_has_its_mode(tmp_path: Path) -> None:
    path = tmp_path / ("ệ" * 85)
    for content, mode in ((b"first", 0o666), (b"second", 0o600)):
        write_durably(path, content, mode)
        assert path.read_bytes() == content
        assert path.stat().st_mode & 0o777 == mode & ~0o022
    assert list(tmp_path.iterdir()) == [path]


def test_what_is_there_stays_where_that_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    for content in (b"first", b"second"):
        write_durably(path, content, 0o600, replacing=False)
    assert path.read_bytes() == b"first"
    assert path.stat().st_nlink == 1
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("replacing", [True, False])
def test_what_fails_leaves_nothing(tmp_path: Path, replacing: bool) -> None:
    path = tmp_path / "a"
    with pytest.raises(RuntimeError), written_whole(path, replacing=replacing) as stream:
        stream.write(b"half")
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_text("old")
    with pytest.raises(RuntimeError), written_whole(path) as stream:
        stream.write(b"half")
        raise RuntimeError
    assert path.read_text() == "old"
    with written_whole(path) as stream:
        stream.write(b"new")
        assert path.read_text() == "old"
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


def _taken(path: Path) -> bool:
    try:
        with held(path, Conflict("cli.would_overwrite")):
            return False
    except Conflict:
        return True


def test_one_process_holds_a_lock_and_what_ends_lets_go(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    with multiprocessing.get_context("fork").Pool(1) as other:
        with held(lock, Conflict("cli.would_overwrite")):
            assert other.apply(_taken, (lock,))
            assert _taken(lock), "nor may the same process twice"
        assert not other.apply(_taken, (lock,))
    assert not _taken(lock)
    assert lock.stat().st_mode & 0o777 == 0o600
