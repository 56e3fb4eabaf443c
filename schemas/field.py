"""Data fields: what was read, by whom, what was checked, and whether a person is needed."""

from collections.abc import Iterable
from enum import StrEnum

from pydantic import Field as Describe

from schemas.page import Box, Confidence, Frozen


class FieldStatus(StrEnum):
    """What happens with a field next."""

    accepted = "accepted"
    review = "review"
    missing = "missing"


class Reading(Frozen):
    """One reader's opinion of a field."""

    reader: str = Describe(description="tesseract, text-layer, annotation, person, ...")
    text: str
    confidence: Confidence
    others: tuple[str, ...] = Describe(
        (), description="what it might have said instead, the likeliest first: proposals for people"
    )


class Check(Frozen):
    """One rule applied to a value, by name."""

    name: str
    passed: bool
    blocking: bool = Describe(True, description="a failed blocking check forbids acceptance")


class Field(Frozen):
    """One data field of a document.

    ``value`` is normalised (dates ISO 8601, numbers without spaces, text NFC with folded spaces);
    ``raw`` is what stands on the paper.
    """

    value: str | None
    raw: str | None = None
    confidence: Confidence = 0.0
    status: FieldStatus
    page: int | None = Describe(None, ge=1)
    box: Box | None = None
    readers: tuple[Reading, ...] = ()
    checks: tuple[Check, ...] = ()
    reasons: tuple[str, ...] = Describe(
        (),
        description="why a person looks: codes of sentences in the catalogue; empty: nobody does",
    )

    def why(self) -> tuple[str, ...]:
        """Codes of the sentences that say why a person looks at this field.

        Manifests of version 0.1 keep no reasons: there the failed checks say why.
        """
        if self.status is not FieldStatus.review:
            return ()
        bare = "reasons.nothing_read" if self.value is None else "reasons.unsure"
        return self.reasons or reasons_of(self.checks) or (bare,)


def reasons_of(checks: Iterable[Check], *, blocking: bool = True) -> tuple[str, ...]:
    """The reasons that failed checks are, each once: those that block, or those that do not."""
    failed = (check.name for check in checks if check.blocking == blocking and not check.passed)
    return tuple(dict.fromkeys(f"reasons.{name}" for name in failed))


class Table(Frozen):
    """A field with rows, each a mapping of column name to field."""

    rows: tuple[dict[str, Field], ...]


FieldValue = Field | Table
