"""What the ledger says of dossiers and documents, on SQLite and PostgreSQL."""

from datetime import timedelta

import pytest
from ledger_steps import CODE, NOW, a_claim, a_file, bring_to, kinds, register, sha

from schemas.dossier import Role, Stage
from schemas.errors import Conflict, NotFound
from storage import Ledger, ObjectKind, StoredObject


def test_a_claim_becomes_a_dossier_with_documents(ledger: Ledger) -> None:
    done = register(ledger, "c1", "một", "hai", warnings=("bad_code",))
    assert done.created
    assert done.dossier.stage is Stage.received
    assert done.dossier.warnings == ("bad_code",)
    assert [document.label for document in done.documents] == ["component-001", "component-002"]
    assert done.documents[0].source_sha256 == sha("một")
    assert ledger.dossier(CODE) == done.dossier
    assert ledger.documents(done.dossier.id) == list(done.documents)
    assert ledger.document(done.documents[1].id) == done.documents[1]
    assert kinds(ledger) == ["opened", "claimed", "received", "received"]
    assert done.dossier.created_at.utcoffset() == timedelta(0)


def test_the_same_claim_twice_is_registered_once(ledger: Ledger) -> None:
    first = register(ledger, "c1", "một")
    again = register(ledger, "c1", "một")
    assert not again.created
    assert again.documents == first.documents
    assert len(ledger.events()) == 3


def test_a_result_comes_weeks_later(ledger: Ledger) -> None:
    first = register(ledger, "c1", "một")
    bring_to(ledger, first.documents[0], Stage.published)
    later = register(ledger, "c2", files=(a_file("kết quả", Role.result),), warnings=("w",))
    assert later.dossier.id == first.dossier.id
    assert [document.label for document in later.documents] == ["result-002"]
    assert later.dossier.stage is Stage.received
    assert later.dossier.warnings == ("w",)
    assert [claim.claim_id for claim in ledger.claims(first.dossier.id)] == ["c1", "c2"]


def test_a_document_goes_its_way_and_the_log_says_so(ledger: Ledger) -> None:
    done = register(ledger, "c1", "một")
    end = bring_to(ledger, done.documents[0], Stage.published)
    assert end.signed_sha256 == sha("s")
    assert ledger.dossier_by_id(done.dossier.id).stage is Stage.published
    signed = next(event for event in ledger.events() if event.kind == "signed")
    assert (signed.hash_before, signed.hash_after) == (sha("p"), sha("s"))
    assert (signed.actor, signed.document_id) == ("flow", end.id)
    received = ledger.events()[2]
    assert received.hash_after == sha("một")


def test_the_dossier_shows_its_least_advanced_document(ledger: Ledger) -> None:
    done = register(ledger, "c1", "một", "hai")
    bring_to(ledger, done.documents[0], Stage.signed)
    assert ledger.dossier(CODE).stage is Stage.received
    bring_to(ledger, done.documents[1], Stage.digitised)
    assert ledger.dossier(CODE).stage is Stage.digitised
    assert [dossier.code for dossier in ledger.dossiers(stage=Stage.digitised)] == [CODE]
    assert ledger.dossiers(stage=Stage.received) == []


def test_repeating_a_move_changes_nothing(ledger: Ledger) -> None:
    document = register(ledger).documents[0]
    for _ in range(2):
        moved = ledger.advance(
            document.id,
            Stage.received,
            Stage.digitised,
            actor="flow",
            hash_after=sha("m"),
            pdfa_sha256=sha("p"),
        )
    assert moved.stage is Stage.digitised
    assert kinds(ledger).count("digitised") == 1


@pytest.mark.parametrize("change", [{"pdfa_sha256": sha("other")}, {"hash_after": sha("other")}])
def test_repeating_a_move_with_other_hashes_is_a_conflict(
    ledger: Ledger, change: dict[str, str]
) -> None:
    document = register(ledger).documents[0]
    move = {"actor": "flow", "hash_after": sha("m"), "pdfa_sha256": sha("p")}
    ledger.advance(document.id, Stage.received, Stage.digitised, **move)
    before = ledger.document(document.id), ledger.events()
    with pytest.raises(Conflict, match="digitised"):
        ledger.advance(document.id, Stage.received, Stage.digitised, **{**move, **change})
    assert (ledger.document(document.id), ledger.events()) == before


