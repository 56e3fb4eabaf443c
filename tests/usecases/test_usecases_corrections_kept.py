"""What people confirmed is kept to learn from: of what was published, where it is allowed."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import cv2
import pytest
from drawn_lines import drawn_line

from ocr import ReadingOptions, lessons
from schemas.errors import NotFound
from schemas.field import Field, FieldStatus, Reading, Table
from schemas.learning import LearningOptions
from schemas.manifest import Manifest, Source
from usecases import corrections_kept
from usecases.corrections_kept import collect
from usecases.learning import School

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


def field(text: str, by: str) -> Field:
    said = (Reading(reader="line", text="x", confidence=0.2),)
    said += (Reading(reader="person", text=text, confidence=1.0),) if by == "person" else ()
    return Field(value=text, status=FieldStatus.accepted, readers=said)


MANIFEST = Manifest(
    source=Source(name="x.pdf", sha256="0" * 64, bytes=1, media_type="application/pdf"),
    document_type="ct01",
    form_version="66/2023",
    legal_basis=None,
    pages=(),
    fields={
        "full_name": field("Trần Minh Hoa", "person"),
        "head_name": field("Lê Văn Sơn", "machine"),
        "personal_id": field("001050668045", "person"),
        "members": Table(rows=({"full_name": field("Trần Minh An", "person")},)),
    },
)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[datetime]]:
    since: list[datetime] = []

    def published(*_: Any, since: datetime, **__: Any) -> list[Any]:
        seen.append(since)
        return [SimpleNamespace(document=SimpleNamespace(id=number), manifest=MANIFEST)
                for number in (1, 2)]  # fmt: skip

    async def pictures(_: Any, one: Any, key: str) -> dict[str, bytes]:
        assert key == "ct01@66/2023"
        if one.document.id == 2:
            raise NotFound("flow.source_missing", document="component-002")
        texts = ("Trần Minh Hoa", "Lê Văn Sơn", "Trần Minh An")
        paths = ("full_name", "head_name", "members.0.full_name")
        drawn = (drawn_line(text, struck=True) for text in texts)
        return {p: cv2.imencode(".png", d)[1].tobytes() for p, d in zip(paths, drawn, strict=True)}

    seen = since
    monkeypatch.setattr(corrections_kept, "published", published)
    monkeypatch.setattr(corrections_kept, "_pictures", pictures)
    monkeypatch.setattr(corrections_kept, "replace", lambda context, **_: context)
    yield since


def school(folder: Path, now: datetime = NOW, **allowed: Any) -> School:
    return School(folder, ReadingOptions(), LearningOptions(**allowed), lambda: now)


CONTEXT: Any = SimpleNamespace(ledger=None, work=Path("none"), objects=None)


async def test_only_what_people_said_is_kept_once(tmp_path: Path, asked: list[datetime]) -> None:
    made = school(tmp_path, collect=True)
    assert await collect(CONTEXT, made) == 2
    kept = lessons.kept(made.lines)
    assert {(one.line.field, one.line.text, one.line.document) for one in kept} == {
        ("full_name", "Trần Minh Hoa", 1),
        ("members.0.full_name", "Trần Minh An", 1),
    }
    assert await collect(CONTEXT, made) == 0
    assert asked[0] == NOW - timedelta(days=90)


async def test_what_was_removed_does_not_come_back(tmp_path: Path, asked: list[datetime]) -> None:
    await collect(CONTEXT, school(tmp_path, collect=True))
    later = NOW + timedelta(days=1)
    await collect(CONTEXT, school(tmp_path, later, collect=True))
    assert asked[-1] == NOW - corrections_kept.OVERLAP


async def test_nothing_is_kept_where_it_is_not_allowed(
    tmp_path: Path, asked: list[datetime]
) -> None:
    assert await collect(CONTEXT, school(tmp_path)) == 0
    assert asked == [] and list(tmp_path.iterdir()) == []
