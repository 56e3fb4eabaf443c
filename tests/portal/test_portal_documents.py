"""``/api/v1/documents``: listed, described, fetched whole or in part, by link, never another's."""

import base64
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from desk_office import ELSEWHERE, HERE, PASSWORD, DeskOffice, a_desk
from httpx import Response
from shared_office import ShelfStore, publish

from portal.sessions import own_word
from schemas.doc_code import CodingOptions
from schemas.sharing import Shared
from storage import Grant, NewGrant
from usecases import accounts, tokens
from usecases.caller import Duty, local_operator

OWN, OTHER = "H17-261123-0011", "H17-261123-0012"
MINE, THEIRS, NONE = "G06.01_QD_000002_V2", "G06.01_QD_000001_V2", "G06.01_QD_000009_V2"
SIGNED = bytes(range(256)) * 4
BASE = "/api/v1/documents"


@pytest.fixture
def store() -> ShelfStore:
    return ShelfStore()


@pytest.fixture
def office(tmp_path: Path, store: ShelfStore) -> Iterator[DeskOffice]:
    """One published result here, and one elsewhere; both have their codes."""
    with a_desk(tmp_path, waiting=False) as desk:
        object.__setattr__(desk.rooms, "objects", lambda: store)
        object.__setattr__(desk.rooms, "coding", CodingOptions(agency="G06.01"))
        publish(desk.rooms.ledger, store, OTHER, ELSEWHERE, content=b"%PDF-1.7 theirs")
        publish(desk.rooms.ledger, store, OWN, HERE, content=SIGNED)
        accounts.add(
            local_operator(), desk.rooms, "doc.thue", [Duty.reader], [ELSEWHERE], password=PASSWORD
        )
        assert listed(desk, "doc.thue")[0]["DocCode"] == THEIRS
        assert listed(desk, "doc")[0]["DocCode"] == MINE
        yield desk


def listed(desk: DeskOffice, name: str, query: str = "") -> list[dict[str, Any]]:
    answer = desk.signed_in(name).get(f"{BASE}{query}")
    assert answer.status_code == 200, answer.text
    return list(answer.json()["Documents"])


def system(desk: DeskOffice, duty: Duty = Duty.reader, name: str = "kho") -> dict[str, str]:
    made = tokens.add(local_operator(), desk.rooms, name, [duty], [HERE])
    return {"authorization": f"Bearer {made.token}"}


def fetched(desk: DeskOffice, code: str = MINE, **headers: str) -> Response:
    return desk.signed_in("doc").get(f"{BASE}/download/{code}", headers=headers)


def test_the_list_has_what_is_theirs_under_the_letters_names(office: DeskOffice) -> None:
    (one,) = listed(office, "doc")
    assert (one["Dossier"], one["TypeName"], one["PageAmount"]) == (OWN, "Quyết định", 2)
    assert listed(office, "doc", f"?department={ELSEWHERE}") == []
    assert listed(office, "doc", "?role=component") == []
    assert listed(office, "doc", "?until=2020-01-01") == []
    assert len(listed(office, "doc", "?dossier=0011&document_type=quyet_dinh&role=result")) == 1
    assert office.signed_in("doc").get(f"{BASE}?after=x").status_code == 400


def test_pages_follow_one_another(office: DeskOffice, store: ShelfStore) -> None:
    for at in range(21, 26):
        publish(office.rooms.ledger, store, f"H17-261123-00{at}", HERE, content=b"%d" % at)
    browser, found, after = office.signed_in("doc"), [], ""
    while True:
        page = browser.get(f"{BASE}?limit=2{after}").json()
        found += [one["DocCode"] for one in page["Documents"]]
        if page["Next"] is None:
            break
        after = f"&after={page['Next']}".replace("+", "%2B")
    assert len(found) == len(set(found)) == 6


