"""Procedures as data: what is due has its law, and a checklist says what is missing."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from schemas.document_type import document_types
from schemas.procedure import Component, Procedure, checklist, due_at, procedures

OFFICE = ZoneInfo("Asia/Ho_Chi_Minh")


NAMES = {"vi": "x", "en": "x"}
SERVICE = {"names": NAMES, "legal_basis": "Luật", "read_at": "cổng", "outcome": NAMES}


def test_the_25_essential_services_have_their_law() -> None:
    assert [one.essential for one in procedures()] == list(range(1, 26))
    laws = "Luật", "Nghị định", "Thông tư"
    assert all(one.legal_basis.startswith(laws) for one in procedures())
    assert all(one.components or one.note for one in procedures())
    assert len({one.key for one in procedures()}) == 25


def test_what_a_dossier_holds_and_what_comes_out_are_known_types() -> None:
    known = {one.id for one in document_types()}
    named = {
        type_id
        for one in procedures()
        for type_id in (*one.results, *(t for part in one.components for t in part.types))
    }
    assert named - known == set()


def test_a_component_is_a_type_or_data_or_any_paper_or_says_what_was_not_read() -> None:
    forms = [p for one in procedures() for p in one.components if p.unread_form is not None]
    assert all(not part.types or part.substitutes for part in forms)
    assert forms


def test_what_is_due_names_the_law_that_says_so() -> None:
    due = {one.key: one.due_days for one in procedures() if one.due_days is not None}
    assert due == {
        "2.001178": 3, "2.001195": 7, "1.004222": 7, "1.004194": 3, "1.003677": 1, "1.010910": 2,
        "1.001193": 1, "1.000656": 1, "1.000894": 1, "1.001456": 8, "QD06-13": 3, "1.003154": 3,
        "3.000722": 3, "QD06-23": 5, "QD06-24": 3,
    }  # fmt: skip
    said = [one.due_basis for one in procedures() if one.due_basis is not None]
    assert all(one.startswith(("Luật", "Nghị định", "Thông tư", "Quy trình")) for one in said)


@pytest.mark.parametrize("half", [{"due_days": 3}, {"due_basis": "Luật"}])
def test_days_without_a_law_are_refused(half: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match="go together"):
        Procedure.model_validate(SERVICE | {"code": "1.000000"} | half)


@pytest.mark.parametrize("lacking", ["legal_basis", "read_at", "outcome"])
def test_a_procedure_without_its_law_or_where_it_was_read_is_refused(lacking: str) -> None:
    whole = SERVICE | {"essential": 1}
    assert Procedure.model_validate(whole).key == "QD06-01"
    with pytest.raises(ValidationError, match=lacking):
        Procedure.model_validate({key: one for key, one in whole.items() if key != lacking})


def test_a_procedure_is_called_by_a_code_or_a_number() -> None:
    with pytest.raises(ValidationError, match="a code or a number"):
        Procedure.model_validate(SERVICE)


@pytest.mark.parametrize(
    ("part", "why"),
    [
        ({"data": "population"}, "not required"),
        ({"types": ["ct01"], "unread_form": "CT99"}, "none of the types"),
    ],
)
def test_a_component_does_not_contradict_itself(part: dict[str, object], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        Component.model_validate({"id": "x", "names": NAMES} | part)


@pytest.mark.parametrize(
    ("types", "procedure", "missing"),
    [
        (["to_khai_khai_sinh", "giay_chung_sinh"], {"1.001193"}, []),
        (["to_khai_khai_sinh", None], {"1.001193"}, []),
        (["to_khai_khai_sinh", "can_cuoc"], {"1.001193"}, ["birth_notice"]),
        (["to_khai_ket_hon"], {"1.000894"}, []),
        (["to_khai_khai_tu"], {"1.000656"}, ["death_notice"]),
        (["to_khai_khai_tu", None], {"1.000656"}, []),
        (["ct02", None], {"1.004222", "1.004194"}, []),
        (["ct03"], {"1.003677"}, []),
        (["to_khai_ho_chieu_tre_em"], {"1.001456"}, []),
        (["giay_de_nghi_mua_dien", None], {"QD06-23"}, []),
        (["tk1_ts"], {"QD06-17"}, []),
    ],
)
def test_papers_tell_their_service(
    types: list[str | None], procedure: set[str], missing: list[str]
) -> None:
    found = checklist(types)
    assert found is not None
    assert {one.key for one in found.procedures} == procedure
    assert [one.id for one in found.missing] == missing


@pytest.mark.parametrize(
    ("received", "days", "due"),
    [
        ("2026-11-23T01:00", 1, "2026-11-24"),  # a Monday
        ("2026-11-27T09:00", 1, "2026-11-30"),  # a Friday
        ("2026-11-27T18:00", 3, "2026-12-02"),  # a Saturday at the office already
    ],
)
def test_working_days_leave_out_the_weekend(received: str, days: int, due: str) -> None:
    came = datetime.fromisoformat(received).replace(tzinfo=UTC)
    assert due_at(came, days, OFFICE).astimezone(OFFICE).isoformat() == f"{due}T17:00:00+07:00"
