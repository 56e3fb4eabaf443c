"""The indicators of an office over a period, as pages, commands and spreadsheets show them.

They are those that decision 766/QĐ-TTg asks for of one-stop offices: dossiers whose components are
digitised, results digitised and signed, dossiers on time. Nobody is named.
"""

from datetime import date
from enum import StrEnum

from pydantic import Field, computed_field

from schemas.department import Department
from schemas.page import Frozen
from schemas.views import Moment

ENOUGH = 0.8
"""Shares below this are flagged (766/QĐ-TTg)."""


class Span(StrEnum):
    """A stretch of a document's way, in order."""

    reading = "reading"
    """From taken in to digitised."""
    review = "review"
    """Until a person had settled every doubt."""
    approval = "approval"
    """Until a signer had approved it."""
    signing = "signing"
    publishing = "publishing"


class SpanTime(Frozen):
    """How long documents take for a stretch."""

    span: Span
    minutes: float | None = Field(description="median; None where no document came past it")
    documents: int = Field(description="of which the median is taken")


class ReportLine(Frozen):
    """A department's figures, or those of all together."""

    department: str | None = Field(description="None: all of them together")
    received: int = Field(description="dossiers")
    digitised: int = Field(description="dossiers with data fields of a component")
    components_signed: int = Field(description="dossiers with a signed component")
    results: int = Field(description="result documents")
    results_signed: int
    due: int = Field(description="dossiers with a due date")
    on_time: int = Field(description="whose result was published by then")
    late: int = Field(description="whose result came later, or is still to come though it is due")
    documents: int = Field(description="of known type, looked at for what follows")
    without_person: int = Field(description="of these, documents without a doubt")
    fields: int = Field(description="data fields that the types of these have")
    doubts: int = Field(description="of these, those that a person was asked about")
    times: tuple[SpanTime, ...]

    @computed_field  # type: ignore[prop-decorator]
    @property
    def digitised_share(self) -> float | None:
        """Of the dossiers received."""
        return _share(self.digitised, self.received)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def results_signed_share(self) -> float | None:
        """Of the results."""
        return _share(self.results_signed, self.results)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def components_signed_share(self) -> float | None:
        """Of the dossiers received."""
        return _share(self.components_signed, self.received)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def on_time_share(self) -> float | None:
        """Of the dossiers whose result is there, or is due."""
        return _share(self.on_time, self.on_time + self.late)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def accepted_share(self) -> float | None:
        """Fields accepted without a person, of all."""
        return _share(max(0, self.fields - self.doubts), self.fields)

    def time(self, span: Span) -> SpanTime:
        """How long documents take for this stretch."""
        return next(one for one in self.times if one.span is span)


class CorrectedField(Frozen):
    """How often people were asked about a field, and what they said."""

    document_type: str | None
    field: str = Field(description="its path; ``members.dob`` is a column of a table")
    type_name: str | None = Field(description="of the document type, in the reader's language")
    name: str = Field(description="what people call the field")
    asked: int
    corrected: int = Field(description="another value was typed")
    absent: int = Field(description="it is not on the paper, or cannot be read")

    @computed_field  # type: ignore[prop-decorator]
    @property
    def corrected_share(self) -> float:
        """Of the times that somebody was asked."""
        return self.corrected / self.asked


class AuditedField(Frozen):
    """How often machines were wrong about values of a field that they had accepted."""

    document_type: str | None
    field: str = Field(description="its path, as for :class:`CorrectedField`")
    type_name: str | None
    name: str
    looked_at: int = Field(description="accepted without a person, and looked at all the same")
    wrong: int = Field(description="of these, found wrong")

    @computed_field  # type: ignore[prop-decorator]
    @property
    def wrong_share(self) -> float:
        """Of those that were looked at."""
        return self.wrong / self.looked_at


class ReportView(Frozen):
    """The figures of a period; days are whole, the last one included."""

    since: date
    until: date
    at: Moment
    units: tuple[Department, ...] = Field(description="departments that may be asked about")
    lines: tuple[ReportLine, ...] = Field(description="one a department, by its identifier")
    total: ReportLine
    corrected: tuple[CorrectedField, ...] = Field(description="most often corrected first")
    audited: tuple[AuditedField, ...] = Field(description="most often wrong first")
    every: int = Field(
        description="times, doubts and corrections are of about one in so many dossiers; 1: of all"
    )


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
