"""Finding at the desk: by POST, kept for the session, narrowed to what one may find."""

import logging
from datetime import UTC, datetime

import pytest
from desk_office import ELSEWHERE, HERE, Browser, DeskOffice
from published_results import NUMBER, OneFile, published

from portal.searches import KeptSearch, KeptSearches
from schemas.errors import ServiceUnavailable
from schemas.search_views import SignatureShown
from schemas.verdict import FileVerdict, Verdict
from storage import SearchText
from usecases.pictures import PagePicture

OWN, OTHER = "H17-261123-0011", "H17-261123-0012"
NAME = "Nguyễn Thị Mẫu"


@pytest.fixture
def office(desk: DeskOffice) -> DeskOffice:
    """A result of the same invented person in two departments, in the index."""
    for code, unit in ((OWN, HERE), (OTHER, ELSEWHERE)):
        document = published(desk.rooms.ledger, code, unit)
        text = SearchText(
            values=(("full_name", NAME), ("personal_id", NUMBER)),
            pages=(f"Quyết định cho bà {NAME}, số {NUMBER}, được <b>đăng ký</b>",),
        )
        desk.rooms.ledger.search.put(document.id, text)
    store = OneFile()
    object.__setattr__(desk.rooms, "objects", lambda: store)
    return desk


def find(browser: Browser, question: str, **narrowed: str) -> str:
    """The page of what is found, and that nothing of the question is in its address."""
    answer = browser.form("/results/find", question=question, **narrowed)
    assert answer.status_code == 303
    where = answer.headers["location"]
    assert where.startswith("/results/found?search=") and question not in where
    page = browser.get(where)
    assert page.status_code == 200, page.text
    return page.text


def test_a_name_is_found_in_ones_own_department(office: DeskOffice) -> None:
    browser = office.signed_in("doc")
    for question in (NAME, "nguyen thi mau", "Nguyen Thi Mao", "quyet dinh dang ky", OWN):
        page = find(browser, question)
        assert f"{OWN}/1</a>" in page and OTHER not in page, question
    page = find(browser, NAME)
    assert "<mark>Nguyễn</mark>" in page and "&lt;b&gt;" in page
    assert NUMBER not in page, "numbers are covered"
    assert "Đúng từng chữ" in page
    assert "Gần giống" in find(browser, "Nguyen Thi Mao")
    assert "Không tìm thấy" in find(browser, "Trần Văn Không")


def test_what_is_found_is_narrowed(office: DeskOffice) -> None:
    browser = office.signed_in("doc")
    assert f"{OWN}/1</a>" in find(browser, NAME, role="result", since="2020-01-01")
    for narrowed in (
        {"role": "component"}, {"type": "ct01"}, {"until": "2020-01-01"},
        {"department": ELSEWHERE},
    ):  # fmt: skip
        assert "Không tìm thấy" in find(browser, NAME, **narrowed)


def test_pages_of_what_is_found_go_on(office: DeskOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.pages.finding.ON_A_PAGE", 1)
    document = published(office.rooms.ledger, "H17-261123-0013", HERE)
    office.rooms.ledger.search.put(document.id, SearchText(values=(("full_name", NAME),)))
    browser = office.signed_in("doc")
    first = find(browser, NAME)
    assert "0013/1</a>" in first and OWN not in first
    place = first.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0]
    second = browser.get(place.replace("&amp;", "&")).text
    assert f"{OWN}/1</a>" in second and "0013" not in second


def test_a_person_is_looked_up_by_those_who_may_and_it_is_noted(office: DeskOffice) -> None:
    browser = office.signed_in("lan")
    page = find(browser, f"{NUMBER[:3]} {NUMBER[3:]}")
    assert OWN in page and OTHER not in page and "1 hồ sơ, 1 tài liệu" in page
    noted = [one for one in office.rooms.ledger.accesses.of() if one.kind == "person_looked_up"]
    assert [one.dossier_id is None for one in noted] == [True, False]
    mark = office.rooms.ledger.search.fingerprint(NUMBER)
    assert {one.object for one in noted} == {mark} and NUMBER not in mark
    assert "tra theo số định danh" in browser.get(f"/dossiers/{OWN}").text
    assert "Không có tài liệu" in find(browser, "001203999999")


def test_a_reader_looks_up_nobody(office: DeskOffice) -> None:
    browser = office.signed_in("doc")
    where = browser.form("/results/find", question=NUMBER).headers["location"]
    assert browser.get(where).status_code == 403
    noted = {one.kind for one in office.rooms.ledger.accesses.of(actor="user:doc")}
    assert "person_looked_up" not in noted


def test_a_number_among_words_is_refused_with_a_sentence(office: DeskOffice) -> None:
    browser = office.signed_in("lan")
    where = browser.form("/results/find", question=f"{NAME} {NUMBER}").headers["location"]
    answer = browser.get(where)
    assert answer.status_code == 400 and "tra riêng" in answer.text


def test_a_question_is_the_sessions_own(office: DeskOffice) -> None:
    lan, ky = office.signed_in("lan"), office.signed_in("ky")
    where = lan.form("/results/find", question=NAME).headers["location"]
    gone = ky.get(where)
    assert gone.status_code == 404 and NAME not in gone.text and "hết hạn" in gone.text
    assert gone.text == ky.get("/results/found?search=" + "x" * 22).text.replace(
        "x" * 22, where.partition("=")[2]
    )
    assert lan.get(where).status_code == 200
    lan.form("/sign-out")
    assert office.app.state.desk.searches.find(lan.token or "", where.partition("=")[2]) is None


