"""The tick list of a dossier and its printed papers, as a browser asks for them."""

import io

import pypdfium2 as pdfium
import pytest
import zxingcpp
from desk_office import ELSEWHERE, HERE, DeskOffice
from desk_papers import awaiting, declared

from schemas.checklist_views import PaperKind

MINE, FOREIGN = "H17-261123-0003", "H17-261123-0004"
PLACE = f"/dossiers/{MINE}/components/proof_of_abode"


def kinds(desk: DeskOffice, code: str = MINE) -> list[str]:
    dossier = desk.rooms.ledger.dossier(code)
    assert dossier is not None
    return [one.kind for one in desk.rooms.ledger.events(dossier.id)]


def test_what_is_missing_is_asked_for_on_paper(desk: DeskOffice) -> None:
    declared(desk.rooms, MINE, HERE)
    lan = desk.signed_in("lan")
    shown = lan.get(f"/dossiers/{MINE}").text
    assert "Còn thiếu 1 thành phần" in shown and f'action="{PLACE}/replaced' in shown
    answer = lan.form(f"/dossiers/{MINE}/papers/request")
    assert answer.status_code == 200
    assert "PHIẾU YÊU CẦU BỔ SUNG, HOÀN THIỆN HỒ SƠ" in answer.text
    assert "<li>Giấy tờ chứng minh chỗ ở hợp pháp</li>" in answer.text
    assert "Trần Văn Mẫu" in answer.text, "surely read"
    assert "0905000000" not in answer.text, "doubtful: by hand"
    assert " style=" not in answer.text and "<style" not in answer.text
    dossier = desk.rooms.ledger.dossier(MINE)
    assert dossier is not None
    (event,) = [one for one in desk.rooms.ledger.events(dossier.id) if one.kind == "paper_printed"]
    assert event.actor == "user:lan"
    assert event.data == {"paper": "request", "components": ["proof_of_abode"]}


def test_data_of_a_register_stand_for_a_paper_until_taken_back(desk: DeskOffice) -> None:
    one = declared(desk.rooms, MINE, HERE)
    lan = desk.signed_in("lan")
    for _ in range(2):  # said twice is said once
        answer = lan.form(f"{PLACE}/replaced?department={HERE}", found_in="land")
        assert answer.headers["location"] == f"/dossiers/{MINE}?department={HERE}&done=replaced"
    assert kinds(desk).count("component_replaced") == 1
    shown = lan.get(f"/dossiers/{MINE}").text
    assert "Đủ thành phần bắt buộc" in shown and "CSDL đất đai · lan," in shown
    assert "<li>Giấy tờ chứng minh" not in lan.form(f"/dossiers/{MINE}/papers/request").text
    receipt = lan.form(f"/dossiers/{MINE}/papers/receipt").text
    assert "thay bằng dữ liệu: CSDL đất đai" in receipt
    assert desk.rooms.ledger.prove(one.dossier_id).dossier.code == MINE
    assert lan.form(f"{PLACE}/asked").status_code == 303
    assert "Còn thiếu 1 thành phần" in lan.get(f"/dossiers/{MINE}").text
    lan.form(f"{PLACE}/asked")
    assert kinds(desk).count("component_asked_again") == 1


@pytest.mark.parametrize("said", ["", "of-the-neighbour", "<b>"])
def test_a_register_that_is_none_is_refused(desk: DeskOffice, said: str) -> None:
    declared(desk.rooms, MINE, HERE)
    lan = desk.signed_in("lan")
    assert lan.form(f"{PLACE}/replaced", found_in=said).status_code in {303, 422}
    assert kinds(desk).count("component_replaced") == (said == "")


def test_whose_dossier_it_is_not_prints_nothing(desk: DeskOffice) -> None:
    declared(desk.rooms, MINE, HERE)
    declared(desk.rooms, FOREIGN, ELSEWHERE)
    before = kinds(desk, FOREIGN)
    lan = desk.signed_in("lan")
    for kind in PaperKind:
        assert lan.form(f"/dossiers/{FOREIGN}/papers/{kind}").status_code == 404
        for nobody in ("van", "doc"):
            path = f"/dossiers/{MINE}/papers/{kind}"
            assert desk.signed_in(nobody).form(path).status_code == 403
    for path in (PLACE.replace(MINE, FOREIGN), PLACE.replace("proof_of_abode", "nothing")):
        assert lan.form(f"{path}/replaced", found_in="land").status_code == 404
        assert lan.form(f"{path}/asked").status_code == 404
    assert kinds(desk, FOREIGN) == before
    assert lan.form(f"/dossiers/{MINE}/papers/nothing").status_code == 422
    assert lan.post(f"/dossiers/{MINE}/papers/receipt", data={"csrf": "x"}).status_code == 403


def test_a_receipt_has_the_dossiers_code_to_be_scanned(desk: DeskOffice) -> None:
    declared(desk.rooms, MINE, HERE)
    said = desk.signed_in("lan").form(f"/dossiers/{MINE}/papers/receipt").text
    assert "GIẤY TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ" in said
    assert "<li>Tờ khai thay đổi thông tin cư trú (CT01)</li>" in said
    assert f'aria-label="QR {MINE}"' in said and '<path d="M' in said


def test_the_cover_sheet_is_the_one_that_the_inbox_knows(desk: DeskOffice) -> None:
    """Its recognition from a scan is tried in tests/command/test_command_export.py."""
    declared(desk.rooms, MINE, HERE)
    answer = desk.signed_in("lan").form(f"/dossiers/{MINE}/papers/cover_sheet")
    assert answer.headers["content-type"] == "application/pdf"
    assert MINE not in answer.headers["content-disposition"]
    page = pdfium.PdfDocument(io.BytesIO(answer.content))[0]
    (code,) = zxingcpp.read_barcodes(page.render(scale=2).to_pil())
    assert code.text == MINE and kinds(desk)[-1] == "paper_printed"


def test_the_signer_sees_the_same_ticks(desk: DeskOffice) -> None:
    awaiting(desk.rooms, MINE, HERE)
    declared(desk.rooms, MINE, HERE)
    ky = desk.signed_in("ky")
    assert "thay bằng dữ liệu" not in ky.get("/approve").text
    ky.form(f"{PLACE}/replaced", found_in="land")
    assert "thay bằng dữ liệu: CSDL đất đai" in ky.get("/approve").text
    desk.app.state.desk.close()
