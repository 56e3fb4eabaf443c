"""Routes and batches as rows: proven by events, one act at a time, on both databases."""

import itertools
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime

import pytest
from ledger_steps import sha
from test_storage_concurrency import script

from schemas.batch import ApprovedBatch, BatchItem, ItemEnd, NewBatchItem
from schemas.errors import Conflict, NotFound, NotTrusted
from schemas.route import Delegation, NewRoute, Route, Turn, TurnEnd, TurnTaken
from storage import Ledger

FORGES = True  # some tests do; the others prove what they wrote
NOON = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)
WHY = "sai tên bà Mẫu"
WORDS = ("Lan", "Mít", "Mẫu", "12/UQ", "/nhà", "giấy", "can-bo", "45/QĐ")


@pytest.fixture(autouse=True)
def nobody_in_the_log(ledger: Ledger) -> Iterator[None]:
    yield
    log = "".join(one.model_dump_json() for one in ledger.events())
    assert not [word for word in WORDS if word in log], "a person's words are in no event"


def a_route(key: str = "r1", turns: int = 2) -> NewRoute:
    return NewRoute(
        key=key,
        folder="/nhà/\udcff",
        sha256=sha("0"),
        turns=tuple(Turn(person="Lan", profile="leader", role="leader") for _ in range(turns)),
        delegations=(
            Delegation(
                of="Lan", to="Mít", first=date(2026, 11, 1), last=date(2026, 11, 30), basis="12/UQ"
            ),
        ),
    )


def signed(turn: int, **more: object) -> TurnTaken:
    return TurnTaken(
        turn=turn, person="Lan", end=TurnEnd.signed, at=NOON, sha256=sha(str(turn)), **more
    )


def refusal(turn: int) -> TurnTaken:
    return TurnTaken(
        turn=turn, person="Mít", end=TurnEnd.refused, at=NOON, reason=WHY, basis="12/UQ"
    )


def a_batch(key: str = "b1", files: int = 3) -> ApprovedBatch:
    return ApprovedBatch(
        key=key,
        folder="/nhà/ra",
        approved_by="can-bo",
        approved_at=NOON,
        profile="sao-y",
        role="seal",
        number="45/QĐ",
        items=tuple(
            NewBatchItem(source=f"/giấy/{at}\udcff.pdf", sha256=sha(f"s{at}"), out=f"giấy{at}.pdf")
            for at in range(files)
        ),
    )


def ended(ledger: Ledger, number: int, end: ItemEnd = ItemEnd.signed, key: str = "b1") -> BatchItem:
    batch = ledger.batch(key)
    assert batch is not None
    told = (
        {"signed_sha256": sha(f"done{number}")}
        if end is ItemEnd.signed
        else {"error": "signing.batch_changed"}
    )
    item = batch.items[number - 1].model_copy(update={"end": end, "attempts": 1, **told})
    return ledger.end_batch_item(key, item, "cli:an")


def test_a_route_is_what_was_said(ledger: Ledger) -> None:
    begun = ledger.begin_route(a_route(), "cli:an")
    assert begun == Route(
        **a_route().model_dump(), begun_by="cli:an", begun_at=begun.begun_at, taken=()
    )
    assert ledger.begin_route(a_route(), "cli:an") == begun, "sent again"
    assert ledger.take_turn("r1", signed(1), "cli:an").turn == 2
    over = ledger.take_turn("r1", refusal(2), "cli:an")
    assert (over.turn, over.refused, over.current_sha256) == (None, True, sha("1"))
    assert over.taken == (signed(1), refusal(2))
    assert ledger.take_turn("r1", refusal(2), "cli:an") == over, "sent again"
    assert ledger.route("r1") == ledger.proven_route("r1") == over
    told = [(one.kind, one.hash_before, one.hash_after) for one in ledger.events()]
    assert told == [
        ("route_begun", sha("0"), None),
        ("turn_taken", sha("0"), sha("1")),
        ("turn_taken", sha("1"), None),
    ]


