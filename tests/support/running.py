"""The whole of Sohoa, running: `sohoa up` as a process of its own, spoken to by its commands."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest

from sohoa.bootstrap import open_ledger
from sohoa.settings import Settings, load_settings
from storage import Ledger

COMMAND = [sys.executable, "-c", "from sohoa.cli import main; main()"]
QUICK = {
    "SOHOA_TAKING__SETTLE_SECONDS": "0.6",
    "SOHOA_TAKING__INCOMPLETE_SECONDS": "3",
    "SOHOA_TAKING__POLL_SECONDS": "0.3",
    "SOHOA_STORE__RETENTION_DAYS": "1",
}


@dataclass
class Answer:
    """What a command said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        parsed: dict[str, Any] = json.loads(self.out)
        return parsed


@dataclass
class Running:
    """A `sohoa up` and its folders."""

    data: Path
    inbox: Path
    process: subprocess.Popen[bytes] | None = None
    environment: dict[str, str] = field(default_factory=dict)
    services: int = 4

    def start(self) -> None:
        log = (self.data.parent / "up.log").open("ab")
        self.process = subprocess.Popen(
            [*COMMAND, "up", "--data", str(self.data), "--inbox", str(self.inbox)],
            env=os.environ | self.environment,
            stdout=log,
            stderr=log,
        )
        self.wait_ready()

    def wait_ready(self, seconds: float = 120) -> None:
        def ready() -> bool:
            own = (
                self.process is not None and self.facts().get("supervisor_pid") == self.process.pid
            )
            return own and len(self.pids()) == self.services and all(self.ready().values())

        self.wait_for(ready, seconds, "services ready")

    def stop(self) -> int:
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(300)

    def facts(self) -> dict[str, Any]:
        try:
            facts: dict[str, Any] = json.loads((self.data / "run" / "services.json").read_text())
        except (OSError, ValueError):
            return {}
        return facts

    def pids(self) -> dict[str, int]:
        services = self.facts().get("services", {})
        return {name: one["pid"] for name, one in services.items() if one["pid"]}

    def ready(self) -> dict[str, bool]:
        services = self.facts().get("services", {})
        return {name: one["ready"] for name, one in services.items()}

    def workers(self) -> list[int]:
        try:
            watcher = psutil.Process(self.pids()["watcher"])
            return [child.pid for child in watcher.children(recursive=True)]
        except (KeyError, psutil.NoSuchProcess):
            return []

    def cli(self, *arguments: str | Path) -> Answer:
        done = subprocess.run(
            [*COMMAND, *map(str, arguments), "--data", str(self.data)],
            env=os.environ | self.environment | {"SOHOA_INBOX": str(self.inbox)},
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        return Answer(done.returncode, done.stdout, done.stderr)

    def settings(self) -> Settings:
        return load_settings(data=self.data, inbox=self.inbox)

    def ledger(self) -> Ledger:
        return open_ledger(self.settings())

    def wait_for(self, condition: Callable[[], bool], seconds: float, what: str) -> None:
        """``seconds`` are those of a quiet machine; a busy one gets four times as many."""
        end = time.monotonic() + 4 * seconds
        while time.monotonic() < end:
            if self.process is not None and self.process.poll() is not None:
                pytest.fail(f"sohoa up ended with {self.process.returncode}: {self.tail()}")
            if condition():
                return
            time.sleep(0.2)
        pytest.fail(f"waited {seconds:.0f} s for: {what}\n{self.tail()}")

    def tail(self) -> str:
        texts = [self.data.parent / "up.log", *(self.data / "logs").glob("*.log")]
        return "\n".join(f"== {one.name}\n{one.read_text()[-3000:]}" for one in texts)


def running_in(folder: Path) -> Running:
    return Running(folder / "data", folder / "inbox", environment=dict(QUICK))
