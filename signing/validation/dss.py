# mypy: disable-error-code="no-untyped-call"
# pyHanko ships py.typed but leaves much of its reading interface without annotations.
"""The DSS (document security store) of every revision: what one leaves out still counts.

A later revision may write the DSS anew with less in it
(:mod:`signing.validation.dss_rule`), and anybody may append one. A list that tells of a
revocation must not be lost by that.
"""

from collections.abc import Iterator
from contextlib import suppress

from pyhanko.pdf_utils.generic import DictionaryObject
from pyhanko.pdf_utils.reader import PdfFileReader


def dss_revisions(reader: PdfFileReader) -> Iterator[DictionaryObject]:
    """``/DSS`` of every revision that has one, the last first."""
    for revision in reversed(range(int(reader.xrefs.total_revisions))):
        with suppress(Exception):
            held = reader.get_historical_root(revision)["/DSS"]
            if isinstance(held, DictionaryObject):
                yield held
