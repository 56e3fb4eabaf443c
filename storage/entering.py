"""Who may come to the ledger from outside: people, systems, anybody; and whom it tells outside."""

from storage.accounts import Accounts
from storage.delegations import Delegations
from storage.deliveries import Deliveries
from storage.doc_codes import DocCodes
from storage.entries import Entries
from storage.hand_ins import HandIns
from storage.outbox import Outbox
from storage.proving import Proving
from storage.public_codes import PublicCodes
from storage.sessions import Accesses, Attempts, Sessions
from storage.sheets import Sheets
from storage.targets import Targets
from storage.tokens import Tokens


class Entering(Proving):
    """The part of :class:`storage.Ledger` for signing in: a class for each kind of row."""

    @property
    def accounts(self) -> Accounts:
        """Who may sign in."""
        return Accounts(self._database, self._clock)

    @property
    def sessions(self) -> Sessions:
        """Who has signed in."""
        return Sessions(self._database, self._clock)

    @property
    def attempts(self) -> Attempts:
        """Who tried to."""
        return Attempts(self._database, self._clock)

    @property
    def tokens(self) -> Tokens:
        """Which systems may ask."""
        return Tokens(self._database, self._clock)

    @property
    def delegations(self) -> Delegations:
        """Who approves in whose stead."""
        return Delegations(self._database, self._clock)

    @property
    def doc_codes(self) -> DocCodes:
        """How documents are called in the shared store, and what people say they are."""
        return DocCodes(self._database, self._clock)

    @property
    def accesses(self) -> Accesses:
        """Who saw what."""
        return Accesses(self._database, self._clock)

    @property
    def hand_ins(self) -> HandIns:
        """What was handed in over the network."""
        return HandIns(self._database, self._clock)

    @property
    def sheets(self) -> Sheets:
        """Which zones people look at together."""
        return Sheets(self._database, self._clock)

    @property
    def entries(self) -> Entries:
        """What two people enter blind."""
        return Entries(self._database, self._clock)

    @property
    def targets(self) -> Targets:
        """Which systems are told of changes."""
        return Targets(self._database, self._clock)

    @property
    def outbox(self) -> Outbox:
        """What is to be sent to them."""
        return Outbox(self._database, self._clock)

    @property
    def deliveries(self) -> Deliveries:
        """What people and those systems see and say of it."""
        return Deliveries(self._database, self._clock)

    @property
    def public_codes(self) -> PublicCodes:
        """By which anybody checks a document."""
        return PublicCodes(self._database, self._clock)
