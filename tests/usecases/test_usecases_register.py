"""The population register: a local table, a reference server over mutual TLS. Nobody is real."""

import json
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pydantic import ValidationError

from ocr.options import ReadingOptions
from schemas.document_type import document_type
from schemas.dossier import Role
from schemas.errors import ConfigurationError, ServiceUnavailable
from schemas.field import Check, Field, FieldStatus, Reading, Table
from schemas.manifest import Manifest, Source
from schemas.registry import RegisterEntry, compared, numbers_in
from sohoa.register_settings import RegisterSettings
from sohoa.registers import LocalTable, RegisterService, open_register
from storage import Ledger, NewClaim, NewFile
from usecases.context import AppContext
from usecases.register import AWAY, LOOK_UP, with_register
from usecases.workspace import Workspace

NUMBER, OTHER = "048190000123", "048201000456"
RECORD = {
    "SoDinhDanh": NUMBER,
    "HoVaTen": {"Ho": "Lê", "ChuDem": "Thị", "Ten": "Thử"},
    "GioiTinh": "Nữ",
    "NgayThangNamSinh": {"NgayThangNam": "19900305"},
}


def read(value: str | None) -> Field:
    checks = (Check(name="readers_agree", passed=True),)
    readers = (Reading(reader="line", text=value or "", confidence=0.99),)
    status = FieldStatus.accepted if value else FieldStatus.missing
    return Field(value=value, raw=value, confidence=0.99, status=status, checks=checks,
                 readers=readers)  # fmt: skip


FIELDS = {
    "full_name": read("LÊ THỊ THỬ"),
    "dob": read("1990-03-06"),
    "sex": read("Nữ"),
    "personal_id": read(NUMBER),
    "members": Table(rows=({"full_name": read("Hồ Thử"), "personal_id": read(OTHER)},)),
}
ENTRY = RegisterEntry(personal_id=NUMBER, full_name="Lê Thị Thử", dob=date(1990, 3, 5), sex="Nữ")


def failed(field: object) -> list[str]:
    assert isinstance(field, Field)
    return [check.name for check in field.checks if not check.passed]


def test_what_differs_goes_to_a_person_and_nothing_is_overwritten() -> None:
    spec = document_type("ct01", "66/2023")
    assert spec is not None
    assert numbers_in(FIELDS, spec) == (NUMBER, OTHER)
    found = compared(FIELDS, spec, {NUMBER: ENTRY, OTHER: None})
    assert failed(found["full_name"]) == failed(found["sex"]) == failed(found["personal_id"]) == []
    dob = found["dob"]
    assert isinstance(dob, Field)
    assert (dob.value, dob.status, failed(dob)) == (
        "1990-03-06", FieldStatus.review, ["register_agrees"],
    )  # fmt: skip
    assert dob.readers[-1] == Reading(reader="register", text="1990-03-05", confidence=1.0)
    members = found["members"]
    assert isinstance(members, Table)
    assert failed(members.rows[0]["personal_id"]) == ["register_knows"]
    assert members.rows[0]["full_name"] == FIELDS["members"].rows[0]["full_name"]  # type: ignore[union-attr]


def test_a_year_alone_agrees_with_a_date_of_that_year() -> None:
    spec = document_type("ct01", "66/2023")
    assert spec is not None
    entry = RegisterEntry(personal_id=NUMBER, birth_year=1990)
    assert failed(compared(FIELDS, spec, {NUMBER: entry})["dob"]) == []


def test_a_table(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text(
        f"personal_id,full_name,dob,sex\n{NUMBER},Lê Thị Thử,05/03/1990,Nữ\n{OTHER},Hồ Thử,1991,\n",
        encoding="utf-8-sig",
    )
    table = open_register(RegisterSettings(table=path))
    assert table is not None
    assert table.look_up(NUMBER, reason="x") == ENTRY.model_copy(update={"birth_year": 1990})
    other = table.look_up(OTHER, reason="x")
    assert other is not None
    assert (other.dob, other.birth_year, other.sex) == (None, 1991, None)
    assert table.look_up("048190000999", reason="x") is None


@pytest.mark.parametrize("text", ["", "a,b\n", "personal_id,full_name,dob,sex\n1,b,never,Nam\n"])
def test_a_table_that_is_none(tmp_path: Path, text: str) -> None:
    path = tmp_path / "people.csv"
    path.write_text(text)
    with pytest.raises(ConfigurationError) as refused:
        LocalTable.load(path)
    assert refused.value.code == "registry.bad_table"


@pytest.mark.parametrize(
    "given",
    [{"url": "http://example.vn"}, {"url": "https://example.vn"},
     {"url": "https://e.vn", "table": "t", "client_cert": "c", "client_key": "k"}],
)  # fmt: skip
def test_settings_that_cannot_be(given: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        RegisterSettings(**cast(Any, given))


class Answers(BaseHTTPRequestHandler):
    """The reference server: one person, and numbers that make it misbehave."""

    asked: list[dict[str, str]]

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.asked.append(body)
        number = body["SoDinhDanh"]
        text = json.dumps(RECORD if number != OTHER else {**RECORD, "HoVaTen": 3}).encode()
        status = 200
        if number.endswith("404"):
            status = 404
        elif number.endswith("500"):
            status = 500
        elif number.endswith("999"):
            text = b"x" * 100_000
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *args: object) -> None:
        """Says nothing: the path would name nobody, but the habit is good."""


def issue(folder: Path, name: str, signer: tuple[x509.Name, Any] | None) -> tuple[x509.Name, Any]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    issuer, signing = signer or (subject, key)
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=signer is None, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(signing, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / f"{name}.pem").write_bytes(made.public_bytes(pem))
    plain = (serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / f"{name}.key").write_bytes(key.private_bytes(pem, *plain))
    return subject, key


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path, Any]]:
    folder = tmp_path_factory.mktemp("register")
    root = issue(folder, "root", None)
    issue(folder, "server", root)
    issue(folder, "office", root)
    issue(folder, "stranger", None)
    handler = type("Handler", (Answers,), {"asked": []})
    server = HTTPServer(("localhost", 0), handler)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(folder / "server.pem", folder / "server.key")
    tls.load_verify_locations(folder / "root.pem")
    tls.verify_mode = ssl.CERT_REQUIRED
    server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"https://localhost:{server.server_port}/tra-cuu", folder, handler
    server.shutdown()
    server.server_close()
    thread.join(timeout=10)