def test_a_question_without_the_sessions_word_is_refused(office: DeskOffice) -> None:
    browser = office.signed_in("lan")
    assert browser.post("/results/find", data={"question": NAME}).status_code == 403
    assert browser.form("/results/find", question="   ").headers["location"] == "/results"
    assert browser.form("/results/find", question="x" * 301).status_code in {400, 422}


def test_nothing_that_is_looked_for_is_logged(
    office: DeskOffice, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        find(office.signed_in("lan"), NAME)
        find(office.signed_in("lan"), NUMBER)
    assert caplog.records
    assert not any(word in caplog.text for word in (NAME, "Mẫu", "mau", NUMBER))
    with office.rooms.ledger.search.database.read() as connection:
        told = connection.exec_driver_sql("SELECT data FROM event").scalars().all()
        noted = connection.exec_driver_sql("SELECT object FROM access").scalars().all()
    assert not any(word in str(one) for one in (*told, *noted) for word in (NAME, NUMBER))


def test_few_searches_are_kept() -> None:
    kept = KeptSearches(2)
    words = [kept.keep("a", KeptSearch(question=str(one))) for one in range(3)]
    assert [kept.find("a", one) is None for one in words] == [True, False, False]
    assert kept.find("b", words[1]) is None


# One result


@pytest.fixture
def verdict(monkeypatch: pytest.MonkeyPatch) -> FileVerdict:
    """What verification says; the file itself is verified elsewhere."""
    said = FileVerdict(file="x.pdf", verdict=Verdict.valid, sentence="Chữ ký hợp lệ.")

    async def shown(*_asked: object, **_more: object) -> SignatureShown:
        return SignatureShown(verdict=said, checked_at=datetime(2026, 11, 30, tzinfo=UTC))

    monkeypatch.setattr("portal.pages.results.signature_shown", shown)
    return said


@pytest.mark.usefixtures("verdict")
def test_a_result_is_shown_with_what_may_be_told(office: DeskOffice) -> None:
    page = office.signed_in("doc").get(f"/results/{OWN}/1").text
    assert "Hợp lệ" in page and "Chữ ký hợp lệ." in page
    assert "12/QĐ-UBND" in page
    assert "Công bố tài liệu 1" in page and "Phần mềm" not in page, "history, without people"
    assert f'href="/results/{OWN}/1/signed.pdf' in page and "/dossiers/" not in page
    assert f'src="/results/{OWN}/1/pages/2' in page
    noted = office.rooms.ledger.accesses.of(actor="user:doc")
    assert [one.kind for one in noted] == ["signed_in", "result_seen"]
    clerk = office.signed_in("lan").get(f"/results/{OWN}/1").text
    assert "Số hóa xong tài liệu 1" in clerk and f'href="/dossiers/{OWN}' in clerk


@pytest.mark.usefixtures("verdict")
def test_anothers_result_is_as_one_that_is_not_there(office: DeskOffice) -> None:
    browser = office.signed_in("doc")
    foreign, missing = browser.get(f"/results/{OTHER}/1"), browser.get("/results/H17-261123-0099/1")
    assert foreign.status_code == missing.status_code == 404
    assert foreign.text.replace(OTHER, "") == missing.text.replace("H17-261123-0099", "")
    assert browser.get(f"/results/{OTHER}/1/pages/1").status_code == 404


@pytest.mark.usefixtures("verdict")
def test_what_was_withdrawn_says_so_everywhere(office: DeskOffice) -> None:
    ledger = office.rooms.ledger
    dossier = ledger.dossier(OWN)
    assert dossier is not None
    ledger.withdraw(ledger.documents(dossier.id)[0].id, "lý do", "user:ky", superseded_by=None)
    browser = office.signed_in("lan")
    page = browser.get(f"/results/{OWN}/1").text
    assert "đã bị thu hồi" in page and "signed.pdf" not in page
    assert "Đã thu hồi" in find(browser, NAME) and "Đã thu hồi" in find(browser, NUMBER)
    assert OWN not in browser.get("/results").text


def test_the_page_is_there_where_the_store_is_not(office: DeskOffice) -> None:
    def away() -> None:
        raise ServiceUnavailable("storing.store_unavailable", endpoint="127.0.0.1")

    object.__setattr__(office.rooms, "objects", away)
    object.__setattr__(office.rooms, "trust", lambda: None)
    answer = office.signed_in("doc").get(f"/results/{OWN}/1")
    assert answer.status_code == 200 and "Chưa kiểm tra được chữ ký" in answer.text


def test_pages_of_a_result_are_for_those_who_may_fetch(
    office: DeskOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = PagePicture(
        sha256="d" * 64, media_type="image/webp", width=1, height=1, content=b"webp"
    )
    monkeypatch.setattr("usecases.pictures._kept", lambda *_where: picture)
    answer = office.signed_in("doc").get(f"/results/{OWN}/1/pages/1?pdf={'c' * 16}")
    assert answer.content == b"webp" and "immutable" in answer.headers["cache-control"]
    assert office.signed_in("doc").get(f"/results/{OWN}/1/pages/9").status_code == 404
    assert office.signed_in("van").get(f"/results/{OWN}/1/pages/1").status_code == 403
