"""The sign gate, the operators' page and the figures as a browser asks for them."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from desk_office import ELSEWHERE, HERE, DeskOffice, a_desk
from desk_papers import awaiting, failed

from schemas.dossier import Stage
from schemas.operating import CertificateState, CheckState, MachineView, ServiceState
from signing import SigningOptions
from storage import Document
from usecases.contact_sheet import SHOWN

MINE, FOREIGN = "H17-261123-0003", "H17-261123-0004"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[DeskOffice]:
    with a_desk(tmp_path) as opened:
        yield opened
        opened.app.state.desk.close()


def stage_of(desk: DeskOffice, document: Document) -> Stage:
    return desk.rooms.ledger.document(document.id).stage


def chosen(*documents: Document) -> list[str]:
    return [f"{one.id}:{one.manifest_sha256}" for one in documents]


def test_a_sheet_is_approved_with_one_form(desk: DeskOffice) -> None:
    one = awaiting(desk.rooms, MINE, HERE, typed="Nguyễn Thị Mậu")
    foreign = awaiting(desk.rooms, FOREIGN, ELSEWHERE)
    left = awaiting(desk.rooms, "H17-261123-0005", HERE)
    ky = desk.signed_in("ky")
    page = ky.get("/approve").text
    assert f"{MINE}/1" in page and FOREIGN not in page
    assert f'value="{one.id}:{one.manifest_sha256}"' in page
    assert "Nguyễn Thị Mậu" in page and "Giấy khai sinh" in page
    answer = ky.form("/approve", chosen=chosen(one, foreign), shown=[f"{one.id}:1,2"])  # type: ignore[arg-type]
    assert answer.status_code == 200
    assert f"{MINE}/1" in answer.text and "Chờ ký số" in answer.text
    assert FOREIGN not in answer.text
    assert [stage_of(desk, each) for each in (one, foreign, left)] == [
        Stage.ready_to_sign, Stage.awaiting_approval, Stage.awaiting_approval,
    ]  # fmt: skip
    events = desk.rooms.ledger.events(one.dossier_id)
    (event,) = [each for each in events if each.kind == "approved"]
    assert (event.actor, event.data["pages_seen"]) == ("user:ky", [1, 2])


def test_nonsense_approves_nothing(desk: DeskOffice) -> None:
    one = awaiting(desk.rooms, MINE, HERE)
    ky = desk.signed_in("ky")
    for said in (["x"], ["-1:y"], [f"{one.id}"], [f"{one.id}:"], ["9" * 40 + ":a"], []):
        assert ky.form("/approve", chosen=said).status_code == 200  # type: ignore[arg-type]
    assert stage_of(desk, one) is Stage.awaiting_approval


def test_one_document_is_approved_or_refused(desk: DeskOffice) -> None:
    one = awaiting(desk.rooms, MINE, HERE, without="birth_place")
    two = awaiting(desk.rooms, "H17-261123-0005", HERE)
    awaiting(desk.rooms, FOREIGN, ELSEWHERE)
    ky = desk.signed_in("ky")
    page = ky.get(f"/approve/{MINE}/1").text
    assert 'name="why"' in page and "Nơi sinh" in page
    seen = one.manifest_sha256 or ""
    assert ky.form(f"/approve/{MINE}/1", seen=seen).status_code == 409
    answer = ky.form(f"/approve/{MINE}/1", seen=seen, why="bản gốc không ghi", shown=f"{one.id}:1")
    assert (answer.status_code, answer.headers["location"]) == (303, "/approve?done=approved")
    assert stage_of(desk, one) is Stage.ready_to_sign
    path, seen = "/approve/H17-261123-0005/1", two.manifest_sha256 or ""
    assert ky.form(f"{path}/refuse", seen=seen, reason=" ").status_code == 400
    assert ky.form(f"{path}/refuse", seen="0" * 64, reason="mờ").status_code == 409
    assert ky.form(f"{path}/refuse", seen=seen, reason="ảnh mờ").status_code == 303
    assert stage_of(desk, two) is Stage.in_review
    for there in (FOREIGN, "H17-261123-9999"):
        assert ky.get(f"/approve/{there}/1").status_code == 404
        assert ky.form(f"/approve/{there}/1", seen=seen).status_code == 404
        assert ky.form(f"/approve/{there}/1/refuse", seen=seen, reason="mờ").status_code == 404
    for nobody in ("lan", "van", "doc"):
        assert desk.signed_in(nobody).get("/approve").status_code == 403


def test_a_page_never_changes_under_its_address(desk: DeskOffice) -> None:
    one = awaiting(desk.rooms, MINE, HERE)
    foreign = awaiting(desk.rooms, FOREIGN, ELSEWHERE)
    ky = desk.signed_in("ky")
    (address, *_) = re.findall(r'src="(/approve/pages/[^"]+)"', ky.get("/approve").text)
    answer = ky.get(address.replace("&amp;", "&"))
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/webp")
    assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"
    assert answer.content[8:12] == b"WEBP"
    for wrong in (
        f"/approve/pages/{'0' * 64}/{MINE}/1/1",
        f"/approve/pages/{one.pdfa_sha256}/{MINE}/1/9",
        f"/approve/pages/{foreign.pdfa_sha256}/{FOREIGN}/1/1",
    ):
        assert ky.get(wrong).status_code == 404
    assert desk.signed_in("lan").get(address).status_code == 403


def test_the_place_of_the_stamp_is_laid_over_the_first_page(desk: DeskOffice) -> None:
    one = awaiting(desk.rooms, MINE, HERE)
    ky = desk.signed_in("ky")
    (address,) = set(re.findall(r'src="(/approve/place/[^"]+)"', ky.get("/approve").text))
    assert "<rect" not in ky.get(address).text, "how the office signs is not known"
    shown = replace(desk.rooms, signing=SigningOptions(agency="Ủy ban nhân dân phường Ví Dụ"))
    desk.app.state.desk.rooms = shown
    answer = ky.get(address)
    assert answer.headers["content-type"] == "image/svg+xml"
    left, top = (float(value) for value in re.findall(r' [xy]="([0-9.]+)"', answer.text))
    assert left > 400 and top < 420, "near the top right corner, in thousandths"
    assert ky.get(f"/approve/place/{'0' * 64}/{MINE}/1").status_code == 404
    foreign = awaiting(desk.rooms, FOREIGN, ELSEWHERE)
    assert ky.get(f"/approve/place/{foreign.pdfa_sha256}/{FOREIGN}/1").status_code == 404
    assert one.pages == 2


def test_what_stands_on_paper_is_no_markup(desk: DeskOffice) -> None:
    awaiting(desk.rooms, MINE, HERE, typed="<script>alert(1)</script>")
    page = desk.signed_in("ky").get("/approve").text
    assert "<script>alert" not in page and "&lt;script&gt;alert" in page


def machine() -> MachineView:
    ended = CertificateState(name="seal", ends_at="2026-12-20T00:00:00Z", soon=True)  # type: ignore[arg-type]
    return MachineView(
        running=True,
        services=(ServiceState(name="watcher", ready=False, restarts=0, last_end=None),),
        disk=None,
        certificates=(ended,),
        checks=(CheckState(name="time-stamps", works=False, detail=None, advice="Hãy xem mạng."),),
        checked_at=None,
        prefect_url="http://127.0.0.1:4200/",
    )


def test_an_operator_sees_and_retries_what_failed(desk: DeskOffice) -> None:
    some = [failed(desk.rooms, f"H17-261123-001{number}", HERE) for number in range(3)]
    foreign = failed(desk.rooms, "H17-261123-0020", ELSEWHERE)
    van = desk.signed_in("van")
    page = van.get("/operate").text
    assert "Không ghi được tệp (ENOSPC)" in page and "3 tài liệu" in page
    assert "H17-261123-0010/1" in page and "H17-261123-0020" not in page
    one = van.form("/operate/retry", dossier="H17-261123-0010", department=HERE)
    assert "Đã cho xử lý lại 1 tài liệu" in one.text
    rest = van.form("/operate/retry", reason="flow.no_room")
    assert "Đã cho xử lý lại 2 tài liệu" in rest.text
    assert {stage_of(desk, each) for each in some} == {Stage.received}
    assert stage_of(desk, foreign) is Stage.failed
    assert van.form("/operate/retry", dossier="H17-261123-0020").status_code == 404
    assert van.form("/operate/retry", reason="flow.no_room").status_code == 404
    for nobody in ("lan", "ky", "doc"):
        browser = desk.signed_in(nobody)
        assert browser.get("/operate").status_code == browser.get("/operate/now").status_code == 403


def test_the_operators_page_tells_how_the_machine_is(desk: DeskOffice) -> None:
    van = desk.signed_in("van")
    assert "Dịch vụ" not in van.get("/operate/now").text, "nobody tells"
    desk.app.state.desk.machine = machine
    part = van.get("/operate/now").text
    assert "<html" not in part
    for said in ("Chưa sẵn sàng", "sắp hết hạn", "Hãy xem mạng.", "http://127.0.0.1:4200/"):
        assert said in part
    assert "Chưa sẵn sàng" in van.get("/operate").text


def test_figures_are_a_page_and_a_spreadsheet(desk: DeskOffice) -> None:
    awaiting(desk.rooms, MINE, HERE, typed="Nguyễn Thị Mậu")
    lan = desk.signed_in("lan")
    page = lan.get("/figures").text
    assert "<svg" in page and 'role="img"' in page and "Họ, chữ đệm, tên" in page
    assert "Mậu" not in page, "nobody's name"
    answer = lan.get("/figures.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row["department"] for row in rows] == [HERE, "*"], "not the other department"
    assert rows[0]["received"] == "2"
    assert "Không có hồ sơ nào" in lan.get("/figures?since=2020-01-01&until=2020-01-31").text
    assert lan.get("/figures?since=2020-02-01&until=2020-01-31").status_code == 400
    assert lan.get("/figures?since=nonsense").status_code == 200
    assert lan.get(f"/figures?department={ELSEWHERE}").status_code == 404
    assert lan.get(f"/figures.csv?department={ELSEWHERE}").status_code == 404
    assert desk.signed_in("doc").get("/figures").status_code == 403
    english = desk.signed_in("lan")
    english.cookies.set("language", "en")
    assert "Dossiers received from" in english.get("/figures").text


@pytest.mark.parametrize("page", ["/approve", "/operate", "/figures"])
def test_pages_are_small(desk: DeskOffice, page: str) -> None:
    for number in range(SHOWN):
        awaiting(desk.rooms, f"H17-261123-01{number:02d}", HERE, pages=2, typed="Lê Thị Mẫu")
    browser = desk.signed_in("van" if page == "/operate" else "ky")
    html = browser.get(page).text
    files = {one: browser.get(one).content for one in re.findall(r'"(/static/[^"]+)"', html)}
    scripts = sum(len(content) for name, content in files.items() if name.endswith(".js"))
    assert scripts <= 25_000
    assert len(html.encode()) + sum(map(len, files.values())) <= 60_000
    assert " style=" not in html and "onclick" not in html
