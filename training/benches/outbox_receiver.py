"""Another system that is told of changes, and fails at random: for benchmarks and tests.

``python -m training.benches.outbox_receiver PORT FOLDER PERCENT SEED``. It looks at signatures, and
applies each piece of news once by its ``Idempotency-Key``, in ``FOLDER/applied.sqlite``, before it
answers. PERCENT of what comes it fails: busy, broken, silent before or after it applied.
"""

import json
import random
import sqlite3
import sys
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from usecases.news_signing import is_signed, secret_key

SECRET, JOURNAL = "secret", "applied.sqlite"
_TABLES = """
PRAGMA journal_mode = WAL;
CREATE TABLE IF NOT EXISTS applied (
  place INTEGER PRIMARY KEY, key TEXT UNIQUE, dossier TEXT, number INTEGER, body TEXT);
CREATE TABLE IF NOT EXISTS came (place INTEGER PRIMARY KEY, key TEXT, outcome TEXT);
"""


class Journal:
    """What was applied, and what came."""

    def __init__(self, folder: Path) -> None:
        self._lock = threading.Lock()
        self._database = sqlite3.connect(
            folder / JOURNAL, timeout=30, isolation_level=None, check_same_thread=False
        )
        self._database.executescript(_TABLES)

    def came(self, key: str, outcome: str) -> None:
        """Note that something came."""
        with self._lock:
            self._database.execute("INSERT INTO came (key, outcome) VALUES (?, ?)", (key, outcome))

    def apply(self, key: str, body: bytes) -> bool:
        """Apply it; ``False``: it was applied before."""
        said = json.loads(body)
        row = (key, said["dossier"], said["number"], body.decode())
        with self._lock:
            done = self._database.execute(
                "INSERT OR IGNORE INTO applied (key, dossier, number, body) VALUES (?, ?, ?, ?)",
                row,
            )
        return done.rowcount == 1


def receiver(port: int, folder: Path, percent: int, seed: int) -> ThreadingHTTPServer:
    """The server; ``serve_forever`` is the caller's."""
    journal, chance = Journal(folder), random.Random(seed)  # noqa: S311 - which fail, no secret
    key = secret_key((folder / SECRET).read_text("ascii").strip())

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 30

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            heads = {name.lower(): value for name, value in self.headers.items()}
            delivery = heads.get("idempotency-key", "")
            if not is_signed(key, heads, body, datetime.now(UTC)):
                journal.came(delivery, "unsigned")
                self._answer(401)
                return
            fails = chance.randrange(100) < percent
            how = chance.choice(("busy", "broken", "silent", "applied and silent"))
            if fails and how != "applied and silent":
                journal.came(delivery, how)
                if how == "silent":
                    self.close_connection = True
                else:
                    self._answer(503 if how == "busy" else 500)
                return
            first = journal.apply(delivery, body)
            journal.came(delivery, "applied" if first else "known")
            if fails:
                self.close_connection = True
                return
            self._answer(200)

        def _answer(self, status: int) -> None:
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *arguments: object) -> None:
            """Nothing: what came is in the journal."""

    return ThreadingHTTPServer(("127.0.0.1", port), Handler)


if __name__ == "__main__":
    receiver(
        int(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    ).serve_forever()