def test_metadata_say_what_was_read(office: DeskOffice) -> None:
    said = office.signed_in("doc").get(f"{BASE}/{MINE}").json()
    assert {name: said[name] for name in ("CodeNumber", "CodeNotation", "IssuedDate")} == {
        "CodeNumber": "21", "CodeNotation": "QĐ-UBND", "IssuedDate": "2026-11-23",
    }  # fmt: skip
    assert said["OrganName"] == "ỦY BAN NHÂN DÂN XÃ HOA SEN"
    assert (said["Subject"], said["Language"]) == ("Về việc công nhận kết quả", "Tiếng Việt")
    assert (said["ConfidenceLevel"], said["Format"]) == ("Số hóa", "PDF/A-2b")
    scan, signed = said["Versions"]
    assert scan["DocCode"] == MINE.replace("V2", "V1")
    assert signed["FileName"] == f"{MINE}_20261123_Quyet-dinh.pdf"
    assert signed["Bytes"] == len(SIGNED)
    assert "Mẫu" not in str(said)
    noted = office.rooms.ledger.accesses.of(actor="user:doc")[-1]
    assert (noted.kind, noted.object) == ("metadata_seen", MINE)


def test_what_a_person_says_counts_and_is_an_event(office: DeskOffice) -> None:
    clerk = office.signed_in("lan")
    word = {"x-csrf-token": own_word(clerk.token or "")}
    for _ in range(2):
        answer = clerk.put(f"{BASE}/{MINE}", json={"Subject": "Về đất"}, headers=word)
        assert answer.status_code == 200, answer.text
    assert (answer.json()["Subject"], answer.json()["CodeNumber"]) == ("Về đất", "21")
    assert listed(office, "doc")[0]["Subject"] == "Về đất"
    told = [one for one in office.rooms.ledger.events() if one.kind == "described"]
    assert [(one.actor, one.data["names"]) for one in told] == [("user:lan", ["subject"])]
    back = clerk.put(f"{BASE}/{MINE}", json={}, headers=word).json()
    assert back["Subject"] == "Về việc công nhận kết quả", "as it was read"
    for wrong in ({"Subject": "x" * 501}, {"DocCode": MINE}, {"IssuedDate": "hôm nay"}, [], None):
        assert clerk.put(f"{BASE}/{MINE}", json=wrong, headers=word).status_code == 422
    assert clerk.put(f"{BASE}/{MINE}", json={}).status_code == 403, "another site's word"
    assert clerk.put(f"{BASE}/{THEIRS}", json={}, headers=word).status_code == 404
    reader = office.signed_in("doc")
    word = {"x-csrf-token": own_word(reader.token or "")}
    assert reader.put(f"{BASE}/{MINE}", json={}, headers=word).status_code == 403


def test_a_file_is_fetched_by_its_code(office: DeskOffice) -> None:
    answer = fetched(office)
    assert answer.content == SIGNED
    assert answer.headers["content-type"] == "application/pdf"
    name = f"{MINE}_20261123_Quyet-dinh.pdf"
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["cache-control"] == "no-store"
    scan = fetched(office, MINE.replace("V2", "V1"))
    assert scan.content == b"%PDF-1.4 scan of " + OWN.encode() + b"quyet_dinh"
    kinds = [one.kind for one in office.rooms.ledger.accesses.of(actor="user:doc")]
    assert [one for one in kinds if one != "signed_in"] == ["signed_taken", "original_taken"]
    assert list((office.rooms.work / "taken-away").iterdir()) == [], "nothing is left of it"


def test_who_has_it_is_not_sent_it_again(office: DeskOffice, store: ShelfStore) -> None:
    tag, asked = fetched(office).headers["etag"], store.asked
    for said in (tag, f"W/{tag}", f'"x", {tag}', "*"):
        answer = fetched(office, **{"if-none-match": said})
        assert (answer.status_code, answer.content) == (304, b"")
        assert answer.headers["etag"] == tag
    assert store.asked == asked, "the store was not asked"
    assert fetched(office, **{"if-none-match": '"x"'}).status_code == 200


