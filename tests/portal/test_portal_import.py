"""``POST /api/v1/documents/import``: one file with its metadata, once, through the inbox."""

import hashlib
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from desk_office import ELSEWHERE, HERE, DeskOffice, a_desk
from httpx import Response

from schemas.dossier import Role
from storage import Document, NewClaim, NewFile
from usecases import tokens
from usecases.caller import Duty, local_operator

ADDRESS = "/api/v1/documents/import"
PAPER = b"%PDF-1.4 a paper of another store"
SAID = {
    "TypeName": "Quyết định", "CodeNumber": "21", "CodeNotation": "QĐ-UBND",
    "IssuedDate": "2026-11-20", "OrganName": "UBND xã Hoa Sen", "Subject": "Về việc giao đất",
    "DocCode": "H17.02_QD_000021_V2",
}  # fmt: skip


@pytest.fixture
def office(tmp_path: Path) -> Iterator[DeskOffice]:
    with a_desk(tmp_path, waiting=False, inbox=tmp_path / "inbox") as desk:
        yield desk


def token_of(desk: DeskOffice, duty: Duty = Duty.clerk) -> dict[str, str]:
    made = tokens.add(local_operator(), desk.rooms, secrets.token_hex(4), [duty], [HERE])
    return {"authorization": f"Bearer {made.token}"}


def sent(
    desk: DeskOffice, headers: dict[str, str], *, part: str = "file", content: bytes = PAPER,
    **fields: str,
) -> Response:  # fmt: skip
    return desk.browser().post(
        ADDRESS, data=SAID | fields, files={part: ("qd.pdf", content, "application/pdf")},
        headers=headers,
    )  # fmt: skip


def lies(desk: DeskOffice) -> list[str]:
    inbox = desk.options.inbox
    assert inbox is not None
    return sorted(one.relative_to(inbox).as_posix() for one in inbox.rglob("*.pdf"))


def taken_in(desk: DeskOffice, code: str) -> Document:
    """What intake makes of it."""
    paper = NewFile(
        relative="qd.pdf", name="qd.pdf", role=Role.component,
        sha256=hashlib.sha256(PAPER).hexdigest(), bytes=len(PAPER),
    )  # fmt: skip
    claim = NewClaim(
        claim_id=code, department=HERE, code=code, folder=code, files=(paper,), actor="test"
    )
    (document,) = desk.rooms.ledger.register(claim).documents
    return document


def test_it_comes_in_once_and_keeps_what_its_sender_said(office: DeskOffice) -> None:
    headers = token_of(office)
    answers = [sent(office, headers, Dossier="H17.9.3-261123-0009") for _ in range(2)]
    assert [one.status_code for one in answers] == [202, 202], answers[0].text
    assert answers[0].json() == answers[1].json()
    assert answers[0].headers["location"] == "/api/v1/dossiers/H17.9.3-261123-0009"
    assert lies(office) == [f"{HERE}/H17.9.3-261123-0009/qd.pdf"]
    told = [one for one in office.rooms.ledger.events() if one.kind == "described_handed_in"]
    assert len(told) == 1 and "giao đất" not in str(told)
    document = taken_in(office, "H17.9.3-261123-0009")
    found = office.rooms.ledger.doc_codes.said([(document, HERE)])[document.id]
    assert (found.said["subject"], found.said["issued_date"]) == ("Về việc giao đất", "2026-11-20")
    assert "doc_code" not in found.said, "codes of this office are given here"


def test_a_result_lies_among_the_results(office: DeskOffice) -> None:
    assert sent(office, token_of(office), part="result").status_code == 202
    (path,) = lies(office)
    assert path.split("/")[2] == "ket-qua"


def test_the_same_code_for_another_file_is_refused(office: DeskOffice) -> None:
    headers = token_of(office)
    assert sent(office, headers).status_code == 202
    other = sent(office, headers, content=b"%PDF-1.4 another")
    assert (other.status_code, other.json()["error"]["code"]) == (409, "storing.hand_in_differs")
    keyed = {**headers, "idempotency-key": "another-key"}
    assert sent(office, keyed, content=b"%PDF-1.4 another").status_code == 202


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"Subject": ""}, "intake.bad_metadata"), ({"Subject": "x" * 501}, "intake.bad_metadata"),
        ({"IssuedDate": "hôm qua"}, "intake.bad_metadata"), ({"CodeNumber": "1" * 12},
         "intake.bad_metadata"), ({"DocCode": ""}, "intake.bad_key"),
        ({"Department": ELSEWHERE}, "cli.no_department"),
    ],
)  # fmt: skip
def test_what_lacks_something_is_refused(
    office: DeskOffice, fields: dict[str, str], code: str
) -> None:
    answer = sent(office, token_of(office), **fields)
    assert answer.status_code in {400, 404}
    assert answer.json()["error"]["code"] == code
    assert lies(office) == []
    assert not [one for one in office.rooms.ledger.events() if one.kind == "described_handed_in"]


def test_one_file_at_a_time(office: DeskOffice) -> None:
    files = [("file", (f"{at}.pdf", PAPER + b"%d" % at, "application/pdf")) for at in range(2)]
    for some in (files, []):
        answer = office.browser().post(
            ADDRESS, data=SAID, files=some or {"x": (None, "y")}, headers=token_of(office)
        )
        assert answer.json()["error"]["code"] == "intake.one_import"
    assert lies(office) == []


@pytest.mark.parametrize("duty", [Duty.reader, Duty.signer, Duty.operator])
def test_who_hands_nothing_in_imports_nothing(office: DeskOffice, duty: Duty) -> None:
    assert sent(office, token_of(office, duty)).status_code == 403
    assert sent(office, {}).status_code == 401
    assert lies(office) == []