@pytest.mark.parametrize(
    ("expect", "to"),
    [
        (Stage.received, Stage.signed),
        (Stage.received, Stage.rejected),
        (Stage.ready_to_sign, Stage.failed),
        (Stage.failed, Stage.signed),
        (Stage.digitised, Stage.ready_to_sign),
    ],
)
def test_moves_that_are_not_allowed(ledger: Ledger, expect: Stage, to: Stage) -> None:
    document = register(ledger).documents[0]
    with pytest.raises(Conflict):
        ledger.advance(document.id, expect, to, actor="flow")
    assert ledger.document(document.id) == document


def test_a_failed_document_goes_back_to_where_it_failed(ledger: Ledger) -> None:
    done = register(ledger, "c1", "một")
    document = bring_to(ledger, done.documents[0], Stage.ready_to_sign)
    ledger.lease(done.dossier.id, "w", 60, NOW)
    ledger.release(done.dossier.id, "w", retry_at=NOW + timedelta(days=1))
    for _ in range(2):
        failed = ledger.fail(document.id, "signing.no_key", {"slot": 1}, "flow")
    assert (failed.stage, failed.failed_from) == (Stage.failed, Stage.ready_to_sign)
    assert (failed.error_code, failed.error_params) == ("signing.no_key", {"slot": 1})
    assert ledger.dossier(CODE).stage is Stage.failed
    assert ledger.pending(NOW + timedelta(days=2), 5) == []
    [back] = ledger.retry(done.dossier.id, "person")
    assert (back.stage, back.failed_from, back.error_code) == (Stage.ready_to_sign, None, None)
    assert back.pdfa_sha256 == sha("p")
    assert [dossier.attempts for dossier in ledger.pending(NOW, 5)] == [0]
    assert kinds(ledger)[-2:] == ["failed", "retried"]
    assert ledger.retry(done.dossier.id, "person") == []


def test_rejecting(ledger: Ledger) -> None:
    done = register(ledger, "c1", "một", "hai")
    first, second = done.documents
    ledger.reject(first.id, "reading.empty_file", {}, "flow")
    assert ledger.dossier(CODE).stage is Stage.received
    ledger.reject(second.id, "reading.empty_file", {}, "flow")
    assert ledger.dossier(CODE).stage is Stage.rejected
    assert ledger.reject(second.id, "reading.empty_file", {}, "flow").stage is Stage.rejected
    assert kinds(ledger).count("rejected") == 2
    third = bring_to(ledger, register(ledger, "c2", "ba").documents[0], Stage.signed)
    with pytest.raises(Conflict):
        ledger.reject(third.id, "reading.empty_file", {}, "flow")


def test_a_person_settles_a_review(ledger: Ledger) -> None:
    done = register(ledger)
    document = bring_to(ledger, done.documents[0], Stage.digitised)
    ledger.advance(document.id, Stage.digitised, Stage.in_review, actor="flow")
    assert ledger.pending(NOW + timedelta(days=999), 5) == []
    for _ in range(2):
        settled = ledger.settle(
            document.id, sha("m2"), "clerk", based_on=sha("m"), data={"fields": 2}
        )
    assert (settled.stage, settled.manifest_sha256) == (Stage.ready_to_sign, sha("m2"))
    last = ledger.events()[-1]
    assert (last.kind, last.actor) == ("reviewed", "clerk")
    assert (last.hash_before, last.hash_after) == (sha("m"), sha("m2"))
    assert kinds(ledger).count("reviewed") == 1
    with pytest.raises(Conflict):
        ledger.settle(document.id, sha("m3"), "clerk", based_on=sha("m"))
    assert len(ledger.pending(NOW, 5)) == 1