def test_what_contradicts_a_route_is_refused(ledger: Ledger) -> None:
    ledger.begin_route(a_route(), "cli:an")
    with pytest.raises(Conflict) as caught:
        ledger.begin_route(a_route(turns=3), "cli:an")
    assert caught.value.code == "storing.known_otherwise"
    for wrong in (signed(2), signed(3)):
        with pytest.raises(Conflict):
            ledger.take_turn("r1", wrong, "cli:an")
    ledger.take_turn("r1", refusal(1), "cli:an")
    for late in (signed(1), signed(2), refusal(2)):
        with pytest.raises(Conflict) as caught:
            ledger.take_turn("r1", late, "cli:an")
        assert caught.value.code == "storing.turn_taken"
    with pytest.raises(NotFound):
        ledger.take_turn("r2", signed(1), "cli:an")
    assert ledger.route("r2") is None and ledger.proven_route("r2") is None
    assert len(ledger.events()) == 2


def test_turns_from_before_come_in_as_a_whole_or_not_at_all(ledger: Ledger) -> None:
    with pytest.raises(Conflict):
        ledger.begin_route(a_route(), "cli:an", taken=[signed(1), signed(3)])
    assert ledger.route("r1") is None and ledger.events() == []
    assert ledger.begin_route(a_route(), "cli:an", taken=[signed(1)]).turn == 2
    assert ledger.proven_route("r1") == ledger.route("r1")


def test_a_batch_is_what_was_said(ledger: Ledger) -> None:
    made = ledger.approve_batch(a_batch(), "cli:an")
    assert [one.end for one in made.items] == [ItemEnd.waiting] * 3
    assert made.items[0].source == a_batch().items[0].source
    assert ledger.approve_batch(a_batch(), "cli:an") == made
    with pytest.raises(Conflict):
        ledger.approve_batch(a_batch(files=2), "cli:an")
    ended(ledger, 1)
    ended(ledger, 2, ItemEnd.refused)
    events = len(ledger.events())
    ended(ledger, 1)
    ended(ledger, 2, ItemEnd.refused)
    assert len(ledger.events()) == events == 3, "sent again"
    found = ledger.proven_batch("b1")
    assert found is not None and found == ledger.batch("b1")
    assert [one.end.value for one in found.items] == ["signed", "refused", "waiting"]
    ended(ledger, 2)
    (line,) = ledger.batches().batches
    assert (line.key, line.signed, line.waiting, line.refused) == ("b1", 2, 1, 0)
    assert ledger.proven_batch("b1") == ledger.batch("b1")
    with pytest.raises(NotFound):
        ledger.end_batch_item("b2", found.items[0], "cli:an")


def test_lists_have_pages(ledger: Ledger) -> None:
    for number in range(5):
        who = "cli:an" if number % 2 else "cli:binh"
        ledger.begin_route(a_route(f"r{number}"), who)
        ledger.approve_batch(a_batch(f"b{number}").model_copy(update={"approved_by": who}), who)
    ledger.take_turn("r3", refusal(1), "cli:an")
    ledger.begin_route(a_route("r9", turns=1), "cli:an", taken=[signed(1)])
    keys, after = [], None
    for _ in range(9):
        page = ledger.routes(after=after, limit=2, open_only=True)
        keys += [one.key for one in page.routes]
        after = page.next
        if after is None:
            break
    assert keys == ["r4", "r2", "r1", "r0"]
    assert [one.key for one in ledger.routes(begun_by="cli:an").routes] == ["r9", "r3", "r1"]
    first = ledger.batches(limit=3)
    rest = ledger.batches(after=first.next)
    assert [one.key for one in (*first.batches, *rest.batches)] == ["b4", "b3", "b2", "b1", "b0"]
    assert rest.next is None
    assert [one.key for one in ledger.batches(approved_by="cli:an").batches] == ["b3", "b1"]


