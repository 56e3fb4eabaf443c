"""What of a stamp leads to the page where anybody checks the document: a QR code, and letters."""

from urllib.parse import quote, urlsplit

from schemas.public_code import grouped
from signing.appearance.qr import QrCode, qr_code
from signing.profiles import CheckText, Profile

NAMED = "{reference}"
"""What an address has in place of what names the document."""


def check_marks(
    profile: Profile, page: str | None, public_code: str | None, reference: str | None = None
) -> tuple[QrCode | None, CheckText | None]:
    """The QR code and the words of a signature's stamp.

    Args:
        profile: says whether it shows a QR code; its lines say whether they show the words.
        page: address of the page (``signing.check_page``); None: nothing leads anywhere.
        public_code: of the document, without gaps.
        reference: names it, where it has no public code.

    Returns:
        None for what is not shown; the words need a public code.
    """
    if page is None:
        return None, None
    code = qr_code(link(page, public_code or reference)) if profile.qr_code else None
    words = CheckText(_typed(page), grouped(public_code)) if public_code else None
    return code, words


def link(page: str, named: str | None) -> str:
    """The verification page's address for one document."""
    told = quote(named or "", safe="")
    return page.replace(NAMED, told) if NAMED in page else page + told


def _typed(page: str) -> str:
    """The address as people type it: without scheme, and without what names a document."""
    parts = urlsplit(page.partition(NAMED)[0])
    return f"{parts.netloc}{parts.path}".rstrip("/")
