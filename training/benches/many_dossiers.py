"""A ledger with as many dossiers as an office has in a year, written in bulk; all of it invented.

The ledger is made as always (its migrations, its first events) and then filled through SQLAlchemy's
tables without waiting for the disk: a block of dossiers row by row, this block again and again by
one INSERT ... SELECT a table, and those that wait row by row. Its indexes are made at the end.
What is written is what pages look at: dossiers, claims, documents, events, decisions, approvals,
stored objects and manifests. The hashes of the events are random: such a ledger does not pass
``sohoa ledger check``, and no page asks it.
"""

import hashlib
import zlib
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import sqlalchemy as sa

from schemas.department import Department
from schemas.dossier import Role, Stage
from schemas.field import Field, FieldStatus, Reading
from schemas.manifest import Manifest, PageReport, Source
from sohoa.sample import sample_answers
from storage import Ledger
from storage.tables import (
    Utc,
    approval,
    canonical,
    chain_head,
    claim,
    decision,
    document,
    dossier,
    event,
    kept_manifest,
    stored_object,
)

UNITS = ("mot-cua", "tu-phap", "dat-dai", "xay-dung", "giao-duc", "y-te", "lao-dong", "thue")
"""Departments, all of them as busy as the others."""
ACTOR = "bench"
BLOCK = 2_000
"""Dossiers that are made one by one; the published ones after them are these again, later."""
_CHUNK = 2_000
_DOUBTS = 4

Row = dict[str, Any]


