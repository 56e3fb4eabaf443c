"""Departments: known to the ledger, found by what a folder is called."""

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from ledger_steps import register

from schemas.department import ONE_STOP, Department, Departments, named
from schemas.dossier import DEPARTMENT_ID
from schemas.errors import Conflict, InputRejected, NotFound
from storage import Ledger
from storage.database import Database
from storage.options import LedgerOptions

ACTOR = "test"
JUSTICE = Department(id="tu-phap", name="Tư pháp")


def test_the_one_stop_unit_is_there_from_the_start(ledger: Ledger) -> None:
    assert ledger.departments() == [ONE_STOP]


def test_a_department_is_added_once(ledger: Ledger) -> None:
    for _ in range(2):
        assert ledger.add_department(JUSTICE, ACTOR) == JUSTICE
    assert ledger.departments() == [ONE_STOP, JUSTICE]
    kinds = [(one.kind, one.data) for one in ledger.events()]
    assert kinds == [("department_added", {"department": "tu-phap"})]
    assert ledger.verify_chain().intact


@pytest.mark.parametrize(
    "other",
    [
        Department(id="tu-phap", name="Tư pháp khác"),
        Department(id="tp", name="tư - PHÁP"),
        Department(id="tp", name="tu-phap"),
        Department(id="mot-cua", name="Một"),
    ],
)
def test_a_folder_is_of_one_department(ledger: Ledger, other: Department) -> None:
    ledger.add_department(JUSTICE, ACTOR)
    with pytest.raises(Conflict):
        ledger.add_department(other, ACTOR)


def test_renaming_keeps_the_identifier(ledger: Ledger) -> None:
    ledger.add_department(JUSTICE, ACTOR)
    renamed = Department(id="tu-phap", name="Tư pháp – Hộ tịch")
    for _ in range(2):
        assert ledger.rename_department(renamed, ACTOR) == renamed
    known = Departments(ledger.departments())
    assert {known.of(name) for name in ("Tư pháp - hộ tịch", "tu-phap", "Tư Pháp")} == {"tu-phap"}
    assert [one.kind for one in ledger.events()] == ["department_added", "department_renamed"]
    with pytest.raises(Conflict):
        ledger.rename_department(Department(id="tu-phap", name="Một cửa"), ACTOR)
    with pytest.raises(NotFound):
        ledger.rename_department(Department(id="khac", name="Khác"), ACTOR)


def test_departments_of_an_older_ledger_are_known(empty_url: str) -> None:
    """Those that dossiers have been kept under, whatever they were made of."""
    from alembic import command
    from alembic.config import Config

    from storage import database as module

    database = Database(LedgerOptions(url=empty_url))
    if database.is_sqlite:
        database._prepare_file()
    config = Config()
    config.set_main_option("script_location", module.__file__.replace("database.py", "migrations"))
    config.set_main_option("path_separator", "os")
    with database.write() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0002")
        for number, department in enumerate(("chung", "mot-cua", "dat-dai", "chung")):
            connection.execute(
                sa.text(
                    "INSERT INTO dossier (department, code, provisional, stage, attempts,"
                    " created_at, updated_at, warnings) VALUES (:department, :code, :no,"
                    " 'received', 0, :at, :at, '[]')"
                ),
                {"department": department, "code": f"c{number}", "no": False,
                 "at": "2026-11-23 08:00:00+00"},
            )  # fmt: skip
    database.close()
    with Ledger.open(empty_url) as ledger:
        assert ledger.departments() == [
            Department(id="chung", name="chung"),
            Department(id="dat-dai", name="dat-dai"),
            ONE_STOP,
        ]
        assert len(ledger.dossiers(department="chung")) == 2


def test_a_dossier_needs_no_known_department_in_the_ledger(ledger: Ledger) -> None:
    """Who writes claims has asked already; an older ledger stays readable."""
    register(ledger, "c1", "một", department="khac")
    assert ledger.dossiers()[0].department == "khac"


@pytest.mark.parametrize(
    ("name", "identifier"),
    [("Một cửa", "mot-cua"), ("Địa chính – Xây dựng", "dia-chinh-xay-dung"), ("  A  B ", "a-b")],
)
def test_a_name_gives_an_identifier(name: str, identifier: str) -> None:
    assert named(name).id == identifier


@pytest.mark.parametrize(
    "name",
    ["", "???", "漢字", "Trần Thị Ví Dụ 048099001234", "048 099 001 234", "048.099.001.234",
     "CMND 201234567", "a\u202eb", "x" * 101],
)  # fmt: skip
def test_what_is_no_departments_name(name: str) -> None:
    with pytest.raises(InputRejected):
        named(name)


@given(st.text())
def test_any_folder_is_a_known_departments_or_nobodys(name: str) -> None:
    assert Departments([ONE_STOP, JUSTICE]).of(name) in {None, "mot-cua", "tu-phap"}


@given(st.text(max_size=60))
def test_a_department_is_found_by_its_own_name(name: str) -> None:
    try:
        made = named(name)
    except InputRejected:
        return
    assert DEPARTMENT_ID.fullmatch(made.id)
    known = Departments([made])
    assert {known.of(one) for one in (name, made.name, made.id, made.name.upper())} == {made.id}