@pytest.mark.parametrize(
    ("asked", "begin", "end"),
    [
        ("bytes=0-9", 0, 10), ("bytes=1000-", 1000, 1024), ("bytes=-5", 1019, 1024),
        ("bytes=1023-5000", 1023, 1024), ("bytes=-5000", 0, 1024), ("bytes=5-5", 5, 6),
    ],
)  # fmt: skip
def test_a_range_is_answered_with_it(office: DeskOffice, asked: str, begin: int, end: int) -> None:
    answer = fetched(office, range=asked)
    assert (answer.status_code, answer.content) == (206, SIGNED[begin:end])
    assert answer.headers["content-range"] == f"bytes {begin}-{end - 1}/1024"
    assert answer.headers["content-length"] == str(end - begin)


def test_many_ranges_ask_the_store_once(office: DeskOffice, store: ShelfStore) -> None:
    fetched(office)
    asked = store.asked
    for at in range(5):
        assert fetched(office, range=f"bytes={at}-{at}").content == SIGNED[at : at + 1]
    assert store.asked == asked + 1
    noted = office.rooms.ledger.accesses.of(actor="user:doc")
    assert [one.kind for one in noted].count("signed_taken") == 6, "each is noted"


@pytest.mark.parametrize(
    "asked", ["bytes=9-3", "bytes=-", "bytes=a-b", "lines=0-1", "bytes=0-1,5-6", "bytes=", "x",
              "bytes=0-" + "9" * 30]
)  # fmt: skip
def test_what_is_no_range_is_answered_with_all(office: DeskOffice, asked: str) -> None:
    answer = fetched(office, range=asked)
    assert (answer.status_code, answer.content) == (200, SIGNED)


@pytest.mark.parametrize("asked", ["bytes=1024-", "bytes=5000-6000", "bytes=-0"])
def test_a_range_behind_the_end_is_refused(office: DeskOffice, asked: str) -> None:
    answer = fetched(office, range=asked)
    assert answer.status_code == 416
    assert answer.headers["content-range"] == "bytes */1024"
    assert answer.json()["error"]["code"] == "service.no_range"


def test_a_range_of_another_file_than_thought_is_all_of_it(office: DeskOffice) -> None:
    tag = fetched(office).headers["etag"]
    for said, status in ((tag, 206), ('"x"', 200), (f"W/{tag}", 200)):
        assert fetched(office, **{"range": "bytes=0-9", "if-range": said}).status_code == status


def test_the_head_says_what_it_is(office: DeskOffice, store: ShelfStore) -> None:
    asked = fetched(office) and store.asked
    answer = office.signed_in("doc").head(f"{BASE}/download/{MINE}")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-length"] == "1024"
    assert answer.headers["etag"].strip('"').isalnum()
    assert store.asked == asked


@pytest.mark.parametrize("path", ["{}", "download/{}", "download/{}?purpose=x"])
def test_anothers_is_as_one_that_is_not_there(office: DeskOffice, path: str) -> None:
    browser, said = office.signed_in("doc"), []
    codes = (THEIRS, NONE, "nonsense", MINE.replace("V2", "V7"), THEIRS.replace("V2", "V1"))
    before = office.rooms.ledger.accesses.of(actor="user:doc")
    for code in codes:
        answer = browser.get(f"{BASE}/{path.format(code)}")
        assert answer.status_code == 404, code
        said.append(answer.text)
    assert set(said) == {said[0]}
    assert office.rooms.ledger.accesses.of(actor="user:doc") == before, "nothing was read"


@pytest.mark.parametrize("content", [None, SIGNED[:-1], SIGNED[:-1] + b"x"])
def test_no_byte_of_what_is_not_whole_is_given(
    office: DeskOffice, store: ShelfStore, content: bytes | None
) -> None:
    key = ("results", f"{HERE}/{OWN}/result-001.pdf")
    if content is None:
        del store.shelf[key]
    else:
        store.shelf[key] = content
    for headers in ({}, {"range": "bytes=0-3"}):
        answer = fetched(office, **headers)
        assert answer.status_code == 409 and answer.headers["content-type"] == "application/json"
    assert office.rooms.ledger.findings()