def test_the_same_bytes_are_linked_and_follow_the_first(ledger: Ledger) -> None:
    first = register(ledger, "c1", "một").documents[0]
    ledger.advance(first.id, Stage.received, Stage.digitised, actor="flow", pdfa_sha256=sha("p"))
    other = register(ledger, "c2", "một", "hai", "hai", code="H17-251103-0002")
    linked, new, twin = other.documents
    assert (linked.duplicate_of, linked.stage) == (first.id, Stage.digitised)
    assert linked.pdfa_sha256 == sha("p")
    assert new.duplicate_of is None
    assert twin.duplicate_of == new.id
    assert kinds(ledger, other.dossier.id).count("linked") == 2
    with pytest.raises(Conflict, match=f"{CODE}/component-001"):
        ledger.advance(linked.id, Stage.digitised, Stage.ready_to_sign, actor="flow")
    ledger.reject(new.id, "reading.empty_file", {}, "flow")
    assert ledger.document(twin.id).error_code == "reading.empty_file"
    bring_to(ledger, ledger.document(first.id), Stage.digitised)
    for expect, to in ((Stage.digitised, Stage.ready_to_sign), (Stage.ready_to_sign, Stage.signed)):
        ledger.advance(first.id, expect, to, actor="flow", signed_sha256=sha("s"))
    assert ledger.document(linked.id).signed_sha256 == sha("s")
    assert ledger.dossier_by_id(other.dossier.id).stage is Stage.signed
    mirrored = ledger.events(other.dossier.id)[-1]
    assert (mirrored.kind, mirrored.data["linked_to"]) == ("signed", first.id)
    third = register(ledger, "c3", "một", code="H17-251103-0003").documents[0]
    assert third.duplicate_of == first.id


def test_what_does_not_link(ledger: Ledger) -> None:
    first = register(ledger, "c1", "một").documents[0]
    as_result = register(ledger, "c2", files=(a_file("một", Role.result),))
    elsewhere = register(ledger, "c3", "một", department="cong-an")
    assert as_result.documents[0].duplicate_of is None
    assert elsewhere.documents[0].duplicate_of is None
    ledger.fail(first.id, "reading.page_timeout", {}, "flow")
    after_failure = register(ledger, "c4", "một").documents[0]
    assert after_failure.duplicate_of is None
    ledger.reject(after_failure.id, "reading.empty_file", {}, "flow")
    assert register(ledger, "c5", "một").documents[0].duplicate_of is None


def test_retrying_a_linked_document_retries_the_first(ledger: Ledger) -> None:
    first = register(ledger, "c1", "một")
    other = register(ledger, "c2", "một", code="H17-251103-0002")
    ledger.fail(first.documents[0].id, "reading.page_timeout", {}, "flow")
    assert ledger.dossier_by_id(other.dossier.id).stage is Stage.failed
    [back] = ledger.retry(other.dossier.id, "person")
    assert back.id == other.documents[0].id
    assert back.stage is Stage.received
    assert ledger.document(first.documents[0].id).stage is Stage.received


def test_a_claim_is_tended_by_its_own_inbox_until_it_is_closed(ledger: Ledger) -> None:
    """Any host takes the steps; what is left to move in an inbox is its host's alone."""
    first = register(ledger, "c1", "một", inbox="here")
    other = register(ledger, "c2", "một", code="H17-251103-0002", inbox="there")

    def pending() -> list[str]:
        return [dossier.code for dossier in ledger.pending(NOW, 10)]

    def tended(inbox: str) -> list[str]:
        return [claim.claim_id for claim in ledger.claims_to_tend(inbox)]

    assert pending() == [CODE]
    assert tended("here") == tended("there") == []
    bring_to(ledger, first.documents[0], Stage.published)
    assert pending() == []
    assert (tended("here"), tended("there"), tended("elsewhere")) == (["c1"], ["c2"], [])
    for _ in range(2):
        ledger.close_claim("c1", "flow")
    assert (tended("here"), tended("there")) == ([], ["c2"])
    assert [claim.claim_id for claim in ledger.claims(other.dossier.id, open_only=True)] == ["c2"]
    ledger.adopt_claim("c2", "here")
    assert (tended("here"), tended("there")) == (["c2"], [])
    ledger.close_claim("c2", "flow")
    assert tended("here") == []
    assert ledger.claims(other.dossier.id, open_only=True) == []
    assert kinds(ledger).count("claim_closed") == 2
    with pytest.raises(NotFound):
        ledger.close_claim("c9", "flow")


