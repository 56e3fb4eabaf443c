"""Departments: known to the ledger, and found by what a folder is called."""

import re
from collections.abc import Iterable

from pydantic import Field

from schemas.dossier import DEPARTMENT_ID, department_id, department_key
from schemas.errors import InputRejected
from schemas.page import Frozen

MOST_LETTERS = 100
_PERSONAL_NUMBER = re.compile(r"\d{9}")
"""Nine digits in a row: an identity card's number or part of a personal number, no department."""


class Department(Frozen):
    """A unit whose dossiers are kept apart. Its ``id`` is in object keys and never changes."""

    id: str = Field(pattern=DEPARTMENT_ID.pattern)
    name: str = Field(min_length=1, max_length=MOST_LETTERS, description="as people call it")


ONE_STOP = Department(id="mot-cua", name="Một cửa")
"""The one-stop unit, whose work this software is for: known from the start."""


def named(name: str, wanted_id: str | None = None) -> Department:
    """A new department called ``name``; its identifier is ``wanted_id``, else spelled from it.

    Raises:
        InputRejected: it has no letters that an identifier can be made of, is too long, is more
            than one line, or looks like a person's number.
    """
    name = " ".join(name.split())
    key = wanted_id or department_key(name) or ""
    sound = DEPARTMENT_ID.fullmatch(key) and 0 < len(name) <= MOST_LETTERS and name.isprintable()
    if not sound or department_key(name) is None:
        raise InputRejected("flow.department_name")
    if _PERSONAL_NUMBER.search(re.sub(r"[\s._-]", "", name + " x " + key)):
        raise InputRejected("flow.department_is_person")
    return Department(id=key, name=name)


class Departments:
    """The known departments, asked by a folder's name."""

    def __init__(self, known: Iterable[Department]) -> None:
        """A name stands for its department as its identifier does; identifiers come first."""
        known = tuple(known)
        self._ids = {one.id: one.id for one in known}
        for one in known:
            for key in (department_key(one.id), department_key(one.name)):
                if key is not None:
                    self._ids.setdefault(key, one.id)

    def of(self, name: str) -> str | None:
        """The identifier of the department that a folder called ``name`` is of, if any."""
        key = department_key(name)
        if key is None:
            return None
        return self._ids.get(department_id(name)) or self._ids.get(key)


def first_departments(default: str) -> Departments:
    """Those that every office has: the default one, and the one-stop unit."""
    return Departments((Department(id=default, name=default), ONE_STOP))
