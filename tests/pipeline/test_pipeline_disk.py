"""A full disk: what is under way waits, nothing is lost, and it goes on when there is room."""

import os
import subprocess
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from running import Running, running_in

from schemas.dossier import Stage
from sohoa.sample import draw_small
from usecases.caller import SERVICE
from usecases.submission import Submission, submit


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own that can be filled."""
    folder = tmp_path / "data"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=3g", "tmpfs", folder],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip("no right to mount a file system")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=False)


def fill(folder: Path) -> Path:
    """Leave no free block on the file system of ``folder``."""
    balloon = folder / "balloon"
    with balloon.open("wb", buffering=0) as out:
        try:
            while True:
                out.write(b"\0" * (1 << 20))
        except OSError:
            pass
    return balloon


@pytest.mark.service
@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="mounting needs root")
def test_a_full_disk_delays_and_loses_nothing(small_disk: Path, tmp_path: Path) -> None:
    running: Running = running_in(tmp_path)
    first, second = draw_small(tmp_path / "pages", 2, date.today())
    running.start()
    try:
        submit(SERVICE, running.inbox, "mot-cua", Submission(first.name, False, (first,)))
        with running.ledger() as ledger:

            def stages() -> list[Stage]:
                return [one.stage for one in ledger.dossiers()]

            running.wait_for(lambda: stages() == [Stage.published], 60, "the first dossier")
            balloon = fill(small_disk)
            submit(SERVICE, running.inbox, "mot-cua", Submission(second.name, False, (second,)))
            time.sleep(8)
            assert stages().count(Stage.published) == 1
            assert Stage.failed not in stages()
            assert Stage.rejected not in stages()
            balloon.unlink()
            running.wait_for(lambda: stages() == [Stage.published] * 2, 150, "the second one")
            assert ledger.verify_chain().intact
        assert not any((running.inbox / ".claimed").iterdir())
    finally:
        running.stop()
