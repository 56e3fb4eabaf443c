"""A public code for a result that is drawn before the ledger knows it."""

from schemas.errors import ConfigurationError
from signing import link
from usecases.caller import Caller, Right, permit
from usecases.rooms import Rooms


def reserved_link(caller: Caller, rooms: Rooms) -> str:
    """The address of the check page for a paper that is about to be drawn, with a code of its own.

    The code becomes that of the result on which it is found when the office signs that as a copy.

    Raises:
        NotAllowed: they sign nothing.
        ConfigurationError: ``check.no_page``: there is no page for codes to lead to.
    """
    permit(caller, Right.sign)
    page = None if rooms.signing is None else rooms.signing.check_page
    if page is None:
        raise ConfigurationError("check.no_page")
    return link(page, rooms.ledger.public_codes.reserve(caller.name))