def test_a_claim_with_something_rejected_is_tended_before_all_is_through(ledger: Ledger) -> None:
    done = register(ledger, "c1", "một", "hai", inbox="here")
    assert ledger.claims_to_tend("here") == []
    ledger.reject(done.documents[0].id, "flow.not_a_file", {}, "flow")
    assert [claim.claim_id for claim in ledger.claims_to_tend("here")] == ["c1"]


def test_leases(ledger: Ledger) -> None:
    dossier = register(ledger).dossier
    assert ledger.lease(dossier.id, "a", 60, NOW)
    assert not ledger.lease(dossier.id, "b", 60, NOW)
    assert not ledger.lease(dossier.id, "a", 60, NOW)
    assert not ledger.renew(dossier.id, "b", 60, NOW)
    assert ledger.pending(NOW, 5) == []
    assert len(ledger.pending(NOW + timedelta(seconds=60), 5)) == 1
    assert ledger.renew(dossier.id, "a", 120, NOW)
    assert ledger.pending(NOW + timedelta(seconds=60), 5) == []
    late = NOW + timedelta(seconds=120)
    assert ledger.lease(dossier.id, "b", 60, late)
    assert ledger.dossier_by_id(dossier.id).attempts == 2
    ledger.release(dossier.id, "a")
    assert ledger.dossier_by_id(dossier.id).lease_owner == "b"
    ledger.release(dossier.id, "b", retry_at=late + timedelta(seconds=30))
    waiting = ledger.dossier_by_id(dossier.id)
    assert (waiting.lease_owner, waiting.attempts) == (None, 2)
    assert ledger.pending(late, 5) == []
    assert len(ledger.pending(late + timedelta(seconds=30), 5)) == 1
    assert ledger.lease(dossier.id, "dead", 9999, late)
    assert ledger.end_leases("other") == 0
    assert ledger.end_leases("dead") == 1
    assert ledger.lease(dossier.id, "c", 60, late)
    ledger.release(dossier.id, "c")
    assert ledger.dossier_by_id(dossier.id).attempts == 0
    assert not ledger.lease(999, "a", 60, NOW)


def test_a_lease_in_another_time_zone_is_the_same_moment(ledger: Ledger) -> None:
    from zoneinfo import ZoneInfo

    dossier = register(ledger).dossier
    ledger.lease(dossier.id, "a", 60, NOW.astimezone(ZoneInfo("Asia/Ho_Chi_Minh")))
    assert ledger.dossier_by_id(dossier.id).lease_until == NOW + timedelta(seconds=60)
    assert not ledger.lease(dossier.id, "b", 60, NOW + timedelta(seconds=59))


def test_asking_for_dossiers(ledger: Ledger) -> None:
    register(ledger, "c1", "một")
    register(ledger, "c2", "hai", department="cong-an")
    register(ledger, "c3", "ba", code="H17-251103-0003")
    with pytest.raises(Conflict, match="cong-an, mot-cua"):
        ledger.dossier(CODE)
    assert ledger.dossier(CODE, "cong-an").department == "cong-an"
    assert ledger.dossier(CODE, "dat-dai") is None
    assert ledger.dossier("H17-251103-9999") is None
    assert len(ledger.dossiers(department="mot-cua")) == 2
    last = ledger.dossiers()[-1]
    assert ledger.dossiers(since=last.updated_at) == [last]
    assert ledger.dossiers(since=last.updated_at + timedelta(seconds=1)) == []
    assert [dossier.code for dossier in ledger.pending(NOW, 2)] == [CODE, CODE]
    assert ledger.documents(999) == []
    for ask in (ledger.document, ledger.dossier_by_id):
        with pytest.raises(NotFound):
            ask(999)
    with pytest.raises(NotFound):
        ledger.retry(999, "person")


