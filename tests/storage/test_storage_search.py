"""The search index: what fits best comes first, and nothing comes that is not reached."""

from datetime import timedelta
from typing import Any

import pytest
from ledger_steps import NOW, bring_to, register, sha

from schemas.department import Department
from schemas.dossier import Role, Stage
from schemas.errors import InputRejected
from schemas.sharing import Shared
from storage import Fit, FoundRow, Ledger, SearchFilter, SearchText
from storage.grants import NewGrant
from storage.sharing import Reach

EVERYTHING = SearchFilter(reach=Reach(departments=None, now=NOW))
NUMBER, OTHER = "001203012345", "123456789"
PEOPLE = {
    1: "Nguyễn Văn Ân",
    2: "Nguyễn Văn An",
    3: "Nguyễn Vạn Ẩn",
    4: "Trần Thị Hoà",
    5: "Trần Thị Hoa",
    6: "Đặng Ngọc Hướng",
}


def entered(ledger: Ledger, number: int, text: SearchText, department: str = "mot-cua") -> int:
    """A published document of the dossier of this number, in the index."""
    made = register(
        ledger, f"c{number}", f"tờ {number}", code=f"H17-261123-{number:04d}", department=department
    )
    (document,) = made.documents
    bring_to(ledger, document, Stage.published)
    ledger.search.put(document.id, text)
    return document.id


@pytest.fixture
def filled(ledger: Ledger) -> Ledger:
    """Six people's papers of here; one's of elsewhere."""
    for number, name in PEOPLE.items():
        page = f"Kính gửi: Công an phường Tân Định. Tôi là {name}, sinh ngày 2/9/1990."
        values = [("full_name", name), ("issued_date", f"2026-11-{number:02d}")]
        values += [("personal_id", NUMBER)] if number in {2, 3} else []
        entered(ledger, number, SearchText(values=tuple(values), pages=(page,)))
    ledger.add_department(Department(id="thue", name="Thuế"), "test")
    text = SearchText(values=(("full_name", "Nguyễn Văn An"),), pages=(f"Số {NUMBER}",))
    entered(ledger, 7, text, "thue")
    return ledger


def of(rows: list[FoundRow]) -> list[int]:
    return [int(one.dossier[-4:]) for one in rows]


def asked(
    ledger: Ledger, question: str, wanted: SearchFilter = EVERYTHING
) -> list[tuple[int, Fit]]:
    rows, after = ledger.search.find(question, wanted)
    assert after is None
    return [(int(one.dossier[-4:]), one.fit) for one in rows]


def test_a_question_with_accents_gets_what_is_written_so_first(filled: Ledger) -> None:
    assert asked(filled, "nguyễn văn an") == [
        (7, Fit.marked), (2, Fit.marked), (3, Fit.plain), (1, Fit.plain)
    ]  # fmt: skip
    assert asked(filled, "NGUYỄN VĂN ÂN")[0] == (1, Fit.marked)
    assert {one for one, _ in asked(filled, "Nguyễn Văn Ấn")} == {7, 3, 2, 1}, "no one is so called"


def test_a_question_without_accents_gets_all(filled: Ledger) -> None:
    assert asked(filled, "Nguyen Van An") == [(one, Fit.plain) for one in (7, 3, 2, 1)]
    assert asked(filled, "dang ngoc") == [(6, Fit.plain)]
    assert asked(filled, "tran thi hoa") == [(5, Fit.plain), (4, Fit.plain)]
    assert asked(filled, "Trần Thị Hòa")[0] == (4, Fit.marked), "the tone may stand on either vowel"


@pytest.mark.parametrize(
    "question", ["Dang Ngoc Huogn", "Dang Ngoc Huog", "dang ngpc huong", "dangngoc huong"]
)
def test_a_mistyped_name_is_found(filled: Ledger, question: str) -> None:
    assert asked(filled, question) == [(6, Fit.near)]


def test_a_mistyped_word_among_others_is_found(filled: Ledger) -> None:
    assert asked(filled, "huonh phuong dang") == [(6, Fit.near_words)]
    assert asked(filled, "huonh phuong hoa") == []
    assert asked(filled, "qqqqqq phuong") == []