def link_of(desk: DeskOffice, headers: dict[str, str], query: str = "") -> Response:
    return desk.browser().post(f"{BASE}/{MINE}/links{query}", headers=headers)


def test_a_link_opens_the_file_to_whoever_has_it(office: DeskOffice) -> None:
    made = link_of(office, system(office))
    assert made.status_code == 200, made.text
    answer = office.browser().get(made.json()["Link"])
    assert (answer.status_code, answer.content) == (200, SIGNED)
    part = office.browser().get(made.json()["Link"], headers={"range": "bytes=0-3"})
    assert (part.status_code, part.content) == (206, SIGNED[:4])
    noted = office.rooms.ledger.accesses.of(actor="system:kho")
    assert [one.kind for one in noted] == ["link_made", *["signed_taken_by_link"] * 2]
    payload = made.json()["Link"].rpartition("/")[2].partition(".")[0]
    told = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
    assert MINE.encode() in told and b"kho" not in told, "it names nobody"


def test_a_link_ends_with_its_minutes(office: DeskOffice) -> None:
    headers = system(office)
    link = link_of(office, headers, "?minutes=5").json()["Link"]
    office.clock.ahead += timedelta(minutes=4)
    assert office.browser().get(link).status_code == 200
    office.clock.ahead += timedelta(minutes=1)
    assert office.browser().get(link).status_code == 404
    assert link_of(office, headers, "?minutes=61").status_code == 422
    assert link_of(office, headers, "?minutes=0").status_code == 422


def test_a_link_ends_with_who_made_it(office: DeskOffice) -> None:
    link = link_of(office, system(office)).json()["Link"]
    tokens.end(local_operator(), office.rooms, "kho")
    browser = office.signed_in("lan")
    mine = browser.post(
        f"{BASE}/{MINE}/links", headers={"x-csrf-token": own_word(browser.token or "")}
    ).json()["Link"]
    assert office.browser().get(mine).status_code == 200
    accounts.disable(local_operator(), office.rooms, "lan")
    over = [office.browser().get(one) for one in (link, mine, f"{BASE}/links/none")]
    assert [one.status_code for one in over] == [404] * 3
    assert len({one.text for one in over}) == 1, "which of them it is, is not said"


def test_no_sign_of_a_link_can_be_changed(office: DeskOffice) -> None:
    link = link_of(office, system(office)).json()["Link"]
    for at in range(len(BASE) + len("/links/"), len(link)):
        other = "A" if link[at] != "A" else "B"
        changed = link[:at] + other + link[at + 1 :]
        assert office.browser().get(changed).status_code == 404, at
    assert office.browser().get(link + "=").status_code == 404
    assert office.browser().get(link).status_code == 200


def test_links_are_for_what_their_maker_may_fetch(office: DeskOffice) -> None:
    browser = office.browser()
    headers = system(office)
    assert browser.post(f"{BASE}/{THEIRS}/links", headers=headers).status_code == 404
    assert browser.post(f"{BASE}/{MINE}/links").status_code in {401, 403}
    operator = system(office, Duty.operator, "van-hanh")
    assert browser.post(f"{BASE}/{MINE}/links", headers=operator).status_code == 403


def test_a_person_makes_a_link_and_takes_the_whole_dossier_at_the_desk(office: DeskOffice) -> None:
    browser = office.signed_in("doc")
    page = browser.get("/results").text
    assert f'formaction="/results/{OWN}/1/link"' in page and f"/results/{OWN}/dossier.zip" in page
    made = browser.form(f"/results/{OWN}/1/link")
    assert made.status_code == 200 and MINE in made.text
    (link,) = re.findall(r'value="(http://127.0.0.1:8650/api/v1/documents/links/[^"]+)"', made.text)
    assert office.browser().get(link).content == SIGNED
    said = []
    for code in (OTHER, "H17-261123-0099"):
        answers = [browser.form(f"/results/{code}/1/link")]
        answers += [browser.get(f"/results/{code}/dossier.zip")]
        assert [one.status_code for one in answers] == [404, 404]
        said.append([re.sub(code, "", one.text) for one in answers])
    assert said[0] == said[1]
    assert browser.get(f"/results/{OWN}/dossier.zip").status_code == 409, "no key to sign with"


