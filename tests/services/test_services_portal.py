"""Where the desk is served: on loopback, or with TLS; and that its process does so."""

import ssl
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from schemas.errors import ConfigurationError
from sohoa.portal import options_of
from sohoa.services.plans import answers, portal_plan
from sohoa.services.ports import Ports, choose_ports, is_free, listening
from sohoa.settings import load_settings
from storage.seaweedfs_tls import WeedCertificate, ensure_certificate


@pytest.fixture
def ports(tmp_path: Path) -> Ports:
    return choose_ports(tmp_path / "ports.json")


def configured(data: Path, monkeypatch: pytest.MonkeyPatch, **portal: object) -> None:
    monkeypatch.setenv("SOHOA_DATA", str(data))
    for name, value in portal.items():
        monkeypatch.setenv(f"SOHOA_PORTAL__{name.upper()}", str(value))


@pytest.fixture
def certificate(tmp_path: Path) -> WeedCertificate:
    return ensure_certificate(tmp_path)


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "192.0.2.7"])
def test_beyond_this_machine_with_tls_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ports: Ports, address: str
) -> None:
    configured(tmp_path, monkeypatch, address=address)
    with pytest.raises(ConfigurationError) as refused:
        portal_plan(load_settings(), ports)
    assert refused.value.code == "service.portal_open"
    assert "portal.certificate" in refused.value.sentence("vi")


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "127.8.9.1"])
def test_on_loopback_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    configured(tmp_path, monkeypatch, address=address)
    settings = load_settings()
    settings.portal.check()
    options = options_of(settings)
    assert not options.secure
    assert options.hosts == {"127.0.0.1", "localhost", "::1"}


def test_behind_a_proxy_cookies_are_for_https(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    configured(tmp_path, monkeypatch, address="0.0.0.0", behind_proxy="192.0.2.7")
    settings = load_settings()
    settings.portal.check()
    assert options_of(settings).secure and options_of(settings).hosts is None


@pytest.mark.parametrize(
    "wrong", [{"address": "localhost"}, {"port": 0}, {"certificate": "/a.pem"}, {"key": "/a.pem"}]
)
def test_settings_that_cannot_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrong: dict[str, object]
) -> None:
    configured(tmp_path, monkeypatch, **wrong)
    with pytest.raises(ConfigurationError):
        load_settings()


def test_a_file_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    configured(tmp_path, monkeypatch, certificate=tmp_path / "a.pem", key=tmp_path / "b.pem")
    with pytest.raises(ConfigurationError) as refused:
        load_settings().portal.check()
    assert refused.value.code == "service.portal_no_file"


def test_a_port_that_was_asked_for_and_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ports: Ports
) -> None:
    import socket

    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        configured(tmp_path, monkeypatch, port=taken)
        with pytest.raises(ConfigurationError) as refused:
            portal_plan(load_settings(), ports)
        assert refused.value.params == {"port": taken}
        monkeypatch.delenv("SOHOA_PORTAL__PORT")
        monkeypatch.setattr("sohoa.services.plans.DEFAULT_PORT", taken)
        plan = portal_plan(load_settings(), ports)
        assert plan.address == f"http://127.0.0.1:{ports.portal}", "else one that is remembered"
        with pytest.raises(OSError), listening("127.0.0.1", ports.portal):
            pass  # nobody takes it before the desk has started
        for one in plan.sockets:
            one.close()


@pytest.mark.service
@pytest.mark.parametrize("tls", [False, True])
def test_its_process_serves(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    ports: Ports,
    certificate: WeedCertificate,
    tls: bool,
) -> None:
    files = {"certificate": certificate.certificate, "key": certificate.key} if tls else {}
    configured(tmp_path / "data", monkeypatch, port=ports.portal, **files)
    plan = portal_plan(load_settings(), ports)
    log = tmp_path / "portal.log"
    with log.open("wb") as said:
        (held,) = plan.sockets
        process = subprocess.Popen(
            plan.command, env=plan.environment, stdout=said, stderr=said, pass_fds=(held.fileno(),)
        )
    try:
        end = time.monotonic() + 120
        while not plan.healthy(process.pid):
            assert process.poll() is None and time.monotonic() < end, log.read_text()
            time.sleep(0.1)
        scheme = "https" if tls else "http"
        assert plan.address == f"{scheme}://127.0.0.1:{ports.portal}"
        assert not (tls and answers(f"{plan.address}/healthz")), "nobody else trusts it"
        context = ssl._create_unverified_context() if tls else None
        address = f"{plan.address}/sign-in?next=/048099001234"
        with urllib.request.urlopen(address, context=context, timeout=20) as answer:
            assert answer.status == 200
            assert ("Strict-Transport-Security" in answer.headers) is tls
            assert "server" not in answer.headers
            assert "Đăng nhập" in answer.read().decode()
    finally:
        process.terminate()
        assert process.wait(120) in {0, -15}
    told = log.read_text()
    assert "GET /sign-in 200" in told
    assert "048099001234" not in told and "Traceback" not in told
    held.close()
    assert is_free(ports.portal)
    assert sys.executable == plan.command[0]
