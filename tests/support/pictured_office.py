"""An office at work, for the pictures of its pages: all papers and people are invented."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from desk_office import HERE, PASSWORD
from desk_papers import awaiting, failed
from doubtful_desk import poor_scan
from running import Running, running_in

from schemas.department import Department
from schemas.errors import InputRejected
from schemas.review_views import SaidDecision
from schemas.work import DecisionKind
from sohoa.bootstrap import open_rooms
from sohoa.sample import draw_sample
from usecases import accounts
from usecases.caller import Caller, Duty, local_operator
from usecases.reviewing import decide, done, review
from usecases.rooms import Rooms

AGENCY = "Ủy ban nhân dân phường Ví Dụ"
PUBLIC = "https://sohoa.vidu.example"
PEOPLE = {
    "lan": [Duty.clerk, Duty.reader],
    "minh": [Duty.clerk],
    "hoa": [Duty.clerk],
    "ky": [Duty.signer, Duty.clerk],
    "van": [Duty.operator],
}
SAMPLES, POOR = range(3), range(4, 9)
TWICE = "extends: ct01-66-2023\ndouble_entry: true\n"


@dataclass
class PicturedOffice:
    """What runs, and the codes of the dossiers that pictures show."""

    running: Running
    today: date

    @property
    def address(self) -> str:
        return str(self.running.facts()["services"]["portal"]["address"]).rstrip("/")

    def code(self, number: int) -> str:
        return f"H17-{self.today:%y%m%d}-{number:04d}"

    @property
    def published(self) -> str:
        return self.code(1)

    @property
    def doubtful(self) -> str:
        return self.code(11)

    @property
    def twice(self) -> str:
        return self.code(10 + len(POOR))


@contextmanager
def pictured_office(folder: Path, today: date) -> Iterator[PicturedOffice]:
    """An office that runs while the block lasts; some minutes of reading come first."""
    running = running_in(folder)
    running.environment |= {
        "SOHOA_SIGNING__AGENCY": AGENCY.upper(),
        "SOHOA_PORTAL__PUBLIC_URL": PUBLIC,
    }
    running.start()
    office = PicturedOffice(running, today)
    try:
        fill(office, folder)
        yield office
    finally:
        running.stop()


def fill(office: PicturedOffice, folder: Path) -> None:
    """People, and dossiers at every stage."""
    running = office.running
    with open_rooms(running.settings()) as rooms:
        rooms.ledger.add_department(Department(id="tu-phap", name="Tư pháp - Hộ tịch"), "test")
        for name, duties in PEOPLE.items():
            where = [HERE] if name != "van" else None
            accounts.add(local_operator(), rooms, name, duties, where, password=PASSWORD)
        for seed in SAMPLES:
            drawn = folder / f"sample-{seed}"
            draw_sample(drawn, office.today, seed)
            _ingest(running, drawn, office.code(seed + 1))
        for number, seed in enumerate(POOR, start=11):
            scan = folder / f"poor-{seed}" / "to-khai.pdf"
            scan.parent.mkdir()
            _ingest(running, poor_scan(scan, seed).parent, office.code(number))
        _settled(running, rooms)
        running.cli("approve", office.published)
        awaiting(rooms, office.code(21), HERE, typed="Nguyễn Thị Mẫn")
        awaiting(rooms, office.code(22), HERE, pages=1, without="registration_date")
        failed(rooms, office.code(23), HERE)
        failed(rooms, office.code(24), HERE)
        failed(rooms, office.code(25), HERE, "flow.source_damaged")
        running.wait_for(lambda: _stage(rooms, office.published) == "published", 120, "published")


def _ingest(running: Running, drawn: Path, code: str) -> None:
    said = running.cli("ingest", drawn, "--dossier", code, "--department", HERE)
    assert said.code == 0, said.err


def _stage(rooms: Rooms, code: str) -> str | None:
    found = rooms.ledger.dossier(code)
    return found.stage if found else None


def _settled(running: Running, rooms: Rooms) -> None:
    """Everything that was handed in waits for a person."""

    def waits() -> bool:
        dossiers = rooms.ledger.dossiers()
        return len(dossiers) == len(SAMPLES) + len(POOR) and all(
            one.stage in {"in_review", "awaiting_approval"} for one in dossiers
        )

    running.wait_for(waits, 400, "all papers read")


def enter_twice(office: PicturedOffice) -> None:
    """From now on forms are entered twice, and two people have entered one, not alike."""
    running = office.running
    types = running.data / "types"
    types.mkdir(exist_ok=True)
    (types / "ct01-own.yaml").write_text(TWICE, "utf-8")
    read: dict[str, str] = {}
    with open_rooms(running.settings()) as rooms:
        for name in ("minh", "hoa"):
            caller = Caller(f"user:{name}", frozenset({Duty.clerk}), frozenset({HERE}))
            view = review(caller, rooms, office.twice, 1)
            read = read or {one.path: one.text for one in view.asked}  # the second one is blind
            for one in view.asked:
                text = read[one.path]
                texts = [text] if name == "minh" else [_misread(text), text]
                for text in texts:
                    said = SaidDecision(
                        path=one.path,
                        kind=DecisionKind.value if text else DecisionKind.missing,
                        text=text or None,
                        key=secrets.token_hex(16),
                        seen=view.manifest_sha256,
                    )
                    with suppress(InputRejected):  # what breaks a rule is said as it was read
                        decide(caller, rooms, office.twice, 1, said)
                        break
            done(caller, rooms, office.twice, 1, seen=view.manifest_sha256)


def _misread(text: str) -> str:
    """What another pair of eyes makes of it."""
    return text.translate(str.maketrans("ầàảếệạơ1", "ấáãểễăở7"))