def test_words_are_found_wherever_they_stand(filled: Ledger) -> None:
    assert asked(filled, "hướng đặng") == [(6, Fit.words)]
    assert asked(filled, "tân định công an phường")[0][1] is Fit.words
    assert asked(filled, "phường tân định")[0][1] is Fit.marked


@pytest.mark.parametrize("question", ["06/11/2026", "6.11.2026", "2026-11-06", "6-11-2026"])
def test_days_are_found_however_they_are_written(filled: Ledger, question: str) -> None:
    assert asked(filled, question) == [(6, Fit.plain)]
    assert len(asked(filled, "02/09/1990")) == 6


def test_dossiers_are_found_by_their_codes(filled: Ledger) -> None:
    assert asked(filled, "h17-261123-0003") == [(3, Fit.code)]
    assert asked(filled, "261123-0003") == [(3, Fit.plain)], "without the office's part"
    assert asked(filled, "H17-261123-000") == [(one, Fit.code) for one in (7, 6, 5, 4, 3, 2, 1)]


@pytest.mark.parametrize("question", ["", "   ", "'", '"', "* -", "___", "(", "NEAR(", "a" * 300])
def test_signs_of_the_databases_own_ask_nothing(filled: Ledger, question: str) -> None:
    assert asked(filled, question) == []


@pytest.mark.parametrize(
    "question", ["OR", 'an" OR "hoa', "an NOT hoa", "plain : an", "an*", "=an"]
)
def test_a_question_is_words_alone(filled: Ledger, question: str) -> None:
    filled.search.find(question, EVERYTHING)


def test_pages_go_on_where_the_one_before_ended(filled: Ledger) -> None:
    pages, after = [], None
    while True:
        rows, after = filled.search.find("nguyễn văn an", EVERYTHING, after=after, limit=1)
        pages.append(of(rows))
        if after is None:
            break
    assert pages == [[7], [2], [3], [1]]
    for wrong in ("", "x", "1", "1.x", "1.9999999999", "-1.2"):
        with pytest.raises(InputRejected) as refused:
            filled.search.find("an", EVERYTHING, after=wrong)
        assert refused.value.code == "storing.bad_cursor"


def test_nothing_comes_that_is_not_reached(filled: Ledger) -> None:
    def reach(*departments: str, **more: Any) -> SearchFilter:
        there = Reach(departments=frozenset(departments), now=NOW + timedelta(days=1))
        return SearchFilter(reach=there, **more)

    here, there = reach("mot-cua"), reach("thue")
    assert of(filled.search.find("nguyen van an", here)[0]) == [3, 2, 1]
    assert of(filled.search.find("nguyen van an", there)[0]) == [7]
    assert of(filled.search.find("Nguyen Van Am", there)[0]) == [7], "mistyped: no more than that"
    assert filled.search.find("Dang Ngoc Huogn", there) == ([], None)
    assert filled.search.find("H17-261123-0003", there) == ([], None)
    assert filled.search.find("an", reach()) == ([], None)
    assert of(filled.search.find("an", reach("mot-cua", "thue", department="thue"))[0]) == [7]
    assert [one.dossier[-1] for one in filled.search.by_number(NUMBER, here)] == ["3", "2"]
    assert [one.dossier[-1] for one in filled.search.by_number(NUMBER, there)] == ["7"]
    assert filled.search.by_number(OTHER, here) == []
    third = filled.dossier("H17-261123-0003")
    assert third is not None
    filled.grants.add(
        NewGrant(
            giver="mot-cua", receiver="thue", kind=Shared.dossier, subject=third.code,
            dossier_id=third.id, begins_at=NOW, ends_at=None, reason="theo kế hoạch",
        ),
        "test",
    )  # fmt: skip
    assert of(filled.search.find("nguyen van an", there)[0]) == [7, 3], "shared"
    assert [one.dossier[-1] for one in filled.search.by_number(NUMBER, there)] == ["7", "3"]


