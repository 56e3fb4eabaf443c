"""The population register: what it is asked, what it answers, and how answers are compared.

Only the protocol and pure rules; the local table and the service are in ``sohoa.registry``. An
answer is never kept and never written over what stands on paper: a field the register knows
otherwise goes to a person, who sees both.
"""

from collections.abc import Mapping
from datetime import date
from typing import Protocol

from schemas.document_type import DocumentType
from schemas.field import Check, Field, FieldStatus, FieldValue, Reading, Table, reasons_of
from schemas.page import Frozen
from schemas.validators import Sex, folded, parse_iso, personal_number

REGISTER = "register"
"""The reader's name of what the register says."""

AGREES = "register_agrees"
KNOWN = "register_knows"


class RegisterEntry(Frozen):
    """What the register says of one person; None where it does not say."""

    personal_id: str
    full_name: str | None = None
    dob: date | None = None
    birth_year: int | None = None
    """Where only the year is known (``NgayThangNamSinh.Nam``)."""
    sex: Sex | None = None


class PopulationRegistry(Protocol):
    """Somebody who can be asked about a personal number."""

    def look_up(self, personal_id: str, *, reason: str) -> RegisterEntry | None:
        """The entry of a personal number; None where the register has none.

        Args:
            personal_id: twelve digits.
            reason: the dossier and document it is asked for (``H17-.../component-001``): every
                look-up is accounted for.

        Raises:
            ServiceUnavailable: ``registry.unavailable``; asking again may help.
            ConfigurationError: ``registry.bad_certificate``.
        """
        ...


def numbers_in(fields: Mapping[str, FieldValue], spec: DocumentType) -> tuple[str, ...]:
    """The well-formed personal numbers that rules of the type tie to other fields, each once."""
    found = [
        number.value
        for number, _, _ in _groups(fields, spec)
        if number.value and personal_number(number.value) is not None
    ]
    return tuple(dict.fromkeys(found))


def compared(
    fields: Mapping[str, FieldValue],
    spec: DocumentType,
    entries: Mapping[str, RegisterEntry | None],
) -> dict[str, FieldValue]:
    """The fields with what the register says of them.

    Each of name, date of birth and sex that belongs to a number gets the check
    ``register_agrees`` and the register's word as a reading; where they differ, a person decides.
    Values stay as read. A number the register does not know gets ``register_knows`` failed.
    """
    changed: dict[tuple[str, int | None], Field] = {}
    for number, where, parts in _groups(fields, spec):
        if number.value is None or number.value not in entries:
            continue
        entry = entries[number.value]
        row, column = where
        known = Check(name=KNOWN, passed=entry is not None)
        changed[(column, row)] = _with(number, known, None)
        if entry is None:
            continue
        for role, (path, field) in parts.items():
            said = _said(entry, role, field)
            if field.value is None or said is None:
                continue
            check = Check(name=AGREES, passed=_same(role, field.value, said))
            changed[(path, row)] = _with(field, check, said)
    return _put(fields, changed)


def _with(field: Field, check: Check, said: str | None) -> Field:
    readers = field.readers
    if said is not None:
        readers = (*readers, Reading(reader=REGISTER, text=said, confidence=1.0))
    doubted = not check.passed and field.status is FieldStatus.accepted
    status = FieldStatus.review if doubted else field.status
    update = {"checks": (*field.checks, check), "readers": readers, "status": status}
    if status is FieldStatus.review and not check.passed:
        update["reasons"] = (*field.reasons, *reasons_of((check,)))
    return field.model_copy(update=update)


_Part = dict[str, tuple[str, Field]]
_Group = tuple[Field, tuple[int | None, str], _Part]


def _groups(fields: Mapping[str, FieldValue], spec: DocumentType) -> list[_Group]:
    """Numbers with the fields of the same person, by the rules ``personal_number_matches``.

    The name is the field beside the number whose id the rule's number implies: ``personal_id`` and
    ``full_name``, ``owner_personal_id`` and ``owner_name``.
    """
    groups: list[_Group] = []
    for rule in spec.rules:
        if rule.rule != "personal_number_matches":
            continue
        roles = dict(rule.fields)
        number_id = roles.pop("number")
        stem = number_id.removesuffix("personal_id")
        for name in ("full_name", f"{stem}name"):
            if stem == "" or name != "full_name":
                roles.setdefault("name", name)
        table = fields.get(rule.table) if rule.table else None
        rows: list[tuple[int | None, Mapping[str, Field]]] = []
        if isinstance(table, Table):
            rows = [(n, row) for n, row in enumerate(table.rows)]
        elif rule.table is None:
            rows = [(None, {k: v for k, v in fields.items() if isinstance(v, Field)})]
        prefix = f"{rule.table}." if rule.table else ""
        for row, cells in rows:
            if (number := cells.get(number_id)) is not None:
                parts = {
                    role: (f"{prefix}{name}", cells[name])
                    for role, name in roles.items()
                    if name in cells
                }
                groups.append((number, (row, f"{prefix}{number_id}"), parts))
    return groups


def _said(entry: RegisterEntry, role: str, field: Field) -> str | None:
    if role == "name":
        return entry.full_name
    if role == "sex":
        return entry.sex
    if entry.dob is not None:
        return entry.dob.isoformat()
    year = entry.birth_year
    return str(year) if year is not None and field.value is not None else None


def _same(role: str, value: str, said: str) -> bool:
    if role == "dob" and len(said) == 4:
        read = parse_iso(value)
        return value == said or (read is not None and str(read.year) == said)
    return folded(value).casefold() == folded(said).casefold()


def _put(
    fields: Mapping[str, FieldValue], changed: Mapping[tuple[str, int | None], Field]
) -> dict[str, FieldValue]:
    found = dict(fields)
    for (path, row), field in changed.items():
        if row is None:
            found[path] = field
            continue
        name, _, column = path.partition(".")
        table = found[name]
        if isinstance(table, Table):
            rows = list(table.rows)
            rows[row] = {**rows[row], column: field}
            found[name] = Table(rows=tuple(rows))
    return found
