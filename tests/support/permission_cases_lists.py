"""Cases of the use cases behind the desk's lists: queue, dossiers, results, handing in."""

from typing import Any

from permission_cases import CLERK, LOOKING, TAKING, Asked, Case

from schemas.dossier import Stage
from storage import WaitingCount
from usecases import downloads, find, following, handing_in, look, overview, queue


def _hand_in(asked: Asked) -> Any:
    drop = handing_in.Drop(asked.folder, files=1, hashes=["a" * 64])
    return handing_in.hand_in(
        asked.caller, asked.rooms, asked.folder / "inbox", drop, key="k" * 12,
        department=asked.department, code=asked.code,
    )  # fmt: skip


def _drop(asked: Asked) -> Any:
    with handing_in.dropping(asked.caller, asked.rooms) as drop:
        return drop


def _waiting_now(asked: Asked) -> Any:
    count = WaitingCount(
        department=asked.department, stage=Stage.in_review, documents=1,
        moved_at=asked.rooms.clock(),
    )  # fmt: skip
    return queue.waiting_now(asked.caller, [count])


LISTS: dict[str, Case] = {
    "downloads.signed_file": Case(
        TAKING, lambda a: downloads.signed_file(a.caller, a.rooms, a.code, 2), True
    ),
    "downloads.manifest_file": Case(
        TAKING, lambda a: downloads.manifest_file(a.caller, a.rooms, a.code, 2), True
    ),
    "downloads.evidence_file": Case(
        TAKING, lambda a: downloads.evidence_file(a.caller, a.rooms, a.code), True
    ),
    "find.result_page": Case(TAKING, lambda a: find.result_page(a.caller, a.rooms)),
    "following.dossier_state": Case(
        LOOKING, lambda a: following.dossier_state(a.caller, a.rooms, a.code), True
    ),
    "handing_in.departments_to_hand_in_to": Case(
        {CLERK}, lambda a: handing_in.departments_to_hand_in_to(a.caller, a.rooms)
    ),
    "handing_in.dropping": Case({CLERK}, _drop),
    "handing_in.hand_in": Case({CLERK}, _hand_in),
    "look.dossier_page": Case(LOOKING, lambda a: look.dossier_page(a.caller, a.rooms)),
    "overview.overview": Case(
        LOOKING, lambda a: overview.overview(a.caller, a.rooms, a.code), True
    ),
    "queue.queue": Case(LOOKING, lambda a: queue.queue(a.caller, a.rooms.ledger, Stage.in_review)),
    "queue.queue_totals": Case(
        LOOKING, lambda a: queue.queue_totals(a.caller, a.rooms.ledger, Stage.in_review)
    ),
    "queue.all_waiting": Case(
        LOOKING, lambda a: queue.all_waiting(a.caller, a.rooms, Stage.in_review)
    ),
    "queue.waiting_counts": Case(LOOKING, lambda a: queue.waiting_counts(a.caller, a.rooms.ledger)),
    "queue.waiting_now": Case(LOOKING, _waiting_now),
    "queue.worklist": Case(LOOKING, lambda a: queue.worklist(a.caller, a.rooms, Stage.in_review)),
}
