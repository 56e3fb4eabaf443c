"""The same person elsewhere in a dossier: what other papers say of them. Pure.

A person is a group of fields: those with one stem (``head_name``, ``head_personal_id``), or a row
of a table.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from schemas.field import Field
from usecases.reading_compared import likeness

SAME_NAME = 0.75
"""Names so much alike may be one name, misread."""
SAME_NUMBER = 0.8
_ROLES = {
    "full_name": "name",
    "name": "name",
    "personal_id": "number",
    "pid": "number",
    "dob": "born",
    "date_of_birth": "born",
    "sex": "sex",
    "phone": "phone",
    "email": "email",
    "residence": "residence",
    "nationality": "nationality",
    "ethnicity": "ethnicity",
}
_ENDING = re.compile(rf"^(?P<stem>.*?)(?P<role>{'|'.join(sorted(_ROLES, key=len, reverse=True))})$")


@dataclass(frozen=True)
class Person:
    """Somebody whom a paper names.

    Attributes:
        where: which document, and which group of its fields.
        said: what it says of them, by role.
        paths: which field has which role.
    """

    where: tuple[str, str]
    said: dict[str, str] = field(default_factory=dict)
    paths: dict[str, str] = field(default_factory=dict)


def persons(document: str, fields: Iterable[tuple[str, Field]]) -> tuple[Person, ...]:
    """The persons whom the fields of a document name.

    Args:
        document: how people call it.
        fields: with their paths (:meth:`Manifest.walk`).
    """
    found: dict[str, Person] = {}
    for path, one in fields:
        table, _, column = path.rpartition(".")
        matched = _ENDING.match(column)
        if matched is None:
            continue
        role = _ROLES[matched["role"]]
        group = f"{table}.{matched['stem']}"
        person = found.setdefault(group, Person((document, group)))
        person.paths[path] = role
        if one.value:
            person.said[role] = one.value
    return tuple(found.values())


def elsewhere(path: str, document: str, known: Iterable[Person]) -> Iterator[tuple[str, str]]:
    """What other places say of the person whose field this is: ``(document, value)``.

    They are the same person where numbers or names are the same, or, to set one of these right,
    where it is almost the same. Values come as manifests keep them.
    """
    everybody = tuple(known)
    own = next((one for one in everybody if one.where[0] == document and path in one.paths), None)
    if own is None:
        return
    role = own.paths[path]
    for other in everybody:
        if other is not own and role in other.said and _same(own.said, other.said, role):
            yield other.where[0], other.said[role]


def _same(own: Mapping[str, str], other: Mapping[str, str], asked: str) -> bool:
    sure = [role for role in ("number", "name") if role != asked]
    if any(role in own and role in other and _equal(own[role], other[role]) for role in sure):
        return True
    least = {"name": SAME_NAME, "number": SAME_NUMBER}.get(asked)
    if least is None or asked not in own:
        return False
    return likeness(own[asked], other[asked]) >= least


def _equal(one: str, other: str) -> bool:
    return likeness(one, other) == 1.0
