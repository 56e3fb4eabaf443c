"""Whether the pages still look as they did when each signature was made.

A second opinion: pyHanko compares objects, this compares what PDFium, another reader, shows. An
attack that leads one reader astray shows in the other (shadow attacks; Mainka et al., NDSS 2021).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO

from signing.validation.drawing import PROCESS

PAGES = 1000
"""Pages looked at; a longer document is not compared to its end."""

SECONDS = 120
"""CPU time for one file: after half of it no further page is begun. The wall clock may take twice
as long on a busy machine."""

MEMORY = 3 << 30
"""Address space in bytes, of which PDFium and its libraries use some hundred million."""


@dataclass(frozen=True)
class Revision:
    """A signed revision to be held against the whole file."""

    end: int
    """Its last byte's place, plus one."""
    later: tuple[str, ...]
    """Names of the fields that may look different now: signed, or filled in, afterwards."""


def differences(stream: IO[bytes], revisions: Sequence[Revision]) -> tuple[str, ...]:
    """What is wrong with the looks of the open file.

    Returns:
        ``looks_different``: a page shows something else outside the fields named;
        ``covers_page``: the appearance of a later signature hides what the page said;
        ``partly_compared``: there were more pages than time;
        ``not_compared``: it cannot be known (a page that takes all the time, or too much memory; no
        PDF for PDFium).
    """
    if not revisions:
        return ()
    wanted = {
        "revisions": [{"end": one.end, "later": one.later} for one in revisions],
        "pages": PAGES,
        "seconds": SECONDS,
        "memory": MEMORY,
    }
    answer = PROCESS.ask(stream.fileno(), wanted, 2 * SECONDS)
    if answer is None:
        return ("not_compared",)
    if answer["different"]:
        return ("looks_different",)
    if answer["covered"]:
        return ("covers_page",)
    return ("partly_compared",) if answer["partial"] else ()
