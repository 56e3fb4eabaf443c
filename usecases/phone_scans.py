"""A telephone sends a picture by a one-time address: whoever has it, and nobody is asked who.

The address opens one request, for some minutes, until a picture is accepted. What it shows names
no person, no dossier and no office's paper; what it takes is looked at before anybody hears of it.
"""

from schemas.errors import NotFound
from schemas.rescan_views import PhoneView
from storage import Picture, Rescan
from usecases.arrived_scans import arrived, forget
from usecases.handing_in import Drop
from usecases.pictures import Drawer
from usecases.rescanning import link_hash
from usecases.rooms import Rooms

PHONE = "phone"
"""Who brought a picture, in events: nobody that is known."""
LARGEST = 25_000_000
"""Bytes of a picture; telephones make some 3 to 12 MB of one."""


def asked(rooms: Rooms, token: str) -> PhoneView:
    """What a telephone is asked for.

    Raises:
        NotFound: ``storing.link_ended``: the address opens nothing, or nothing any more.
    """
    return _shown(_linked(rooms, token))


async def send(rooms: Rooms, pool: Drawer, token: str, drop: Drop) -> PhoneView:
    """A picture comes; the one before it is of no account any more.

    Args:
        rooms: the ledger and the work folder.
        pool: looks at it, in a process of its own.
        token: what the address holds.
        drop: the one file.

    Raises:
        NotFound: as :func:`asked`.
        InputRejected: it is no picture that can be read.
        Conflict: too many came by this address, or the request has ended.
    """
    found = _linked(rooms, token)
    file = await arrived(rooms, pool, drop, found.code, one_page=True, picture=True)
    picture = Picture(sha256=file.sha256, bytes=file.size, media_type=file.media_type, by=PHONE)
    now = rooms.ledger.rescans.arrived(found.code, picture, link=link_hash(token))
    forget(rooms, now.code, but=now.picture_sha256)
    return _shown(now)


def _linked(rooms: Rooms, token: str) -> Rescan:
    found = rooms.ledger.rescans.linked(link_hash(token))
    if found is None:
        raise NotFound("storing.link_ended")
    return found


def _shown(found: Rescan) -> PhoneView:
    return PhoneView(
        code=found.code,
        page=found.page,
        arrived=found.picture_sha256 is not None,
        until=found.link_until or found.asked_at,
    )
