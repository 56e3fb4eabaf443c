"""The ledger proves itself: rows by events, the log by its hashes, its end by what lies outside."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from ledger_steps import CODE, NOW, bring_to, register, sha
from old_ledgers import set_back
from pydantic import SecretStr

from schemas.dossier import Stage
from schemas.errors import Conflict, NotTrusted
from storage import Document, Dossier, Head, Ledger, LedgerOptions, ObjectKind, StoredObject
from storage.proving import SLICE

FORGES = True
Execute = Callable[[str], None]


def kept(key: str = "mot-cua/x/component-001.pdf") -> StoredObject:
    return StoredObject(
        bucket="results", key=key, version_id="v1", sha256=sha("s"), bytes=1, retain_until=NOW
    )


@pytest.fixture
def published(ledger: Ledger) -> Dossier:
    """A dossier with its object, and another one before it."""
    other = register(ledger, "c0", "c0", code="H17-251103-0009")
    bring_to(ledger, other.documents[0], Stage.published)
    done = register(ledger)
    bring_to(ledger, done.documents[0], Stage.signed)
    ledger.record_object(
        kept(),
        kind=ObjectKind.signed,
        dossier_id=done.dossier.id,
        document_id=done.documents[0].id,
        actor="flow",
    )
    bring_to(ledger, ledger.document(done.documents[0].id), Stage.signed)
    for expect, to in ((Stage.signed, Stage.stored), (Stage.stored, Stage.published)):
        ledger.advance(done.documents[0].id, expect, to, actor="flow")
    ledger.prove(done.dossier.id)
    return ledger.dossier_by_id(done.dossier.id)


@pytest.fixture
def execute(published: Dossier, execute: Execute, ledger_url: str) -> Execute:
    """Statements past the ledger, its triggers taken away."""
    if ledger_url.startswith("sqlite"):
        for trigger in ("event_no_update", "event_no_delete"):
            execute(f"DROP TRIGGER {trigger}")
        execute("PRAGMA foreign_keys=OFF")
    else:
        execute("ALTER TABLE event DISABLE TRIGGER ALL")
        execute("SET session_replication_role = replica")
    return execute


ROWS = {
    "stage": "UPDATE document SET stage = 'ready_to_sign' WHERE id = 2",
    "manifest_sha256": f"UPDATE document SET manifest_sha256 = '{sha('other')}' WHERE id = 2",
    "pdfa_sha256": f"UPDATE document SET pdfa_sha256 = '{sha('other')}' WHERE id = 2",
    "signed_sha256": f"UPDATE document SET signed_sha256 = '{sha('other')}' WHERE id = 2",
    "source_sha256": f"UPDATE document SET source_sha256 = '{sha('other')}' WHERE id = 2",
    "role": "UPDATE document SET role = 'result' WHERE id = 2",
    "duplicate_of": "UPDATE document SET duplicate_of = 1 WHERE id = 2",
    "source_pages": "UPDATE document SET source_pages = '[1]' WHERE id = 2",
    "pages": "UPDATE document SET pages = 9 WHERE id = 2",
    "department": "UPDATE dossier SET department = 'khac' WHERE id = 2",
    "code": "UPDATE dossier SET code = 'H17-251103-7777' WHERE id = 2",
    "provisional": "UPDATE dossier SET provisional = {true} WHERE id = 2",
    "dossier's stage": "UPDATE dossier SET stage = 'failed' WHERE id = 2",
    "object's hash": f"UPDATE stored_object SET sha256 = '{sha('other')}' WHERE id = 1",
    "object's version": "UPDATE stored_object SET version_id = 'v0' WHERE id = 1",
    "object's key": "UPDATE stored_object SET key = 'mot-cua/y/component-001.pdf' WHERE id = 1",
    "object's lock": "UPDATE stored_object SET retain_until = '2020-01-01' WHERE id = 1",
    "no object": "DELETE FROM stored_object WHERE id = 1",
    "another dossier's": "UPDATE document SET dossier_id = 1, number = 5 WHERE id = 2",
    "claim": "UPDATE claim SET closed_at = '2026-01-01 00:00:00' WHERE claim_id = 'c1'",
    "not a stage": "UPDATE document SET stage = 'nonsense' WHERE id = 2",
    "not a list": "UPDATE document SET source_pages = 'nonsense' WHERE id = 2",
}


def forged(text: str, ledger_url: str) -> str:
    return text.replace("{true}", "1" if ledger_url.startswith("sqlite") else "true")


@pytest.mark.parametrize("what", ROWS)
def test_a_row_its_events_do_not_say_stops_signing(
    ledger: Ledger, published: Dossier, execute: Execute, ledger_url: str, what: str
) -> None:
    execute(forged(ROWS[what], ledger_url))
    with pytest.raises(NotTrusted):
        ledger.prove(published.id)
    (finding,) = ledger.findings()
    assert (finding.code, finding.dossier_id, finding.stops) == ("row_contradicts", 2, True)
    with pytest.raises(NotTrusted):  # nor anything else
        ledger.prove(1)
    if what != "another dossier's":  # which is then in both
        assert ledger.prove(1, alone=True).dossier.id == 1  # what is right may be fetched


@pytest.mark.parametrize("what", sorted(set(ROWS) - {"not a stage", "not a list"}))
def test_an_operator_takes_the_rows_as_they_stand(
    ledger: Ledger, published: Dossier, execute: Execute, ledger_url: str, what: str
) -> None:
    execute(forged(ROWS[what], ledger_url))
    ledger.examine()
    done = ledger.accept("đã đối chiếu hồ sơ giấy", "cli:operator")
    assert done.dossiers >= 1 and done.breaks == 0
    assert ledger.findings() == []
    ledger.prove(published.id)
    said = [one for one in ledger.events() if one.kind == "ledger_accepted"]
    assert [one.data["reason"] for one in said] == ["đã đối chiếu hồ sơ giấy"]
    assert ledger.verify_chain().intact
    execute("UPDATE document SET signed_sha256 = 'again' WHERE id = 2")
    assert [one.code for one in ledger.examine()] == ["row_contradicts"]


@pytest.mark.parametrize("what", ROWS)
def test_rows_are_set_back_to_what_the_events_say(
    ledger: Ledger, published: Dossier, execute: Execute, ledger_url: str, what: str
) -> None:
    before = ledger.prove(published.id)
    execute(forged(ROWS[what], ledger_url))
    ledger.examine()
    assert ledger.accept("restored", "cli:operator", restore=True).restored >= 1
    after = ledger.prove(published.id)
    shown = {"updated_at", "closed_at"}
    assert [one.model_dump(exclude=shown) for one in after.documents] == [
        one.model_dump(exclude=shown) for one in before.documents
    ]
    assert after.objects == before.objects
    assert after.dossier.model_dump(exclude=shown) == before.dossier.model_dump(exclude=shown)


def test_what_cannot_be_is_not_taken_as_it_stands(
    ledger: Ledger, published: Dossier, execute: Execute
) -> None:
    execute("UPDATE document SET stage = 'nonsense' WHERE id = 2")
    ledger.examine()
    with pytest.raises(Conflict, match=CODE):
        ledger.accept("whatever", "cli:operator")
    with pytest.raises(NotTrusted):
        ledger.prove(1)
    with pytest.raises(NotTrusted):  # a sentence, not a traceback
        ledger.documents(published.id)


@pytest.mark.parametrize(
    "statements",
    [
        ["DELETE FROM document WHERE id = 2"],
        ["DELETE FROM document WHERE id = 2", "DELETE FROM dossier WHERE id = 2"],
    ],
)
def test_rows_that_are_gone_are_missed(
    ledger: Ledger, published: Dossier, execute: Execute, statements: list[str]
) -> None:
    for one in statements:
        execute(one)
    assert {one.code for one in ledger.examine()} == {"row_contradicts"}


def test_a_document_entered_past_the_ledger_is_found(
    ledger: Ledger, published: Dossier, execute: Execute
) -> None:
    columns = (
        "number, role, name, claim_id, relative, source_sha256, source_bytes, stage, error_params,"
        " source_pages, split, created_at, updated_at"
    )
    chosen = columns.replace("number,", "7,")
    execute(
        f"INSERT INTO document (dossier_id, {columns})"
        f" SELECT dossier_id, {chosen} FROM document WHERE id = 2"
    )
    with pytest.raises(NotTrusted):
        ledger.prove(published.id)


EVENTS = [
    "UPDATE event SET actor = 'nobody' WHERE seq = {own}",
    "UPDATE event SET data = 'no json' WHERE seq = {own}",
    "UPDATE event SET actor = 'nobody' WHERE seq = 3",
    "DELETE FROM event WHERE seq = 3",
    "DELETE FROM event WHERE seq = {last}",
    "UPDATE chain_head SET seq = seq + 1",
    "DELETE FROM chain_head",
]


@pytest.mark.parametrize("statement", EVENTS)
def test_a_forged_log_stops_signing_until_an_operator_says_so(
    ledger: Ledger, published: Dossier, execute: Execute, statement: str
) -> None:
    events = ledger.events()
    own = next(one.seq for one in events if one.dossier_id == published.id and one.document_id)
    execute(statement.format(own=own, last=events[-1].seq))
    for _ in range(2):
        with pytest.raises(NotTrusted):
            ledger.prove(published.id)
    assert [one.stops for one in ledger.findings()] == [True]
    ledger.examine()  # may name the place more exactly
    assert all(one.stops for one in ledger.findings())
    done = ledger.accept("disk was exchanged", "cli:operator")
    assert done.breaks == 1
    assert ledger.verify_chain().intact
    ledger.prove(1)
    register(ledger, "c9", "c9", code="H17-251103-0003")  # the log goes on
    assert ledger.examine() == ()


def test_what_was_accepted_may_not_be_changed_again(
    ledger: Ledger, published: Dossier, execute: Execute
) -> None:
    execute("DELETE FROM event WHERE seq = 3")
    ledger.examine()
    ledger.accept("known", "cli:operator")
    execute("DELETE FROM event WHERE seq = 2")
    assert not ledger.verify_chain().intact
    with pytest.raises(NotTrusted):
        ledger.prove(published.id)


def test_another_process_finds_it_too(
    ledger: Ledger, published: Dossier, execute: Execute, ledger_url: str
) -> None:
    execute("UPDATE event SET actor = 'nobody' WHERE seq = 3")
    with Ledger.open(ledger_url) as other, pytest.raises(NotTrusted):
        other.prove(published.id)
    with pytest.raises(NotTrusted):  # and this one at once, by the finding
        ledger.prove(published.id)


def test_older_events_are_gone_round(ledger: Ledger, execute: Execute, published: Dossier) -> None:
    for number in range(SLICE):
        ledger.note(None, None, "sohoa", "test", data={"number": number})
    assert ledger.look_over(events=SLICE, dossiers=5)
    execute("UPDATE event SET actor = 'nobody' WHERE seq = 4")
    rounds = [ledger.look_over(events=SLICE, dossiers=5) for _ in range(3)]
    assert not all(rounds)


def test_rows_are_gone_round(ledger: Ledger, execute: Execute, published: Dossier) -> None:
    assert ledger.look_over(events=10, dossiers=1)
    execute("UPDATE document SET pages = 9 WHERE id = 2")
    rounds = [ledger.look_over(events=10, dossiers=1) for _ in range(3)]
    assert not all(rounds)


@pytest.fixture
def beside(ledger_url: str, tmp_path: Path) -> Iterator[Ledger]:
    """The ledger, with its end kept beside it."""
    options = LedgerOptions(url=SecretStr(ledger_url), head_file=tmp_path / "kept" / "head.json")
    with Ledger.open(options) as opened:
        yield opened


def test_a_log_cut_short_in_all_its_parts_is_found_by_the_kept_end(
    beside: Ledger, ledger_url: str, published: Dossier, execute: Execute, tmp_path: Path
) -> None:
    beside.keep_head()
    last = beside.events()[-1]
    execute(f"DELETE FROM event WHERE seq = {last.seq}")
    execute(f"UPDATE chain_head SET seq = {last.seq - 1}, hash = '{last.prev_hash}'")
    execute("UPDATE document SET stage = 'stored' WHERE id = 2")
    execute("UPDATE dossier SET stage = 'stored' WHERE id = 2")
    with Ledger.open(ledger_url) as without:
        assert without.verify_chain().intact  # from inside nothing is to be seen
        assert without.examine() == ()
    with pytest.raises(NotTrusted):
        beside.prove(1)
    assert [one.code for one in beside.findings()] == ["log_shortened"]
    beside.accept("restored from the backup of the day before", "cli:operator")
    beside.prove(1)
    head = Head(seq=last.seq, hash=last.hash, at=last.at)
    assert beside.holds(head)  # answered: not asked again
    assert (tmp_path / "kept" / "head.json").stat().st_mode & 0o777 == 0o600


def test_an_end_that_is_there_is_held(ledger: Ledger, published: Dossier) -> None:
    proven = ledger.prove(published.id)
    register(ledger, "c9", "c9", code="H17-251103-0003")
    assert ledger.holds(proven.head)
    assert not ledger.holds(proven.head.model_copy(update={"hash": sha("another")}))


def test_findings_end_and_are_found_again(ledger: Ledger, published: Dossier) -> None:
    for _ in range(2):
        ledger.found("object_damaged", "results/a", dossier_id=published.id)
    (one,) = ledger.findings()
    assert ledger.findings(published.id) == [one]
    assert ledger.findings(1) == []
    assert [done.id for done in ledger.end_findings([one.id])] == [one.id]
    assert ledger.findings() == []
    kinds = [event.kind for event in ledger.events()][-2:]
    assert kinds == ["found", "found_ended"]
    ledger.prove(published.id)  # a damaged object stops nobody


def test_many_threads_prove_while_others_write(ledger: Ledger, published: Dossier) -> None:
    def write(number: int) -> None:
        register(ledger, f"w{number}", f"w{number}", code=f"H17-251104-{number:04d}")

    with ThreadPoolExecutor(8) as threads:
        jobs = [threads.submit(write, number) for number in range(20)]
        jobs += [threads.submit(ledger.prove, published.id) for _ in range(20)]
    assert all(job.exception() is None for job in jobs)
    assert ledger.examine() == ()


def _known_then(ledger: Ledger, dossier_id: int) -> list[Document]:
    """Its documents without what only a newer version notes."""
    newer = {"reading_sha256": None, "doubts": None, "superseded_by": None}
    return [one.model_copy(update=newer) for one in ledger.documents(dossier_id)]


def test_an_older_ledger_is_proven_from_what_it_held(empty_url: str) -> None:
    with Ledger.open(empty_url) as ledger:
        done = register(ledger, "c1", "one", "two")
        bring_to(ledger, done.documents[0], Stage.signed)
        ledger.record_object(
            kept(),
            kind=ObjectKind.signed,
            dossier_id=done.dossier.id,
            document_id=done.documents[0].id,
            actor="flow",
        )
        register(ledger, "c2", "one", code="H17-251103-0002")  # linked
        ledger.fail(done.documents[1].id, "flow.unexpected", {"step": "read"}, "flow")
        before = [_known_then(ledger, one.id) for one in ledger.dossiers()]
    set_back(empty_url, "0004_manifests")
    with Ledger.open(empty_url) as ledger:
        assert [_known_then(ledger, one.id) for one in ledger.dossiers()] == before
        assert ledger.verify_chain().intact
        assert [one.kind for one in ledger.events()][-2:] == ["baseline"] * 2
        assert ledger.examine() == ()
        ledger.retry(done.dossier.id, "cli:operator")  # it goes on
        ledger.advance(done.documents[0].id, Stage.signed, Stage.stored, actor="flow")
        for one in ledger.dossiers():
            ledger.prove(one.id)
        count = len(ledger.events())
    with Ledger.open(empty_url) as ledger:  # once only
        assert len(ledger.events()) == count
