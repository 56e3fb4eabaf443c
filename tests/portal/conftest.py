"""A desk for each file of tests."""

from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher
from desk_office import DeskOffice, a_desk

from usecases import passwords


@pytest.fixture(scope="session", autouse=True)
def _cheap_passwords() -> Iterator[None]:
    """Hashes that cost little: what is tried here is not how hard they are to guess."""
    with pytest.MonkeyPatch.context() as patch:
        cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        patch.setattr(passwords, "_HASHER", cheap)
        passwords.nobodys.cache_clear()
        yield
        passwords.nobodys.cache_clear()


@pytest.fixture
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskOffice]:
    with a_desk(tmp_path_factory.mktemp("desk")) as opened:
        yield opened


@pytest.fixture(scope="module")
def shared_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskOffice]:
    """For tests that change nothing."""
    with a_desk(tmp_path_factory.mktemp("desk")) as opened:
        yield opened
