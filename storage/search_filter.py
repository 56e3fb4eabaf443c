"""Which documents a search looks at: reach, department, type, role, time of publishing."""

from datetime import datetime

import sqlalchemy as sa

from schemas.dossier import Role
from schemas.page import Frozen
from storage.sharing import Reach
from storage.tables import document, dossier


class SearchFilter(Frozen):
    """Which documents are looked at; ``None`` is all."""

    reach: Reach
    untold: frozenset[str] = frozenset()
    """Types of which other departments are told nothing but that there are papers."""
    department: str | None = None
    """Of this one alone."""
    document_type: str | None = None
    role: Role | None = None
    since: datetime | None = None
    until: datetime | None = None

    def conditions(self) -> list[sa.ColumnElement[bool]]:
        """On a statement that joins ``document`` and ``dossier``; of the stage it says nothing."""
        found = [document.c.split.is_(sa.false()), self.reach.condition()]
        equal = {
            dossier.c.department: self.department,
            document.c.document_type: self.document_type,
            document.c.role: self.role.value if self.role else None,
        }
        found += [column == value for column, value in equal.items() if value is not None]
        if self.untold and self.reach.departments is not None:
            own = dossier.c.department.in_(sorted(self.reach.departments))
            told = sa.func.coalesce(document.c.document_type, "").not_in(sorted(self.untold))
            found.append(sa.or_(own, told))
        if self.since is not None:
            found.append(document.c.updated_at >= self.since)
        if self.until is not None:
            found.append(document.c.updated_at < self.until)
        return found
