"""Keeps the embedded services running: started in order, started again, ended in order."""

import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import FrameType

from schemas.errors import ConfigurationError, ServiceUnavailable
from schemas.page import Frozen
from sohoa.processes import Child, bound, end_marked, spawn
from sohoa.services import external
from sohoa.services.facts import (
    Endpoints,
    ServiceFact,
    endpoints,
    forget_facts,
    write_facts,
)
from sohoa.services.files import private_folder
from sohoa.services.lock import only_one
from sohoa.services.plans import (
    ServicePlan,
    portal_plan,
    prefect_plan,
    store_plan,
    watcher_plan,
)
from sohoa.services.ports import choose_ports
from sohoa.services.secrets import ensure_secrets
from sohoa.settings import Settings

log = logging.getLogger(__name__)

TICK_SECONDS = 0.1
PULSE_SECONDS = 15.0
"""Between two health checks of a service that was healthy."""
PULSES_MISSED = 5
"""A service that fails this many checks in a row is killed and started again."""
QUICK_SECONDS = 10.0
"""A service that lives shorter than this has failed, not merely been killed."""
FAILURES_AT_FIRST = 3
FAILURES_LATER = 15
"""Quick failures in a row after which it makes no sense to go on."""
LONGEST_WAIT = 10.0
LOG_CHECK_SECONDS = 60.0
DEATHS_TOLD = 50
"""How many of a service's last ends are told in ``services.json``."""


class State(StrEnum):
    """What a service is doing."""

    waiting = "waiting"
    starting = "starting"
    ready = "ready"
    died = "died"
    stopped = "stopped"


class Change(Frozen):
    """A service went over to another state."""

    service: str
    state: State
    exit_code: int | None = None


@dataclass
class _Service:
    plan: ServicePlan
    state: State = State.waiting
    child: Child | None = None
    started: float = 0.0
    not_before: float = 0.0
    next_pulse: float = 0.0
    missed: int = 0
    failures: int = 0
    restarts: int = 0
    died_at: list[float] = field(default_factory=list)
    ever_ready: bool = False


@dataclass
class Supervisor:
    """The services of one data folder. Times are seconds of a monotonic clock."""

    settings: Settings
    plans: Sequence[ServicePlan]
    on_change: Callable[[Change], None] = lambda _change: None
    clock: Callable[[], float] = time.monotonic
    _services: list[_Service] = field(init=False)
    _next_log_check: float = 0.0

    def __post_init__(self) -> None:
        self._services = [_Service(plan) for plan in self.plans]
        self._logs = private_folder(self.settings.data / "logs")
        self._run = private_folder(self.settings.data / "run")
        self._record()

    @property
    def ready(self) -> bool:
        """Whether every service is healthy."""
        return all(service.state is State.ready for service in self._services)

    def tick(self) -> None:
        """Look at every service once and do what is due.

        Raises:
            ServiceUnavailable: a service keeps failing.
        """
        now = self.clock()
        before_is_ready = True
        for service in self._services:
            self._look_at(service, now, may_start=before_is_ready)
            before_is_ready = before_is_ready and service.state is State.ready
        if now >= self._next_log_check:
            self._next_log_check = now + LOG_CHECK_SECONDS
            for service in self._services:
                bound(self._logs / f"{service.plan.name}.log")

    def stop(self, hurry: Callable[[], bool] = lambda: False) -> None:
        """End every service, the last started first; killed at once when ``hurry`` says so."""
        for service in reversed(self._services):
            if service.child is not None:
                service.child.end(service.plan.grace_seconds, hurry)
            service.child = None
            for one in service.plan.sockets:
                one.close()
            self._turn(service, State.stopped)

    def _look_at(self, service: _Service, now: float, *, may_start: bool) -> None:
        if service.child is None:
            if may_start and now >= service.not_before:
                self._start(service, now)
            return
        code = service.child.exit_code()
        if code is not None:
            self._died(service, now, code)
        elif service.state is State.starting:
            if service.plan.healthy(service.child.pid):
                service.ever_ready = True
                service.missed = 0
                service.next_pulse = now + PULSE_SECONDS
                self._turn(service, State.ready)
            elif now - service.started > service.plan.start_seconds:
                self._died(service, now, None)
        elif now >= service.next_pulse:
            service.next_pulse = now + PULSE_SECONDS
            healthy = service.plan.healthy(service.child.pid)
            service.missed = 0 if healthy else service.missed + 1
            if service.missed >= PULSES_MISSED:
                log.warning("%s does not answer and is started again", service.plan.name)
                self._died(service, now, None)

    def _start(self, service: _Service, now: float) -> None:
        plan = service.plan
        try:
            service.child = spawn(
                plan.command,
                environment=plan.environment,
                folder=self._run,
                log=self._logs / f"{plan.name}.log",
                keep=[one.fileno() for one in plan.sockets],
            )
        except OSError as wrong:
            raise self._hopeless(plan) from wrong
        service.started = now
        self._turn(service, State.starting)

    def _died(self, service: _Service, now: float, code: int | None) -> None:
        assert service.child is not None  # noqa: S101 - for the type checker
        service.child.kill()  # what it may have left behind, too
        service.child = None
        quick = service.state is State.starting or now - service.started < QUICK_SECONDS
        service.failures = service.failures + 1 if quick else 0
        service.restarts += 1
        service.died_at = [*service.died_at, time.time()][-DEATHS_TOLD:]
        if service.failures >= (FAILURES_LATER if service.ever_ready else FAILURES_AT_FIRST):
            raise self._hopeless(service.plan)
        service.not_before = now + min(LONGEST_WAIT, 0.25 * 2**service.failures)
        log.warning("%s ended (%s) and is started again", service.plan.name, code)
        self._turn(service, State.died, code)

    def _hopeless(self, plan: ServicePlan) -> ServiceUnavailable:
        return ServiceUnavailable(
            "service.keeps_failing",
            service=plan.name,
            log=str(self._logs / f"{plan.name}.log"),
        )

    def _turn(self, service: _Service, state: State, exit_code: int | None = None) -> None:
        service.state = state
        self._record()
        self.on_change(Change(service=service.plan.name, state=state, exit_code=exit_code))

    def _record(self) -> None:
        facts = {
            service.plan.name: ServiceFact(
                pid=service.child.pid if service.child else None,
                ready=service.state is State.ready,
                address=service.plan.address if service.ever_ready else None,
                restarts=service.restarts,
                died_at=tuple(service.died_at),
            )
            for service in self._services
        }
        write_facts(self.settings, facts)


