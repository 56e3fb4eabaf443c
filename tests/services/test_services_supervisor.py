"""The supervisor's judgement, with small real processes that live and die as told."""

import os
import signal
import socket
import sys
import threading
import time
from pathlib import Path

import pytest

from schemas.errors import ConfigurationError, ServiceUnavailable
from sohoa import processes
from sohoa.processes import MARK, Child, bound, end_marked, marked, rotate, spawn
from sohoa.services import AlreadyRunning, Change, endpoints, running, supervise
from sohoa.services import supervisor as judge
from sohoa.services.lock import only_one
from sohoa.services.plans import ServicePlan
from sohoa.services.ports import choose_ports, is_free
from sohoa.services.supervisor import Supervisor
from sohoa.settings import load_settings


class Clock:
    """Seconds that pass when told."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def plan(name: str, code: str = "import time; time.sleep(60)", **changes: object) -> ServicePlan:
    given: dict[str, object] = {
        "name": name,
        "command": (sys.executable, "-c", code),
        "environment": dict(os.environ),
        "healthy": lambda _pid: True,
        "start_seconds": 5.0,
        "grace_seconds": 2.0,
    }
    return ServicePlan(**(given | changes))  # type: ignore[arg-type]


def made(tmp_path: Path, *plans: ServicePlan) -> tuple[Supervisor, Clock, list[Change]]:
    clock, changes = Clock(), []
    tmp_path.mkdir(exist_ok=True)
    settings = load_settings(data=tmp_path)
    return Supervisor(settings, plans, changes.append, clock), clock, changes


def seen(changes: list[Change]) -> list[tuple[str, str]]:
    return [(change.service, change.state.value) for change in changes]


def pid_of(supervisor: Supervisor, name: str) -> int:
    facts = running(supervisor.settings)
    assert facts is not None
    pid = facts.services[name].pid
    assert pid is not None
    return pid


def wait_gone(pid: int) -> None:
    end = time.monotonic() + 60
    while processes.created(pid) is not None:
        assert time.monotonic() < end
        time.sleep(0.01)


def test_one_waits_for_those_before_it(tmp_path: Path) -> None:
    healthy: list[int] = []
    supervisor, _clock, changes = made(
        tmp_path, plan("a", healthy=lambda _pid: bool(healthy)), plan("b")
    )
    try:
        for _ in range(3):
            supervisor.tick()
        assert seen(changes) == [("a", "starting")]
        healthy.append(1)
        for _ in range(3):
            supervisor.tick()
        assert seen(changes)[1:] == [("a", "ready"), ("b", "starting"), ("b", "ready")]
        assert supervisor.ready
    finally:
        supervisor.stop()
    assert seen(changes)[-2:] == [("b", "stopped"), ("a", "stopped")]


def test_a_killed_one_is_started_again_with_what_depends_on_it_untouched(tmp_path: Path) -> None:
    supervisor, clock, _changes = made(tmp_path, plan("a"), plan("b"))
    try:
        for _ in range(4):
            supervisor.tick()
        first, other = pid_of(supervisor, "a"), pid_of(supervisor, "b")
        clock.now += 60
        os.kill(first, signal.SIGKILL)
        wait_gone(first)
        for _ in range(3):
            clock.now += 1
            supervisor.tick()
        assert pid_of(supervisor, "a") != first
        assert pid_of(supervisor, "b") == other
        facts = running(supervisor.settings)
        assert facts is not None
        assert [len(facts.services[name].died_at) for name in ("a", "b")] == [1, 0]
        assert supervisor.ready
    finally:
        supervisor.stop()


def test_one_that_never_comes_up_is_given_up_with_a_sentence(tmp_path: Path) -> None:
    supervisor, clock, changes = made(
        tmp_path, plan("a", "print('why it fails'); raise SystemExit(3)", healthy=lambda _: False)
    )
    with pytest.raises(ServiceUnavailable) as caught:
        for _ in range(200):
            supervisor.tick()
            clock.now += 0.1
            time.sleep(0.02)
    assert caught.value.code == "service.keeps_failing"
    assert seen(changes).count(("a", "starting")) == judge.FAILURES_AT_FIRST
    assert {change.exit_code for change in changes if change.state.value == "died"} == {3}
    assert "why it fails" in (tmp_path / "logs" / "a.log").read_text()
    supervisor.stop()


def test_the_wait_grows_and_a_long_life_forgives(tmp_path: Path) -> None:
    supervisor, clock, _changes = made(tmp_path, plan("a"))
    waits = []
    try:
        for _ in range(4):
            supervisor.tick()
            supervisor.tick()
            pid = pid_of(supervisor, "a")
            os.kill(pid, signal.SIGKILL)
            wait_gone(pid)
            supervisor.tick()
            died = clock.now
            while not _started(supervisor):
                clock.now += 0.125
                supervisor.tick()
            waits.append(clock.now - died)
        assert waits == [0.5, 1.0, 2.0, 4.0]
        supervisor.tick()
        clock.now += judge.QUICK_SECONDS + 1
        pid = pid_of(supervisor, "a")
        os.kill(pid, signal.SIGKILL)
        wait_gone(pid)
        supervisor.tick()
        clock.now += 0.25
        supervisor.tick()
        assert _started(supervisor)
    finally:
        supervisor.stop()


def _started(supervisor: Supervisor) -> bool:
    facts = running(supervisor.settings)
    return facts is not None and facts.services["a"].pid is not None


def test_one_that_hangs_is_killed_and_started_again(tmp_path: Path) -> None:
    answers = [True]
    supervisor, clock, changes = made(tmp_path, plan("a", healthy=lambda _pid: answers[0]))
    try:
        supervisor.tick()
        supervisor.tick()
        first = pid_of(supervisor, "a")
        answers[0] = False
        for _ in range(judge.PULSES_MISSED):
            assert processes.created(first) is not None
            clock.now += judge.PULSE_SECONDS
            supervisor.tick()
        assert processes.created(first) is None
        assert ("a", "died") in seen(changes)
    finally:
        supervisor.stop()


def test_one_that_ignores_sigterm_is_killed_with_its_children(tmp_path: Path) -> None:
    stubborn = (
        "import signal, subprocess, sys, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    child = spawn(
        [sys.executable, "-c", stubborn],
        environment=dict(os.environ),
        folder=tmp_path,
        log=tmp_path / "log",
    )
    end = time.monotonic() + 60
    while not (tmp_path / "log").read_text().strip():
        assert time.monotonic() < end
        time.sleep(0.02)
    grandchild = int((tmp_path / "log").read_text())
    child.end(0.3)
    assert child.exit_code() == -signal.SIGKILL
    wait_gone(grandchild)


def test_a_program_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    supervisor, _clock, _changes = made(tmp_path, plan("a", command=("/nowhere/weed",)))
    with pytest.raises(ServiceUnavailable):
        supervisor.tick()
    supervisor.stop()


def test_what_an_earlier_run_left_behind_is_ended(tmp_path: Path) -> None:
    environment = os.environ | {MARK: str(tmp_path)}
    sleeping = [sys.executable, "-c", "import time; print(1, flush=True); time.sleep(60)"]
    mine = spawn(sleeping, environment=environment, folder=tmp_path, log=tmp_path / "a.log")
    other = spawn(
        sleeping,
        environment=environment | {MARK: str(tmp_path / "other")},
        folder=tmp_path,
        log=tmp_path / "b.log",
    )
    try:
        for log in ("a.log", "b.log"):
            while not (tmp_path / log).read_text():
                time.sleep(0.02)
        assert [process.pid for process in marked(tmp_path)] == [mine.pid]
        assert end_marked(tmp_path) == 1
        assert mine.exit_code() is not None
        assert other.exit_code() is None
    finally:
        mine.kill()
        other.kill()


def test_children_end_with_the_thread_that_started_them(tmp_path: Path) -> None:
    started: list[Child] = []

    def start() -> None:
        started.append(
            spawn(["sleep", "60"], environment={}, folder=tmp_path, log=tmp_path / "log")
        )

    thread = threading.Thread(target=start)
    thread.start()
    thread.join()
    assert started[0].process.wait(60) == -signal.SIGKILL


def test_a_lock_is_held_once(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with only_one(path), pytest.raises(AlreadyRunning), only_one(path):
        pass
    with only_one(path):
        pass


def test_commands_are_told_when_nothing_runs(tmp_path: Path) -> None:
    settings = load_settings(data=tmp_path)
    with pytest.raises(ServiceUnavailable) as caught:
        endpoints(settings)
    assert caught.value.code == "service.not_running"
    for language in ("vi", "en"):
        assert "sohoa up" in caught.value.sentence(language)


def test_facts_of_a_dead_supervisor_are_not_believed(tmp_path: Path) -> None:
    supervisor, _clock, _changes = made(tmp_path)
    assert running(supervisor.settings) is not None
    path = tmp_path / "run" / "services.json"
    path.write_text(
        path.read_text().replace(f":{os.getpid()}", ":1").replace(f" {os.getpid()},", " 1,")
    )
    assert running(supervisor.settings) is None


def test_a_data_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError) as caught:
        supervise(load_settings(data=tmp_path / "file" / "data"), watcher=None)
    assert caught.value.code == "service.data_unusable"


def test_an_outside_service_that_is_away_is_said_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sohoa.services.external.PATIENCE_SECONDS", 0.5)
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        monkeypatch.setenv(
            "SOHOA_PREFECT_API_URL", f"http://127.0.0.1:{closed.getsockname()[1]}/api"
        )
        with pytest.raises(ServiceUnavailable) as caught:
            supervise(load_settings(data=tmp_path), watcher=None)
    assert caught.value.code == "service.no_outside_prefect"
    assert not list((tmp_path / "logs").glob("*")) if (tmp_path / "logs").exists() else True


def test_ports_are_remembered_until_one_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "ports.json"
    first = choose_ports(path)
    assert choose_ports(path) == first
    assert len(set(first.all())) == 12
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", first.prefect))
        taken.listen()
        assert not is_free(first.prefect)
        second = choose_ports(path)
        assert first.prefect not in second.all()
    assert choose_ports(path) == second


def test_damaged_memory_of_ports_is_no_obstacle(tmp_path: Path) -> None:
    path = tmp_path / "ports.json"
    path.write_text("{")
    assert choose_ports(path).prefect > 0


def test_logs_stay_small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "LOG_BYTES", 1000)
    log = tmp_path / "a.log"
    for round_ in range(6):
        log.write_text(f"{round_}" * 1200)
        rotate(log)
    assert not log.exists()
    kept = {path.name: path.read_text()[0] for path in tmp_path.iterdir()}
    assert kept == {"a.log.1": "5", "a.log.2": "4", "a.log.3": "3"}
    with log.open("ab", buffering=0) as writer:
        writer.write(b"x" * 1200)
        bound(log)
        writer.write(b"after")
    assert log.read_bytes() == b"after"
