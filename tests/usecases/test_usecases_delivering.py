"""Telling another system: what it is told, when it is told again, and what it is never told."""

from datetime import UTC, datetime, timedelta

import pytest
from told_systems import CODE, NUMBER, OPERATOR, OWNER, Office, told_office

from schemas.delivery import DeliveringOptions
from schemas.errors import NotFound
from storage import NewCode
from usecases import targets
from usecases.delivering import retry_at
from usecases.news_signing import is_signed, new_secret, secret_key

__all__ = ["told_office"]


def test_a_system_is_told_in_order_and_can_prove_who_said_it(office: Office) -> None:
    key = office.tell()
    document = office.publish()
    office.ledger.withdraw(document, "sai số", "test")
    assert office.send() == 2
    first, second = office.heard.said
    assert [(one["event"], one["document_stage"]) for one in (first, second)] == [
        ("published", "published"), ("withdrawn", "withdrawn"),
    ]  # fmt: skip
    assert (first["dossier"], first["document_sha256"]) == (CODE, "c" * 64)
    assert first["number"] < second["number"]
    assert first["received_at"].endswith("+07:00")
    now = datetime.now(UTC)
    for heads, body in zip(office.heard.heads, office.heard.bodies, strict=True):
        assert heads["idempotency-key"] == heads["webhook-id"]
        assert is_signed(key, heads, body, now)
        assert not is_signed(key, heads, body + b" ", now)
        assert not is_signed(secret_key(new_secret()), heads, body, now)
        assert not is_signed(key, heads, body, now + timedelta(minutes=6))
        assert not is_signed(key, {**heads, "webhook-id": "0" * 32}, body, now)
    assert office.send() == 0
    dossier = office.ledger.dossier(CODE)
    assert dossier is not None
    told = [one for one in office.ledger.events(dossier.id) if one.kind == "delivered"]
    assert [one.data["target"] for one in told] == ["dvc", "dvc"]


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [(None, "không trả lời"), (503, "503"), (422, "422"), (302, "chuyển hướng"), (429, "429")],
)
def test_what_fails_is_said_again_and_says_the_same(
    office: Office, answer: int | None, sentence: str
) -> None:
    office.tell()
    document = office.publish()
    office.heard.answers, office.heard.more = [answer], {"Location": office.heard.url + "/khac"}
    assert office.send() == 1
    (waits,) = office.waiting()
    assert sentence in (waits.error or "") and waits.attempts == 1
    assert office.send() == 0, "at once"
    office.ledger.withdraw(document, "sai", "test")
    office.later(seconds=2)
    assert office.send() == 2
    assert office.heard.bodies[0] == office.heard.bodies[1]
    keys = [one["idempotency-key"] for one in office.heard.heads]
    assert keys[0] == keys[1] != keys[2]


def test_pauses_grow_to_the_longest_and_a_wish_is_heeded(office: Office) -> None:
    office.tell()
    office.publish()
    office.heard.answers, office.heard.more = [503], {"Retry-After": "120"}
    office.send()
    (waits,) = office.waiting()
    assert 115 < (waits.retry_at - office.rooms.clock()).total_seconds() <= 120
    (one,) = (found.one for found in office.ledger.deliveries.listed([1]))
    now, options = office.rooms.clock(), DeliveringOptions(longest_pause=600)

    def pause(attempts: int, chance: float) -> float:
        tried = one.model_copy(update={"attempts": attempts})
        return (retry_at(now, tried, options, chance) - now).total_seconds()

    assert [pause(number, 1.0) for number in (0, 1, 2, 9, 10, 500)] == [1, 2, 4, 512, 600, 600]
    assert pause(3, 0.0) == 4


