"""Where the office's stamp would stand on a paper, told before anybody signs; no key is needed."""

import string
from datetime import datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from schemas.page import Box
from schemas.public_code import LENGTH
from signing.appearance.check_marks import check_marks
from signing.appearance.placement import first_page
from signing.appearance.stamp import lay_out
from signing.appearance.typeface import find_font, load
from signing.options import SignerRole, SigningOptions
from signing.profiles import known_profiles

_USUAL = frozenset(string.ascii_letters + string.digits + string.punctuation + " ")
"""Letters that breaking into lines may add."""


_ANY_CODE = "0" * LENGTH
"""Every public code takes as much room: one is made only when the document is signed."""


def stamp_place(path: Path, options: SigningOptions, time: datetime) -> Box | None:
    """Where the lines of the seal's usual profile go on the first page of a PDF.

    Runs where PDFium may: in a process of its own.

    Args:
        path: an unsigned PDF of ours.
        options: what the office says.
        time: about when it is signed.

    Returns:
        Left, top, right, bottom in shares of the upright page; None where the stamp is a picture,
        or nothing is shown, or nothing is free.

    Raises:
        InputRejected: the page cannot be drawn.
        MissingDependency: no font with the metrics of Times New Roman on this machine.
        ConfigurationError: a profile cannot be read, or asks for a number.
    """
    profile = known_profiles(options.profiles).chosen(None, SignerRole.seal)
    if profile.pictured and SignerRole.seal in options.pictures:
        return None
    saying = partial(
        profile.lines,
        agency=options.agency,
        signer=options.agency,
        time=time.astimezone(ZoneInfo(options.timezone)),
    )
    lines = saying()
    if not lines:
        return None
    code, text = check_marks(profile, options.check_page, _ANY_CODE)
    checked = () if text is None else saying(check=text)
    typeface = load(find_font(options.font), "".join(sorted(_USUAL.union(*lines, *checked))))
    for whole in (False, True):
        page = first_page(path, whole=whole)
        stamp = lay_out(lines, typeface, page, code, checked)
        if stamp is not None:
            left, top, right, bottom = stamp.box
            width, height = page.width, page.height
            return left / width, top / height, right / width, bottom / height
    return None
