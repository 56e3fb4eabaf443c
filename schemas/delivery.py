"""What is told to other systems when a dossier changes, and how telling them stands."""

from datetime import timedelta
from enum import StrEnum

from pydantic import Field, SecretStr

from schemas.page import Frozen
from schemas.views import Moment


class News(StrEnum):
    """What a system can be told of (*sự kiện*): the stage a document came to, mostly."""

    opened = "opened"
    """The dossier was entered."""
    recoded = "recoded"
    """A provisional code became the dossier's own."""
    due = "due"
    """Its procedure is known, and when the result is due."""
    received = "received"
    digitised = "digitised"
    in_review = "in_review"
    awaiting_approval = "awaiting_approval"
    ready_to_sign = "ready_to_sign"
    signed = "signed"
    stored = "stored"
    published = "published"
    withdrawn = "withdrawn"
    superseded = "superseded"
    """It was withdrawn, and another document takes its place."""
    rejected = "rejected"
    status = "status"
    """The system asked how the dossier stands."""


USUAL = frozenset({News.published, News.withdrawn, News.superseded})
"""What a system is told of where nothing else is said."""


class DeliveringOptions(Frozen):
    """How news go to other systems."""

    days: float = Field(
        7.0, gt=0, le=60, description="how long one is tried, until a person must look"
    )
    seconds: float = Field(30.0, gt=0, le=300, description="of one try, the answer included")
    together: int = Field(8, ge=1, le=64, description="at once to one system")
    first_pause: float = Field(
        1.0, gt=0, le=3600, description="seconds between the first two tries; doubles each time"
    )
    longest_pause: float = Field(
        3600.0, gt=0, le=86400, description="seconds between two tries, at most"
    )

    @property
    def patience(self) -> timedelta:
        """How long one is tried."""
        return timedelta(days=self.days)

    @property
    def lease_seconds(self) -> float:
        """How long nobody else sends what is being sent."""
        return 2 * self.seconds + 30


class TargetView(Frozen):
    """A system that is told, as operators see it."""

    name: str
    url: str
    departments: tuple[str, ...] | None = Field(description="whose dossiers; None: all")
    events: tuple[News, ...]
    adapter: str
    made_at: Moment
    ended_at: Moment | None
    waiting: int = Field(description="that are to be delivered yet, dead ones not among them")
    oldest: Moment | None = Field(description="since when the first of them waits")
    dead: int = Field(description="that were tried for days: a person must look")
    failing_since: Moment | None = Field(description="since when no try was answered well")
    retry_at: Moment | None = Field(description="it is left alone until then")
    last_delivered_at: Moment | None

    @property
    def counts(self) -> bool:
        """Whether it is told at all."""
        return self.ended_at is None


class NewTargetView(TargetView):
    """A system that was just added. ``secret`` is shown once; the ledger does not have it."""

    secret: SecretStr


class DeliveryView(Frozen):
    """One piece of news on its way to a system."""

    number: int
    target: str
    key: str = Field(description="Idempotency-Key, the same at every try")
    dossier: str
    department: str
    document: int | None = Field(description="its number in the dossier")
    news: News
    at: Moment
    attempts: int
    retry_at: Moment
    dead: bool
    error: str | None = Field(description="what the last try came to, a sentence")
    delivered_at: Moment | None
    acknowledged_at: Moment | None


class RetriedDeliveries(Frozen):
    """How many dead ones are on their way again."""

    target: str
    count: int


class InboundKind(StrEnum):
    """What another system may tell us, or ask."""

    acknowledged = "acknowledged"
    """It has worked on what was delivered."""
    status_requested = "status_requested"
    """It wants to be told how a dossier stands."""


class InboundAnswer(Frozen):
    """What came of it; the same key is answered alike."""

    event: InboundKind
    delivery: str = Field(description="the key of what was acknowledged, or will be delivered")
    dossier: str
