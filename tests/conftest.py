"""What holds for all tests: examples, which tests share a process, and that none is skipped.

Property tests use the same examples in every run, so that a red run says what a change did.
``make test ARGS="-m hypothesis --hypothesis-profile=explore"`` looks at others.
"""

from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import settings
from prepared import need_programs

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


MAY_BE_ABSENT = "SOHOA_SAMPLES"
"""The samples are no part of the project; whatever else is missing fails."""


def pytest_runtest_setup(item: pytest.Item) -> None:
    """``@pytest.mark.needs("openssl")``: fails with a sentence where a program is missing."""
    for mark in item.iter_markers("needs"):
        need_programs(*mark.args)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test that is skipped for anything but the samples has failed."""
    report = yield
    expected = hasattr(report, "wasxfail") or MAY_BE_ABSENT in str(call.excinfo)
    if report.skipped and not expected:
        report.outcome = "failed"
        report.longrepr = f"Tests are not skipped here, they fail: {call.excinfo}"
    return report
