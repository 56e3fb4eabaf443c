"""Two people enter the same doubts blind; a third one settles where they differ."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from desk_office import HERE, DeskOffice, a_desk
from doubtful_desk import manifest, under_review

from schemas.document_type import known_types, parse
from schemas.dossier import Stage
from schemas.errors import ConfigurationError, Conflict, InputRejected, NotFound
from schemas.review_views import AskedView, ReviewView, SaidDecision, StandingView
from schemas.work import DecisionKind
from storage import Document, Ledger, NewDecision
from storage.entries import ABANDONED, SETTLING, EntryTurn, turn_of
from usecases.caller import Caller, Duty
from usecases.look import dossier as look
from usecases.look import fields
from usecases.queue import queue, queue_totals
from usecases.review import Assignment, save_decision, settle
from usecases.reviewing import decide, done, next_review, review, undo
from usecases.rooms import Rooms

CODE = "H17-261124-0007"
PATHS = ("full_name", "dob", "head_name", "members.0.relation")
NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)


def person(name: str, *duties: Duty) -> Caller:
    return Caller(f"user:{name}", frozenset(duties or {Duty.clerk}), frozenset({HERE}))


AN, BINH, CHI, DUNG = map(person, ("an", "binh", "chi", "dung"))


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[DeskOffice]:
    """An office whose form CT01 is entered twice, all of it."""
    with office(tmp_path, "true") as opened:
        yield opened


def office(folder: Path, asked: str) -> Any:
    types = folder / "types"
    types.mkdir()
    (types / "ct01-own.yaml").write_text(f"extends: ct01-66-2023\ndouble_entry: {asked}\n", "utf-8")
    made = a_desk(folder, waiting=False)

    class Opened:
        def __enter__(self) -> DeskOffice:
            desk = made.__enter__()
            desk.rooms = Rooms(**{**vars(desk.rooms), "types": types})
            return desk

        def __exit__(self, *error: Any) -> None:
            made.__exit__(*error)

    return Opened()


def say(
    desk: DeskOffice, caller: Caller, path: str, text: str | None = None, **more: Any
) -> StandingView:
    kind = DecisionKind.missing if text is None else DecisionKind.value
    key = f"{caller.name}-{path}-{text}-{'x' * 16}"[:64]
    seen = document(desk).manifest_sha256
    given = {"path": path, "kind": kind, "text": text, "key": key, "seen": seen, **more}
    return decide(caller, desk.rooms, CODE, 1, SaidDecision(**given))


def document(desk: DeskOffice) -> Document:
    dossier = desk.rooms.ledger.dossier(CODE)
    assert dossier is not None
    return desk.rooms.ledger.documents(dossier.id)[0]


def end(desk: DeskOffice, caller: Caller) -> None:
    done(caller, desk.rooms, CODE, 1, seen=document(desk).manifest_sha256 or "")


def enter_all(desk: DeskOffice, caller: Caller, name: str = "Nguyễn Thị Mậu") -> None:
    for path in PATHS:
        say(desk, caller, path, name if path == "full_name" else None)
    end(desk, caller)


def seen(desk: DeskOffice, caller: Caller) -> ReviewView:
    return review(caller, desk.rooms, CODE, 1)


def of_path(view: ReviewView, path: str) -> AskedView:
    return next(one for one in view.asked if one.path == path)


def standing(desk: DeskOffice) -> dict[str, tuple[DecisionKind, str | None, str]]:
    found = desk.rooms.ledger.standing_decisions(document(desk))
    return {one.path: (one.kind, one.value, one.made_by) for one in found}


def waits_for(desk: DeskOffice, caller: Caller) -> bool:
    waiting = queue(caller, desk.rooms.ledger, Stage.in_review).entries
    assert queue_totals(caller, desk.rooms.ledger, Stage.in_review).documents == len(waiting)
    assert (next_review(caller, desk.rooms).dossier is not None) is bool(waiting)
    return bool(waiting)


# Whose turn it is


def turn(number: int, who: str, *, is_done: bool = True, ago: timedelta = timedelta()) -> EntryTurn:
    at = NOW - ago
    return EntryTurn(number=number, made_by=who, moved_at=at, done_at=at if is_done else None)


@pytest.mark.parametrize(
    ("turns", "an", "chi"),
    [
        ([], 1, 1),
        ([turn(1, "an", is_done=False)], 1, "storing.being_entered"),
        ([turn(1, "an", is_done=False, ago=ABANDONED)], 1, 1),
        ([turn(1, "an")], "storing.entered_once", 2),
        ([turn(1, "an"), turn(2, "binh", is_done=False)], "storing.entered_once",
         "storing.being_entered"),
        ([turn(1, "binh"), turn(2, "an", is_done=False)], 2, "storing.being_entered"),
        ([turn(1, "an"), turn(2, "binh", is_done=False, ago=ABANDONED)],
         "storing.entered_once", 2),
        ([turn(1, "an"), turn(2, "binh")], "storing.entered_once", SETTLING),
        ([turn(1, "binh"), turn(2, "an")], "storing.entered_once", SETTLING),
    ],
)  # fmt: skip
def test_a_turn_is_one_persons(turns: list[EntryTurn], an: int | str, chi: int | str) -> None:
    for who, wanted in (("an", an), ("chi", chi)):
        if isinstance(wanted, int):
            assert turn_of(turns, who, NOW, "x") == wanted
        else:
            with pytest.raises(Conflict) as refused:
                turn_of(turns, who, NOW, "x")
            assert refused.value.code == wanted


@pytest.mark.parametrize(
    ("asked", "path", "twice"),
    [
        ("true", "dob", True), ("true", "members.0.dob", True), ("false", "dob", False),
        ("[dob]", "dob", True), ("[dob]", "full_name", False),
        ("[members]", "members.3.dob", True),
    ],
)  # fmt: skip
def test_a_type_says_which_fields(asked: str, path: str, twice: bool, tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(f"extends: ct01-66-2023\ndouble_entry: {asked}\n")
    (found,) = [one for one in known_types(tmp_path) if one.key == "ct01@66/2023"]
    assert found.is_entered_twice(path) is twice


def test_a_type_names_only_fields_that_it_has() -> None:
    base = {"id": "x", "names": {"vi": "x", "en": "x"}, "legal_basis": "x", "layout": "labelled"}
    text = "recognise: {titles: [X]}\nfields: [{id: a, labels: [{text: A}]}]\n"
    assert parse(f"{text}double_entry: [a]", base).double_entry == ("a",)
    with pytest.raises(ConfigurationError):
        parse(f"{text}double_entry: [b]", base)


# Two who agree


def test_what_two_say_alike_is_decided_and_the_document_goes_on(desk: DeskOffice) -> None:
    under_review(desk.rooms, manifest())
    assert seen(desk, AN).turn == 1
    enter_all(desk, AN)
    assert (document(desk).stage, standing(desk)) == (Stage.in_review, {}), "nothing is decided yet"
    view = seen(desk, BINH)
    assert view.turn == 2
    assert all(one.standing is None for one in view.asked), "the first one's word is not shown"
    assert not re.search("M[aẫậ]u|1990", view.model_dump_json()), "nor is it, or the reading, told"
    assert all(one.blind and not one.candidates and not one.text for one in view.asked)
    enter_all(desk, BINH)
    assert document(desk).stage is Stage.ready_to_sign
    assert standing(desk)["full_name"] == (DecisionKind.value, "Nguyễn Thị Mậu", "user:binh")
    kinds = [one.kind for one in desk.rooms.ledger.events(document(desk).dossier_id)]
    assert kinds[-4:] == ["entered", "entered", "decided", "reviewed"]


def test_who_types_what_was_read_and_who_accepts_it_say_the_same(desk: DeskOffice) -> None:
    under_review(desk.rooms, manifest())
    say(desk, AN, "dob", None, kind=DecisionKind.confirmed)
    say(desk, AN, "full_name", "Nguyễn Thị Mậu")
    for path in PATHS[2:]:
        say(desk, AN, path)
    end(desk, AN)
    with pytest.raises(InputRejected) as refused:
        say(desk, BINH, "dob", None, kind=DecisionKind.confirmed)
    assert refused.value.code == "flow.entered_blind", "nobody accepts what they do not see"
    said = say(desk, BINH, "dob", "2/1/1990")
    assert (said.kind, said.text) == (DecisionKind.value, "02/01/1990"), "nor hears of it"
    assert of_path(seen(desk, BINH), "dob").standing == said
    say(desk, BINH, "full_name", "Nguyễn  Thị Mậu")
    for path in PATHS[2:]:
        say(desk, BINH, path)
    end(desk, BINH)
    assert document(desk).stage is Stage.ready_to_sign
    assert standing(desk)["dob"][0] is DecisionKind.confirmed


# Two who differ


def test_a_third_one_settles_what_two_say_differently_seeing_neither(desk: DeskOffice) -> None:
    under_review(desk.rooms, manifest())
    enter_all(desk, AN, "Nguyễn Thị Mậu")
    enter_all(desk, BINH, "Nguyễn Thị Mẩu")
    assert document(desk).stage is Stage.in_review
    assert set(standing(desk)) == set(PATHS) - {"full_name"}, "what they agree on is decided"
    for one in (AN, BINH):
        with pytest.raises(Conflict) as refused:
            seen(desk, one)
        assert refused.value.code == "storing.entered_once"
        with pytest.raises(Conflict):
            say(desk, one, "full_name", "Nguyễn Thị Mậu")
    view = seen(desk, CHI)
    name = of_path(view, "full_name")
    assert view.turn == SETTLING
    assert name.blind and not name.text and not name.candidates
    assert not re.search("M[aẫậẩ]u", view.model_dump_json())
    for kind in (DecisionKind.confirmed, DecisionKind.passed):
        with pytest.raises(InputRejected):
            say(desk, CHI, "full_name", None, kind=kind)
    assert of_path(view, "dob").standing.by == "hai người nhập"  # type: ignore[union-attr]
    assert not re.search("user:|binh", view.model_dump_json()), "nobody is named"
    say(desk, CHI, "full_name", "Nguyễn Thị Mẩu")
    end(desk, CHI)
    assert document(desk).stage is Stage.ready_to_sign
    assert standing(desk)["full_name"][1:] == ("Nguyễn Thị Mẩu", "user:chi")


def test_no_other_page_tells_what_is_entered_independently(desk: DeskOffice) -> None:
    under_review(desk.rooms, manifest())
    told = [look(CHI, desk.rooms, CODE), *fields(CHI, desk.rooms, CODE, 1)]
    assert not re.search("Nguyễn Thị M|1990-01", "".join(one.model_dump_json() for one in told))
    enter_all(desk, AN)
    enter_all(desk, BINH)
    assert document(desk).stage is Stage.ready_to_sign


def test_the_queue_shows_only_what_one_may_do(desk: DeskOffice) -> None:
    under_review(desk.rooms, manifest())
    operator = person("op", Duty.operator)
    everyone = (AN, BINH, CHI, DUNG)

    def waiting() -> list[bool]:
        assert queue(operator, desk.rooms.ledger, Stage.in_review).entries, "who looks sees all"
        return [waits_for(desk, one) for one in everyone]

    assert waiting() == [True] * 4
    say(desk, AN, "dob")
    assert waiting() == [True, False, False, False]
    for path in set(PATHS) - {"dob"}:
        say(desk, AN, path)
    end(desk, AN)
    assert waiting() == [False, True, True, True]
    say(desk, BINH, "dob")
    assert waiting() == [False, True, False, False]
    desk.clock.ahead += ABANDONED + timedelta(minutes=1)
    assert waiting() == [False, True, True, True], "who has left holds up nobody"
    enter_all(desk, CHI)
    assert waiting() == [False, True, False, True]


def test_who_takes_an_abandoned_turn_begins_anew(desk: DeskOffice) -> None:
    under_review(desk.rooms, manifest())
    say(desk, AN, "full_name", "Sai")
    desk.clock.ahead += ABANDONED
    assert of_path(seen(desk, BINH), "full_name").standing is None
    enter_all(desk, BINH)
    entered = desk.rooms.ledger.entries.entered(document(desk))
    assert [one.made_by for one in entered.turns] == ["user:binh"]
    assert "Sai" not in {one.value for one in entered.entries}


# Idempotent, undone, and no way around it


def test_the_same_word_again_is_one_and_may_be_taken_back(desk: DeskOffice) -> None:
    under_review(desk.rooms, manifest())
    first = say(desk, AN, "full_name", "Một")
    assert say(desk, AN, "full_name", "Một") == first
    assert first.id < 0 and first.own and first.text == "Một"
    with pytest.raises(Conflict):
        say(desk, AN, "full_name", "Hai")
    second = say(desk, AN, "full_name", "Hai", replaces=first.id)
    assert of_path(seen(desk, AN), "full_name").standing == second
    assert undo(AN, desk.rooms, CODE, 1, [second.id]).ids == (second.id,)
    assert of_path(seen(desk, AN), "full_name").standing is None
    with pytest.raises(Conflict) as refused:
        end(desk, AN)
    assert refused.value.code == "flow.still_doubtful"


def test_nobody_takes_back_what_another_entered(desk: DeskOffice) -> None:
    under_review(desk.rooms, manifest())
    said = say(desk, AN, "full_name", "Một")
    for path in PATHS[1:]:
        say(desk, AN, path)
    end(desk, AN)
    say(desk, BINH, "dob")
    with pytest.raises(NotFound):
        undo(BINH, desk.rooms, CODE, 1, [said.id])
    assert len(desk.rooms.ledger.entries.entered(document(desk)).of_turn(1)) == len(PATHS)


def test_done_said_twice_is_done_once(desk: DeskOffice) -> None:
    under_review(desk.rooms, manifest())
    enter_all(desk, AN)
    end(desk, AN)
    enter_all(desk, BINH)
    end(desk, BINH)
    kinds = [one.kind for one in desk.rooms.ledger.events(document(desk).dossier_id)]
    assert kinds.count("entered") == 2


def test_a_command_is_no_way_around_it(desk: DeskOffice) -> None:
    under_review(desk.rooms, manifest())
    dossier = desk.rooms.ledger.dossier(CODE)
    assert dossier is not None
    rooms = desk.rooms
    for given in ([], [Assignment(None, "full_name", "Một")]):
        with pytest.raises(Conflict) as refused:
            settle(AN, rooms.ledger, rooms.work, dossier, given, accept=True, types=rooms.types)
        assert refused.value.code == "flow.entered_twice"
    now, new = document(desk), NewDecision(path="dob", kind=DecisionKind.confirmed)
    with pytest.raises(Conflict):
        save_decision(
            AN, rooms.ledger, rooms.work, now.id, new,
            seen=now.manifest_sha256 or "", types=rooms.types,
        )  # fmt: skip
    assert standing(desk) == {}


def test_other_fields_are_settled_once(tmp_path: Path) -> None:
    with office(tmp_path, "[full_name]") as desk:
        under_review(desk.rooms, manifest())
        assert say(desk, AN, "dob").id > 0
        for path in (*PATHS[2:], "full_name"):
            say(desk, AN, path)
        end(desk, AN)
        assert set(standing(desk)) == set(PATHS) - {"full_name"}
        assert of_path(seen(desk, BINH), "dob").standing is not None
        say(desk, BINH, "full_name")
        end(desk, BINH)
        assert document(desk).stage is Stage.ready_to_sign


def test_events_tell_no_value(desk: DeskOffice) -> None:
    under_review(desk.rooms, manifest())
    enter_all(desk, AN, "Bí Mật")
    ledger: Ledger = desk.rooms.ledger
    events = ledger.events(document(desk).dossier_id)
    assert "Bí Mật" not in "".join(one.model_dump_json() for one in events)
    (told,) = [one.data for one in events if one.kind == "entered"]
    assert told["turn"] == 1
    ledger.prove(document(desk).dossier_id)
