"""One supervisor with the real store, Prefect server and watcher for this folder's tests."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from sohoa.settings import Settings, load_settings

SUPERVISE = """
import sys
from schemas.errors import SohoaError
from sohoa.services import supervise
from sohoa.settings import load_settings

def say(change):
    print(change.model_dump_json(), flush=True)

try:
    supervise(load_settings(), on_change=say, on_ready=lambda _: print('"ready"', flush=True))
except SohoaError as error:
    print(error.code, file=sys.stderr)
    sys.exit(error.exit_code)
"""


@dataclass
class Supervised:
    """A supervisor in a process of its own, and what it says."""

    data: Path
    process: subprocess.Popen[bytes] | None = None
    environment: dict[str, str] = field(default_factory=dict)

    def start(self) -> None:
        with (self.data.parent / "said").open("ab") as said:
            self.process = subprocess.Popen(
                [sys.executable, "-c", SUPERVISE],
                env=os.environ | self.environment | {"SOHOA_DATA": str(self.data)},
                stdout=said,
                stderr=subprocess.STDOUT,
            )

    @property
    def settings(self) -> Settings:
        return load_settings(data=self.data)

    def said(self) -> list[Any]:
        found = []
        for line in (self.data.parent / "said").read_text().splitlines():
            try:
                found.append(json.loads(line))
            except ValueError:
                continue
        return found

    def services(self) -> dict[str, Any]:
        try:
            facts = json.loads((self.data / "run" / "services.json").read_text())
        except (OSError, ValueError):
            return {}
        services: dict[str, Any] = facts["services"]
        mine = self.process is not None and facts["supervisor_pid"] == self.process.pid
        return services if mine else {}  # else those of one that was killed

    def all_ready(self) -> bool:
        services = self.services()
        return bool(services) and all(one["ready"] for one in services.values())

    def wait_for(self, condition: Callable[[], bool], seconds: float) -> None:
        """``seconds`` are those of a quiet machine; a busy one gets four times as many."""
        end = time.monotonic() + 4 * seconds
        while not condition():
            assert self.process is not None
            assert self.process.poll() is None, self.tail()
            assert time.monotonic() < end, self.tail()
            time.sleep(0.1)

    def tail(self) -> str:
        logs = [self.data.parent / "said", *(self.data / "logs").glob("*.log")]
        return "\n".join(f"== {log.name}\n{log.read_text()[-2000:]}" for log in logs)


@pytest.fixture(scope="session")
def supervised(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Supervised]:
    made = Supervised(tmp_path_factory.mktemp("supervised") / "data")
    made.start()
    made.wait_for(made.all_ready, 150)
    made.wait_for(lambda: "ready" in made.said(), 30)
    yield made
    assert made.process is not None
    made.process.terminate()
    made.process.wait(300)