def test_one_works_on_it_and_the_dead_do_not_hold_it(ledger: Ledger) -> None:
    ledger.begin_route(a_route(), "cli:an")
    ledger.approve_batch(a_batch(), "cli:an")
    for what, key in (("route", "r1"), ("batch", "b1")):
        assert ledger.hold(what, key, "a_b:1", 60)
        assert ledger.hold(what, key, "a_b:1", 60), "prolonged"
        assert not ledger.hold(what, key, "axb:1", 60)
        assert not ledger.hold(what, key, "axb:1", 60, dead="axb:"), "the other one lives"
        assert ledger.hold(what, key, "a_b:2", 60, dead="a_b:")
        ledger.let_go(what, key, "a_b:1")
        assert not ledger.hold(what, key, "axb:1", 60), "who lost it lets nothing go"
        ledger.let_go(what, key, "a_b:2")
        assert ledger.hold(what, key, "axb:1", 0)
        assert ledger.hold(what, key, "a_b:3", 60), "it has run out"
    assert not ledger.hold("route", "none", "a", 60)


FORGED = {
    "who signs": "UPDATE route_turn SET person = 'Mận' WHERE number = 3",
    "how": "UPDATE route_turn SET profile = 'sao-y' WHERE number = 3",
    "one turn more": "INSERT INTO route_turn (route_id, number, person, profile, role)"
    " VALUES (1, 4, 'Mận', 'leader', 'leader')",
    "one turn less": "DELETE FROM route_turn WHERE number = 3",
    "who signed": "UPDATE route_turn SET taken_by = 'Mận' WHERE number = 1",
    "when": "UPDATE route_turn SET taken_at = '2026-11-23 05:00:00' WHERE number = 1",
    "what": f"UPDATE route_turn SET signed_sha256 = '{sha('x')}' WHERE number = 1",
    "no refusal": "UPDATE route_turn SET ended_as = NULL WHERE number = 2",
    "a signature for it": "UPDATE route_turn SET ended_as = 'signed' WHERE number = 2",
    "why": "UPDATE route_turn SET reason = 'khác' WHERE number = 2",
    "for another": "UPDATE delegation SET to_person = 'Mận'",
    "until when": "UPDATE delegation SET last_day = '2027-11-30'",
    "which document": f"UPDATE route SET sha256 = '{sha('x')}'",
    "who began": "UPDATE route SET begun_by = 'cli:x'",
    "another's event": "UPDATE route SET event_seq = event_seq + 1",
}


@pytest.mark.parametrize("what", FORGED)
def test_a_route_its_events_do_not_say_is_not_acted_on(
    ledger: Ledger, execute: Callable[[str], object], what: str
) -> None:
    ledger.begin_route(a_route("r1", turns=3), "cli:an", taken=[signed(1), refusal(2)])
    assert ledger.proven_route("r1") == ledger.route("r1")
    execute(FORGED[what])
    with pytest.raises(NotTrusted) as caught:
        ledger.proven_route("r1")
    assert caught.value.code == "storing.signing_unproven"


FORGED_BATCH = {
    "which file": f"UPDATE batch_item SET sha256 = '{sha('x')}' WHERE number = 3",
    "from where": "UPDATE batch_item SET source = '/x' WHERE number = 3",
    "signed": f"UPDATE batch_item SET ended_as = 'signed', signed_sha256 = '{sha('x')}'"
    " WHERE number = 3",
    "otherwise": f"UPDATE batch_item SET signed_sha256 = '{sha('x')}' WHERE number = 1",
    "not signed": "UPDATE batch_item SET ended_as = 'waiting', signed_sha256 = NULL"
    " WHERE number = 1",
    "one file less": "DELETE FROM batch_item WHERE number = 3",
    "how": "UPDATE batch SET profile = 'leader'",
    "who approved": "UPDATE batch SET approved_by = 'x'",
}