def fill(
    path: Path, dossiers: int, waiting: int, say: Callable[[str], None], seed: int = 1
) -> bytes:
    """Write a ledger of ``dossiers`` dossiers to ``path``; the manifest that every document has.

    Args:
        path: of an SQLite file that is not there yet.
        dossiers: received over a year, up to now.
        waiting: so many of them, the last ones, stand with a person or with the machines; the
            others are published.
        say: told how far it is.
        seed: of the series of rows.
    """
    address = f"sqlite:///{path}"
    with Ledger.open(address) as ledger:
        known = {one.id for one in ledger.departments()}
        for unit in (one for one in UNITS if one not in known):
            ledger.add_department(Department(id=unit, name=unit.replace("-", " ")), ACTOR)
    manifest = a_manifest().model_dump_json().encode()
    engine = sa.create_engine(address)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA synchronous=OFF")
        indexes = _dropped_indexes(connection)
        seq: int = connection.execute(sa.select(chain_head.c.seq)).scalar_one()
        dice = Random(seed)  # noqa: S311 - the same rows each time
        rows = _Rows(dice, dossiers, waiting, seq, manifest)
        blocks = max(0, (dossiers - waiting) // BLOCK)
        if blocks:
            rows.write(connection, range(1, BLOCK + 1))
            say(f"{BLOCK}/{dossiers}")
            rows.repeat(connection, blocks - 1)
            say(f"{blocks * BLOCK}/{dossiers}")
        rows.write(connection, range(blocks * BLOCK + 1, dossiers + 1))
        say(f"{dossiers}/{dossiers}")
        connection.execute(
            sa.update(chain_head).where(chain_head.c.id == 1).values(seq=rows.seq, hash="0" * 64)
        )
        for one in indexes:
            connection.exec_driver_sql(one)
        connection.commit()
    engine.dispose()
    return manifest


def _dropped_indexes(connection: sa.Connection) -> list[str]:
    """Take the indexes off; the statements that make them again, which is faster at the end."""
    found = connection.exec_driver_sql(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
    ).all()
    for name, _ in found:
        connection.exec_driver_sql(f'DROP INDEX "{name}"')
    return [str(made) for _, made in found]


def a_manifest() -> Manifest:
    """A form of residence, four of its fields doubtful."""
    fields: dict[str, Any] = {}
    for number, (path, value) in enumerate(_answers().items()):
        doubtful = number < _DOUBTS
        fields[path] = Field(
            value=value,
            raw=value,
            confidence=0.9 if doubtful else 0.99,
            status=FieldStatus.review if doubtful else FieldStatus.accepted,
            page=1,
            box=(120.0, 100.0 + 20 * number, 480.0, 116.0 + 20 * number),
            readers=(
                Reading(reader="line", text=value, confidence=0.6),
                Reading(reader="tesseract", text=value[:-1], confidence=0.5),
            ),
        )
    page = PageReport(
        number=1, width=595, height=842, dpi=300, rotation=0, skew=0, blank=False, words=180,
        confidence=0.9,
    )  # fmt: skip
    return Manifest(
        source=Source(name="1.pdf", sha256="0" * 64, bytes=1, media_type="application/pdf"),
        document_type="ct01",
        form_version="66/2023",
        legal_basis=None,
        pages=(page, page.model_copy(update={"number": 2})),
        fields=fields,
    )


@cache
def _answers() -> Mapping[str, str]:
    drawn = sample_answers(date(2026, 11, 24), 1)
    return {path: value for path, value in drawn.fields.items() if value}


_TABLES = (dossier, claim, document, kept_manifest, decision, approval, stored_object, event)
_OF_BENCH = event.c.dossier_id.is_not(None)
_NUMBERED = {decision.c.id, approval.c.id, stored_object.c.id}
"""Columns that the database numbers itself."""


def _shifted(
    table: sa.Table, block: sa.ColumnElement[int], documents: int, events: int, days: float
) -> dict[str, sa.ColumnElement[Any]]:
    """The columns of a row of the first block as they are in a later one."""
    return {
        column.name: _as_later(column, block, documents, events, days)
        for column in table.columns
        if column not in _NUMBERED
    }


def _as_later(
    column: sa.Column[Any], block: sa.ColumnElement[int], documents: int, events: int, days: float
) -> sa.ColumnElement[Any]:
    """Numbers and times move on with the block, hashes are new, the rest stays."""
    plain = sa.type_coerce(column, sa.Text)
    if column is dossier.c.id or column.name == "dossier_id":
        return column + block * BLOCK
    if column is document.c.id or column.name == "document_id":
        return column + block * documents
    if column is event.c.seq:
        return column + block * events
    if column.name == "claim_id":
        return sa.literal("c") + sa.cast(
            sa.cast(sa.func.substr(plain, 2), sa.Integer) + block * BLOCK, sa.Text
        )
    if isinstance(column.type, Utc):
        later = sa.func.printf("+%f days", block * days)
        return sa.func.strftime("%Y-%m-%d %H:%M:%f000", plain, later)
    if column is dossier.c.code:
        day = _as_later(dossier.c.created_at, block, documents, events, days)
        day = sa.func.replace(sa.func.substr(day, 3, 8), "-", "")
        number = (dossier.c.id + block * BLOCK) % 10_000
        return sa.func.printf("H17-%s-%04d", day, number)
    if column.name in {"source_sha256", "pdfa_sha256", "hash", "prev_hash"}:
        return sa.func.lower(sa.func.hex(sa.func.randomblob(32)))
    if column.table is stored_object and column.name == "key":
        return sa.func.printf("%d/", block) + plain
    return plain


class _Rows:
    """Rows of one dossier after the other, each with the numbers that its neighbours name."""

    def __init__(
        self, dice: Random, dossiers: int, waiting: int, seq: int, manifest: bytes
    ) -> None:
        self.seq = seq
        self._dice = dice
        self._dossiers, self._waiting = dossiers, waiting
        self._documents = 0
        self._now = datetime.now(UTC)
        self._manifest = hashlib.sha256(manifest).hexdigest()
        self._packed = zlib.compress(manifest)
        self._made: dict[sa.Table, list[Row]] = {}

    def write(self, connection: sa.Connection, numbers: range) -> None:
        """Write the rows of these dossiers, table by table in the order of their keys."""
        for first in range(numbers.start, numbers.stop, _CHUNK):
            self._made = {table: [] for table in _TABLES}
            for number in range(first, min(first + _CHUNK, numbers.stop)):
                self._dossier(number)
            for table, values in self._made.items():
                if values:
                    connection.execute(sa.insert(table), values)
        connection.commit()

    def repeat(self, connection: sa.Connection, times: int) -> None:
        """Write the first block so many times more, each time later; in one statement a table."""
        begun = connection.execute(sa.select(sa.func.min(event.c.seq)).where(_OF_BENCH)).scalar()
        events = self.seq - (begun or 0) + 1
        block = sa.select(sa.literal(1).label("number")).cte("block", recursive=True)
        following = block.c.number + 1
        block = block.union_all(sa.select(following).where(block.c.number < times))
        days = 365 * BLOCK / self._dossiers
        for table in _TABLES:
            shifted = _shifted(table, block.c.number, self._documents, events, days)
            which = _OF_BENCH if table is event else sa.true()
            query = (
                sa.select(*shifted.values())
                .select_from(table.join(block, sa.true()))
                .where(which)
                .order_by(block.c.number)
            )
            connection.execute(sa.insert(table).from_select([*shifted], query))
        self.seq += events * times
        self._documents *= times + 1
        connection.commit()

    def _stage(self, number: int) -> Stage:
        """Of the last dossiers eight in ten wait for review."""
        if number <= self._dossiers - self._waiting:
            return Stage.published
        at = self._dice.random()
        if at < 0.8:
            return Stage.in_review
        if at < 0.94:
            return Stage.awaiting_approval
        return Stage.failed if at < 0.98 else Stage.received

    def _dossier(self, number: int) -> None:
        back = timedelta(days=365) * ((self._dossiers - number) / self._dossiers)
        received = self._now - back - timedelta(minutes=2)
        stage = self._stage(number)
        unit = UNITS[self._dice.randrange(len(UNITS))]
        code = f"H17-{received:%y%m%d}-{number % 10_000:04d}"
        self._made[dossier].append(
            {
                "id": number, "department": unit, "code": code, "provisional": False,
                "stage": stage.value, "attempts": 0, "created_at": received,
                "updated_at": received + timedelta(minutes=1), "warnings": [],
                "procedures": "1.004194", "due_at": received + timedelta(days=3),
                "lease_owner": None, "lease_until": None, "next_attempt_at": None,
                "first_code": None,
            }
        )  # fmt: skip
        done = stage is Stage.published
        self._made[claim].append(
            {
                "claim_id": f"c{number}", "dossier_id": number, "folder": code, "inbox": None,
                "created_at": received, "closed_at": received if done else None,
            }
        )  # fmt: skip
        self._event(received, "claimed", number, None)
        roles = [Role.component, *([Role.component] if number % 3 == 0 else [])]
        roles += [Role.result] if done and number % 2 == 0 else []
        for at, role in enumerate(roles, 1):
            self._document(number, at, role, stage, received)

    def _document(self, of: int, number: int, role: Role, stage: Stage, received: datetime) -> None:
        self._documents += 1
        me, read = self._documents, stage not in {Stage.received, Stage.failed}
        source, pdf = _sha256(self._dice), _sha256(self._dice)
        done = stage is Stage.published
        self._made[document].append(
            {
                "id": me, "dossier_id": of, "number": number, "role": role.value,
                "name": f"{number}.pdf", "claim_id": f"c{of}", "relative": f"{number}.pdf",
                "source_sha256": source, "source_bytes": 400_000,
                "media_type": "application/pdf", "document_type": "ct01" if read else None,
                "stage": stage.value, "failed_from": None if stage is not Stage.failed
                else Stage.received.value, "manifest_sha256": self._manifest if read else None,
                "pdfa_sha256": pdf if read else None, "signed_sha256": pdf if done else None,
                "pages": 2 if read else None, "error_code": "reading.damaged"
                if stage is Stage.failed else None, "error_params": {}, "duplicate_of": None,
                "part_of": None, "source_pages": [], "split": False, "attached_to": None,
                "reading_sha256": self._manifest if read else None,
                "doubts": _DOUBTS if read else None, "superseded_by": None, "changes": None,
                "created_at": received, "updated_at": received + timedelta(minutes=1),
            }
        )  # fmt: skip
        passed = ["received"]
        if read:
            passed += ["digitised", "in_review"]
            self._decisions(me, _DOUBTS if stage is not Stage.in_review else me % 3, received)
        if done:
            passed += ["reviewed", "approved", "signed", "published"]
            self._kept(of, me, pdf, received)
        elif read:
            self._made[kept_manifest].append(
                {"document_id": me, "sha256": self._manifest, "content": self._packed}
            )
        if stage is Stage.awaiting_approval:
            passed.append("reviewed")
        for minute, kind in enumerate(passed):
            self._event(received + timedelta(seconds=10 * minute), kind, of, me)

    def _decisions(self, me: int, count: int, at: datetime) -> None:
        for number, path in enumerate([*_answers()][:count]):
            self._made[decision].append(
                {
                    "document_id": me, "manifest_sha256": self._manifest, "path": path,
                    "kind": "confirmed", "value": None, "salt": "0" * 32,
                    "key": f"{me}-{number}", "made_by": "user:r0", "made_at": at,
                    "undone_by": None, "undone_at": None,
                }
            )  # fmt: skip

    def _kept(self, of: int, me: int, pdf: str, at: datetime) -> None:
        self._made[approval].append(
            {
                "document_id": me, "manifest_sha256": self._manifest, "made_by": "user:ky",
                "made_at": at, "void": False, "made_for": None,
            }
        )  # fmt: skip
        for kind, sha256 in (("signed", pdf), ("manifest", self._manifest)):
            self._made[stored_object].append(
                {
                    "dossier_id": of, "document_id": me, "kind": kind, "bucket": "sohoa",
                    "key": f"{of}/{me}/{kind}", "version_id": None, "sha256": sha256,
                    "bytes": 100_000, "retain_until": None, "recorded_at": at,
                }
            )  # fmt: skip

    def _event(self, at: datetime, kind: str, of: int, me: int | None) -> None:
        self.seq += 1
        self._made[event].append(
            {
                "seq": self.seq, "at": at, "actor": ACTOR, "kind": kind, "dossier_id": of,
                "document_id": me, "hash_before": None, "hash_after": None,
                "data": canonical({"stage": kind}), "prev_hash": _sha256(self._dice),
                "hash": _sha256(self._dice),
            }
        )  # fmt: skip


def _sha256(dice: Random) -> str:
    return f"{dice.getrandbits(256):064x}"


def numbers_in(dossiers: int, waiting: int, count: int) -> Iterator[int]:
    """Numbers of dossiers to look at: half of those that wait, half of the published ones."""
    dice = Random(count)  # noqa: S311 - the same ones each time
    for at in range(count):
        old = dossiers - waiting
        yield dice.randint(old + 1, dossiers) if at % 2 and waiting else dice.randint(1, old)
