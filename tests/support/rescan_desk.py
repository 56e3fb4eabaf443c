"""A desk with a store, documents of two pages under review, and requests for new scans."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest
from desk_office import ELSEWHERE, HERE, PASSWORD, Browser, DeskOffice, a_desk
from doubtful_desk import manifest, under_review
from stacks import Store

from storage import Document, Objects
from usecases import accounts
from usecases.caller import Duty, local_operator

CODE, FOREIGN, SECOND = "H17-261124-0007", "H17-261124-0008", "H17-261124-0009"
PUBLIC = "http://127.0.0.1:8650"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[DeskOffice]:
    """A desk with a store, two documents of two pages here and one elsewhere."""
    page = manifest().pages[0]
    pages = (page, page.model_copy(update={"number": 2}))
    with a_desk(tmp_path, waiting=False, public=PUBLIC) as opened:
        store = cast(Objects, Store(tmp_path / "store"))
        opened.rooms = replace(opened.rooms, objects=lambda: store)
        opened.app.state.desk.rooms = opened.rooms
        accounts.add(
            local_operator(), opened.rooms, "minh", [Duty.clerk], [HERE], password=PASSWORD
        )
        under_review(opened.rooms, manifest(pages=pages), code=CODE)
        under_review(opened.rooms, manifest(pages=pages), code=FOREIGN, department=ELSEWHERE)
        under_review(opened.rooms, manifest(pages=pages), code=SECOND)
        yield opened
        opened.app.state.desk.close()


def document(desk: DeskOffice, code: str = CODE, number: int = 1) -> Document:
    dossier = desk.rooms.ledger.dossier(code)
    assert dossier is not None
    return desk.rooms.ledger.documents(dossier.id)[number - 1]


def seen(desk: DeskOffice, code: str = CODE) -> str:
    return document(desk, code).manifest_sha256 or ""


def asked(desk: DeskOffice, browser: Browser, page: str = "2") -> str:
    """Somebody asks for a page; the request's code."""
    answer = browser.form(
        f"/review/{CODE}/1/rescan", seen=seen(desk), page=page, reason="Ảnh <b>mờ</b>."
    )
    assert answer.status_code == 303, answer.text
    return re.search(r"QL-\w{6}", answer.headers["location"])[0]  # type: ignore[index]
