"""What may be given to an account or a token: nobody gives more than they have themselves."""

from collections.abc import Collection

from schemas.account import AccountName, account_name
from schemas.errors import InputRejected
from schemas.page import Frozen
from storage import Account, Token
from usecases.caller import Caller, Duty, Right, permit
from usecases.dossiers import known_department
from usecases.rooms import Rooms


def name_for(caller: Caller, name: str) -> AccountName:
    """What a new account or token is called.

    Raises:
        NotAllowed: they do not keep accounts.
        InputRejected: ``sign_in.bad_name``.
    """
    permit(caller, Right.administer)
    return account_name(name)


def departments_for(
    caller: Caller, rooms: Rooms, departments: Collection[str] | None
) -> frozenset[str] | None:
    """The departments by their identifiers; None stands for all that the caller has.

    Raises:
        NotAllowed: they do not keep accounts.
        NotFound: there is no such department, or it is not theirs.
    """
    if departments is None:
        return caller.departments
    return frozenset(
        known_department(caller, Right.administer, rooms.ledger, one) for one in departments
    )


def duties_for(duties: Collection[Duty]) -> frozenset[str]:
    """The duties, one at least.

    Raises:
        InputRejected: ``sign_in.no_duty``.
    """
    if not duties:
        raise InputRejected("sign_in.no_duty")
    return frozenset(duties)


def shown(one: Account | Token, view: type[Frozen]) -> dict[str, object]:
    """What ``view`` shows of an account or token; duties and departments in their order."""
    return one.model_dump(include=set(view.model_fields)) | {
        "duties": tuple(sorted(one.duties)),
        "departments": None if one.departments is None else tuple(sorted(one.departments)),
    }


def within(caller: Caller, departments: frozenset[str] | None) -> bool:
    """Whether all of these are the caller's: then they may see and change who has them."""
    if caller.departments is None:
        return True
    return departments is not None and departments <= caller.departments