def shared(desk: DeskOffice) -> Grant:
    """Decisions of this department, with the other one."""
    new = NewGrant(
        giver=HERE, receiver=ELSEWHERE, kind=Shared.document_type, subject="quyet_dinh",
        begins_at=datetime(2026, 1, 1, tzinfo=UTC), ends_at=None, reason="phối hợp",
    )  # fmt: skip
    return desk.rooms.ledger.grants.add(new, "test")


def test_what_is_shared_is_fetched_by_who_says_what_for(office: DeskOffice) -> None:
    grant, browser = shared(office), office.signed_in("doc.thue")
    why = {"sohoa-purpose": "tra%20c%E1%BB%A9u%20thu%E1%BA%BF"}
    assert [one["DocCode"] for one in listed(office, "doc.thue")] == [MINE, THEIRS]
    for path in (MINE, f"download/{MINE}"):
        assert browser.get(f"{BASE}/{path}").status_code == 428, "nobody has said what for"
    said = browser.get(f"{BASE}/{MINE}", headers=why).json()
    assert [one["DocCode"] for one in said["Versions"]] == [MINE], "the raw scan stays at home"
    assert browser.get(f"{BASE}/download/{MINE.replace('V2', 'V1')}").status_code == 404
    assert browser.get(f"{BASE}/download/{MINE}").content == SIGNED, "said once, it stands"
    noted = office.rooms.ledger.accesses.of(actor="user:doc.thue")[-2:]
    assert [(one.kind, one.purpose) for one in noted] == [
        ("metadata_seen", "tra cứu thuế"), ("signed_taken", "tra cứu thuế"),
    ]  # fmt: skip
    word = {"x-csrf-token": own_word(browser.token or "")}
    link = browser.post(f"{BASE}/{MINE}/links", headers=word).json()["Link"]
    assert office.browser().get(link).content == SIGNED
    office.rooms.ledger.grants.end(grant.id, "test")
    assert office.browser().get(link).status_code == 404, "the link ends with the grant"
    for path in (MINE, f"download/{MINE}"):
        assert browser.get(f"{BASE}/{path}", headers=why).status_code == 404
    assert [one["DocCode"] for one in listed(office, "doc.thue")] == [THEIRS]


def test_nobody_describes_what_is_shared_with_them(office: DeskOffice) -> None:
    shared(office)
    accounts.add(
        local_operator(), office.rooms, "lan.thue", [Duty.clerk], [ELSEWHERE], password=PASSWORD
    )
    clerk = office.signed_in("lan.thue")
    word = {"x-csrf-token": own_word(clerk.token or ""), "sohoa-purpose": "x"}
    answers = [clerk.put(f"{BASE}/{one}", json={}, headers=word) for one in (MINE, NONE)]
    assert [one.status_code for one in answers] == [404, 404]
    assert answers[0].text == answers[1].text


def test_what_was_withdrawn_is_told_and_not_given(office: DeskOffice) -> None:
    ledger = office.rooms.ledger
    link = link_of(office, system(office)).json()["Link"]
    home = ledger.dossier(OWN, HERE)
    assert home is not None
    (document,) = ledger.documents(home.id)
    ledger.withdraw(document.id, "ban hành nhầm", "user:ky")
    said = office.signed_in("doc").get(f"{BASE}/{MINE}").json()
    assert said["Withdrawn"] is True
    for answer in (fetched(office), office.browser().get(link)):
        assert answer.status_code == 409
        assert answer.json()["error"]["code"] == "usecase.document_withdrawn"
    assert listed(office, "doc") == []