def test_stored_objects_are_noted_once(ledger: Ledger) -> None:
    done = register(ledger)
    other = register(ledger, "c2", "một", code="H17-251103-0002")
    document = done.documents[0]
    stored = StoredObject(
        bucket="results",
        key="mot-cua/a/component-001.pdf",
        version_id="1",
        sha256=sha("s"),
        bytes=3_000_000_000,
        retain_until=NOW,
    )
    owner = {"dossier_id": done.dossier.id, "document_id": document.id, "actor": "flow"}
    kept = ledger.record_object(stored, kind=ObjectKind.signed, **owner)
    later = stored.model_copy(update={"retain_until": NOW + timedelta(days=1)})
    assert ledger.record_object(later, kind=ObjectKind.signed, **owner) == kept
    with pytest.raises(Conflict):
        changed = stored.model_copy(update={"sha256": sha("t")})
        ledger.record_object(changed, kind=ObjectKind.signed, **owner)
    with pytest.raises(Conflict):
        ledger.record_object(
            stored, kind=ObjectKind.signed, dossier_id=other.dossier.id, actor="flow"
        )
    index = ledger.record_object(
        stored.model_copy(update={"key": "mot-cua/a/index.json"}),
        kind=ObjectKind.index,
        dossier_id=done.dossier.id,
        actor="flow",
    )
    assert ledger.objects(done.dossier.id) == [kept, index]
    assert ledger.objects(other.dossier.id) == [kept]
    assert kinds(ledger).count("object_stored") == 2


def test_warnings_and_notes(ledger: Ledger) -> None:
    done = register(ledger)
    for text in ("Giấy tờ của Trần Thị Mẫu", "Giấy tờ của Trần Thị Mẫu", "khác"):
        ledger.warn(done.dossier.id, text)
    assert ledger.dossier_by_id(done.dossier.id).warnings == ("Giấy tờ của Trần Thị Mẫu", "khác")
    noted = ledger.note(
        done.dossier.id, None, "person", "fetched", data={"objects": 2}, hash_after=sha("x")
    )
    assert ledger.events()[-1] == noted
    assert kinds(ledger).count("warned") == 2
    with pytest.raises(NotFound):
        ledger.note(999, None, "person", "fetched")
    with pytest.raises(NotFound):
        ledger.note(None, 999, "person", "fetched")
    with pytest.raises(NotFound):
        ledger.warn(999, "x")
    assert ledger.events(after_seq=noted.seq - 1) == [noted]
    assert len(ledger.events(limit=2)) == 2


@pytest.mark.parametrize(
    "name", ["đơn \U0001f600.pdf", "caf\udce9.pdf", '"quoted".pdf', "a\nb", "x" * 300, "../up"]
)
def test_any_file_name_comes_back_as_it_was(ledger: Ledger, name: str) -> None:
    done = register(ledger, files=(a_file("một", name=name),))
    assert ledger.document(done.documents[0].id).name == name
    assert ledger.document(done.documents[0].id).relative == name


def test_no_name_of_a_person_in_events_records_or_errors(ledger: Ledger) -> None:
    name = "Trần Thị Mẫu.pdf"
    done = register(ledger, files=(a_file("một", name=name),))
    bring_to(ledger, done.documents[0], Stage.published)
    ledger.close_claim("c1", "flow")
    shown = repr(ledger.events()) + repr(done) + repr(ledger.documents(done.dossier.id))
    shown += repr(a_claim(files=(a_file("một", name=name),)))
    assert "Mẫu" not in shown
    with pytest.raises(Conflict) as caught:
        ledger.fail(done.documents[0].id, "signing.no_key", {}, "flow")
    assert "Mẫu" not in str(caught.value)
