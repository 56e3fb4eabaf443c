"""A desk for each file of tests."""

from collections.abc import Iterator

import pytest
from desk_office import DeskOffice, a_desk


@pytest.fixture
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskOffice]:
    with a_desk(tmp_path_factory.mktemp("desk")) as opened:
        yield opened


@pytest.fixture(scope="module")
def shared_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskOffice]:
    """For tests that change nothing."""
    with a_desk(tmp_path_factory.mktemp("desk")) as opened:
        yield opened
