"""Files at hand: the same bytes for several readers, a few of them, for a minute."""

from pathlib import Path
from typing import BinaryIO

from usecases.files_at_hand import MOST, SECONDS, FilesAtHand


def unnamed(folder: Path, content: bytes) -> BinaryIO:
    path = folder / "file"
    path.write_bytes(content)
    stream = path.open("rb")
    path.unlink()
    return stream


def test_each_reader_has_a_place_of_its_own(tmp_path: Path) -> None:
    files = FilesAtHand()
    with unnamed(tmp_path, b"0123456789") as first:
        files.keep("a", first)
        assert first.read(4) == b"0123"
        second, third = files.again("a"), files.again("a")
        assert second is not None and third is not None
        assert (second.read(6), third.read(), first.read()) == (b"012345", b"0123456789", b"456789")
    assert files.again("b") is None
    found = files.again("a")
    assert found is not None and found.read() == b"0123456789", "its first reader has closed it"
    assert list(tmp_path.iterdir()) == []


def test_it_goes_after_a_minute(tmp_path: Path) -> None:
    now = [0.0]
    files = FilesAtHand(lambda: now[0])
    files.keep("a", unnamed(tmp_path, b"a"))
    now[0] = SECONDS - 1
    assert files.again("a") is not None
    now[0] = SECONDS
    assert files.again("a") is None, "asking for it does not prolong it"


def test_there_are_few_and_the_oldest_goes_first(tmp_path: Path) -> None:
    before = len([*Path("/proc/self/fd").iterdir()])
    files = FilesAtHand()
    for at in range(3 * MOST):
        with unnamed(tmp_path, b"x") as stream:
            files.keep(str(at), stream)
    assert files.again("0") is None and files.again(str(3 * MOST - 1)) is not None
    assert len([*Path("/proc/self/fd").iterdir()]) <= before + MOST + 2
