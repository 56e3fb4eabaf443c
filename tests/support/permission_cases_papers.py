"""Cases of the use cases behind a dossier's tick list and papers, delegations and accounts."""

from datetime import date
from zoneinfo import ZoneInfo

from permission_cases import CLERK, LOOKING, OPERATOR, SIGNER, Case

from schemas.checklist_views import PaperKind, Register
from usecases import accounts, delegations, identity_pictures, papers

DAY = date(2026, 12, 1)

OF_PAPERS: dict[str, Case] = {
    "papers.replace_by_data": Case(
        {CLERK, SIGNER},
        lambda a: papers.replace_by_data(a.caller, a.rooms, a.code, "declaration", Register.land),
        True,
    ),
    "papers.ask_again": Case(
        {CLERK, SIGNER},
        lambda a: papers.ask_again(a.caller, a.rooms, a.code, "declaration"),
        True,
    ),
    "papers.paper": Case(
        {CLERK, SIGNER},
        lambda a: papers.paper(a.caller, a.rooms, a.code, PaperKind.receipt),
        True,
    ),
    "delegations.delegations": Case(
        {SIGNER, OPERATOR}, lambda a: delegations.delegations(a.caller, a.rooms)
    ),
    "delegations.people": Case({SIGNER}, lambda a: delegations.people(a.caller, a.rooms)),
    "delegations.delegate": Case(
        {SIGNER},
        lambda a: delegations.delegate(
            a.caller, a.rooms, "lan", DAY, DAY, "đi họp", zone=ZoneInfo("Asia/Ho_Chi_Minh")
        ),
    ),
    "delegations.end": Case({SIGNER, OPERATOR}, lambda a: delegations.end(a.caller, a.rooms, 1)),
    "accounts.change": Case(
        {OPERATOR}, lambda a: accounts.change(a.caller, a.rooms, "lan", duties=[CLERK])
    ),
    "identity_pictures.accesses": Case(
        LOOKING, lambda a: identity_pictures.accesses(a.caller, a.rooms, a.code), True
    ),
    "papers.cover_sheet": Case(
        {CLERK, SIGNER}, lambda a: papers.cover_sheet(a.caller, a.rooms, a.code), True
    ),
}