@pytest.mark.parametrize("what", FORGED_BATCH)
def test_a_batch_its_events_do_not_say_is_not_acted_on(
    ledger: Ledger, execute: Callable[[str], object], what: str
) -> None:
    ledger.approve_batch(a_batch(), "cli:an")
    ended(ledger, 1)
    ended(ledger, 2, ItemEnd.refused)
    assert ledger.proven_batch("b1") == ledger.batch("b1")
    execute(FORGED_BATCH[what])
    with pytest.raises(NotTrusted) as caught:
        ledger.proven_batch("b1")
    assert caught.value.code == "storing.signing_unproven"


def test_nothing_is_acted_on_while_the_ledger_waits_for_an_operator(ledger: Ledger) -> None:
    ledger.begin_route(a_route(), "cli:an")
    ledger.approve_batch(a_batch(), "cli:an")
    ledger.found("row_contradicts", "document 1.stage", stops=True)
    for proven in (lambda: ledger.proven_route("r1"), lambda: ledger.proven_batch("b1")):
        with pytest.raises(NotTrusted) as caught:
            proven()
        assert caught.value.code == "storing.ledger_doubted"
    assert ledger.route("r1") is not None and ledger.batch("b1") is not None


def test_a_refusal_cannot_be_taken_out_of_the_log(
    ledger: Ledger, ledger_url: str, execute: Callable[[str], object]
) -> None:
    ledger.begin_route(a_route(), "cli:an")
    ledger.take_turn("r1", refusal(1), "cli:an")
    if ledger_url.startswith("sqlite"):
        execute("DROP TRIGGER event_no_delete")
    else:
        execute("ALTER TABLE event DISABLE TRIGGER ALL")
    execute("DELETE FROM event WHERE seq = 2")
    execute("UPDATE route_turn SET ended_as = NULL")
    with pytest.raises(NotTrusted) as caught:
        ledger.proven_route("r1")
    assert caught.value.code == "storing.ledger_doubted"
    assert ledger.findings() != []


AT_ONCE = """
from schemas.batch import ItemEnd
from schemas.errors import SohoaError
from schemas.route import TurnEnd, TurnTaken
from storage import Ledger
import time
from datetime import UTC, datetime

def work(number):
    with Ledger.open(url) as ledger:
        batch = ledger.batch("b1")
        for at in range(1, 41):
            new = TurnTaken(turn=at, person=f"Lan {number}", end=TurnEnd.signed,
                            at=datetime.now(UTC), sha256=sha(f"{at} {number}"))
            if number % 2:
                new = new.model_copy(update={"turn": at + 1})
            while True:
                try:
                    ledger.take_turn("r1", new, f"cli:{number}")
                except SohoaError as error:
                    assert error.code == "storing.turn_taken", error.code
                    if ledger.route("r1").turn in {None, *range(new.turn, 99)}:
                        break
                else:
                    time.sleep(0.03)  # the next turn is somebody else's
                    break
            item = batch.items[at - 1].model_copy(
                update={"end": ItemEnd.signed, "signed_sha256": sha(f"file {at}")})
            ledger.end_batch_item("b1", item, f"cli:{number}")
eight(work)
"""


def test_eight_processes_at_one_route_and_batch(ledger: Ledger, ledger_url: str) -> None:
    """Each turn is taken by one of them, each file ended once, however they come."""
    ledger.begin_route(a_route(turns=40), "cli:an")
    ledger.approve_batch(a_batch(files=40), "cli:an")
    assert script(AT_ONCE, ledger_url).wait(timeout=300) == 0
    route, batch = ledger.proven_route("r1"), ledger.proven_batch("b1")
    assert route is not None and batch is not None
    assert [one.turn for one in route.taken] == list(range(1, 41))
    assert len({one.person for one in route.taken}) > 1, "several of them were first"
    assert batch.count(ItemEnd.signed) == 40
    kinds = [one.kind for one in ledger.events()]
    assert kinds.count("turn_taken") == kinds.count("batch_item_ended") == 40
    hashes = [one.sha256 for one in route.taken]
    told = [one for one in ledger.events() if one.kind == "turn_taken"]
    pairs = list(itertools.pairwise([sha("0"), *hashes]))
    assert [(one.hash_before, one.hash_after) for one in told] == pairs
