"""Where the running services are: ``<data>/run/services.json``, and who may rely on it."""

import os
from pathlib import Path

from pydantic import SecretStr, ValidationError

from schemas.errors import ServiceUnavailable
from schemas.operating import PrefectServer
from schemas.page import Frozen
from sohoa.processes import created
from sohoa.services.files import write_private
from sohoa.services.secrets import ensure_secrets, store_authority
from sohoa.settings import Settings
from storage import LedgerOptions, StoreOptions

STORE = "store"
PREFECT = "prefect"
PREFECT_BASE = "/prefect"
"""The path of its page, on its own server and at the desk."""
WATCHER = "watcher"
PORTAL = "portal"


class ServiceFact(Frozen):
    """One embedded service as the supervisor last saw it."""

    pid: int | None
    ready: bool
    address: str | None = None
    restarts: int = 0
    died_at: tuple[float, ...] = ()
    """When it last ended and was started again, in seconds since 1970."""


class Facts(Frozen):
    """What ``services.json`` holds: no secrets, but private all the same."""

    supervisor_pid: int
    supervisor_created: float
    inbox: Path | None = None
    services: dict[str, ServiceFact]

    def running(self) -> bool:
        """Whether the supervisor that wrote this still runs."""
        return created(self.supervisor_pid) == self.supervisor_created


class Endpoints(Frozen):
    """Everything a command needs to work with the running services."""

    store: StoreOptions
    ledger: LedgerOptions
    prefect_api_url: str
    prefect_ui_url: str
    """Prefect's page itself; operators reach it by the desk as well."""
    desk_url: str | None = None
    """What people open; None where the desk does not run."""


def write_facts(settings: Settings, services: dict[str, ServiceFact]) -> None:
    """Say where the services of this supervisor are."""
    pid = os.getpid()
    facts = Facts(
        supervisor_pid=pid,
        supervisor_created=created(pid) or 0.0,
        inbox=settings.inbox,
        services=services,
    )
    write_private(settings.data / "run" / "services.json", facts.model_dump_json(indent=1))


def forget_facts(settings: Settings) -> None:
    """The supervisor ends in order."""
    (settings.data / "run" / "services.json").unlink(missing_ok=True)


def running(settings: Settings) -> Facts | None:
    """What the supervisor of this data folder says, or ``None`` when none runs."""
    try:
        text = (settings.data / "run" / "services.json").read_text("utf-8")
        facts = Facts.model_validate_json(text)
    except (OSError, ValidationError):
        return None
    return facts if facts.running() else None


def served_inbox(settings: Settings) -> Path:
    """The inbox that is worked on: the running supervisor's, which may have been told another."""
    facts = running(settings)
    return (facts.inbox if facts else None) or settings.inbox


def ledger_options(settings: Settings) -> LedgerOptions:
    """The ledger's database; needs no running service when it is SQLite."""
    return LedgerOptions(url=settings.database_url, head_file=settings.data / "ledger-head.json")


def store_options(settings: Settings) -> StoreOptions:
    """The object store, running embedded or outside.

    Raises:
        ServiceUnavailable: the embedded store does not run.
    """
    store = settings.store
    shared = store.model_dump(
        include={
            "region",
            "bucket_prefix",
            "originals",
            "results",
            "work",
            "retention_days",
            "retention_mode",
            "retry_seconds",
        }
    )
    if store.endpoint is None:
        secrets = ensure_secrets(settings.data)
        return StoreOptions(
            endpoint=_address(settings, STORE).partition("://")[2],
            access_key=secrets.s3_access_key.get_secret_value(),
            secret_key=secrets.s3_secret_key,
            secure=True,
            ca_file=store_authority(settings.data),
            data_dir=settings.data / "store",
            **shared,
        )
    scheme, _, host = store.endpoint.partition("://")
    return StoreOptions(
        endpoint=host,
        access_key=_revealed(store.access_key),
        secret_key=store.secret_key or SecretStr(""),
        secure=scheme == "https",
        ca_file=store.ca_file,
        **shared,
    )


def prefect_api_url(settings: Settings) -> str:
    """Prefect's API, running embedded or outside.

    Raises:
        ServiceUnavailable: the embedded server does not run.
    """
    return settings.prefect_api_url or f"{_address(settings, PREFECT)}/api"


def prefect_server(settings: Settings) -> PrefectServer | None:
    """The embedded Prefect server with what lets one in; None where it does not run."""
    if not settings.embedded_prefect:
        return None
    try:
        address = _address(settings, PREFECT)
    except ServiceUnavailable:
        return None
    return PrefectServer(address=address, auth=ensure_secrets(settings.data).prefect_auth)


def prefect_page(settings: Settings) -> str | None:
    """What an operator opens at the desk to see the runs; None while there is nothing to see."""
    if settings.embedded_prefect:
        return f"{PREFECT_BASE}/" if prefect_server(settings) is not None else None
    return _page_of(prefect_api_url(settings))


def _page_of(api_url: str) -> str:
    return api_url.removesuffix("/api") + "/"


def endpoints(settings: Settings) -> Endpoints:
    """Where the running or outside services are, with the keys to them.

    Raises:
        ServiceUnavailable: an embedded service is needed and does not run, or has not started yet.
    """
    return Endpoints(
        store=store_options(settings),
        ledger=ledger_options(settings),
        prefect_api_url=(api := prefect_api_url(settings)),
        prefect_ui_url=(
            f"{_address(settings, PREFECT)}{PREFECT_BASE}/"
            if settings.embedded_prefect
            else _page_of(api)
        ),
        desk_url=desk_url(settings),
    )


def desk_url(settings: Settings) -> str | None:
    """Where people find the desk, while it runs."""
    facts = running(settings)
    fact = facts.services.get(PORTAL) if facts else None
    return f"{fact.address}/" if fact is not None and fact.address else None


def _address(settings: Settings, name: str) -> str:
    facts = running(settings)
    if facts is None:
        raise ServiceUnavailable("service.not_running")
    fact = facts.services.get(name)
    if fact is None or fact.address is None:
        raise ServiceUnavailable("service.starting")
    return fact.address


def _revealed(secret: SecretStr | None) -> str:
    return "" if secret is None else secret.get_secret_value()
