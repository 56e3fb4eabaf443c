"""An office with a desk for tests: a ledger on disk, accounts, and a browser without a window."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx import Response

from portal.app import make_app
from portal.options import PortalOptions
from portal.sessions import own_word
from schemas.department import Department
from schemas.dossier import Role, Stage
from storage import Ledger, NewClaim, NewFile
from usecases import accounts
from usecases.caller import Duty, local_operator
from usecases.rooms import Rooms

PASSWORD = "mật khẩu dài 2026"
HERE, ELSEWHERE = "mot-cua", "thue"
PEOPLE = {"lan": Duty.clerk, "ky": Duty.signer, "van": Duty.operator, "doc": Duty.reader}
"""One account of each duty, all of one department."""


@dataclass
class Clock:
    """A clock that tests turn forward."""

    ahead: timedelta = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@dataclass
class DeskOffice:
    """The desk of an office, and its rooms."""

    rooms: Rooms
    app: FastAPI
    clock: Clock
    options: PortalOptions = field(default_factory=PortalOptions)

    def browser(self, **how: Any) -> "Browser":
        """A browser that nobody has signed in with."""
        scheme = "https" if self.options.secure else "http"
        return Browser(self.app, base_url=f"{scheme}://127.0.0.1:8650", **how)

    def signed_in(self, name: str, password: str = PASSWORD) -> "Browser":
        """The browser of a person who has signed in."""
        browser = self.browser()
        answer = browser.sign_in(name, password)
        assert answer.status_code == 303, answer.text
        return browser


class Browser(TestClient):
    """Keeps cookies; sends the session's own word with what it posts."""

    def __init__(self, app: FastAPI, **how: Any) -> None:
        super().__init__(app, follow_redirects=False, raise_server_exceptions=False, **how)

    @property
    def token(self) -> str | None:
        return next((one.value for one in self.cookies.jar if "sohoa" in one.name), None)

    def sign_in(self, name: str, password: str, **more: str) -> Response:
        return self.post("/sign-in", data={"username": name, "password": password, **more})

    def form(self, path: str, **fields: str) -> Response:
        """A form of a page of this session."""
        return self.post(path, data={"csrf": own_word(self.token or ""), **fields})


@contextmanager
def a_desk(folder: Path, *, waiting: bool = True, **options: Any) -> Iterator[DeskOffice]:
    """A desk with an account of each duty, and a document under review in two departments.

    These are rows alone, without files; ``waiting`` False: there is none.
    """
    clock = Clock()
    said = PortalOptions(**options)
    with Ledger.open(f"sqlite:///{folder}/ledger.sqlite", clock=clock) as ledger:
        rooms = Rooms(
            ledger=ledger,
            work=folder / "work",
            objects=lambda: Any,
            clock=clock,  # type: ignore[arg-type,return-value]
        )
        ledger.add_department(Department(id=ELSEWHERE, name="Thuế"), "test")
        for name, duty in PEOPLE.items():
            accounts.add(local_operator(), rooms, name, [duty], [HERE], password=PASSWORD)
        if waiting:
            waits(ledger, "H17-261123-0001", HERE)
            waits(ledger, "H17-261123-0002", ELSEWHERE)
        yield DeskOffice(rooms, make_app(rooms, said), clock, said)


def waits(ledger: Ledger, code: str, department: str) -> None:
    """A dossier with one document under review."""
    paper = NewFile(
        relative="1.pdf", name="1.pdf", role=Role.component,
        sha256=f"{abs(hash(code)):064x}"[-64:], bytes=1,
    )  # fmt: skip
    claim = NewClaim(
        claim_id=code, department=department, code=code, folder=code, files=(paper,), actor="test"
    )
    (document,) = ledger.register(claim).documents
    ledger.advance(
        document.id, Stage.received, Stage.digitised, actor="test", manifest_sha256="a" * 64,
        pdfa_sha256="b" * 64, pages=2, doubts=3,
    )  # fmt: skip
    ledger.advance(document.id, Stage.digitised, Stage.in_review, actor="test")
