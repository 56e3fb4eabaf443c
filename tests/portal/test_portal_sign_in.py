"""Signing in: one answer for all that is wrong, slower each time; sessions that end."""

import unicodedata
from datetime import timedelta
from pathlib import Path

import pytest
from desk_office import HERE, PASSWORD, DeskOffice, a_desk

from schemas.errors import InputRejected, NotAllowed, NotFound
from usecases import accounts, attempts, passwords, tokens
from usecases.caller import Caller, Duty, Right, local_operator
from usecases.sign_in import SignInRefused, sign_in
from usecases.tokens import fingerprint

ME = local_operator()


def test_all_that_is_wrong_is_answered_alike(desk: DeskOffice) -> None:
    accounts.disable(ME, desk.rooms, "doc")
    pages = set()
    for name, password in (("lan", "sai mật khẩu"), ("nobody", PASSWORD), ("doc", PASSWORD)):
        answer = desk.browser().sign_in(name, password)
        assert answer.status_code == 401
        pages.add(answer.text.replace(f'value="{name}"', ""))
    assert len(pages) == 1
    assert "không đúng" in pages.pop()


def test_an_unknown_name_takes_as_long(desk: DeskOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    """By counting what takes long, since clocks of busy machines tell nothing."""
    asked: list[str | None] = []
    fits = passwords.fits
    monkeypatch.setattr(
        passwords, "fits", lambda said, kept: asked.append(kept) or fits(said, kept)
    )
    verified: list[str] = []
    verify = passwords._HASHER.verify
    monkeypatch.setattr(
        type(passwords._HASHER), "verify",
        lambda _self, kept, said: verified.append(kept) or verify(kept, said),
    )  # fmt: skip
    for name in ("lan", "nobody"):
        desk.browser().sign_in(name, "sai mật khẩu")
    assert (asked[0] is None, asked[1] is None) == (False, True)
    assert len(verified) == 2, "compared once, whether there is an account or not"
    kinds = {kept.rpartition("$")[0].rpartition("$")[0] for kept in verified}
    assert len(kinds) == 1, "with the same parameters"


def test_names_are_the_same_in_all_spellings(desk: DeskOffice) -> None:
    accounts.add(ME, desk.rooms, "Nguyễn.Vân", [Duty.clerk], [HERE], password=PASSWORD)
    for spelling in ("nguyễn.vân", "NGUYỄN.VÂN", unicodedata.normalize("NFD", " Nguyễn.Vân ")):
        assert desk.signed_in(spelling).get("/api/v1/me").json()["name"] == "user:Nguyễn.Vân"
    decomposed = unicodedata.normalize("NFD", PASSWORD)
    assert desk.browser().sign_in("nguyễn.vân", decomposed).status_code == 303


@pytest.mark.parametrize(
    "name", ["", " ", "a b", "x" * 41, "аdmin", "user:lan", "a/b", "cccd048099001234", "a\u202eb"]
)
def test_what_is_no_accounts_name(desk: DeskOffice, name: str) -> None:
    with pytest.raises(InputRejected):
        accounts.add(ME, desk.rooms, name, [Duty.clerk], password=PASSWORD)


@pytest.mark.parametrize("weak", ["", "ngắn", "aaaaaaaaaaaaaa", "lan-lan-lan-lan-1", "x1" * 150])
def test_weak_passwords_are_refused(desk: DeskOffice, weak: str) -> None:
    desk.rooms.ledger.accounts.change(1, "test", "test", must_change=True)
    browser = desk.signed_in("lan")
    answer = browser.form("/password", old=PASSWORD, new=weak, again=weak)
    assert answer.status_code == 400
    assert browser.get("/queue").headers["location"] == "/password"


def test_each_try_waits_longer_by_name(desk: DeskOffice) -> None:
    for name in ("nobody", "lan"):
        answers = [desk.browser().sign_in(name, "sai") for _ in range(attempts.FREE_BY_NAME + 1)]
        assert [one.status_code for one in answers] == [401] * attempts.FREE_BY_NAME + [429], name
    assert desk.browser().sign_in("lan", PASSWORD).status_code == 429, "not even the right one"
    assert desk.browser().sign_in("ky", PASSWORD).status_code == 303, "others are let in"
    desk.clock.ahead += attempts.FIRST_WAIT + timedelta(seconds=1)
    assert desk.browser().sign_in("lan", "sai").status_code == 401
    desk.clock.ahead += attempts.FIRST_WAIT + timedelta(seconds=1)
    assert desk.browser().sign_in("lan", PASSWORD).status_code == 429, "twice as long"
    desk.clock.ahead += attempts.FIRST_WAIT
    assert desk.browser().sign_in("lan", PASSWORD).status_code == 303
    assert desk.browser().sign_in("lan", "sai").status_code == 401, "and all is forgotten"


def test_a_stolen_session_does_not_guess_the_password(desk: DeskOffice) -> None:
    browser = desk.signed_in("lan")
    new = "một mật khẩu khác 2027"
    answers = [
        browser.form("/password", old="sai", new=new, again=new)
        for _ in range(attempts.FREE_BY_NAME + 1)
    ]
    assert {one.status_code for one in answers} == {400}
    assert "Đã thử quá nhiều lần" in answers[-1].text
    assert "Đã thử" in browser.form("/password", old=PASSWORD, new=new, again=new).text
    desk.clock.ahead += attempts.FIRST_WAIT + timedelta(seconds=1)
    assert browser.form("/password", old=PASSWORD, new=new, again=new).status_code == 303


def test_each_try_waits_longer_by_address(desk: DeskOffice) -> None:
    for number in range(attempts.FREE_BY_PEER):
        with pytest.raises(SignInRefused, match="wrong"):
            sign_in(desk.rooms, f"n{number}", "sai", peer="10.0.0.9")
    with pytest.raises(SignInRefused, match="Wait"):
        sign_in(desk.rooms, "lan", PASSWORD, peer="10.0.0.9")
    assert sign_in(desk.rooms, "lan", PASSWORD, peer="10.0.0.8")


def test_what_is_tried_is_kept_nowhere(desk: DeskOffice, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    desk.browser().sign_in("mậtkhẩutưởnglàtên", "sai mật khẩu")
    desk.browser().get("/nothing?q=048099001234")
    raw = desk.rooms.ledger._database.url.database
    assert raw is not None
    desk.rooms.ledger.close()
    kept = Path(raw).read_bytes()
    said = "\n".join(one.getMessage() for one in caplog.records if one.name.startswith("portal"))
    for secret in ("mậtkhẩutưởnglàtên", "sai mật khẩu", "048099001234"):
        assert secret.encode() not in kept
        assert secret not in said


def test_a_session_planted_before_is_worth_nothing_after(desk: DeskOffice) -> None:
    planted = desk.signed_in("doc").token or ""
    victim = desk.browser()
    victim.cookies.set("sohoa", planted, domain="127.0.0.1", path="/")
    victim.sign_in("ky", PASSWORD)
    assert victim.token not in {None, planted}
    attacker = desk.browser(cookies={"sohoa": planted})
    assert attacker.get("/api/v1/me").status_code == 401


def test_the_cookie_is_out_of_reach(desk: DeskOffice) -> None:
    said = desk.browser().sign_in("lan", PASSWORD).headers["set-cookie"].lower()
    assert said.startswith("sohoa=") and "httponly" in said and "samesite=strict" in said
    assert "domain" not in said and "max-age" not in said


def test_with_tls_the_cookie_is_this_hosts_alone(tmp_path_factory: pytest.TempPathFactory) -> None:
    with a_desk(tmp_path_factory.mktemp("tls"), secure=True) as desk:
        answer = desk.browser().sign_in("lan", PASSWORD)
        said = answer.headers["set-cookie"].lower()
        assert said.startswith("__host-sohoa=") and "secure" in said and "path=/;" in said
        assert "strict-transport-security" in answer.headers


def test_sessions_run_out(desk: DeskOffice) -> None:
    browser = desk.signed_in("lan")
    for _ in range(3):
        desk.clock.ahead += timedelta(minutes=20)
        assert browser.get("/").status_code == 200, "used, so it goes on"
    desk.clock.ahead += timedelta(minutes=31)
    assert browser.get("/").status_code == 303, "not used"
    browser = desk.signed_in("lan")
    for _ in range(35):
        desk.clock.ahead += timedelta(minutes=20)
        assert browser.get("/").status_code == 200
    desk.clock.ahead += timedelta(minutes=25)
    assert browser.get("/").status_code == 303, "half a day is enough"


def test_signing_out_ends_the_session_wherever_its_token_is(desk: DeskOffice) -> None:
    browser = desk.signed_in("lan")
    copied = desk.browser(cookies={"sohoa": browser.token or ""})
    assert copied.get("/").status_code == 200
    assert browser.form("/sign-out").headers["location"] == "/sign-in?done=signed_out"
    assert copied.get("/").status_code == 303
    assert browser.token is None


def test_signing_out_everywhere(desk: DeskOffice) -> None:
    here, there, other = desk.signed_in("lan"), desk.signed_in("lan"), desk.signed_in("ky")
    here.form("/sign-out-everywhere")
    assert [one.get("/").status_code for one in (here, there, other)] == [303, 303, 200]


@pytest.mark.parametrize("act", [accounts.disable, accounts.reset])
def test_an_operators_word_ends_sessions_at_once(desk: DeskOffice, act: object) -> None:
    browser, other = desk.signed_in("lan"), desk.signed_in("ky")
    act(ME, desk.rooms, "LAN")  # type: ignore[operator]
    assert browser.get("/").status_code == 303
    assert other.get("/").status_code == 200
    assert desk.browser().sign_in("lan", PASSWORD).status_code == 401


def test_a_one_time_password_is_changed_first(desk: DeskOffice) -> None:
    made = accounts.add(ME, desk.rooms, "moi", [Duty.operator])
    assert made.password and made.must_change
    browser = desk.signed_in("moi", made.password)
    assert browser.get("/queue").headers["location"] == "/password"
    assert browser.get("/api/v1/me").status_code == 403
    elsewhere = desk.signed_in("moi", made.password)
    wrong = browser.form("/password", old="sai", new=PASSWORD, again=PASSWORD)
    same = browser.form("/password", old=made.password, new=made.password, again=made.password)
    unlike = browser.form("/password", old=made.password, new=PASSWORD, again="khác đi một chút")
    assert {one.status_code for one in (wrong, same, unlike)} == {400}
    done = browser.form("/password", old=made.password, new=PASSWORD, again=PASSWORD)
    assert done.headers["location"] == "/?done=password_changed"
    assert "Đã đổi mật khẩu" in browser.get("/?done=password_changed").text
    assert browser.get("/queue").status_code == 200
    assert elsewhere.get("/password").status_code == 303, "other sessions end"
    assert desk.browser().sign_in("moi", made.password).status_code == 401
    kinds = [one.kind for one in desk.rooms.ledger.events() if "account" in one.data]
    assert kinds[-2:] == ["account_added", "password_changed"]


def test_tokens_of_systems(desk: DeskOffice) -> None:
    made = tokens.add(ME, desk.rooms, "dvc", [Duty.clerk], [HERE], days=2)
    sent = {"authorization": f"Bearer {made.token}"}
    me = desk.browser().get("/api/v1/me", headers=sent)
    assert me.json()["name"] == "system:dvc" and me.json()["departments"] == [HERE]
    assert desk.browser().get("/queue", headers=sent).status_code == 303, "pages are for people"
    assert (
        desk.browser().get("/api/v1/me", headers={"authorization": "Bearer x"}).status_code == 401
    )
    signed_in = desk.signed_in("lan")
    assert signed_in.get("/api/v1/me", headers={"authorization": "Bearer x"}).status_code == 401
    desk.clock.ahead += timedelta(days=3)
    assert desk.browser().get("/api/v1/me", headers=sent).status_code == 401, "it has run out"
    desk.clock.ahead -= timedelta(days=3)
    tokens.end(ME, desk.rooms, "DVC")
    assert desk.browser().get("/api/v1/me", headers=sent).status_code == 401
    assert [one.ended_at is None for one in tokens.tokens(ME, desk.rooms)] == [False]
    with pytest.raises(NotAllowed):
        accounts.end_own_sessions(Caller("system:lan", frozenset({Duty.clerk}), None), desk.rooms)


def test_the_ledger_has_hashes_alone(desk: DeskOffice) -> None:
    token = desk.signed_in("lan").token or ""
    made = tokens.add(ME, desk.rooms, "dvc", [Duty.clerk])
    ledger = desk.rooms.ledger
    events = "".join(str(one.data) for one in ledger.events())
    rows = "".join(
        str(row)
        for table in ("account", "session", "token", "attempt", "access")
        for row in _rows(desk, table)
    )
    for secret in (token, made.token, PASSWORD):
        assert secret not in events and secret not in rows
    assert fingerprint(token) in rows and "$argon2id$" in rows
    assert "$argon2id$" not in events
    assert ledger.verify_chain().intact
    assert [one.kind for one in ledger.accesses.of(actor="user:lan")] == ["signed_in"]


def _rows(desk: DeskOffice, table: str) -> list[object]:
    with desk.rooms.ledger._database.read() as connection:
        return list(connection.exec_driver_sql(f"SELECT * FROM {table}").fetchall())


def test_nobody_gives_more_than_they_have(desk: DeskOffice) -> None:
    here = Caller("user:van", frozenset({Duty.operator}), frozenset({HERE}))
    assert here.may(Right.administer)
    with pytest.raises(NotFound):
        accounts.add(here, desk.rooms, "moi", [Duty.clerk], ["thue"])
    assert accounts.add(here, desk.rooms, "moi", [Duty.clerk]).departments == (HERE,)
    accounts.add(ME, desk.rooms, "tất.cả", [Duty.operator])
    accounts.add(ME, desk.rooms, "thuế", [Duty.clerk], ["thue"])
    for name in ("tất.cả", "thuế", "nobody"):
        with pytest.raises(NotFound):
            accounts.reset(here, desk.rooms, name)
    assert {one.name for one in accounts.accounts(here, desk.rooms)} == {
        "lan", "ky", "van", "doc", "moi",
    }  # fmt: skip


def test_the_first_account_is_made_once(tmp_path_factory: pytest.TempPathFactory) -> None:
    with a_desk(tmp_path_factory.mktemp("first")) as desk:
        assert accounts.add_first(ME, desk.rooms, "quantri") is None
