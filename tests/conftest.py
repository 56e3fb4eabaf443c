"""What holds for all tests: examples, which tests share a process, and that none is skipped.

Property tests use the same examples in every run, so that a red run says what a change did; how
long one takes says what else the machine does, and is no reason to fail.
``make test ARGS="-m hypothesis --hypothesis-profile=explore"`` looks at others.
"""

from collections.abc import Generator
from itertools import zip_longest
from pathlib import Path

import pytest
from hypothesis import settings
from prepared import need_programs

settings.register_profile("same", derandomize=True, deadline=None)
settings.register_profile("explore", derandomize=False, max_examples=1000, deadline=None)
settings.load_profile("same")

SHARED = {"serving", "supervised"}
"""Fixtures that start everything, for all files of their folder that use them."""
TOGETHER = {"storage"}
"""Folders whose files share a store and a PostgreSQL server, asked for while tests run."""
LONG = ("pipeline", "services", "storage", "usecases", "flows", "signing", "ocr", "fields")
"""Folders by how long a file of theirs takes, the longest first."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Which tests share a process, in their order, and which of these groups begin first.

    Tests of a file run in one process, so that what it sets up is set up once, and those of all
    files that use the same running services. Tests of services wait most of the time and others
    compute, so the groups alternate; the longest begin first, or the last would run alone
    (``--dist loadgroup --no-loadscope-reorder``).
    """
    files: dict[Path, list[pytest.Item]] = {}
    for item in items:
        files.setdefault(item.path, []).append(item)
    groups: dict[str, list[pytest.Item]] = {}
    for path, found in files.items():
        shared = any(SHARED.intersection(_fixtures(item)) for item in found)
        alone = not shared and path.parent.name not in TOGETHER
        name = str(Path(path.parent.name, path.stem)) if alone else path.parent.name
        groups.setdefault(name, []).extend(found)
    for name, found in groups.items():
        for item in found:
            item.add_marker(pytest.mark.xdist_group(name))
    longest = sorted(groups.values(), key=_place)
    waiting = [found for found in longest if _waits(found)]
    computing = [found for found in longest if not _waits(found)]
    pairs = zip_longest(waiting, computing, fillvalue=[])
    items[:] = [item for pair in pairs for found in pair for item in found]


def pytest_collection_finish(session: pytest.Session) -> None:
    """The groups hold: without them every process would start all services for itself, in silence.

    pytest-xdist says a test's group at the end of its name (pytest-dev/pytest-xdist#1386).
    """
    if getattr(session.config.option, "loadgroup", False):
        assert all("@" in item.nodeid for item in session.items), "tests are not grouped"


def _fixtures(item: pytest.Item) -> list[str]:
    return item.fixturenames if isinstance(item, pytest.Function) else []


def _place(group: list[pytest.Item]) -> int:
    folder = group[0].path.parent.name
    return LONG.index(folder) if folder in LONG else len(LONG)


def _waits(group: list[pytest.Item]) -> bool:
    return any(item.get_closest_marker("service") for item in group)


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