def service(
    served: tuple[str, Path, Any], who: str = "office", root: str = "root"
) -> RegisterService:
    url, folder, _ = served
    return RegisterService(
        RegisterSettings(
            url=url, ca_file=folder / f"{root}.pem", client_cert=folder / f"{who}.pem",
            client_key=folder / f"{who}.key", timeout_seconds=20,
        )
    )  # fmt: skip


def test_the_service_is_asked_over_mutual_tls(served: tuple[str, Path, Any]) -> None:
    entry = service(served).look_up(NUMBER, reason="H17-261123-0001/component-001")
    assert entry == ENTRY.model_copy(update={"birth_year": 1990})
    assert served[2].asked[-1] == {
        "SoDinhDanh": NUMBER, "LyDo": "H17-261123-0001/component-001",
    }  # fmt: skip
    assert service(served).look_up("048190000404", reason="x") is None


@pytest.mark.parametrize("number", ["048190000500", "048190000999", OTHER, "048190000777"])
def test_an_answer_that_makes_no_sense_is_no_answer(
    served: tuple[str, Path, Any], number: str
) -> None:
    """A failure, too much, another shape, another person."""
    with pytest.raises(ServiceUnavailable) as refused:
        service(served).look_up(number, reason="x")
    assert number not in str(refused.value)


def test_strangers_are_not_spoken_to(served: tuple[str, Path, Any]) -> None:
    with pytest.raises(ServiceUnavailable):
        service(served, who="stranger").look_up(NUMBER, reason="x")
    with pytest.raises(ServiceUnavailable):
        service(served, root="stranger").look_up(NUMBER, reason="x")


def test_a_certificate_that_is_not_there_is_said(served: tuple[str, Path, Any]) -> None:
    with pytest.raises(ConfigurationError):
        service(served, who="nobody")


class Away:
    """A register that does not answer."""

    def look_up(self, personal_id: str, *, reason: str) -> RegisterEntry | None:
        raise ServiceUnavailable("registry.unavailable")


@pytest.fixture
def case(tmp_path: Path) -> Iterator[SimpleNamespace]:
    with Ledger.open(f"sqlite:///{tmp_path}/ledger.sqlite") as ledger:
        file = NewFile(
            relative="a.pdf", name="a.pdf", role=Role.component, sha256="a" * 64, bytes=1
        )
        code = "H17-261123-0001"
        registered = ledger.register(
            NewClaim(claim_id="c", department="mot-cua", code=code, folder=code, files=(file,),
                     actor="test")
        )  # fmt: skip
        (document,) = registered.documents
        folder = tmp_path / "desk"
        folder.mkdir()
        office = SimpleNamespace(
            ledger=ledger, pool=SimpleNamespace(options=ReadingOptions()),
            workspace=lambda _: Workspace(folder),
        )  # fmt: skip
        source = Source(name="a.pdf", sha256="a" * 64, bytes=1, media_type="application/pdf")
        manifest = Manifest(
            source=source, document_type="ct01", form_version="66/2023", legal_basis=None, pages=(),
            fields=FIELDS,
        )  # fmt: skip
        yield SimpleNamespace(
            office=cast(AppContext, office), ledger=ledger, dossier=ledger.dossier(code),
            document=document, manifest=manifest,
        )  # fmt: skip


def look_ups(case: SimpleNamespace) -> list[Any]:
    return [e.data for e in case.ledger.events(case.dossier.id) if e.kind == LOOK_UP]


def test_every_look_up_is_an_event_without_the_number(case: SimpleNamespace) -> None:
    table = LocalTable({NUMBER: ENTRY})
    done = with_register(case.office, table, case.dossier, case.document, case.manifest)
    assert done.doubtful() == ("dob", "members.0.personal_id")
    assert look_ups(case) == [
        {"person": 1, "outcome": "known"}, {"person": 2, "outcome": "unknown"},
    ]  # fmt: skip
    again = with_register(case.office, table, case.dossier, case.document, done)
    assert again == done
    assert len(look_ups(case)) == 2


def test_a_register_that_is_away_stops_nothing(case: SimpleNamespace) -> None:
    done = with_register(case.office, Away(), case.dossier, case.document, case.manifest)
    assert done.fields == case.manifest.fields
    assert AWAY in done.warnings
    assert look_ups(case) == [{"person": 1, "outcome": "away"}]
