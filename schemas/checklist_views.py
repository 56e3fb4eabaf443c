"""The components of a dossier ticked off: present, missing, or replaced by data; and its papers."""

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from schemas.page import Frozen


class Register(StrEnum):
    """A register whose data may stand for a paper (*cơ sở dữ liệu*)."""

    population = "population"
    civil_status = "civil_status"
    land = "land"
    business = "business"
    social_insurance = "social_insurance"
    own_store = "own_store"
    """What the office itself digitised or issued before (Circular 01/2023/TT-VPCP, art. 24)."""


class Replaced(Frozen):
    """That somebody said that data of a register stand for a paper."""

    component: str = Field(description="id of the component in its procedure")
    register_id: Register
    by: str = Field(description="as events record it: user:lan")
    at: datetime


class ChecklistItem(Frozen):
    """A component that the procedure asks for."""

    id: str
    name: str
    required: bool
    present: bool
    replaced: Replaced | None = Field(None, description="by data of a register; None: it is not")

    @property
    def lacks(self) -> bool:
        """It is asked for, and neither its paper nor data are there."""
        return self.required and not self.present and self.replaced is None


class ChecklistView(Frozen):
    """The components that the procedure asks for, ticked off."""

    procedures: tuple[str, ...]
    components: tuple[ChecklistItem, ...]

    def missing(self) -> tuple[str, ...]:
        """The names of required components that are not there, in paper or as data."""
        return tuple(one.name for one in self.components if one.lacks)


class PaperKind(StrEnum):
    """A paper that is printed of a dossier."""

    request = "request"
    """*Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ*: what is missing."""
    receipt = "receipt"
    """*Giấy tiếp nhận hồ sơ và hẹn trả kết quả*."""
    cover_sheet = "cover_sheet"
    """*Phiếu bìa*: laid before the papers when they are scanned."""


class PaperView(Frozen):
    """A paper to be printed: what stands on it. What is None is left to be written by hand."""

    kind: PaperKind
    dossier: str
    department: str = Field(description="what it is called")
    procedures: tuple[str, ...] = Field(description="names of those that it may be of")
    residence: bool = Field(description="its procedure has forms of its own for this: CT04, CT05")
    owner: str | None = Field(repr=False)
    phone: str | None = Field(repr=False)
    email: str | None = Field(repr=False)
    address: str | None = Field(repr=False)
    asks: str | None = Field(repr=False, description="as the declaration says it")
    components: tuple[ChecklistItem, ...]
    due_days: int | None = Field(description="working days that the law gives")
    received_at: datetime
    due_at: datetime | None
    printed_at: datetime
    printed_by: str = Field(description="the account's name")
    code_drawing: str = Field(repr=False, description="path of an SVG: the dossier's code as QR")
    code_side: int = Field(description="modules of the QR code's side")
