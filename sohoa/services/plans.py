"""What the supervisor runs: for each embedded service its command, environment and health check."""

import os
import socket
import ssl
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import sohoa
from schemas.errors import ConfigurationError
from sohoa.portal_settings import DEFAULT_PORT
from sohoa.processes import MARK
from sohoa.services.facts import PORTAL, PREFECT, PREFECT_BASE, STORE, WATCHER
from sohoa.services.files import private_folder, write_private
from sohoa.services.ports import LOOPBACK, Ports, listening
from sohoa.services.secrets import Secrets, ensure_secrets, ensure_store_certificate
from sohoa.settings import Settings, config_file
from storage.seaweedfs import find_weed, weed_command, weed_environment, write_s3_config
from storage.seaweedfs_tls import SECURITY, write_security

_PROBE_SECONDS = 3.0


@dataclass(frozen=True)
class ServicePlan:
    """How one service is run.

    Attributes:
        healthy: whether the process with this pid does its work; called often, must be quick.
        start_seconds: how long it may take until it is healthy.
        grace_seconds: how long it may take to stop before it is killed.
        sockets: that it serves; held here, so that nobody takes its port before it has started.
    """

    name: str
    command: tuple[str, ...]
    environment: dict[str, str]
    healthy: Callable[[int], bool]
    start_seconds: float
    grace_seconds: float
    address: str | None = None
    sockets: tuple[socket.socket, ...] = ()


def store_plan(settings: Settings, ports: Ports, secrets: Secrets) -> ServicePlan:
    """The object store: one ``weed mini`` on loopback.

    Raises:
        MissingDependency: there is no ``weed``.
    """
    run = private_folder(settings.data / "run")
    folder = private_folder(settings.data / "store")
    access = run / "s3.json"
    certificate = ensure_store_certificate(settings.data)
    write_s3_config(access, [secrets.administrator()])
    write_security(run / SECURITY, certificate)
    command = weed_command(find_weed(), folder, ports.store, access, certificate)
    command.append(f"-admin.port={ports.store_admin}")  # 23646 else, for every store on the machine
    address = f"https://{LOOPBACK}:{ports.store.s3}"
    return ServicePlan(
        name=STORE,
        command=tuple(command),
        environment=_base(settings) | weed_environment(secrets.between_parts()),
        healthy=lambda _pid: answers(f"{address}/healthz", certificate.authority),
        start_seconds=60,
        grace_seconds=20,
        address=address,
    )


def prefect_plan(settings: Settings, ports: Ports, secrets: Secrets) -> ServicePlan:
    """The Prefect server: API, page and services in one process, SQLite.

    Without its own authentication every account of the machine could delete runs or stop a
    department by a concurrency limit.
    """
    address = f"http://{LOOPBACK}:{ports.prefect}"
    server = "sohoa.services.prefect_app:create"
    options = {
        "host": LOOPBACK,
        "port": str(ports.prefect),
        "timeout-keep-alive": "5",
        "timeout-graceful-shutdown": "3",
        "log-level": "warning",
    }
    flags = [f"--{name}={value}" for name, value in options.items()]
    command = [sys.executable, "-m", "uvicorn", "--factory", server, "--no-access-log", *flags]
    return ServicePlan(
        name=PREFECT,
        command=tuple(command),
        environment=_base(settings)
        | prefect_environment(settings, f"{address}/api")
        | _prefect_server_environment(settings, ports.prefect)
        | {"PREFECT_SERVER_API_AUTH_STRING": secrets.prefect_auth.get_secret_value()},
        healthy=lambda _pid: answers(f"{address}/api/health"),
        start_seconds=120,
        grace_seconds=10,
        address=address,
    )


def watcher_plan(settings: Settings, prefect_api_url: str) -> ServicePlan:
    """The inbox watcher with its reading processes. It says itself when it is ready."""
    return ServicePlan(
        name=WATCHER,
        command=(sys.executable, "-m", "sohoa.watch"),
        environment=_base(settings) | prefect_environment(settings, prefect_api_url),
        healthy=lambda pid: _announced(settings.data) == pid,
        start_seconds=120,
        grace_seconds=30,
    )


def portal_plan(settings: Settings, ports: Ports) -> ServicePlan:
    """The desk: pages for people, answers for systems.

    Raises:
        ConfigurationError: it would be open without TLS, or the port that was set is taken.
    """
    portal = settings.portal
    portal.check()
    try:
        held = listening(portal.address, portal.port or DEFAULT_PORT)
    except OSError:
        if portal.port is not None:
            raise ConfigurationError("service.portal_port_taken", port=portal.port) from None
        held = listening(portal.address, ports.portal)  # another Sohoa has the usual one
    port = held.getsockname()[1]
    probe = f"{portal.probe}:{port}/healthz"
    return ServicePlan(
        name=PORTAL,
        command=(sys.executable, "-m", "sohoa.portal", f"--socket={held.fileno()}"),
        environment=_base(settings),
        healthy=lambda _pid: answers(probe, known=False),
        start_seconds=60,
        grace_seconds=10,
        address=f"{portal.shown}:{port}",
        sockets=(held,),
    )


def announce_ready(data: Path) -> None:
    """Called by the watcher when it has begun to watch: the supervisor goes on."""
    write_private(_ready_file(data), str(os.getpid()))


