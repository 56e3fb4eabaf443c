"""What departments share with each other, as a command or a page shows it."""

from pydantic import Field

from schemas.department import Department
from schemas.desk_views import Choice
from schemas.page import Frozen
from schemas.sharing import Shared
from schemas.views import Moment


class GrantView(Frozen):
    """That a department lets another one have something."""

    number: int
    giver: str = Field(description="identifier of the department whose documents they are")
    giver_name: str
    receiver: str
    receiver_name: str
    kind: Shared
    subject: str = Field(description="code of the procedure, type, or code of the dossier")
    subject_name: str | None = Field(description="what the procedure or type is called")
    first: Moment = Field(description="the first moment of the first day")
    last: Moment | None = Field(description="the last second of the last day; None: no end is set")
    reason: str = Field(repr=False)
    rule: str | None = Field(description="name of the rule that asks for it")
    made_by: str
    made_at: Moment
    ended_by: str | None
    ended_at: Moment | None = Field(description="when it was ended")
    stands: bool = Field(description="it counts now")
    over: bool = Field(description="it never counts again")
    given: bool = Field(description="by a department in which who asks may share")
    may_end: bool = Field(description="by who asks, now")


class SharingPage(Frozen):
    """What is shared, and what one could share."""

    grants: tuple[GrantView, ...] = Field(description="the newest first")
    givers: tuple[Department, ...] = Field(description="departments in which who asks may share")
    receivers: tuple[Department, ...]
    procedures: tuple[Choice, ...]
    types: tuple[Choice, ...]

    @property
    def given(self) -> tuple[GrantView, ...]:
        """What one's own departments let others have."""
        return tuple(one for one in self.grants if one.given)

    @property
    def received(self) -> tuple[GrantView, ...]:
        """What others let one's own departments have."""
        mine = {one.id for one in self.givers}
        return tuple(one for one in self.grants if one.receiver in mine)


class RulesEntered(Frozen):
    """What became of the rules of mandatory sharing."""

    added: tuple[GrantView, ...]
    ended: tuple[GrantView, ...] = Field(description="that no rule asks for any more")
    standing: int = Field(description="that are in force by a rule, or will be")
    unknown: tuple[str, ...] = Field(
        description="departments, procedures and types that rules name and nobody knows"
    )
