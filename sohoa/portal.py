"""The desk's process: ``python -m sohoa.portal --port=N``, started by the supervisor."""

import argparse
import logging
import sys
import traceback

import uvicorn

from portal.app import make_app
from portal.options import PortalOptions
from schemas.errors import ExitCode, SohoaError
from sohoa.bootstrap import open_rooms
from sohoa.machine import Machine
from sohoa.services import served_inbox
from sohoa.settings import Settings, load_settings

log = logging.getLogger("sohoa.portal")

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
        idle_minutes=portal.idle_minutes,
        longest_hours=portal.longest_hours,
        inbox=served_inbox(settings),
        department_default=settings.department_default,
    )


def serve(settings: Settings, port: int) -> None:
    """Serve until told to stop."""
    portal = settings.portal
    with open_rooms(settings) as rooms:
        app = make_app(rooms, options_of(settings), Machine(settings))
        uvicorn.run(
            app,
            host=portal.address,
            port=port,
            ssl_certfile=portal.certificate,
            ssl_keyfile=portal.key,
            proxy_headers=portal.behind_proxy is not None,
            forwarded_allow_ips=portal.behind_proxy,
            access_log=False,  # portal.security writes lines without addresses
            log_config=None,
            server_header=False,
            lifespan="off",
            timeout_keep_alive=5,
            timeout_graceful_shutdown=3,
        )
        app.state.desk.close()


def _port(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    port: int = parser.parse_args(arguments).port
    return port


def main(arguments: list[str]) -> int:
    """Serve; the exit code of the process."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    try:
        settings = load_settings()
        settings.portal.check()
        serve(settings, _port(arguments))
    except SohoaError as error:
        log.error("%s", error)
        return int(error.exit_code)
    except Exception as error:  # its text may quote a name or a value, where it was is enough
        frames = "".join(traceback.format_tb(error.__traceback__))
        log.error("the desk ends: %s\n%s", type(error).__name__, frames)
        return int(ExitCode.unexpected)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
