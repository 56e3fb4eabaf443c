"""Who may do what where: one's own dossier, another department's, and none."""

from pathlib import Path

import pytest
from every_permission_case import CASES
from permission_cases import (
    ELSEWHERE,
    HERE,
    LONG_AGO,
    NONE,
    OTHER,
    OWN,
    asked,
    caller,
    office_rooms,
    outcome,
)

from schemas.dossier import Stage
from schemas.errors import NotAllowed, NotFound
from usecases import (
    departments,
    figures,
    find,
    look,
    trust,
)
from usecases.caller import Caller, Duty
from usecases.rooms import Rooms

__all__ = ["office_rooms"]


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.names_dossier])
def test_a_dossier_of_another_department_is_as_one_that_is_not_there(
    rooms: Rooms, tmp_path: Path, name: str
) -> None:
    who = caller(*Duty)
    foreign = outcome(CASES[name], asked(rooms, who, OTHER, tmp_path))
    missing = outcome(CASES[name], asked(rooms, who, NONE, tmp_path))
    assert foreign is not None and missing is not None
    assert (type(foreign), foreign.code, foreign.params) == (
        type(missing), missing.code, missing.params,
    )  # fmt: skip
    assert isinstance(missing, NotFound)


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.names_dossier])
def test_ones_own_dossier_is_found(rooms: Rooms, tmp_path: Path, name: str) -> None:
    error = outcome(CASES[name], asked(rooms, caller(*Duty), OWN, tmp_path))
    assert error is None or error.code != "cli.no_dossier"


def test_nothing_is_handed_in_for_another_department(rooms: Rooms, tmp_path: Path) -> None:
    case = CASES["submission.submit"]
    error = outcome(case, asked(rooms, caller(*Duty), OTHER, tmp_path))
    assert isinstance(error, NotAllowed)
    assert not list(tmp_path.iterdir())


def test_lists_hold_what_is_of_ones_own_departments(rooms: Rooms) -> None:
    who, everybody = caller(*Duty), Caller("cli:test", frozenset(Duty))
    for one, codes in ((who, [OWN]), (everybody, [OWN, OTHER])):
        assert [line.code for line in look.dossiers(one, rooms)] == codes
        assert [line.code for line in look.moved(one, rooms, LONG_AGO)] == codes
        assert [line.dossier for line in find.results(one, rooms)] == codes
        places = " ".join(found.place for found in trust.findings(one, rooms))
        assert [code for code in (OWN, OTHER) if code in places] == codes
    assert find.results(who, rooms, code=OTHER) == ()
    assert look.dossiers(who, rooms, department=ELSEWHERE) == ()
    assert [line.dossier for line in find.results(everybody, rooms, code=OTHER)] == [OTHER]
    assert [one.id for one in departments.departments(who, rooms)] == [HERE]
    counted = {
        (one.department, one.stage): one.documents for one in figures.figures(who, rooms).stages
    }
    assert counted == {(HERE, Stage.in_review): 1, (HERE, Stage.published): 1}
    assert figures.figures(everybody, rooms).waiting == 2
