"""Cases of the use cases of sharing."""

from datetime import date
from zoneinfo import ZoneInfo

from permission_cases import ELSEWHERE, HERE, OPERATOR, SIGNER, TAKING, Asked, Case

from schemas.sharing import Shared
from schemas.sharing_views import GrantView
from usecases import grants, purposes

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


def _share(asked: Asked) -> GrantView:
    return grants.share(
        asked.caller, asked.rooms, HERE, ELSEWHERE, Shared.dossier, asked.code,
        date(2020, 1, 1), date(2020, 1, 2), "phối hợp", zone=ZONE,
    )  # fmt: skip


OF_SHARING: dict[str, Case] = {
    "grants.sharing": Case({SIGNER}, lambda a: grants.sharing(a.caller, a.rooms)),
    "grants.share": Case({SIGNER}, _share),
    "grants.end_sharing": Case({SIGNER}, lambda a: grants.end_sharing(a.caller, a.rooms, 1)),
    "grants.enter_rules": Case(
        {OPERATOR}, lambda a: grants.enter_rules(a.caller, a.rooms, (), zone=ZONE)
    ),
    "purposes.say_purpose": Case(
        TAKING, lambda a: purposes.say_purpose(a.caller, a.rooms, a.code, "đối chiếu"), True
    ),
}
