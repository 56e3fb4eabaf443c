"""A person settles doubts: with a real ledger and real manifests."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from schemas.dossier import Role, Stage
from schemas.errors import Conflict, InputRejected
from schemas.field import Field, FieldStatus, Table
from schemas.manifest import Manifest, PageReport, Source
from storage import Dossier, Ledger, NewClaim, NewFile
from usecases.caller import Caller, Duty
from usecases.composing import PERSON
from usecases.review import Assignment, doubts, settle
from usecases.workspace import Workspace, load_manifest

CODE = "H17-261123-0001"
TESTER = Caller("cli:test", frozenset(Duty))


def manifest(digest: str) -> Manifest:
    doubtful = Field(value="Nguyễn Thị Mẫu", confidence=0.4, status=FieldStatus.review)
    sure = Field(value="1990-01-02", confidence=0.99, status=FieldStatus.accepted)
    unread = Field(value=None, status=FieldStatus.review)
    return Manifest(
        source=Source(name="a.pdf", sha256=digest, bytes=1, media_type="application/pdf"),
        document_type="ct01",
        form_version="66/2023",
        legal_basis=None,
        pages=(),
        fields={
            "full_name": doubtful,
            "dob": sure,
            "phone": unread,
            "members": Table(rows=({"full_name": doubtful, "dob": sure},)),
        },
    )


class Case:
    """A dossier whose documents are all in review."""

    def __init__(
        self,
        folder: Path,
        documents: int,
        change: Callable[[Manifest], Manifest] = lambda made: made,
    ) -> None:
        self.work = folder / "work"
        self.ledger = Ledger.open(f"sqlite:///{folder}/ledger.sqlite")
        files = tuple(
            NewFile(
                relative=f"{n}.pdf",
                name=f"{n}.pdf",
                role=Role.component,
                sha256=f"{n:064x}",
                bytes=1,
            )
            for n in range(1, documents + 1)
        )
        claim = NewClaim(
            claim_id="c1", department="mot-cua", code=CODE, folder=CODE, files=files, actor="test"
        )
        registered = self.ledger.register(claim)
        for document in registered.documents:
            workspace = Workspace(self.work / str(document.id))
            workspace.folder.mkdir(parents=True)
            content = workspace.keep_manifest(change(manifest(document.source_sha256)))
            self.ledger.advance(
                document.id,
                Stage.received,
                Stage.digitised,
                actor="test",
                manifest=content,
                pdfa_sha256="a" * 64,
            )
            self.ledger.advance(document.id, Stage.digitised, Stage.in_review, actor="test")

    @property
    def dossier(self) -> Dossier:
        found = self.ledger.dossier(CODE)
        assert found is not None
        return found

    def settle(self, *assignments: str, accept: bool = False) -> None:
        parsed = [Assignment.parse(text) for text in assignments]
        settle(TESTER, self.ledger, self.work, self.dossier, parsed, accept=accept)

    def settled(self) -> Manifest:
        document = self.ledger.documents(self.dossier.id)[0]
        return load_manifest(Workspace(self.work / str(document.id)), document, self.ledger)


@pytest.fixture
def one(tmp_path: Path) -> Iterator[Case]:
    case = Case(tmp_path, 1)
    yield case
    case.ledger.close()


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Case]:
    case = Case(tmp_path, 2)
    yield case
    case.ledger.close()


def test_accept_settles_everything_and_keeps_what_was_read(one: Case) -> None:
    one.settle(accept=True)
    assert one.dossier.stage is Stage.ready_to_sign
    done = one.settled()
    assert done.doubtful() == ()
    name = done.fields["full_name"]
    assert isinstance(name, Field)
    assert (name.value, name.status) == ("Nguyễn Thị Mẫu", FieldStatus.accepted)
    assert name.readers[-1].reader == PERSON
    phone = done.fields["phone"]
    assert isinstance(phone, Field)
    assert phone.status is FieldStatus.missing, "a person says that nothing stands there"


def test_set_replaces_values_also_in_a_table(one: Case) -> None:
    one.settle("full_name=Trần  Văn   Thử", "members.0.full_name=Lê Thị Thử", "phone=0905000000")
    done = dict(one.settled().walk())
    assert done["full_name"].value == "Trần Văn Thử"
    assert done["members.0.full_name"].value == "Lê Thị Thử"
    assert done["phone"].value == "0905000000"
    assert done["dob"].readers == (), "what was not doubtful was not touched"


def test_a_date_is_kept_as_iso_and_must_be_one(one: Case) -> None:
    with pytest.raises(InputRejected) as caught:
        one.settle("dob=31/02/1990", accept=True)
    assert caught.value.code == "flow.invalid_value"
    assert "1990" not in str(caught.value), "no value in an error text"
    one.settle("dob=05/03/1990", "members.0.dob=6-4-1991", accept=True)
    done = dict(one.settled().walk())
    assert done["dob"].value == "1990-03-05"
    assert done["members.0.dob"].value == "1991-04-06"


def test_a_landline_is_taken_from_a_person(one: Case) -> None:
    one.settle("full_name=Trần Văn Thử", "phone=0236 3 000 000", accept=True)
    phone = dict(one.settled().walk())["phone"]
    assert phone.value == "02363000000"
    assert [check.name for check in phone.checks if not check.passed] == ["mobile_prefix"]


def test_a_name_is_what_a_person_says(one: Case) -> None:
    one.settle("full_name=H'Thử Êban", accept=True)
    assert dict(one.settled().walk())["full_name"].value == "H'Thử Êban"


def test_nothing_happens_while_a_doubt_remains(one: Case) -> None:
    with pytest.raises(Conflict) as caught:
        one.settle("full_name=Trần Văn Thử")
    assert caught.value.code == "flow.still_doubtful"
    assert "1/members.0.full_name" in str(caught.value)
    assert one.dossier.stage is Stage.in_review
    assert len(one.settled().doubtful()) == 3


def test_the_event_log_says_who_and_never_what(one: Case) -> None:
    before = one.ledger.documents(one.dossier.id)[0].manifest_sha256
    one.settle("full_name=Trần Văn Thử", accept=True)
    event = one.ledger.events(one.dossier.id)[-1]
    after = one.ledger.documents(one.dossier.id)[0].manifest_sha256
    assert event.actor == "cli:test"
    assert (event.hash_before, event.hash_after) == (before, after)
    log = "".join(entry.model_dump_json() for entry in one.ledger.events())
    assert "full_name" in log
    assert "Trần" not in log
    assert one.ledger.verify_chain().intact


def test_a_field_in_two_documents_must_be_named(two: Case) -> None:
    with pytest.raises(InputRejected) as caught:
        two.settle("full_name=Trần Văn Thử", accept=True)
    assert caught.value.code == "flow.ambiguous_field"
    two.settle("2/full_name=Trần Văn Thử", accept=True)
    assert two.dossier.stage is Stage.ready_to_sign


def test_unknown_fields_are_refused(one: Case) -> None:
    with pytest.raises(InputRejected, match="no_such"):
        one.settle("no_such=1", accept=True)
    with pytest.raises(InputRejected):
        one.settle("7/full_name=x", accept=True)


def test_settling_what_is_not_in_review(one: Case) -> None:
    one.settle(accept=True)
    with pytest.raises(Conflict):
        one.settle(accept=True)


def test_a_reviewed_manifest_that_the_ledger_does_not_know_does_not_count(one: Case) -> None:
    document = one.ledger.documents(one.dossier.id)[0]
    workspace = Workspace(one.work / str(document.id))
    workspace.keep_bytes(b"{}")  # a run that was killed between file and ledger
    assert len(doubts(one.ledger, one.work, one.dossier)[0].manifest.doubtful()) == 3
    one.settle(accept=True)
    assert one.settled().doubtful() == ()


@pytest.mark.parametrize("text", ["", "full_name", "=x", "x/full_name=1", "/full_name=1"])
def test_badly_written_assignments(text: str) -> None:
    with pytest.raises(InputRejected):
        Assignment.parse(text)


def test_an_assignment_may_hold_equals_signs() -> None:
    parsed = Assignment.parse("2/members.0.full_name= a = b ")
    assert parsed == Assignment(2, "members.0.full_name", "a = b")


def test_pages_that_were_not_read_are_settled_by_accept_alone(tmp_path: Path) -> None:
    page = PageReport(
        number=7, width=1, height=1, dpi=0, rotation=0, skew=0, blank=False, words=0,
        confidence=0, problem="reading.page_timeout",
    )  # fmt: skip
    changed = {"pages": (page,), "fields": {}}
    case = Case(tmp_path, 1, lambda made: made.model_copy(update=changed))
    with pytest.raises(Conflict) as caught:
        case.settle(accept=False)
    assert caught.value.params["fields"] == "1/pages.7"
    case.settle(accept=True)
    assert case.dossier.stage is Stage.ready_to_sign


def test_a_person_may_name_what_they_saw(one: Case) -> None:
    sha256 = one.ledger.documents(one.dossier.id)[0].manifest_sha256 or ""
    other = "0" * 12 if not sha256.startswith("0") else "1" * 12
    with pytest.raises(Conflict) as refused:
        settle(TESTER, one.ledger, one.work, one.dossier, (), accept=True, seen=other)
    assert refused.value.code == "storing.decided_before"
    assert one.dossier.stage is Stage.in_review
    settle(TESTER, one.ledger, one.work, one.dossier, (), accept=True, seen=sha256[:12])
    assert one.dossier.stage is Stage.ready_to_sign