def _announced(data: Path) -> int | None:
    try:
        return int(_ready_file(data).read_text("ascii"))
    except (OSError, ValueError):
        return None


def _ready_file(data: Path) -> Path:
    return data / "run" / "watcher.ready"


def prefect_environment(settings: Settings, api_url: str) -> dict[str, str]:
    """What a process needs to talk to Prefect without sending anything off this machine."""
    environment = {
        "PREFECT_API_URL": api_url,
        "PREFECT_HOME": str(private_folder(settings.data / "prefect")),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_CLOUD_ENABLE_ORCHESTRATION_TELEMETRY": "false",
        "PREFECT_TELEMETRY_ENABLE_RESOURCE_METRICS": "false",
        "PREFECT_SERVER_EPHEMERAL_ENABLED": "false",
        "DO_NOT_TRACK": "1",
    }
    if settings.embedded_prefect:
        own = ensure_secrets(settings.data).prefect_auth
        environment["PREFECT_API_AUTH_STRING"] = own.get_secret_value()
    return environment


def _prefect_server_environment(settings: Settings, port: int) -> dict[str, str]:
    """Figures measured with Prefect 3.8.8; names in ``prefect/settings/models/server``."""
    address = f"http://{LOOPBACK}:{port}"
    home = settings.data / "prefect"
    return {
        "PREFECT_SERVER_API_HOST": LOOPBACK,
        "PREFECT_SERVER_API_PORT": str(port),  # the page would call 4200
        "PREFECT_SERVER_UI_API_URL": f"{address}{PREFECT_BASE}/api",
        "PREFECT_SERVER_UI_SERVE_BASE": PREFECT_BASE,
        "PREFECT_SERVER_UI_V2_ENABLED": "false",
        "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
        "PREFECT_SERVER_UI_STATIC_DIRECTORY": str(private_folder(home / "ui")),
        "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": f"{address},http://localhost:{port}",
        "PREFECT_SERVER_DATABASE_CONNECTION_URL": f"sqlite+aiosqlite:///{home}/prefect.db",
        # one write for many task runs: 1.9 -> 0.7 CPU seconds per 50 task runs
        "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "200",
        "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",
        "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_READ_BATCH_SIZE": "50",
        "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_BATCH_SIZE": "200",
        "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_READ_BATCH_SIZE": "50",
        # runs are shown, the ledger remembers: else about 380 MB a day at 3,000 dossiers
        "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
        "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": str(30 * 86_400),
        "PREFECT_SERVER_EVENTS_RETENTION_PERIOD": "P2D",
        # no deployments, workers, pauses or notifications are used here
        "PREFECT_SERVER_SERVICES_SCHEDULER_ENABLED": "false",
        "PREFECT_SERVER_SERVICES_LATE_RUNS_ENABLED": "false",
        "PREFECT_SERVER_SERVICES_FOREMAN_ENABLED": "false",
        "PREFECT_SERVER_SERVICES_PAUSE_EXPIRATIONS_ENABLED": "false",
        "PREFECT_SERVER_SERVICES_CANCELLATION_CLEANUP_ENABLED": "false",
        "PREFECT_SERVER_SERVICES_CLEANUP_RECONCILER_ENABLED": "false",
        "PREFECT_SERVER_SERVICES_TRIGGERS_ENABLED": "false",
        "MALLOC_ARENA_MAX": "2",
    }


def _base(settings: Settings) -> dict[str, str]:
    """The surroundings of every child: ours, without Prefect settings of somebody else's."""
    outside_prefect = not settings.embedded_prefect
    environment = {
        name: value
        for name, value in os.environ.items()
        if outside_prefect or not name.startswith("PREFECT_")
    }
    file = config_file(settings.data)
    if file is not None:
        environment["SOHOA_CONFIG"] = str(file.absolute())
    root = str(Path(sohoa.__file__).parents[1])
    search = environment.get("PYTHONPATH", "")
    direct = environment.get("NO_PROXY", environment.get("no_proxy", ""))
    direct = f"{direct},{LOOPBACK},localhost".lstrip(",")
    return environment | {
        MARK: str(settings.data),
        "SOHOA_DATA": str(settings.data),
        "SOHOA_INBOX": str(settings.inbox),
        "SOHOA_LANGUAGE": settings.language,
        "PYTHONPATH": f"{root}{os.pathsep}{search}" if search else root,
        "PYTHONUNBUFFERED": "1",
        "NO_PROXY": direct,
        "no_proxy": direct,
        "OMP_THREAD_LIMIT": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }


def answers(url: str, authority: Path | None = None, *, known: bool = True) -> bool:
    """Whether ``url`` answers 200 within three seconds; no proxy is asked.

    Args:
        authority: PEM of whom to trust with TLS; the public ones otherwise.
        known: whether it must be trusted: our own desk's certificate is of the name that others
            call it by.
    """
    try:
        context = ssl.create_default_context(cafile=authority)
        if not known:
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        secure = urllib.request.HTTPSHandler(context=context)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), secure)
        with opener.open(url, timeout=_PROBE_SECONDS) as answer:
            return bool(answer.status == 200)
    except (OSError, ValueError, urllib.error.URLError):
        return False
