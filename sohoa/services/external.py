"""Services somebody else runs: checked before ours are started, never started or stopped."""

import time

from schemas.errors import ServiceUnavailable
from sohoa.services.facts import store_options
from sohoa.services.plans import answers
from sohoa.settings import Settings
from storage import Objects

PATIENCE_SECONDS = 30.0


def check(settings: Settings) -> None:
    """Raise unless every outside service answers within half a minute.

    Raises:
        ServiceUnavailable: one does not.
    """
    if not settings.embedded_store:
        Objects(store_options(settings)).health()
    if settings.prefect_api_url is not None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not answers(f"{settings.prefect_api_url}/health"):
            if time.monotonic() > deadline:
                raise ServiceUnavailable("service.no_outside_prefect")
            time.sleep(1)
