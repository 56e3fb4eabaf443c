"""The services Sohoa runs itself: the store, Prefect's server, the watcher, the desk."""

from typing import TYPE_CHECKING

from schemas.door import door

if TYPE_CHECKING:
    from sohoa.services.facts import (
        Endpoints,
        Facts,
        desk_url,
        endpoints,
        ledger_options,
        prefect_api_url,
        prefect_page,
        prefect_server,
        running,
        served_inbox,
        store_options,
    )
    from sohoa.services.lock import AlreadyRunning
    from sohoa.services.plans import announce_ready, prefect_environment
    from sohoa.services.secrets import ensure_secrets, prefect_auth_file
    from sohoa.services.supervisor import Change, State, supervise

__all__ = [
    "AlreadyRunning",
    "Change",
    "Endpoints",
    "Facts",
    "State",
    "announce_ready",
    "desk_url",
    "endpoints",
    "ensure_secrets",
    "ledger_options",
    "prefect_api_url",
    "prefect_auth_file",
    "prefect_environment",
    "prefect_page",
    "prefect_server",
    "running",
    "served_inbox",
    "store_options",
    "supervise",
]

if not TYPE_CHECKING:  # a type checker would believe in every name
    __getattr__ = door(__name__)
