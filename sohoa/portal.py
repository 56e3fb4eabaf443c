"""The desk: ``python -m sohoa.portal --socket=N`` serves a socket that the supervisor holds."""

import argparse
import logging
import socket
import sys

import uvicorn

from portal.app import make_app
from portal.options import PortalOptions
from sohoa.bootstrap import open_rooms
from sohoa.machine import Machine
from sohoa.processes import exit_code_of
from sohoa.request_heads import PromptHeads
from sohoa.services import prefect_page, prefect_server, served_inbox
from sohoa.settings import Settings, load_settings

log = logging.getLogger("sohoa.portal")

MOST_CONNECTIONS = 1000
"""At once; who comes then is told to come again (503)."""
LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "::1"})


def options_of(settings: Settings) -> PortalOptions:
    """What the desk's pages know of the settings."""
    portal = settings.portal
    return PortalOptions(
        office=settings.agency,
        language=settings.language,
        timezone=settings.signing.timezone,
        secure=portal.secure,
        hosts=None if portal.secure else LOOPBACK_NAMES,
        public=portal.public,
        idle_minutes=portal.idle_minutes,
        longest_hours=portal.longest_hours,
        inbox=served_inbox(settings),
        provider=portal.oidc,
        department_default=settings.department_default,
        prefect_url=None if settings.embedded_prefect else prefect_page(settings),
    )


def serve(settings: Settings, descriptor: int) -> None:
    """Serve an open socket until told to stop."""
    portal = settings.portal
    with open_rooms(settings) as rooms:
        app = make_app(
            rooms, options_of(settings), Machine(settings), lambda: prefect_server(settings)
        )
        config = uvicorn.Config(
            app,
            ssl_certfile=portal.certificate,
            ssl_keyfile=portal.key,
            proxy_headers=portal.behind_proxy is not None,
            forwarded_allow_ips=portal.behind_proxy,
            access_log=False,  # portal.security writes lines without addresses
            log_config=None,
            server_header=False,
            lifespan="off",
            http=PromptHeads,
            limit_concurrency=MOST_CONNECTIONS,
            timeout_keep_alive=5,
            timeout_graceful_shutdown=3,
        )
        uvicorn.Server(config).run([socket.socket(fileno=descriptor)])
        app.state.desk.close()


def main(arguments: list[str]) -> int:
    """Serve; the exit code of the process."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    logging.getLogger("uvicorn").setLevel(logging.WARNING)

    def work() -> None:
        settings = load_settings()
        settings.portal.check()
        parser = argparse.ArgumentParser()
        parser.add_argument("--socket", type=int, required=True)
        serve(settings, parser.parse_args(arguments).socket)

    return exit_code_of(work, "the desk", log)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
