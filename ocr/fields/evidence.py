"""What readers bring of a field: the value they point at, their readings, what was checked.

Readers make evidence, rules add to it; nobody here says how sure a value is or whether it is
accepted: that is :mod:`ocr.fields.acceptance`, for all layouts.
"""

from collections.abc import Mapping
from typing import NamedTuple

from schemas.field import Check, Reading
from schemas.page import Box
from schemas.validators import FieldType


class Evidence(NamedTuple):
    """One field as it was read."""

    kind: FieldType
    value: str | None
    """In its normal form; None: nothing was read, or nothing that can be of this kind."""
    raw: str | None = None
    """As it stands on the paper; with ``value`` None something stands there that cannot be read."""
    readings: tuple[Reading, ...] = ()
    checks: tuple[Check, ...] = ()
    required: bool = False
    page: int | None = None
    box: Box | None = None
    others: tuple[str, ...] = ()
    """Further values it may have, as they are kept, the likeliest first."""

    @property
    def holds(self) -> bool:
        """Whether there is a value and no blocking check speaks against it."""
        return self.value is not None and not firm_failures(self.checks)


class EvidenceTable(NamedTuple):
    """A field with rows, each a mapping of column name to evidence."""

    rows: tuple[dict[str, Evidence], ...] = ()


TYPE_KNOWN = "type_known"
"""The check that fails for every field of a paper of no known type: its meaning depends on it."""

PRINT = "printed"
"""The check that fails, without forbidding anything, where a pen may have written a value: it is
never as sure as print."""

Found = Evidence | EvidenceTable
FoundFields = Mapping[str, Found]


def firm_failures(checks: tuple[Check, ...]) -> tuple[Check, ...]:
    """The failed checks that no confidence outvotes."""
    return tuple(check for check in checks if check.blocking and not check.passed)


def nothing(
    kind: FieldType, *, required: bool = False, page: int | None = None, box: Box | None = None
) -> Evidence:
    """Where nothing stands; a person looks where something must."""
    return Evidence(kind, None, required=required, page=page, box=box)


def with_checks(evidence: Evidence, *checks: Check) -> Evidence:
    """The evidence with further checks; a failed blocking one sends it to a person."""
    return evidence._replace(checks=(*evidence.checks, *checks))


def with_proposal(evidence: Evidence, value: str, check: str) -> Evidence:
    """The evidence with a likelier value that no reader said, for a person to look at; as it is
    where that is its value. ``check`` names what was not read."""
    if value == evidence.value:
        return evidence
    return with_checks(evidence._replace(value=value), Check(name=check, passed=False))
