"""What people look for, kept for their session in this process's memory and nowhere else.

A question is personal data: it comes by POST, and the address of what was found has a random word
in its place. So it stands in no address, no history of a browser and no log.
"""

import secrets
import threading
from collections import OrderedDict
from dataclasses import dataclass

from schemas.dossier import Role

MOST = 2_000
"""Of all sessions together; the oldest go first."""


@dataclass(frozen=True)
class KeptSearch:
    """A question, and what it is narrowed to, as it was typed."""

    question: str
    department: str = ""
    document_type: str = ""
    role: Role | None = None
    since: str = ""
    until: str = ""

    @property
    def narrowed(self) -> bool:
        """Whether less than everything is looked through."""
        return bool(self.department or self.document_type or self.role or self.since or self.until)


class KeptSearches:
    """The searches of a desk; asked from many threads."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, tuple[str, KeptSearch]] = OrderedDict()

    def keep(self, session: str, search: KeptSearch) -> str:
        """The word by which this session finds it again."""
        word = secrets.token_urlsafe(16)
        with self._lock:
            self._kept[word] = (session, search)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return word

    def find(self, session: str, word: str) -> KeptSearch | None:
        """What was kept under that word, for the session that kept it alone."""
        with self._lock:
            owner, search = self._kept.get(word, ("", None))
            if search is None or not secrets.compare_digest(owner, session):
                return None
            self._kept.move_to_end(word)
            return search

    def forget(self, session: str) -> None:
        """Whatever this session has kept, as it ends."""
        with self._lock:
            for word in [one for one, (owner, _) in self._kept.items() if owner == session]:
                del self._kept[word]