def test_after_days_it_waits_for_a_person(office: Office) -> None:
    office.tell()
    document = office.publish()
    office.ledger.withdraw(document, "sai", "test")
    office.heard.answers = [503, 503]
    office.send()
    office.later(days=8)
    assert office.send() == 1
    dead, behind = office.waiting()
    assert (dead.dead, behind.dead) == (True, False)
    office.later(days=30)
    assert office.send() == 0, "not again, nor what stands behind it"
    with pytest.raises(NotFound):
        targets.retry_deliveries(OPERATOR, office.rooms, "dvc", number=behind.number)
    assert targets.retry_deliveries(OPERATOR, office.rooms, "DVC").count == 1
    assert office.send() == 2
    assert [one["event"] for one in office.heard.said[-2:]] == ["published", "withdrawn"]
    with pytest.raises(NotFound):
        targets.retry_deliveries(OPERATOR, office.rooms, "dvc")


def test_a_day_without_a_receiver_loses_nothing(office: Office) -> None:
    office.tell()
    office.heard.answers = [None] * 40
    for number in range(12):
        office.publish(f"H17-261123-{number:04d}")
    for _ in range(24):
        office.send()
        office.later(hours=1)
    assert len(office.waiting()) == 12
    assert len(office.heard.bodies) < 40, "it is left alone"
    assert targets.targets(OPERATOR, office.rooms)[0].failing_since is not None
    office.heard.answers = []
    tries = 0
    while office.waiting() and tries < 5:
        office.send()
        office.later(hours=1)
        tries += 1
    assert office.waiting() == ()
    assert len({one["dossier"] for one in office.heard.said}) == 12


def test_nobody_is_told_what_its_names_do_not_ask_for(office: Office) -> None:
    office.tell("case-system")
    office.publish()
    office.send()
    (body,) = office.heard.bodies
    assert OWNER not in body.decode() and NUMBER not in body.decode()
    (said,) = office.heard.said
    assert (said["MaHoSo"], said["TrangThaiHoSo"]) == (CODE, "9")
    assert said["MaTTHC"] == "1.001193"
    assert [one["TrangThaiSoHoa"] for one in said["TaiLieuNop"]] == ["1"]


def test_the_national_portal_gets_its_record(office: Office) -> None:
    office.tell("national-portal")
    office.publish()
    office.send()
    (said,) = office.heard.said
    assert (said["ChuHoSo"], said["DinhDanhCHS"]) == (OWNER, NUMBER)
    assert (said["SuKien"], said["HoSoCoThanhPhanSoHoa"]) == ("published", "1")
    assert len(said["NgayTiepNhan"]) == 14
    assert said["TaiLieuNop"][0]["TenTepDinhKem"] == "đơn.pdf"


def test_an_office_adds_names_of_its_own(office: Office) -> None:
    folder = office.rooms.adapters
    assert folder is not None
    folder.mkdir()
    own = (
        "names: {vi: Thuế, en: Tax}\nbasis: thử\nnews: {e: news}\n"
        "record: {so: dossier, ten: {field: [declarant_name]}, x: {constant: 1}}\n"
        "inbound: {event: e, delivery: d, dossier: so, department: p, events: {acknowledged: A}}\n"
    )
    (folder / "thue.yaml").write_text(own, "utf-8")
    office.tell("thue")
    office.publish()
    office.send()
    assert office.heard.said == [{"e": "published", "so": CODE, "ten": OWNER, "x": 1}]
    (folder / "thue.yaml").unlink()
    office.publish("H17-261123-0002")
    assert office.send() == 0
    (waits,) = office.waiting()
    assert "adapters" in (waits.error or "") and waits.attempts == 1


def test_the_shared_store_gets_the_doc_code_that_the_document_has(office: Office) -> None:
    office.tell(adapter="letter-7197")
    first, second = office.publish(), office.publish("H17-261123-0002")
    (series,) = office.ledger.doc_codes.give(
        [NewCode(document_id=second, agency="H17", field="QD")], "test"
    ).values()
    assert office.send() == 2
    told = {one["DossierCode"]: one["DocCode"] for one in office.heard.said}
    assert told == {CODE: None, "H17-261123-0002": series.series.version(2)}
    assert first != second
