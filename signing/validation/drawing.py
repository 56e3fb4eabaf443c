"""The process that draws strangers' files: a copy of it for each file, with limits of its own.

Loading PDFium and OpenCV takes three times as long as drawing a page. So it is loaded once for each
process of ours that asks, with the first file, and :mod:`signing.validation.draw_revisions` forks
for every file after that: what a file does to its copy harms nobody else.
"""

import atexit
import json
import os
import select
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

_PROGRAM = Path(__file__).with_name("draw_revisions.py")


class DrawingProcess:
    """Started with the first file, ended with the process that asks; for any thread."""

    def __init__(self) -> None:
        """Nothing is started yet."""
        self._process: subprocess.Popen[bytes] | None = None
        self._line: socket.socket | None = None
        self.forget()

    def forget(self) -> None:
        """In a copy of this process by fork: it is somebody else's, and its lock as well."""
        self._lock = threading.Lock()
        self._process = self._line = None

    def ask(
        self, descriptor: int, wanted: dict[str, Any], seconds: float
    ) -> dict[str, bool] | None:
        """The answer about an open file; None: there is none, or not within ``seconds``."""
        for _ in range(2):  # the second time with a new process, where the first one had died
            answering, answer = os.pipe()
            try:
                sent = self._send(descriptor, wanted, answer)
            finally:
                os.close(answer)
            with os.fdopen(answering, "rb", buffering=0) as pipe:
                if sent:
                    return _read(pipe.fileno(), seconds)
            self.close()
        return None

    def _send(self, descriptor: int, wanted: dict[str, Any], answer: int) -> bool:
        """Whether somebody has it: a message goes whole or not at all."""
        specification = os.memfd_create("specification")
        try:
            os.write(specification, json.dumps(wanted).encode())
            os.lseek(specification, 0, os.SEEK_SET)
            with self._lock:
                socket.send_fds(self._started(), [b"1"], [specification, descriptor, answer])
        except OSError:
            return False
        finally:
            os.close(specification)
        return True

    def _started(self) -> socket.socket:
        """The line to it."""
        if self._line is None:
            ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            with theirs:  # isolated: neither the working folder nor PYTHONPATH is searched
                self._process = subprocess.Popen(
                    [sys.executable, "-I", str(_PROGRAM), str(theirs.fileno())],
                    pass_fds=(theirs.fileno(),),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                )
            self._line = ours
        return self._line

    def close(self) -> None:
        """End it; copies that are drawing go on to their end."""
        with self._lock:
            if self._line is not None:
                self._line.close()
            if self._process is not None:
                self._process.terminate()
                self._process.wait()
            self._line = self._process = None


def _read(pipe: int, seconds: float) -> dict[str, bool] | None:
    end, said = time.monotonic() + seconds, b""
    poll = select.poll()
    poll.register(pipe, select.POLLIN)
    while (left := end - time.monotonic()) > 0:
        if not poll.poll(1000 * left):
            return None
        part = os.read(pipe, 1 << 16)
        if not part:
            break
        said += part
    try:
        answer: dict[str, bool] = json.loads(said)
    except ValueError:
        return None
    return answer


PROCESS = DrawingProcess()
"""That of this process."""

os.register_at_fork(after_in_child=PROCESS.forget)
atexit.register(PROCESS.close)
