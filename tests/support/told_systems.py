"""An office that tells another system of changes, and that system, which answers as tests say."""

import asyncio
import hashlib
import itertools
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from schemas.delivery import DeliveringOptions, DeliveryView, News
from schemas.department import Department
from schemas.dossier import Role, Stage
from schemas.errors import ServiceUnavailable
from schemas.field import Field, FieldStatus
from schemas.manifest import Manifest, Source
from storage import Ledger, NewClaim, NewFile
from usecases import targets
from usecases.caller import local_operator
from usecases.delivering import Sender, deliver
from usecases.news_signing import secret_key
from usecases.rooms import Rooms
from usecases.target_secrets import TargetSecrets

CODE = "H17-261123-0001"
OWNER, NUMBER = "Lê Thử", "048190000123"
OPERATOR = local_operator()


@dataclass
class Heard:
    """A receiver: what came, and how it answers, in turn; then 200."""

    answers: list[int | None] = field(default_factory=list)
    heads: list[dict[str, str]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    more: dict[str, str] = field(default_factory=dict)
    url: str = ""

    @property
    def said(self) -> list[dict[str, Any]]:
        return [json.loads(one) for one in self.bodies]


@contextmanager
def listening(heard: Heard) -> Iterator[Heard]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            heard.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            heard.heads.append({name.lower(): value for name, value in self.headers.items()})
            status = heard.answers.pop(0) if heard.answers else 200
            if status is None:
                return  # without a word
            self.send_response(status)
            for name, value in heard.more.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *arguments: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    heard.url = f"http://127.0.0.1:{server.server_port}/tin"
    try:
        yield heard
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class Office:
    """An office that tells one system, and a clock that tests turn."""

    rooms: Rooms
    heard: Heard
    options: DeliveringOptions
    ahead: list[timedelta]

    @property
    def ledger(self) -> Ledger:
        return self.rooms.ledger

    def tell(self, adapter: str = "sohoa", *events: News) -> bytes:
        """The system is told from now on; the key."""
        made = targets.add(
            OPERATOR, self.rooms, "dvc", self.heard.url, adapter=adapter,
            events=events or (News.published, News.withdrawn, News.superseded),
        )  # fmt: skip
        return secret_key(made.secret.get_secret_value())

    def publish(self, code: str = CODE, department: str = "mot-cua") -> int:
        """A dossier with a declaration and a result, both published."""
        declaration = NewFile(
            relative="1.pdf", name="đơn.pdf", role=Role.component, bytes=1,
            sha256=hashlib.sha256(code.encode()).hexdigest(),
        )  # fmt: skip
        claim = NewClaim(
            claim_id=code, department=department, code=code, folder=code, files=(declaration,),
            actor="test",
        )  # fmt: skip
        (one,) = self.ledger.register(claim).documents
        fields = {"declarant_name": OWNER, "personal_id": NUMBER}
        manifest = Manifest(
            source=Source(name="1.pdf", sha256="a" * 64, bytes=1, media_type="application/pdf"),
            document_type="to_khai_khai_sinh", form_version=None, legal_basis=None, pages=(),
            fields={
                name: Field(
                    value=value, raw=value, confidence=0.99, status=FieldStatus.accepted, page=1
                )
                for name, value in fields.items()
            },
        )  # fmt: skip
        self.ledger.advance(
            one.id, Stage.received, Stage.digitised, actor="test", pages=1, pdfa_sha256="b" * 64,
            manifest=manifest.model_dump_json().encode(), document_type="to_khai_khai_sinh",
        )  # fmt: skip
        way = (Stage.digitised, Stage.ready_to_sign, Stage.signed, Stage.stored, Stage.published)
        for expect, to in itertools.pairwise(way):
            signed = {"signed_sha256": "c" * 64} if to is Stage.signed else {}
            self.ledger.advance(one.id, expect, to, actor="test", **signed)
        return one.id

    def send(self) -> int:
        sender = Sender(
            self.rooms, self.rooms.target_secrets or TargetSecrets(self.rooms.work),
            self.options, ZoneInfo("Asia/Ho_Chi_Minh"), "sender@test", chance=lambda: 1.0,
        )  # fmt: skip
        return asyncio.run(deliver(sender, idle=True))

    def later(self, **how: float) -> None:
        self.ahead[0] += timedelta(**how)

    def waiting(self) -> tuple[DeliveryView, ...]:
        return targets.deliveries(OPERATOR, self.rooms)


@pytest.fixture(name="office")
def told_office(tmp_path: Path) -> Iterator[Office]:
    ahead = [timedelta()]

    def clock() -> datetime:
        return datetime.now(UTC) + ahead[0]

    def away() -> Any:
        raise ServiceUnavailable("storing.store_unavailable")

    with (
        listening(Heard()) as heard,
        Ledger.open(f"sqlite:///{tmp_path}/ledger.sqlite", clock=clock) as ledger,
    ):
        ledger.add_department(Department(id="thue", name="Thuế"), "test")
        rooms = Rooms(
            ledger=ledger, work=tmp_path / "work", objects=away, clock=clock,
            adapters=tmp_path / "adapters", target_secrets=TargetSecrets(tmp_path / "secrets"),
        )  # fmt: skip
        yield Office(rooms, heard, DeliveringOptions(seconds=5), ahead)
        assert ledger.examine() == ()
