"""What departments share, in real databases: the one rule of reach, when it counts, its events."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from ledger_steps import WAY, register

from schemas.department import Department
from schemas.dossier import Stage
from schemas.errors import NotFound
from schemas.sharing import Shared
from storage import Grant, Ledger, NewGrant, PublishedFilter, Reach
from storage.sharing import reached_by
from storage.tables import document, dossier

NOW = datetime(2026, 11, 30, 8, tzinfo=UTC)
DAY = timedelta(days=1)
BIRTH, STAYING, LIVING = "1.001193", "1.004194", "1.004222"


@pytest.fixture
def moment() -> list[datetime]:
    return [NOW]


@pytest.fixture
def books(ledger_url: str, moment: list[datetime]) -> Iterator[Ledger]:
    """Dossiers of two departments; the first has one of one procedure and one of either of two."""
    with Ledger.open(ledger_url, clock=lambda: moment[0]) as opened:
        opened.add_department(Department(id="thue", name="Thuế"), "test")
        for number, procedures in ((1, (BIRTH,)), (2, (LIVING, STAYING)), (3, ())):
            made = register(
                opened, f"c{number}", f"a{number}", f"b{number}", code=f"H17-261130-{number:04d}"
            )
            for one, kind in zip(made.documents, ("ct01", "can_cuoc"), strict=True):
                publish(opened, one.id, kind)
            opened.set_due(made.dossier.id, procedures, None, "t")
        yield opened
        assert opened.examine() == ()


def publish(books: Ledger, document_id: int, kind: str) -> None:
    for expect, to, columns in WAY:
        typed = {"document_type": kind} if to is Stage.digitised else {}
        books.advance(document_id, expect, to, actor="t", **columns, **typed)


def shared(books: Ledger, kind: Shared, subject: str, **more: object) -> Grant:
    new = NewGrant(
        **{
            "giver": "mot-cua", "receiver": "thue", "kind": kind, "subject": subject,
            "begins_at": NOW, "ends_at": NOW + DAY, "reason": "phối hợp", **more,
        }
    )  # fmt: skip
    return books.grants.add(new, "user:ky")


def reached(books: Ledger, *departments: str, now: datetime | None = None) -> list[str]:
    """Documents that reach these departments, as ``dossier/number``."""
    query = (
        sa.select(dossier.c.code, document.c.number)
        .join(dossier, dossier.c.id == document.c.dossier_id)
        .where(reached_by(departments, now or books._clock()))
        .order_by(document.c.id)
    )
    with books._database.read() as connection:
        return [f"{code[-1]}/{number}" for code, number in connection.execute(query)]


EVERYTHING = ["1/1", "1/2", "2/1", "2/2", "3/1", "3/2"]


def test_without_a_grant_departments_have_their_own(books: Ledger) -> None:
    assert reached(books, "mot-cua") == EVERYTHING == reached(books, "mot-cua", "thue")
    assert reached(books, "thue") == reached(books) == []
    with books._database.read() as connection:
        everything = sa.select(sa.func.count()).where(reached_by(None, NOW))
        count = connection.execute(
            everything.select_from(document).join(dossier, dossier.c.id == document.c.dossier_id)
        )
        assert count.scalar() == 6


@pytest.mark.parametrize(
    ("grants", "expected"),
    [
        ([(Shared.document_type, "ct01")], ["1/1", "2/1", "3/1"]),
        ([(Shared.document_type, "ct0_")], []),
        ([(Shared.dossier, "H17-261130-0003")], ["3/1", "3/2"]),
        ([(Shared.procedure, BIRTH)], ["1/1", "1/2"]),
        ([(Shared.procedure, LIVING)], []),
        ([(Shared.procedure, LIVING)] * 2, []),
        ([(Shared.procedure, LIVING), (Shared.procedure, STAYING)], ["2/1", "2/2"]),
        ([(Shared.procedure, "1.0"), (Shared.procedure, "%")], []),
        ([(Shared.procedure, BIRTH), (Shared.document_type, "can_cuoc")],
         ["1/1", "1/2", "2/2", "3/2"]),
    ],
)  # fmt: skip
def test_a_grant_reaches_what_it_is_of(
    books: Ledger, grants: list[tuple[Shared, str]], expected: list[str]
) -> None:
    for kind, subject in grants:
        one = books.dossier(subject) if kind is Shared.dossier else None
        shared(books, kind, subject, dossier_id=one.id if one else None)
    assert reached(books, "thue") == expected
    assert reached(books, "khac") == [] == reached(books)
    assert reached(books, "mot-cua") == EVERYTHING


def test_procedures_shared_with_two_departments_do_not_add_up(books: Ledger) -> None:
    shared(books, Shared.procedure, LIVING)
    shared(books, Shared.procedure, STAYING, receiver="tu-phap")
    assert reached(books, "thue", "tu-phap") == []


def test_procedures_of_two_givers_do_not_add_up(books: Ledger) -> None:
    shared(books, Shared.procedure, LIVING)
    shared(books, Shared.procedure, STAYING, giver="tu-phap")
    assert reached(books, "thue") == []


def test_it_goes_one_way_and_not_through(books: Ledger) -> None:
    shared(books, Shared.document_type, "ct01", giver="thue", receiver="mot-cua")
    shared(books, Shared.document_type, "ct01", giver="tu-phap")
    assert reached(books, "thue") == []
    shared(books, Shared.document_type, "ct01", giver="mot-cua", receiver="tu-phap")
    assert reached(books, "thue") == [], "what was given to somebody they do not give further"


def test_it_counts_from_its_first_moment_until_its_last(
    books: Ledger, moment: list[datetime]
) -> None:
    made = shared(books, Shared.document_type, "ct01")
    for ahead, stands in ((-1, False), (0, True), (86_399, True), (86_400, False)):
        moment[0] = NOW + timedelta(seconds=ahead)
        assert bool(reached(books, "thue")) is stands is made.stands(moment[0]), ahead
        assert bool(books.grants.givers({"thue"})) is stands
    unended = shared(books, Shared.document_type, "ct01", ends_at=None)
    moment[0] = NOW + 4000 * DAY
    assert reached(books, "thue") == ["1/1", "2/1", "3/1"]
    for _ in range(2):
        assert books.grants.end(unended.id, "user:ky").ended_at == moment[0]
    assert reached(books, "thue") == []


def test_it_is_told_by_events_without_its_reason(books: Ledger) -> None:
    made = shared(books, Shared.document_type, "ct01", rule="ND278")
    books.grants.end(made.id, "user:ky")
    added, ended = books.events()[-2:]
    assert (added.kind, ended.kind) == ("grant_added", "grant_ended")
    assert added.data["receiver"] == "thue" and added.data["rule"] == "ND278"
    assert "phối hợp" not in str(books.events())
    assert [one.id for one in books.grants.all({"thue"})] == [made.id]
    assert [one.id for one in books.grants.all({"mot-cua"})] == [made.id]
    assert books.grants.all({"khac"}) == []
    with pytest.raises(NotFound):
        books.grants.end(99, "user:ky")


def test_a_dossier_is_found_by_its_code_as_far_as_it_is_reached(books: Ledger) -> None:
    def found(*departments: str, code: str = "H17-261130-0001") -> list[tuple[str, list[int]]]:
        reach = Reach(departments=frozenset(departments), now=NOW)
        return [
            (one.department, [each.number for each in documents])
            for one, documents in books.reached_documents(reach, code)
        ]

    assert found("thue") == []
    shared(books, Shared.document_type, "ct01")
    assert found("thue") == [("mot-cua", [1])]
    assert found("mot-cua") == [("mot-cua", [1, 2])]
    assert found("thue", code="H17-261130-0009") == []
    made = register(books, "c9", "z", code="H17-261130-0001", department="thue")
    assert found("thue") == [("mot-cua", [1]), ("thue", [1])]
    late = register(books, "c8", "y", code="H17-261130-0003").documents[0]
    books.advance(
        late.id, Stage.received, Stage.digitised, actor="t", document_type="ct01",
        manifest_sha256="a" * 64,
    )  # fmt: skip
    assert found("thue", code="H17-261130-0003") == [("mot-cua", [1])], "not before it is published"
    assert found("mot-cua", code="H17-261130-0003") == [("mot-cua", [1, 2, 3])]
    assert made.created


def test_a_purpose_is_known_for_a_while(books: Ledger, moment: list[datetime]) -> None:
    def known() -> str | None:
        return books.accesses.purpose("user:lan", 1, moment[0] - DAY)

    assert known() is None
    note = books.accesses.note
    note("user:lan", "signed_taken", dossier_id=1, departments=["thue"], purpose="đối chiếu thuế")
    note("user:lan", "signed_taken", dossier_id=1)
    note("user:hoa", "signed_taken", dossier_id=1, purpose="việc khác")
    note("user:lan", "signed_taken", dossier_id=2, purpose="hồ sơ khác")
    assert known() == "đối chiếu thuế"
    assert books.accesses.of(dossier_id=1)[0].departments == frozenset({"thue"})
    moment[0] = NOW + DAY
    assert known() is None


@pytest.mark.parametrize("few", [0, 200])
@pytest.mark.parametrize("kind", [*Shared, None])
def test_lists_are_the_same_whether_few_or_many_are_near(
    books: Ledger, monkeypatch: pytest.MonkeyPatch, kind: Shared | None, few: int
) -> None:
    monkeypatch.setattr("storage.listing.FEW", few)
    subject = {Shared.procedure: BIRTH, Shared.document_type: "ct01"}.get(
        kind or Shared.procedure, "H17-261130-0001"
    )
    one = books.dossier("H17-261130-0001")
    assert one is not None
    if kind is not None:
        shared(books, kind, subject, dossier_id=one.id if kind is Shared.dossier else None)

    def listed(department: str, **more: object) -> list[str]:
        reach = Reach(departments=frozenset({department}), now=NOW)
        found, _ = books.published_page(PublishedFilter(reach=reach, **more))
        return sorted(f"{one.dossier[-1]}/{one.number}" for one in found)

    assert listed("thue") == reached(books, "thue")
    assert listed("mot-cua") == EVERYTHING
    assert listed("khac") == listed("thue", departments=frozenset({"thue"})) == []
    assert listed("thue", departments=frozenset({"mot-cua"})) == reached(books, "thue")
    assert listed("thue", code="0001") == [
        one for one in reached(books, "thue") if one.startswith("1/")
    ]
    assert listed("thue", document_type="can_cuoc") == [
        one for one in reached(books, "thue") if one.endswith("/2")
    ]
