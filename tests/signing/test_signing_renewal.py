"""Archive time stamps renewed in time: a signature of today is provable in 2050."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from schemas.errors import ServiceUnavailable
from schemas.verdict import Verdict
from signing import Pki, Signer, SignerRole, SigningOptions, trust_store, verify
from signing.creation.renewal import Renewal
from signing.options import RetryPolicy

AGENCY = "ỦY BAN NHÂN DÂN PHƯỜNG HOA SEN"


class _Years:
    """A clock that is set by hand, and a server of the first authority's CRLs."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC).replace(microsecond=0)
        self.pki: Pki | None = None
        self.away = False
        years = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if years.away or years.pki is None:
                    self.send_error(503)
                    return
                root, issuing = years.pki.crls(timedelta(hours=1))
                self.send_response(200)
                self.end_headers()
                self.wfile.write(root if "root" in self.path.split("/") else issuing)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.address = f"http://127.0.0.1:{self.server.server_port}"

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture(scope="module")
def ages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[_Years, Path]]:
    """An authority of today and one that follows it fourteen years later."""
    folder = tmp_path_factory.mktemp("ages")
    years = _Years()
    start = years.now
    patch = pytest.MonkeyPatch()
    patch.setattr("signing.keys.pki.KEY_BITS", 2048)  # six keys of 3072 bits take seconds
    years.pki = Pki.ensure(folder / "first", AGENCY, years, crl_address=years.address)
    years.now = start + timedelta(days=365 * 14)
    Pki.ensure(folder / "second", AGENCY, years)
    patch.undo()
    years.now = start
    yield years, folder
    years.server.shutdown()
    years.server.server_close()


@pytest.fixture
def years(ages: tuple[_Years, Path]) -> Iterator[_Years]:
    made = ages[0]
    start = made.now
    yield made
    made.now, made.away = start, False


@pytest.fixture
def folder(ages: tuple[_Years, Path]) -> Path:
    return ages[1]


def _successor(years: _Years, first: Pki, folder: Path) -> Signer:
    """Fifteen years on: new authorities, the old ones still known."""
    options = SigningOptions(
        agency=AGENCY,
        trust_anchors=(first.root_path,),
        intermediates=(first.directory / "issuing.pem",),
        services=RetryPolicy(tries=1, failures=50),
    )
    return Signer(Pki(folder / "second", years), options)


def test_a_signature_of_today_is_provable_in_2050(
    years: _Years, folder: Path, tmp_path: Path, source: Path
) -> None:
    first = Pki(folder / "first", years)
    start, path = years.now, tmp_path / "signed.pdf"
    signer = Signer(first, SigningOptions(agency=AGENCY))
    signer.sign(source, path, role=SignerRole.leader)
    assert signer.renew(path).outcome is Renewal.current
    signer.close()
    before = path.read_bytes()

    years.now = start + timedelta(days=365 * 14 + 200)
    second = _successor(years, first, folder)
    anchors = [folder / "second" / "root.pem", first.root_path]
    years.away = True
    with pytest.raises(ServiceUnavailable):  # the evidence about the old authority is waited for
        second.renew(path)
    assert path.read_bytes() == before
    years.away = False
    renewed = second.renew(path)
    assert renewed.outcome is Renewal.renewed
    assert renewed.until is not None and renewed.until.year >= 2050
    assert path.read_bytes().startswith(before) and path.stat().st_size > len(before)
    assert second.renew(path).outcome is Renewal.current
    second.close()

    then = datetime(2050, 6, 1, tzinfo=UTC)
    later = trust_store(None, anchors)
    verdict = verify(path, later, at=then)
    assert verdict.verdict is Verdict.valid
    assert verdict.signatures[0].level == "B-LTA"
    path.write_bytes(before)  # without the renewal nothing proves it any more
    assert verify(path, later, at=then).verdict is not Verdict.valid
    assert sorted(one.name for one in tmp_path.glob("*.part")) == []


def test_near_the_end_it_is_renewed_without_the_old_authority(
    years: _Years, folder: Path, tmp_path: Path, source: Path
) -> None:
    first = Pki(folder / "first", years)
    path = tmp_path / "signed.pdf"
    signer = Signer(first, SigningOptions(agency=AGENCY))
    signer.sign(source, path, role=SignerRole.leader)
    signer.close()
    years.now += timedelta(days=365.25 * 15 - 10)
    years.away = True
    second = _successor(years, first, folder)
    assert second.renew(path).outcome is Renewal.renewed
    second.close()
    anchors = [folder / "second" / "root.pem", first.root_path]
    later = years.now + timedelta(days=365 * 9)
    assert verify(path, trust_store(None, anchors), at=later).verdict is Verdict.valid


def test_what_is_not_valid_is_not_renewed(
    tmp_path: Path, source: Path, signer: Signer, sealed_bytes: bytes
) -> None:
    broken = tmp_path / "broken.pdf"
    at = sealed_bytes.index(b"/Type /Page") + 40
    broken.write_bytes(sealed_bytes[:at] + b"#" + sealed_bytes[at + 1 :])
    for path in (broken, source):
        content = path.read_bytes()
        outcome = signer.renew(path, days=10_000)
        assert outcome.outcome is Renewal.refused
        assert outcome.error == "signing.renewal_not_valid"
        assert path.read_bytes() == content


def test_a_locked_file_is_renewed_too(
    tmp_path: Path, signer: Signer, pki: Pki, sealed_bytes: bytes
) -> None:
    """The seal locks the document; document time stamps every lock allows."""
    path = tmp_path / "sealed.pdf"
    path.write_bytes(sealed_bytes)
    assert signer.renew(path, days=10_000).outcome is Renewal.renewed
    verdict = verify(path, trust_store(pki))
    assert verdict.verdict is Verdict.valid and verdict.signatures[0].covers_whole_file
