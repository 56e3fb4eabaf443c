"""Signing in by a provider of identities, which runs: who is let in, as what, and who is not."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import oidc_provider_mock
import pytest
from desk_office import ELSEWHERE, HERE, Browser, DeskOffice, a_desk
from httpx import Response
from oidc_provider_mock import User

from portal.options import ProviderOptions
from portal.provider import Journey, Provider, _groups
from schemas.errors import ConfigurationError, NotAllowed
from sohoa.settings import load_settings
from usecases import accounts
from usecases.caller import Duty, local_operator

PEOPLE = (
    User(sub="1", claims={"preferred_username": "Hoa", "groups": ["van-thu", "to-mot-cua"]}),
    User(sub="2", claims={"preferred_username": "lan", "groups": ["van-thu"]}),
    User(sub="3", claims={"preferred_username": "khach", "groups": ["khach"]}),
    User(sub="4", claims={"preferred_username": "tin", "groups": ["tin-hoc", "van-thu", "x"]}),
    User(sub="5", claims={"preferred_username": "a b <script>", "groups": ["van-thu"]}),
    User(sub="6", claims={"groups": ["van-thu"]}),
    User(sub="7", claims={"preferred_username": "chuoi", "groups": "van-thu"}),
)
SAID: dict[str, Any] = {
    "client_id": "sohoa",
    "client_secret": "secret",
    "label": "Tỉnh",
    "duties": {"van-thu": "clerk", "lanh-dao": "signer", "tin-hoc": "operator"},
    "departments": {"to-mot-cua": HERE, "to-thue": ELSEWHERE},
    "everywhere": {"tin-hoc"},
}


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with (
        pytest.MonkeyPatch.context() as patch,
        oidc_provider_mock.run_server_in_thread(user_claims=PEOPLE) as server,
    ):
        patch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")  # on loopback, and in tests alone
        yield f"http://localhost:{server.server_port}"


@pytest.fixture
def desk(issuer: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskOffice]:
    options = ProviderOptions(issuer=issuer, **SAID)
    with a_desk(tmp_path_factory.mktemp("desk"), provider=options) as opened:
        yield opened


def sent(browser: Browser, sub: str, **changed: str) -> str:
    """Goes to the provider, where somebody says who they are; the address they are sent back to."""
    there = browser.get("/sign-in/outside?next=/queue").headers["location"]
    assert "code_challenge=" in there and "nonce=" in there and "state=" in there
    back = httpx.post(str(httpx.URL(there).copy_merge_params(changed)), data={"sub": sub})
    return back.headers["location"]


def enter(browser: Browser, sub: str) -> Response:
    return browser.get(sent(browser, sub))


def me(browser: Browser) -> dict[str, Any]:
    said: dict[str, Any] = browser.get("/api/v1/me").json()
    return said


def test_who_is_in_a_group_is_let_in(desk: DeskOffice) -> None:
    browser = desk.browser()
    assert "Đăng nhập bằng Tỉnh" in browser.get("/sign-in").text
    answer = enter(browser, "1")
    assert answer.status_code == 200
    assert 'content="0;url=/queue"' in answer.text
    assert "samesite=strict" in answer.headers["set-cookie"].lower()
    assert me(browser) == {
        "name": "user:Hoa", "duties": ["clerk"], "departments": [HERE],
        "rights": ["fetch", "figures", "find", "look", "own_account", "review", "see_identity",
            "submit"],
    }  # fmt: skip
    assert browser.get("/queue").status_code == 200
    assert enter(desk.browser(), "1").status_code == 200
    named = [one for one in desk.rooms.ledger.accounts.all() if one.name == "Hoa"]
    assert len(named) == 1 and named[0].password is None
    assert desk.browser().sign_in("Hoa", "").status_code == 401, "by no password"


def test_groups_say_duties_and_departments(desk: DeskOffice) -> None:
    browser = desk.browser()
    enter(browser, "4")
    assert (me(browser)["duties"], me(browser)["departments"]) == (["clerk", "operator"], None)
    text = desk.browser()
    enter(text, "7")
    assert (me(text)["duties"], me(text)["departments"]) == (["clerk"], [])


@pytest.mark.parametrize(
    ("sub", "sentence"),
    [
        ("2", "đã là của một tài khoản khác"),
        ("3", "chưa được giao vai trò"),
        ("5", "Hãy chọn tên khác"),
        ("6", "không xác nhận"),
        ("99", "không xác nhận"),
    ],
)
def test_who_is_not_let_in(desk: DeskOffice, sub: str, sentence: str) -> None:
    browser = desk.browser()
    answer = enter(browser, sub)
    assert answer.status_code == 401 and sentence in answer.text
    assert "<script>" not in answer.text.replace('<script type="module"', "")
    assert browser.get("/").status_code == 303


def test_a_word_that_was_taken_back_ends_what_it_gave(
    desk: DeskOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser, again = desk.browser(), desk.browser()
    enter(browser, "1")
    other = ProviderOptions(issuer=desk.options.provider.issuer, **SAID | {"duties": {}})
    monkeypatch.setattr(desk.app.state.desk.provider, "options", other)
    assert enter(again, "1").status_code == 401
    assert browser.get("/").status_code == 303, "sessions end"
    leader = {**SAID, "duties": {"van-thu": "signer"}}
    other = ProviderOptions(issuer=desk.options.provider.issuer, **leader)
    monkeypatch.setattr(desk.app.state.desk.provider, "options", other)
    enter(again, "1")
    assert me(again)["duties"] == ["signer"]
    kinds = [one.kind for one in desk.rooms.ledger.events() if one.data.get("account") == "Hoa"]
    assert kinds == ["account_added", "account_changed"]


def test_who_is_disabled_here_is_not_let_in(desk: DeskOffice) -> None:
    enter(desk.browser(), "1")
    accounts.disable(local_operator(), desk.rooms, "hoa")
    answer = enter(desk.browser(), "1")
    assert answer.status_code == 401 and "bị khóa" in answer.text


def no_cookie(desk: DeskOffice, browser: Browser, address: str) -> Response:
    return desk.browser().get(address)


def others_cookie(desk: DeskOffice, browser: Browser, address: str) -> Response:
    other = desk.browser()
    sent(other, "1")
    return other.get(address)


def other_state(desk: DeskOffice, browser: Browser, address: str) -> Response:
    return browser.get(str(httpx.URL(address).copy_merge_params({"state": "x"})))


def other_code(desk: DeskOffice, browser: Browser, address: str) -> Response:
    return browser.get(str(httpx.URL(address).copy_merge_params({"code": "x"})))


def again(desk: DeskOffice, browser: Browser, address: str) -> Response:
    assert browser.get(address).status_code == 200
    browser.form("/sign-out")
    return browser.get(address)


def denied(desk: DeskOffice, browser: Browser, address: str) -> Response:
    state = httpx.URL(address).params["state"]
    return browser.get(f"/sign-in/outside/back?error=access_denied&state={state}")


def nonsense(desk: DeskOffice, browser: Browser, address: str) -> Response:
    browser.cookies.set("sohoa-outside", "nonsense", domain="127.0.0.1", path="/")
    return browser.get(address)


@pytest.mark.parametrize(
    "attack", [no_cookie, others_cookie, other_state, other_code, again, denied, nonsense]
)
def test_what_does_not_fit_is_refused(
    desk: DeskOffice, attack: Callable[[DeskOffice, Browser, str], Response]
) -> None:
    browser = desk.browser()
    answer = attack(desk, browser, sent(browser, "1"))
    assert answer.status_code == 401 and "không xác nhận" in answer.text
    assert browser.get("/").status_code == 303


def test_a_token_of_another_journey_or_client_is_refused(desk: DeskOffice) -> None:
    browser = desk.browser()
    answer = browser.get(sent(browser, "1", nonce="another"))
    assert answer.status_code == 401 and "không xác nhận" in answer.text
    other = desk.browser()
    assert other.get(sent(other, "1", client_id="another")).status_code == 401


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "http://other"}, {"aud": "other"}, {"aud": ["sohoa", "other"]}, {"azp": "other"},
        {"exp": 0}, {"exp": None}, {"nonce": "other"}, {"nonce": None}, {"sub": ""},
        {"sub": "x" * 256}, {"sub": 1},
    ],
)  # fmt: skip
def test_each_claim_is_looked_at(
    desk: DeskOffice, monkeypatch: pytest.MonkeyPatch, claims: dict[str, object]
) -> None:
    """By a token of the provider's own key that says otherwise."""
    import time

    from joserfc import jwt
    from joserfc.jwk import KeySet, RSAKey

    key = RSAKey.generate_key(2048, {"kid": "k"})
    provider = desk.app.state.desk.provider
    assert isinstance(provider, Provider)
    issuer = provider.options.issuer
    journey = Journey(state="s", nonce="n", verifier="v", next="/")
    sound = {
        "iss": issuer, "aud": "sohoa", "sub": "1", "nonce": "n", "preferred_username": "Hoa",
        "exp": int(time.time()) + 60, "iat": int(time.time()),
    }  # fmt: skip
    said: dict[str, Any] = dict(sound)
    monkeypatch.setattr(
        "portal.provider._fetched",
        lambda address: (
            KeySet([key]).as_dict(private=False)
            if address == "keys"
            else {"issuer": issuer, "token_endpoint": "https://token", "jwks_uri": "keys"}
        ),
    )

    class Client:
        def __enter__(self) -> "Client":
            return self

        def __exit__(self, *_: object) -> None:
            pass

        def fetch_token(self, *_: object, **__: object) -> dict[str, str]:
            return {"id_token": jwt.encode({"alg": alg, "kid": "k"}, said, used)}

    monkeypatch.setattr(provider, "_client", lambda *_: Client())
    alg, used = "RS256", key
    assert provider.come_back("b", "a", journey).subject == f"{issuer}#1"
    said = {name: value for name, value in (sound | claims).items() if value is not None}
    with pytest.raises(NotAllowed):
        provider.come_back("b", "a", journey)
    said, used = sound, RSAKey.generate_key(2048, {"kid": "k"})
    with pytest.raises(NotAllowed):
        provider.come_back("b", "a", journey)


