"""Pictures of identity papers: by duty, each view written down, kept nowhere on the way."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from desk_office import HERE, DeskOffice, a_desk
from desk_papers import declared

from usecases.caller import local_operator
from usecases.identity_pictures import accesses

MINE, PLAIN = "H17-261123-0003", "H17-261123-0004"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[DeskOffice]:
    with a_desk(tmp_path) as opened:
        declared(opened.rooms, MINE, HERE, kind="can_cuoc")
        declared(opened.rooms, PLAIN, HERE)
        yield opened
        opened.app.state.desk.close()


def test_each_view_is_written_down(desk: DeskOffice) -> None:
    lan, ky = desk.signed_in("lan"), desk.signed_in("ky")
    pdf = f"pdf={desk.rooms.ledger.documents(3)[0].pdfa_sha256}"
    for browser, path in (
        (lan, f"/dossiers/{MINE}/1/pages/1?{pdf}"),
        (lan, f"/dossiers/{MINE}/1/pages/1?{pdf}"),
        (ky, f"/review/{MINE}/1/picture/2?zone=1,1,90,90"),
    ):
        answer = browser.get(path)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/webp")
        assert answer.headers["cache-control"] == "no-store"
    told = accesses(local_operator(), desk.rooms, MINE)
    assert [(one.who, one.kind, one.page, one.zone, one.count) for one in told] == [
        ("ky", "identity_seen", 2, True, 1),
        ("lan", "identity_seen", 1, False, 2),
    ]
    page = lan.get(f"/dossiers/{MINE}").text
    assert "mỗi lượt xem được ghi lại" in page
    assert "<b>ky</b> · xem ảnh giấy tờ tùy thân, tài liệu 1, trang 2" in page
    assert "<b>lan</b>" in desk.signed_in("van").get(f"/dossiers/{MINE}").text


@pytest.mark.parametrize("language", ["vi", "en"])
def test_others_see_a_grey_page_with_the_reason(desk: DeskOffice, language: str) -> None:
    van = desk.signed_in("van")
    van.get(f"/language/{language}")
    page = van.get(f"/dossiers/{MINE}").text
    assert "/pages/1" not in page
    assert ("dữ liệu cá nhân nhạy cảm" if language == "vi" else "sensitive personal data") in page
    answer = van.get(f"/dossiers/{MINE}/1/pages/1")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/svg+xml")
    assert "<text" in answer.text and "WEBP" not in answer.text
    assert accesses(local_operator(), desk.rooms, MINE) == ()
    assert desk.signed_in("doc").get(f"/dossiers/{MINE}/1/pages/1").status_code == 403


def test_other_papers_are_shown_as_before(desk: DeskOffice) -> None:
    van = desk.signed_in("van")
    pdf = desk.rooms.ledger.documents(4)[0].pdfa_sha256
    answer = van.get(f"/dossiers/{PLAIN}/1/pages/1?pdf={pdf}")
    assert answer.status_code == 200 and "immutable" in answer.headers["cache-control"]
    assert accesses(local_operator(), desk.rooms, PLAIN) == ()


def test_a_paper_of_no_known_type_may_be_one(desk: DeskOffice) -> None:
    """That of ``a_desk`` under review has none; nobody has looked at it."""
    van = desk.signed_in("van")
    answer = van.get("/dossiers/H17-261123-0001/1/pages/1")
    assert answer.headers["content-type"] == "image/svg+xml"
