"""A Sohoa that is harmed: its disk is full, a byte in its store flips, its ledger is forged.

Nothing is lost; what is wrong is found, named, and nothing is signed on it.
"""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from full_disk import no_room, small_disk
from running import Running, running_in

from schemas.dossier import Stage
from schemas.errors import ExitCode
from sohoa.sample import draw_small
from usecases.caller import SERVICE
from usecases.submission import Submission, submit

pytestmark = pytest.mark.service

CODE, NEXT, THIRD, FOURTH = (f"H17.9-{date.today():%y%m%d}-000{number}" for number in range(1, 5))


@pytest.fixture(scope="module")
def scans(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return draw_small(tmp_path_factory.mktemp("drawn"), 4, date.today())


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path | None]:
    """What the office's data folder lies on; None where it cannot be a disk of its own."""
    with small_disk(tmp_path_factory.mktemp("harmed") / "data") as mounted:
        yield mounted


@pytest.fixture(scope="module")
def office(
    tmp_path_factory: pytest.TempPathFactory, disk: Path | None, scans: list[Path]
) -> Iterator[Running]:
    """A Sohoa of its own, which is harmed after it has published a dossier."""
    made = running_in(disk.parent if disk else tmp_path_factory.mktemp("harmed"))
    made.start()
    given = ("ingest", scans[0], "--dossier", CODE, "--wait", "--timeout", "400", "--json")
    assert made.cli(*given).json["dossiers"][0]["stage"] == "published"
    yield made
    made.stop()


def stage_of(office: Running, code: str) -> str | None:
    with office.ledger() as ledger:
        found = ledger.dossier(code)
        return found.stage.value if found else None


def read_and_not_signed(office: Running, scan: Path, code: str) -> None:
    """A scan handed in now is read, and waits."""
    assert office.cli("ingest", scan, "--dossier", code).code == 0
    office.wait_for(lambda: stage_of(office, code) == "ready_to_sign", 120, "read and not signed")
    time.sleep(5)
    assert stage_of(office, code) == "ready_to_sign"


def execute(office: Running, statement: str) -> None:
    with closing(sqlite3.connect(office.data / "ledger.sqlite", timeout=30)) as connection:
        connection.execute(statement)
        connection.commit()


def doctor(office: Running, *options: str) -> tuple[dict[str, bool], list[str]]:
    """What works, and the codes of what was found."""
    told = office.cli("doctor", "--json", *options).json
    return {one["name"]: one["works"] for one in told["findings"]}, [
        one["code"] for one in told["wrong"]
    ]


Flipped = list[tuple[Path, int, bytes]]


def flip(office: Running, tmp_path: Path) -> Flipped:
    """One bit of the signed file in the store, where the scan does not have the same bytes.

    Also of what the work bucket had of it: deleted objects leave their bytes in the volumes.
    """
    assert office.cli("results", "get", CODE, "--out", tmp_path / "before").code == 0
    (file,) = (tmp_path / "before").rglob("*.pdf")
    content = file.read_bytes()
    mark = content[-1500:][:64]
    flipped = []
    for volume in (office.data / "store").rglob("*.dat"):
        held, at = volume.read_bytes(), -1
        while (at := held.find(mark, at + 1)) >= 0:
            flipped.append((volume, at, mark))
            write_at(volume, at, bytes([mark[0] ^ 1]))
    assert flipped, "not in any volume"
    return flipped


def write_at(volume: Path, at: int, byte: bytes) -> None:
    with volume.open("r+b") as out:
        out.seek(at)
        out.write(byte)


def test_a_flipped_byte_is_found_named_and_mended(office: Running, tmp_path: Path) -> None:
    works, wrong = doctor(office, "--deep")
    assert wrong == [] and works["object-store"] and works["findings"] and works["ledger"]

    flipped = flip(office, tmp_path)
    got = office.cli("results", "get", CODE, "--out", tmp_path / "after", "--json")
    assert got.code == ExitCode.not_valid
    assert got.json["error"]["code"] == "storing.object_damaged" and CODE in got.err
    assert list((tmp_path / "after").rglob("*.json"))  # the others are there
    works, wrong = doctor(office)
    assert wrong == ["object_damaged"]
    assert not works["findings"]
    assert office.cli("status", "--json").json["wrong"][0]["code"] == "object_damaged"
    assert office.cli("status", CODE, "--json").json["dossier"]["wrong"]

    for volume, at, mark in flipped:  # as from a backup
        write_at(volume, at, mark[:1])
    works, wrong = doctor(office, "--deep")
    assert wrong == [] and works["findings"] and works["object-store"]


def test_after_a_forged_row_nothing_is_signed_until_an_operator_says_so(
    office: Running, scans: list[Path]
) -> None:
    execute(office, "UPDATE document SET pages = 9 WHERE id = 1")
    works, wrong = doctor(office)
    assert not works["ledger"] and wrong == ["row_contradicts"]
    read_and_not_signed(office, scans[1], NEXT)
    assert office.cli("ledger", "check").code == ExitCode.not_valid
    told = office.cli("ledger", "restore", "--reason", "a test", "--json")
    assert told.json["restored"] == 1
    office.wait_for(lambda: stage_of(office, NEXT) == "published", 120, "signed and published")
    works, wrong = doctor(office)
    assert works["ledger"] and wrong == []


def test_after_a_forged_event_nothing_is_signed_until_an_operator_says_so(
    office: Running, scans: list[Path]
) -> None:
    execute(office, "DROP TRIGGER event_no_update")
    execute(office, "UPDATE event SET actor = 'nobody' WHERE seq = 2")
    read_and_not_signed(office, scans[2], THIRD)
    works, wrong = doctor(office)
    assert not works["ledger"] and wrong == ["chain_broken"]
    assert office.cli("ledger", "accept", "--reason", "a test").code == 0
    office.wait_for(lambda: stage_of(office, THIRD) == "published", 120, "signed and published")
    works, wrong = doctor(office)
    assert works["ledger"] and wrong == []


def test_a_full_disk_delays_and_loses_nothing(
    office: Running, disk: Path | None, scans: list[Path]
) -> None:
    with no_room(office, disk):
        submit(SERVICE, office.inbox, "mot-cua", Submission(FOURTH, False, (scans[3],)))
        time.sleep(8)
        assert stage_of(office, FOURTH) not in {Stage.published, Stage.failed, Stage.rejected}
    office.wait_for(lambda: stage_of(office, FOURTH) == Stage.published, 150, "the dossier")
    with office.ledger() as ledger:
        assert ledger.verify_chain().intact

    def no_claim() -> bool:
        return not any((office.inbox / ".claimed").iterdir())

    office.wait_for(no_claim, 60, "the claims to be put away")