def test_a_provider_that_is_away(tmp_path_factory: pytest.TempPathFactory) -> None:
    options = ProviderOptions(issuer="http://127.0.0.1:9", **SAID)
    with a_desk(tmp_path_factory.mktemp("away"), provider=options) as desk:
        answer = desk.browser().get("/sign-in/outside")
        assert answer.status_code == 503 and "không trả lời" in answer.text
        assert desk.browser().get("/sign-in").status_code == 200


def test_an_office_without_one(tmp_path_factory: pytest.TempPathFactory) -> None:
    with a_desk(tmp_path_factory.mktemp("none")) as desk:
        assert desk.browser().get("/sign-in/outside").status_code == 404
        assert "/sign-in/outside" not in desk.browser().get("/sign-in").text


def test_groups_within_objects() -> None:
    assert _groups({"realm_access": {"roles": ["a", 1]}}, "realm_access.roles") == {"a"}
    assert _groups({"https://x.vn/groups": ["a"]}, "https://x.vn/groups") == {"a"}
    for nothing in ({}, {"groups": None}, {"groups": {"a": 1}}, {"groups": 7}):
        assert _groups(nothing, "groups") == frozenset()


def test_it_is_configured(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setenv("SOHOA_DATA", str(tmp_path))
    (tmp_path / "sohoa.toml").write_text(
        '[portal.oidc]\nissuer = "https://id.example.vn"\nclient_id = "sohoa"\n'
        'client_secret = "s"\n[portal.oidc.duties]\nvan-thu = "clerk"\n'
        '[portal.oidc.departments]\nto-mot-cua = "mot-cua"\n'
    )
    said = load_settings().portal.oidc
    assert said is not None and said.duties == {"van-thu": Duty.clerk}
    monkeypatch.setenv("SOHOA_PORTAL__OIDC__ISSUER", "http://id.example.vn")
    with pytest.raises(ConfigurationError) as refused:
        load_settings()
    assert refused.value.code == "service.plain_http"
