"""``/api/v1`` is described, and nothing that fits or breaks the description breaks the desk.

A longer trial: ``DESCRIBED_EXAMPLES=300 python -m pytest tests/portal/test_portal_description.py``
"""

import os
import secrets
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from desk_office import HERE, DeskOffice, a_desk
from doubtful_desk import manifest, under_review
from hypothesis import HealthCheck, Phase, given, note, seed, settings
from hypothesis.errors import Unsatisfiable
from rescan_desk import CODE
from schemathesis import GenerationMode
from shared_office import ShelfStore, publish
from stacks import stack

from portal.rules import RuledRoute
from usecases import tokens
from usecases.caller import Duty, local_operator
from usecases.doc_codes import codes_of

EXAMPLES = int(os.environ.get("DESCRIBED_EXAMPLES", "15"))
REVIEW = "/api/v1/review/{dossier}/{number}"
DOCUMENTS = "/api/v1/documents"
ADDRESS = "/api/v1/openapi.json"
KNOWN = {
    "{number}": {"dossier": CODE, "number": 1},
    "{DocCode}": {"DocCode": "H00_QD_000001_V2"},
}
"""What is there, for the parameters that name it."""
SEED = int(os.environ.get("SOHOA_TEST_SEED", "20261123"))


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskOffice]:
    folder: Path = tmp_path_factory.mktemp("described")
    with a_desk(folder, inbox=folder / "inbox") as desk:
        under_review(desk.rooms, manifest(), stack(folder / "a.pdf", "QUYẾT ĐỊNH"), code=CODE)
        store = ShelfStore()
        object.__setattr__(desk.rooms, "objects", lambda: store)
        done = publish(desk.rooms.ledger, store, "H17-261123-0077", HERE)
        codes_of(desk.rooms.ledger, desk.rooms.coding, [done])
        yield desk
        desk.app.state.desk.close()


def _asked(desk: DeskOffice) -> list[RuledRoute]:
    return [one for one in desk.app.routes if isinstance(one, RuledRoute) and one.rule.api]


def test_all_that_systems_may_ask_is_described(office: DeskOffice) -> None:
    assert office.browser().get(ADDRESS).status_code == 401
    made = tokens.add(local_operator(), office.rooms, "đọc", [Duty.reader], [HERE])
    by_token = office.browser().get(ADDRESS, headers={"authorization": f"Bearer {made.token}"})
    said = office.signed_in("lan").get(ADDRESS)
    assert said.json() == by_token.json()
    told = {(path, how.upper()) for path, acts in said.json()["paths"].items() for how in acts}
    assert told == {(one.path, *(one.methods or ())) for one in _asked(office)}
    for path in ("/api/v1/dossiers", f"{DOCUMENTS}/import"):
        assert "multipart/form-data" in str(said.json()["paths"][path]["post"])
    for acts in said.json()["paths"].values():
        assert all(act["description"] for act in acts.values())
    assert CODE not in said.text and "/drop" not in said.json()["paths"]


@pytest.mark.slow
@pytest.mark.timeout(300 + 60 * EXAMPLES)
@pytest.mark.parametrize("way", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_nothing_breaks_it(office: DeskOffice, way: GenerationMode) -> None:
    """Values that fit the description and ones that do not, by who may do everything there.

    Half of what fits names a document that is there.
    """
    made = tokens.add(local_operator(), office.rooms, f"thu-{way.value}", list(Duty), [HERE])
    headers = {"authorization": f"Bearer {made.token}"}
    schema = schemathesis.openapi.from_asgi(ADDRESS, office.app, headers=headers)
    tried: dict[str, Counter[int]] = {}
    for found in schema.get_all_operations():
        operation = found.ok()
        known = next((one for name, one in KNOWN.items() if name in operation.path), None)
        for named in [known, None] if known and way is GenerationMode.POSITIVE else [None]:
            answers = tried.setdefault(f"{operation.method.upper()} {operation.path}", Counter())
            _ask(operation, way, headers, named, answers)
    there = {f"{next(iter(one.methods or ()))} {one.path}" for one in _asked(office)}
    assert there - set(tried) <= {f"GET {ADDRESS}"}, "which it has read"
    broken = {name: dict(said) for name, said in tried.items() if any(k >= 500 for k in said)}
    assert broken == {}
    if way is GenerationMode.POSITIVE:
        assert tried[f"POST {REVIEW}/try"][200] or tried[f"POST {REVIEW}/try"][400]
        assert tried[f"GET {REVIEW}"][200], "it has met what is there"
        assert tried[f"GET {DOCUMENTS}/{{DocCode}}"][200]
        assert tried[f"GET {DOCUMENTS}/download/{{DocCode}}"][200]


def _ask(
    operation: Any, way: GenerationMode, headers: dict[str, str], named: Any, answers: Counter[int]
) -> None:
    cases = operation.as_strategy(generation_mode=way, path_parameters=named)

    @seed(SEED)
    @settings(
        max_examples=EXAMPLES, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=cases)
    def ask(case: Any) -> None:
        answer = case.call(headers=headers | {"idempotency-key": secrets.token_hex(8)})
        answers[answer.status_code] += 1
        if answer.status_code < 500 and answer.status_code not in {404, 405}:
            return
        note(case.as_curl_command())

    with suppress(Unsatisfiable):  # nothing can be wrong with it
        ask()