def supervise(
    settings: Settings,
    *,
    on_ready: Callable[[Endpoints], None] | None = None,
    on_change: Callable[[Change], None] | None = None,
    stop: threading.Event | None = None,
    watcher: Callable[[Settings, str], ServicePlan] | None = watcher_plan,
) -> None:
    """Run the embedded services until told to stop.

    Blocks. ``on_ready`` is called once, when everything is healthy, and ``on_change`` at every
    change, both in this thread: they must return at once. In the main thread SIGINT, SIGTERM and
    SIGHUP stop in order, a second one at once; in another thread only ``stop`` does, and that
    thread must live until this returns, since the kernel ends the children with it.

    Args:
        settings: services configured as outside ones are checked, not started.
        on_ready: gets the addresses of the services.
        on_change: gets every change of a service's state.
        stop: set it to end in order.
        watcher: what to run behind the store and Prefect, given Prefect's API, and before the
            desk; ``None``: neither.

    Raises:
        AlreadyRunning: another supervisor serves this data folder.
        ServiceUnavailable: an outside service does not answer, or an embedded one keeps failing.
        ConfigurationError: the data folder cannot be used.
        MissingDependency: the store's program is missing.
    """
    halt = stop or threading.Event()
    run = _prepared(settings)
    with only_one(run / "lock"), _signals(halt) as hurry:
        if left := end_marked(settings.data):
            log.warning("%d processes of an earlier run were ended", left)
        external.check(settings)
        supervisor = Supervisor(
            settings, _plans(settings, watcher), on_change or (lambda _change: None)
        )
        try:
            _run(supervisor, halt, on_ready)
        finally:
            supervisor.stop(hurry)
            forget_facts(settings)


def _prepared(settings: Settings) -> Path:
    try:
        private_folder(settings.data)
        settings.inbox.mkdir(mode=0o750, parents=True, exist_ok=True)
        return private_folder(settings.data / "run")
    except OSError as wrong:
        raise ConfigurationError(
            "service.data_unusable", path=str(settings.data), problem=os.strerror(wrong.errno or 0)
        ) from wrong


def _run(
    supervisor: Supervisor,
    halt: threading.Event,
    on_ready: Callable[[Endpoints], None] | None,
) -> None:
    announced = False
    while not halt.is_set():
        supervisor.tick()
        if supervisor.ready and not announced:
            announced = True
            if on_ready is not None:
                on_ready(endpoints(supervisor.settings))
        halt.wait(TICK_SECONDS)


def _plans(
    settings: Settings, watcher: Callable[[Settings, str], ServicePlan] | None
) -> list[ServicePlan]:
    plans: list[ServicePlan] = []
    ports = choose_ports(settings.data / "run" / "ports.json")
    api = settings.prefect_api_url
    if settings.embedded_store:
        plans.append(store_plan(settings, ports, ensure_secrets(settings.data)))
    if api is None:
        plan = prefect_plan(settings, ports, ensure_secrets(settings.data))
        plans.append(plan)
        api = f"{plan.address}/api"
    if watcher is not None:
        plans += [watcher(settings, api), portal_plan(settings, ports)]
    return plans


@contextmanager
def _signals(halt: threading.Event) -> Iterator[Callable[[], bool]]:
    """Turn signals into ``halt``; returns a function that tells whether a second one came."""
    count = 0

    def handle(_number: int, _frame: FrameType | None) -> None:
        nonlocal count
        count += 1
        halt.set()

    if threading.current_thread() is not threading.main_thread():
        yield lambda: False
        return
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, handle) for number in numbers}
    try:
        yield lambda: count > 1
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
