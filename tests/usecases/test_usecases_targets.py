"""Which systems are told, by whom that is said, and what these systems say in turn."""

from pathlib import Path
from typing import Any

import pytest
from told_systems import CODE, OPERATOR, Office, told_office

from schemas.delivery import InboundKind
from schemas.errors import Conflict, InputRejected, NotFound, SohoaError
from usecases import inbound, targets
from usecases.caller import Caller, Duty

__all__ = ["told_office"]


@pytest.mark.parametrize(
    ("how", "code"),
    [
        ({"url": "ftp://dvc.example.vn/"}, "delivering.bad_url"),
        ({"url": "https://me:secret@dvc.example.vn/"}, "delivering.bad_url"),
        ({"url": "https://dvc.example.vn/#x"}, "delivering.bad_url"),
        ({"url": "https://dvc.example.vn/?key=secret"}, "delivering.bad_url"),
        ({"url": "https://dvc.example.vn:99999/"}, "delivering.bad_url"),
        ({"url": "http://dvc.example.vn/"}, "delivering.plain_url"),
        ({"url": "http://localhost.example.vn/"}, "delivering.plain_url"),
        ({"adapter": "khac"}, "delivering.no_adapter"),
        ({"events": ()}, "delivering.no_events"),
        ({"secret": "whsec_ngan"}, "delivering.bad_secret_given"),
        ({"departments": ["khong-co"]}, "cli.no_department"),
        ({"name": "048190000123"}, "sign_in.bad_name"),
    ],
)
def test_what_cannot_be_told_is_refused(office: Office, how: dict[str, Any], code: str) -> None:
    given = {"name": "dvc", "url": "https://dvc.example.vn/tin", **how}
    with pytest.raises(SohoaError) as refused:
        targets.add(OPERATOR, office.rooms, **given)
    assert refused.value.code == code
    assert targets.targets(OPERATOR, office.rooms) == ()


def test_plain_http_where_somebody_allows_it(office: Office) -> None:
    targets.add(OPERATOR, office.rooms, "dvc", "http://dvc.example.vn/", allow_plain=True)
    with pytest.raises(Conflict):
        targets.add(OPERATOR, office.rooms, "DVC", "https://dvc.example.vn/")
    assert office.rooms.target_secrets is not None
    secret = office.rooms.target_secrets.of("dvc")
    assert secret is not None, "the second one's is not kept over the first one's"
    assert secret.hex() not in str(office.ledger.events())


def test_a_host_without_the_secret_leaves_it_to_others(office: Office, tmp_path: Path) -> None:
    office.tell()
    office.publish()
    kept = office.rooms.target_secrets
    assert kept is not None
    (path,) = kept.folder.iterdir()
    path.rename(tmp_path / "away")
    assert office.send() == 0
    (tmp_path / "away").rename(path)
    assert office.send() == 1


def within(unit: str, *duties: Duty) -> Caller:
    return Caller("user:van", frozenset(duties), frozenset({unit}))


def test_operators_of_a_department_see_its_systems_alone(office: Office) -> None:
    office.tell()
    here = within("thue", Duty.operator)
    assert targets.targets(here, office.rooms) == ()
    assert targets.deliveries(here, office.rooms) == ()
    for refused in (
        lambda: targets.end(here, office.rooms, "dvc"),
        lambda: targets.retry_deliveries(here, office.rooms, "dvc"),
        lambda: targets.deliveries(here, office.rooms, target="dvc"),
        lambda: targets.add(here, office.rooms, "x", office.heard.url, departments=["mot-cua"]),
    ):
        with pytest.raises(NotFound):
            refused()
    made = targets.add(here, office.rooms, "thue", office.heard.url)
    assert made.departments == ("thue",)
    office.publish()
    assert targets.targets(here, office.rooms)[0].waiting == 0
    assert targets.end(here, office.rooms, "thue").ended_at is not None


