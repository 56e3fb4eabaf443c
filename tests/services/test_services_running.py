"""The real services under the real supervisor."""

import os
import signal
import stat
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import psutil
import pytest

from schemas.errors import ExitCode
from sohoa.doctor import examine
from sohoa.processes import marked
from sohoa.services import endpoints
from sohoa.services.lock import only_one
from sohoa.services.prefect_app import POLICY
from storage import Objects

pytestmark = pytest.mark.service

Supervised = Any
"""``conftest.Supervised``; conftest modules are not imported."""


def fetch(url: str, **headers: str) -> tuple[int, str, dict[str, str]]:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(urllib.request.Request(url, headers=headers), timeout=20) as answer:
            return answer.status, answer.read().decode(), dict(answer.headers)
    except urllib.error.HTTPError as refused:
        return refused.code, "", dict(refused.headers)


def children(supervised: Supervised) -> list[psutil.Process]:
    return psutil.Process(supervised.process.pid).children(recursive=True)


def test_they_start_in_order(supervised: Supervised) -> None:
    said = supervised.said()
    seen = [(one["service"], one["state"]) for one in said if isinstance(one, dict)]
    names = ("store", "prefect", "watcher", "portal")
    assert seen[:8] == [(name, state) for name in names for state in ("starting", "ready")]
    assert said[8] == "ready"


def test_others_find_them_and_their_keys_work(supervised: Supervised) -> None:
    found = endpoints(supervised.settings)
    Objects(found.store).health()
    assert fetch(f"{found.prefect_api_url}/health")[1] == "true"


def test_the_doctor_finds_everything_in_order(supervised: Supervised) -> None:
    findings = {finding.name: finding for finding in examine(supervised.settings)}
    assert [name for name, finding in findings.items() if not finding.works] == []
    assert findings["prefect-api"].version
    assert findings["loopback-only"].found


def test_they_listen_on_loopback_alone(supervised: Supervised) -> None:
    heard = [
        connection.laddr.ip
        for process in children(supervised)
        for connection in process.net_connections(kind="inet")
        if connection.status == psutil.CONN_LISTEN
    ]
    assert len(heard) >= 9
    assert set(heard) == {"127.0.0.1"}


def test_files_with_secrets_and_logs_are_private(supervised: Supervised) -> None:
    for folder in ("run", "logs", "secrets", "store", "prefect"):
        assert stat.S_IMODE((supervised.data / folder).stat().st_mode) == 0o700
    for folder in ("run", "logs", "secrets"):
        for path in (supervised.data / folder).iterdir():
            if path.is_file():
                assert stat.S_IMODE(path.stat().st_mode) == 0o600, path


def test_no_secret_in_the_process_list_or_the_logs(supervised: Supervised) -> None:
    secrets = [path.read_text().strip() for path in (supervised.data / "secrets").iterdir()]
    shown = " ".join(" ".join(process.cmdline()) for process in children(supervised))
    logged = " ".join(path.read_text() for path in (supervised.data / "logs").iterdir())
    assert not [secret for secret in secrets if secret in shown + logged]


def test_the_page_of_prefect_is_fenced(supervised: Supervised) -> None:
    address = endpoints(supervised.settings).prefect_ui_url
    code, page, headers = fetch(address, Accept="text/html")
    assert code == 200
    assert "<script" in page
    assert headers["content-security-policy"] == POLICY
    assert fetch(address, Host="sohoa.attacker.example")[0] == 400
    assert fetch(f"{address}ui-settings")[1].count(f'"api_url":"{address}api"') == 1


def test_strangers_pages_may_not_call_the_api(supervised: Supervised) -> None:
    api = endpoints(supervised.settings).prefect_api_url
    own = api.removesuffix("/api")
    allowed = fetch(f"{api}/health", Origin=own)[2].get("access-control-allow-origin")
    assert allowed == own
    strange = fetch(f"{api}/health", Origin="https://attacker.example")[2]
    assert "access-control-allow-origin" not in strange


def test_a_second_supervisor_is_refused(supervised: Supervised) -> None:
    second = type(supervised)(supervised.data)
    second.start()
    assert second.process.wait(300) == ExitCode.already_running
    assert supervised.all_ready()


@pytest.mark.parametrize("name", ["watcher", "store", "prefect", "portal"])
def test_killed_ones_come_back(supervised: Supervised, name: str) -> None:
    supervised.wait_for(supervised.all_ready, 60)
    before = supervised.services()[name]
    os.kill(before["pid"], signal.SIGKILL)
    supervised.wait_for(lambda: supervised.services()[name]["pid"] != before["pid"], 20)
    supervised.wait_for(supervised.all_ready, 60)
    after = supervised.services()[name]
    assert after["address"] == before["address"]
    assert after["restarts"] == before["restarts"] + 1
    found = endpoints(supervised.settings)
    Objects(found.store).health()
    assert fetch(f"{found.prefect_api_url}/health")[1] == "true"


def test_a_killed_supervisor_takes_them_along_and_the_next_one_goes_on(
    supervised: Supervised,
) -> None:
    ports = (supervised.data / "run" / "ports.json").read_text()
    left = children(supervised)
    assert len(left) >= 3
    supervised.process.kill()
    supervised.process.wait(300)
    _gone, alive = psutil.wait_procs(left, timeout=60)
    assert alive == []
    supervised.start()
    supervised.wait_for(supervised.all_ready, 90)
    assert (supervised.data / "run" / "ports.json").read_text() == ports


def test_sigterm_ends_them_in_order_and_leaves_nothing(
    supervised: Supervised, tmp_path: Path
) -> None:
    """One of its own: the tests of this file share theirs, and need not run in this order."""
    own = type(supervised)(tmp_path / "data")
    own.start()
    own.wait_for(own.all_ready, 150)
    own.wait_for(lambda: own.said()[-1] == "ready", 30)  # it says so a bit later
    started = len(own.said())
    begun = time.monotonic()
    own.process.terminate()
    assert own.process.wait(120) == 0
    assert time.monotonic() - begun < 60
    ended = [one["service"] for one in own.said()[started:] if one["state"] == "stopped"]
    assert ended == ["portal", "watcher", "prefect", "store"]
    assert list(marked(own.data)) == []
    assert own.services() == {}
    with only_one(own.data / "run" / "lock"):
        pass  # a new one could start
