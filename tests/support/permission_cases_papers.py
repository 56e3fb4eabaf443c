"""Cases of the use cases behind the dossier's tick list and papers."""

from permission_cases import CLERK, SIGNER, Case

from schemas.checklist_views import PaperKind, Register
from usecases import papers

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
    "papers.cover_sheet": Case(
        {CLERK, SIGNER}, lambda a: papers.cover_sheet(a.caller, a.rooms, a.code), True
    ),
}