SYSTEM = Caller("system:DVC", frozenset({Duty.reader}), frozenset({"mot-cua"}))


def test_a_system_acknowledges_and_asks_in_its_own_names(office: Office) -> None:
    office.tell("national-portal")
    office.publish()
    office.send()
    key = office.heard.heads[0]["idempotency-key"]
    for _ in range(2):
        said = {"SuKien": "DA_NHAN", "MaGiaoNhan": key}
        done = inbound.tell(SYSTEM, office.rooms, "k1", said)
        assert (done.event, done.delivery, done.dossier) == (InboundKind.acknowledged, key, CODE)
    asks = {"SuKien": "HOI_TRANG_THAI", "MaHoSo": CODE}
    answers = {inbound.tell(SYSTEM, office.rooms, "k2", asks).delivery for _ in range(2)}
    assert len(answers) == 1
    assert office.send() == 1
    assert office.heard.said[-1]["SuKien"] == "status"
    assert office.heard.heads[-1]["idempotency-key"] in answers
    office.publish("H17-261123-0002")
    with pytest.raises(Conflict):
        inbound.tell(SYSTEM, office.rooms, "k2", asks | {"MaHoSo": "H17-261123-0002"})
    kinds = [one.kind for one in office.ledger.events()]
    assert (kinds.count("delivery_acknowledged"), kinds.count("status_asked")) == (1, 1)


@pytest.mark.parametrize(
    ("said", "key", "wrong"),
    [
        ({}, "k", InputRejected),
        ({"event": "khác"}, "k", InputRejected),
        ({"event": ["acknowledged"]}, "k", InputRejected),
        ({"event": "acknowledged"}, "k", InputRejected),
        ({"event": "acknowledged", "delivery": "x" * 81}, "k", InputRejected),
        ({"event": "acknowledged", "delivery": "\ud800"}, "k", InputRejected),
        ({"event": "status_requested", "dossier": "H\0"}, "k", InputRejected),
        ({"event": "acknowledged", "delivery": "0" * 32}, "k", NotFound),
        ({"event": "status_requested", "dossier": CODE}, "", InputRejected),
        ({"event": "status_requested", "dossier": CODE}, "k" * 201, InputRejected),
        ({"event": "status_requested", "dossier": "H17-261123-9999"}, "k", NotFound),
        ({"event": "status_requested", "dossier": "H17-261123-0002"}, "k", NotFound),
    ],
)
def test_what_a_system_may_not_say(
    office: Office, said: dict[str, Any], key: str, wrong: type[SohoaError]
) -> None:
    office.tell()
    office.publish()
    office.publish("H17-261123-0002", "thue")
    with pytest.raises(wrong):
        inbound.tell(SYSTEM, office.rooms, key, said)


def test_a_system_asks_about_what_it_is_told_of_alone(office: Office) -> None:
    made = targets.add(OPERATOR, office.rooms, "dvc", office.heard.url, departments=["thue"])
    assert made.departments == ("thue",)
    office.publish()
    office.publish("H17-261123-0002", "thue")
    everywhere = Caller("system:dvc", frozenset({Duty.reader}))
    said = {"event": "status_requested", "dossier": CODE}
    with pytest.raises(NotFound) as refused:
        inbound.tell(everywhere, office.rooms, "k1", said)
    assert refused.value.code == "cli.no_dossier"
    inbound.tell(everywhere, office.rooms, "k2", said | {"dossier": "H17-261123-0002"})


def test_who_is_no_target_says_nothing(office: Office) -> None:
    office.tell()
    office.publish()
    said = {"event": "status_requested", "dossier": CODE}
    for name in ("user:dvc", "system:khac", "cli:dvc"):
        with pytest.raises(NotFound):
            inbound.tell(Caller(name, frozenset({Duty.reader})), office.rooms, "k", said)
    targets.end(OPERATOR, office.rooms, "dvc")
    with pytest.raises(NotFound):
        inbound.tell(SYSTEM, office.rooms, "k", said)
