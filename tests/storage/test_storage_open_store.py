"""A store that lets strangers in is not worked with."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from running_store import RunningStore

from schemas.errors import ConfigurationError
from storage import Objects
from storage.open_store import open_to_strangers


@pytest.mark.parametrize(
    ("answers", "may"),
    [
        ((403, 403, 403), None),
        ((401, 401, 401), None),
        ((403, 400, 405), None),
        ((200,), "list"),
        ((403, 404), "read"),
        ((403, 200), "read"),
        ((403, 403, 200, 204), "write"),
    ],
)
def test_what_anybody_may_do(answers: tuple[int, ...], may: str | None) -> None:
    left, asked = list(answers), list[tuple[str, dict[str, str]]]()

    def ask(method: str, path: str, query: dict[str, str]) -> tuple[int, bytes]:
        asked.append((method, query))
        return left.pop(0), b"<R><UploadId>u1</UploadId></R>"

    assert open_to_strangers(ask, "results") == may
    assert left == []
    if may == "write":
        assert asked[-1] == ("DELETE", {"uploadId": "u1"}), "nothing is left"


@pytest.fixture(params=["Read", "Write"])
def open_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[RunningStore]:
    """A store whose buckets are there, and then let strangers read or write."""
    store = RunningStore(tmp_path)
    store.start()
    Objects(store.options()).ensure()
    store.kill()
    path = tmp_path / "s3.json"
    known = json.loads(path.read_text("utf-8"))
    known["identities"].append({"name": "anonymous", "actions": [request.param]})
    path.write_text(json.dumps(known), "utf-8")
    store.start()
    try:
        yield store
    finally:
        store.kill()


@pytest.mark.service
@pytest.mark.slow
def test_an_open_store_is_refused(open_store: RunningStore) -> None:
    with pytest.raises(ConfigurationError) as refused:
        Objects(open_store.options()).ensure()
    assert refused.value.code == "storing.store_open"
