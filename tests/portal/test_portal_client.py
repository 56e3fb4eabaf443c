"""A client that a public generator makes of the description runs the journey of fetching.

The generator is openapi-python-client; what it makes lives as long as the test.
"""

import importlib
import io
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from desk_office import HERE, DeskOffice, a_desk
from shared_office import ShelfStore, publish

from usecases import tokens
from usecases.caller import Duty, local_operator

ADDRESS = "/api/v1/openapi.json"
SIGNED = bytes(range(256)) * 40
PACKAGE = "made_client"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskOffice]:
    folder: Path = tmp_path_factory.mktemp("client")
    store = ShelfStore()
    with a_desk(folder, waiting=False, inbox=folder / "inbox") as desk:
        object.__setattr__(desk.rooms, "objects", lambda: store)
        for at in range(3):
            publish(
                desk.rooms.ledger, store, f"H17-261123-000{at}", HERE, content=SIGNED + b"%d" % at
            )
        yield desk


@pytest.fixture(scope="module")
def made(office: DeskOffice, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    """The client's package, made of what the desk says of itself."""
    folder: Path = tmp_path_factory.mktemp("made")
    described = office.signed_in("lan").get(ADDRESS).json()
    (folder / "openapi.json").write_text(json.dumps(described), "utf-8")
    done = subprocess.run(
        [
            sys.executable, "-m", "openapi_python_client", "generate", "--meta", "none",
            "--path", str(folder / "openapi.json"), "--output-path", str(folder / PACKAGE),
        ],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    told = [line for line in done.stdout.splitlines() if "WARNING" in line.upper() or "#/" in line]
    assert not [line for line in told if "/documents" in line], done.stdout
    sys.path.insert(0, str(folder))
    yield importlib.import_module(PACKAGE)
    sys.path.remove(str(folder))
    for name in [one for one in sys.modules if one.split(".")[0] == PACKAGE]:
        del sys.modules[name]


def act(name: str) -> Any:
    """The module of one operation, by the beginning of its name."""
    folder = Path(str(importlib.import_module(f"{PACKAGE}.api.default").__file__)).parent
    (found,) = (one.stem for one in folder.glob(f"{name}_api_v*.py"))
    return importlib.import_module(f"{PACKAGE}.api.default.{found}")


def client(office: DeskOffice, made: Any, duty: Duty) -> Any:
    """The made client with a token, talking to the application itself."""
    token = tokens.add(local_operator(), office.rooms, f"client-{duty}", [duty], [HERE]).token
    found = made.AuthenticatedClient(base_url="http://127.0.0.1:8650", token=token)
    browser = office.browser()
    browser.headers["authorization"] = f"Bearer {token}"
    return found.set_httpx_client(browser)


def test_it_lists_describes_and_fetches(office: DeskOffice, made: ModuleType) -> None:
    reader = client(office, made, Duty.reader)
    codes: list[str] = []
    after: Any = None
    while True:
        more = {} if after is None else {"after": after}
        page = act("listed").sync(client=reader, limit=2, **more)
        codes += [one.doc_code for one in page.documents]
        after = page.next_
        if not after:
            break
    assert len(codes) == len(set(codes)) == 3
    view = act("metadata").sync(codes[0], client=reader)
    newest = view.versions[-1]
    assert (view.type_name, newest.doc_code) == ("Quyết định", codes[0])
    file = act("download").sync(codes[0], client=reader)
    assert file.payload.read()[:-1] == SIGNED
    part = act("download").sync_detailed(codes[0], client=reader, range_="bytes=0-99")
    assert (part.status_code, part.content) == (206, SIGNED[:100])
    again = act("download").sync_detailed(
        codes[0], client=reader, if_none_match=f'"{newest.sha_256}"'
    )
    assert again.status_code == 304
    refused = act("metadata").sync("H00_QD_000099_V2", client=reader)
    assert refused.error.code == "usecase.no_doc_code"
    link = act("link").sync(codes[0], client=reader)
    assert office.browser().get(link.link).content[:-1] == SIGNED


def test_it_says_what_a_document_is_and_brings_one_in(office: DeskOffice, made: ModuleType) -> None:
    clerk = client(office, made, Duty.clerk)
    models = importlib.import_module(f"{PACKAGE}.models")
    types = importlib.import_module(f"{PACKAGE}.types")
    code = act("listed").sync(client=clerk).documents[0].doc_code
    said = act("describe").sync(code, client=clerk, body=models.Description(subject="Về đất đai"))
    assert said.subject == "Về đất đai"
    form = next(one for one in dir(models) if one.startswith("Imported"))
    content = io.BytesIO(b"%PDF-1.4 a paper")
    paper = types.File(payload=content, file_name="qd.pdf", mime_type="application/pdf")
    body = getattr(models, form)(
        type_name="Quyết định", code_number="21", code_notation="QĐ-UBND",
        issued_date="2026-11-20", organ_name="UBND xã Hoa Sen", subject="Về việc giao đất",
        file=paper,
    )  # fmt: skip
    answer = act("imported").sync_detailed(client=clerk, body=body, idempotency_key="k" * 12)
    assert answer.status_code == 202, answer.content
    assert answer.parsed.department == HERE
