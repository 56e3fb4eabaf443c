"""What holds for all tests: the examples of property tests, and which tests share a process.

Property tests use the same examples in every run, so that a red run says what a change did.
``make test ARGS="-m hypothesis --hypothesis-profile=explore"`` looks at others.
"""

from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("same", derandomize=True)
settings.register_profile("explore", derandomize=False, max_examples=1000, deadline=None)
settings.load_profile("same")

SHARED = {"pipeline", "services", "storage"}
"""Folders whose tests use the same running services: they stay in one process, in their order."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of a file run in one process, so that what it sets up is set up once."""
    for item in items:
        folder = item.path.parent.name
        group = folder if folder in SHARED else str(Path(folder, item.path.stem))
        item.add_marker(pytest.mark.xdist_group(group))
