"""Who may do what: every use case, every duty."""

import inspect
from pathlib import Path

import pytest
from every_permission_case import CASES
from permission_cases import OWN, asked, caller, office_rooms, outcome
from use_cases import use_cases

from schemas.errors import NotAllowed
from usecases.caller import Caller, Duty
from usecases.rooms import Rooms

__all__ = ["office_rooms"]


@pytest.mark.parametrize("duty", Duty)
@pytest.mark.parametrize("name", CASES)
def test_each_duty_may_what_it_is_there_for(
    rooms: Rooms, tmp_path: Path, name: str, duty: Duty
) -> None:
    case = CASES[name]
    error = outcome(case, asked(rooms, caller(duty), OWN, tmp_path))
    assert isinstance(error, NotAllowed) is (duty not in case.allowed), error


@pytest.mark.parametrize("name", CASES)
def test_who_has_no_duty_may_nothing(rooms: Rooms, tmp_path: Path, name: str) -> None:
    assert isinstance(outcome(CASES[name], asked(rooms, caller(), OWN, tmp_path)), NotAllowed)


def test_every_use_case_has_its_line_here() -> None:
    """A new use case needs a line in ``CASES``: who may, and a call."""
    assert {f"{module.__name__.split('.')[1]}.{name}" for module, name, _ in use_cases()} == set(
        CASES
    )


def test_every_use_case_takes_first_who_asks() -> None:
    for module, name, made in use_cases():
        first, *_ = inspect.signature(made).parameters.values()
        assert (first.name, first.annotation) == ("caller", Caller), f"{module.__name__}.{name}"