def test_a_shared_type_is_found(ledger: Ledger) -> None:
    ledger.add_department(Department(id="thue", name="Thuế"), "test")
    document, typed = register(ledger).documents[0], "giay_khai_sinh"
    document = ledger.advance(
        document.id, Stage.received, Stage.digitised, actor="flow", document_type=typed,
        manifest_sha256=sha("m"), pdfa_sha256=sha("p"),
    )  # fmt: skip
    bring_to(ledger, document, Stage.published)
    ledger.search.put(document.id, SearchText(pages=("giấy khai sinh",)))
    wanted = SearchFilter(reach=Reach(departments=frozenset({"thue"}), now=NOW + timedelta(days=1)))
    assert ledger.search.find("khai sinh", wanted) == ([], None)
    ledger.grants.add(
        NewGrant(
            giver="mot-cua", receiver="thue", kind=Shared.document_type, subject=typed,
            begins_at=NOW, ends_at=None, reason="theo kế hoạch",
        ),
        "test",
    )  # fmt: skip
    assert of(ledger.search.find("khai sinh", wanted)[0]) == [1]


def test_a_filter_narrows(filled: Ledger) -> None:
    def found(**more: Any) -> int:
        wanted = EVERYTHING.model_copy(update=more)
        return len(filled.search.find("nguyen van an", wanted)[0])

    assert found(role=Role.component) == 4 and found(role=Role.result) == 0
    assert found(document_type="none") == 0
    middle = filled.search.find("nguyen van an", EVERYTHING)[0][1].published_at
    assert found(since=middle) == 2 and found(until=middle) == 2


def test_what_was_withdrawn_says_so_at_once(filled: Ledger) -> None:
    document = filled.search.find("Đặng Ngọc Hướng", EVERYTHING)[0][0].document_id
    filled.withdraw(document, "lý do", "user:ky", superseded_by=None)
    rows, _ = filled.search.find("Đặng Ngọc Hướng", EVERYTHING)
    assert [one.stage for one in rows] == [Stage.withdrawn]


def test_what_is_not_published_yet_is_not_found(ledger: Ledger) -> None:
    (document,) = register(ledger).documents
    ledger.search.put(document.id, SearchText(pages=("chưa công bố",)))
    assert ledger.search.find("chưa công bố", EVERYTHING) == ([], None)
    bring_to(ledger, document, Stage.published)
    assert len(ledger.search.find("chưa công bố", EVERYTHING)[0]) == 1


def test_the_index_can_be_made_again(filled: Ledger) -> None:
    before = filled.search.find("nguyễn văn an", EVERYTHING)[0]
    texts = {one.document_id: one.text for one in before}
    assert filled.search.missing() == []
    filled.search.clear()
    assert filled.search.find("nguyễn văn an", EVERYTHING) == ([], None)
    missing = filled.search.missing()
    assert missing == sorted(missing) and len(missing) == 7
    assert filled.search.missing(after=missing[2], limit=2) == missing[3:5]
    for one in sorted(texts):
        filled.search.put(one, texts[one] or SearchText())
        filled.search.put(one, texts[one] or SearchText())
    assert of(filled.search.find("nguyễn văn an", EVERYTHING)[0]) == of(before)


def test_a_document_that_was_indexed_otherwise_is_found_as_it_is_now(filled: Ledger) -> None:
    document = filled.search.find("Đặng Ngọc Hướng", EVERYTHING)[0][0].document_id
    filled.search.put(document, SearchText(values=(("full_name", "Đặng Thị Lụa"),)))
    assert filled.search.find("Đặng Ngọc Hướng", EVERYTHING)[0] == []
    assert asked(filled, "Dang Thi Lua") == [(6, Fit.plain)]


def test_identity_numbers_are_kept_as_fingerprints_alone(filled: Ledger) -> None:
    assert filled.search.find(NUMBER, EVERYTHING) == ([], None)
    mark = filled.search.fingerprint(NUMBER)
    assert NUMBER not in mark and mark != filled.search.fingerprint(OTHER)
    with filled._database.read() as connection:
        kept = {*connection.exec_driver_sql("SELECT mark FROM search_number").scalars()}
        words = {*connection.exec_driver_sql("SELECT word FROM search_word").scalars()}
    assert kept == {mark} and not any(NUMBER in one for one in words)


def test_linked_documents_are_found_with_their_first_one(ledger: Ledger) -> None:
    first = register(ledger, "c1", "tờ", code="H17-261123-0001").documents[0]
    register(ledger, "c2", "tờ", code="H17-261123-0002")
    bring_to(ledger, first, Stage.published)
    ledger.search.put(first.id, SearchText(pages=("hai hồ sơ một tờ",)))
    assert of(ledger.search.find("hai ho so", EVERYTHING)[0]) == [2, 1]
    assert ledger.search.missing() == []
