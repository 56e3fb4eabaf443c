"""One running Sohoa for the tests of this folder, and papers for it."""

from collections.abc import Iterator

import pytest
from handed_in import pages
from running import Running, running_in

__all__ = ["pages", "serving"]


@pytest.fixture(scope="session")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One `sohoa up` for all tests of this folder that do not break it."""
    made = running_in(tmp_path_factory.mktemp("serving"))
    made.start()
    yield made
    assert made.stop() == 0
