"""What an operator sees of the office at work: services, what is in hand, what failed."""

from datetime import datetime

from pydantic import Field, SecretStr

from schemas.dossier import Role, Stage
from schemas.page import Frozen
from schemas.views import Moment, PagesRead, StageFigures


class DocumentInHand(Frozen):
    """A document that a process works on now."""

    dossier: str
    department: str
    number: int
    role: Role
    stage: Stage
    since: Moment
    pages: int | None
    reading: PagesRead | None = Field(description="how far it has been read, while it is")


class FailedPaper(Frozen):
    """A document that failed."""

    dossier: str
    department: str
    number: int
    failed_from: Stage | None
    since: Moment


class FailureGroup(Frozen):
    """Documents that failed for the same reason."""

    code: str = Field(description="of the reason")
    sentence: str = Field(description="what differs between documents is left open: …")
    documents: int
    oldest: Moment
    papers: tuple[FailedPaper, ...] = Field(description="the last of them")


class HourFigures(Frozen):
    """What came past each stage within an hour."""

    since: Moment
    received: int
    digitised: int
    reviewed: int
    signed: int
    published: int


class OperatingView(Frozen):
    """The office at work; of the departments of who asks."""

    at: Moment
    waiting: tuple[StageFigures, ...] = Field(description="by department and stage")
    in_hand: tuple[DocumentInHand, ...]
    failures: tuple[FailureGroup, ...] = Field(description="most documents first")
    hours: tuple[HourFigures, ...] = Field(description="the last 24, oldest first")

    @property
    def by_stage(self) -> dict[Stage, tuple[int, float]]:
        """Stage → documents, and seconds that the oldest has stood there."""
        found: dict[Stage, tuple[int, float]] = {}
        for one in self.waiting:
            count, longest = found.get(one.stage, (0, 0.0))
            found[one.stage] = count + one.documents, max(longest, one.waited_seconds)
        return {stage: found[stage] for stage in Stage if stage in found}


class GroupRetried(Frozen):
    """What became of documents that were tried again together."""

    retried: tuple[str, ...] = Field(description="as ``H17-261123-0001/2``")
    sentences: tuple[str, ...] = Field(description="why others were not")


# The machine; told by who runs the services


class ServiceState(Frozen):
    """A service of this host."""

    name: str
    ready: bool
    restarts: int
    last_end: datetime | None = Field(description="when it last ended and was started again")


class CheckState(Frozen):
    """A check of the machine or of a service, by name."""

    name: str
    works: bool
    detail: str | None
    advice: str | None = Field(description="what to do, a sentence")


class CertificateState(Frozen):
    """A certificate that this office signs with, or trusts in."""

    name: str
    ends_at: datetime
    soon: bool


class DiskState(Frozen):
    """The disk that the data folder lies on."""

    free: int = Field(description="bytes")
    total: int
    low: bool


class PrefectServer(Frozen):
    """The Prefect server of this machine, for who passes requests on."""

    address: str = Field(description="http://127.0.0.1:4200")
    auth: SecretStr


class MachineView(Frozen):
    """This host as the supervisor and the last checks saw it."""

    running: bool = Field(description="the supervisor runs")
    services: tuple[ServiceState, ...]
    disk: DiskState | None
    certificates: tuple[CertificateState, ...] = Field(description="those that end first")
    checks: tuple[CheckState, ...]
    checked_at: datetime | None = Field(description="None: they are being made for the first time")
    prefect_url: str | None = Field(description="Prefect's own page")
