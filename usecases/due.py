"""When the result of a dossier is due, as far as its papers tell which procedure it is of."""

from zoneinfo import ZoneInfo

from schemas.procedure import due_at
from storage import Dossier
from usecases.components import known_procedures
from usecases.context import ACTOR, AppContext


def note_due(context: AppContext, dossier: Dossier) -> None:
    """Note the procedures that a dossier may be of, and the earliest of their due dates.

    Nothing is changed where its papers do not tell.
    """
    known = known_procedures(context.ledger.documents(dossier.id))
    if known is None:
        return
    days = [one.due_days for one in known.procedures if one.due_days is not None]
    zone = ZoneInfo(context.timezone)
    due = due_at(dossier.created_at, min(days), zone) if days else None
    context.ledger.set_due(dossier.id, [one.key for one in known.procedures], due, ACTOR)
