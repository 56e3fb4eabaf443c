"""From a run on Prefect's page to its dossier's page at the desk.

A link artifact of the run, which names the dossier's code and department and nothing else. The way
back is on the dossier's page, which looks for runs called ``dossier-<code>``.
"""

import logging
from urllib.parse import quote, urlencode

from prefect.artifacts import acreate_link_artifact

from storage import Dossier

log = logging.getLogger(__name__)


def page_of(desk: str, dossier: Dossier) -> str:
    """The address of a dossier's page.

    Args:
        desk: scheme and host; empty gives an address on the site where it is shown.
        dossier: whose.
    """
    query = urlencode({"department": dossier.department})
    return f"{desk.rstrip('/')}/dossiers/{quote(dossier.code, safe='')}?{query}"


async def link_to_desk(desk: str, dossier: Dossier) -> None:
    """Note in the present run where its dossier's page is."""
    try:
        await acreate_link_artifact(page_of(desk, dossier), dossier.code)
    except Exception as error:  # Prefect shows; without it the work goes on
        log.debug("the desk's page was not told: %s", type(error).__name__)
