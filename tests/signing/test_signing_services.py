"""Services that are slow, dead or lying: nothing is signed at a lower level, nothing waits long."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from external_services import Outside

from schemas.errors import ServiceUnavailable, SohoaError
from schemas.verdict import Verdict
from signing import Pki, Signer, SignerRole, SigningOptions, trust_store, verify
from signing.external.services import Service, WrongAnswer
from signing.options import RetryPolicy, TimeStampService

AGENCY = "ỦY BAN NHÂN DÂN PHƯỜNG HOA SEN"


def _signer(pki: Pki, outside: Outside, policy: RetryPolicy) -> Signer:
    options = SigningOptions(
        agency=AGENCY,
        time_stamps=TimeStampService(address=f"{outside.address}/outside/tsa/tsa"),
        trust_anchors=(outside.pem("root"),),
        intermediates=(outside.pem("issuing"),),
        services=policy,
    )
    return Signer(pki, options)


def test_time_stamps_of_an_outside_authority(
    pki: Pki, outside: Outside, source: Path, tmp_path: Path
) -> None:
    signer = _signer(pki, outside, RetryPolicy())
    out = tmp_path / "out.pdf"
    signer.sign(source, out, role=SignerRole.seal)
    verdict = verify(out, trust_store(pki, [outside.pem("root")]))
    assert verdict.verdict is Verdict.valid
    assert (verdict.signatures[0].level, verdict.signatures[0].time_source) == (
        "B-LTA",
        "timestamp",
    )
    assert verify(out, trust_store(pki)).signatures[0].level == "B-B"  # by that authority, really
    assert [state.name for state in signer.services] == ["time_stamp", "revocation"]
    signer.close()


@pytest.mark.parametrize("lie", ["nonce", "hash", "expired", "signature", "late"])
def test_a_lying_authority_is_not_believed(
    pki: Pki, outside: Outside, source: Path, tmp_path: Path, lie: str
) -> None:
    signer = _signer(pki, outside, RetryPolicy(tries=2, pause=0, failures=50))
    out = tmp_path / "out.pdf"
    outside.behaviour.lie = lie
    with pytest.raises(ServiceUnavailable) as caught:
        signer.sign(source, out, role=SignerRole.seal)
    assert caught.value.code == "signing.time_stamp_wrong"
    assert list(tmp_path.iterdir()) == [source]
    outside.behaviour.lie = ""
    signer.sign(source, out, role=SignerRole.seal)
    outside.behaviour.lie = lie  # also in the middle, with everything warm
    with pytest.raises(ServiceUnavailable):
        signer.sign(source, tmp_path / "second.pdf", role=SignerRole.seal)
    assert not (tmp_path / "second.pdf").exists()
    assert verify(out, trust_store(pki, [outside.pem("root")])).verdict is Verdict.valid
    signer.close()


def test_a_dead_authority_is_left_alone_and_found_again(
    pki: Pki, outside: Outside, source: Path, tmp_path: Path
) -> None:
    signer = _signer(pki, outside, RetryPolicy(tries=2, pause=0, failures=3, rest=1.0))
    outside.behaviour.dead = True
    codes = []
    for _ in range(4):
        with pytest.raises(ServiceUnavailable) as caught:
            signer.sign(source, tmp_path / "out.pdf", role=SignerRole.seal)
        codes.append(caught.value.code)
    assert codes[0] == "signing.time_stamp_unavailable"
    assert codes[-1] == "signing.time_stamp_resting"
    state = signer.services[0]
    assert not state.working and state.rests_for > 0
    outside.behaviour.dead = False
    for _ in range(200):
        try:
            signer.sign(source, tmp_path / "out.pdf", role=SignerRole.seal)
            break
        except ServiceUnavailable:
            time.sleep(0.1)
    assert signer.services[0].working
    assert (tmp_path / "out.pdf").exists()
    signer.close()


def test_slow_services_do_not_queue_up_behind_each_other(
    pki: Pki, outside: Outside, source: Path, tmp_path: Path
) -> None:
    """Eight documents, each waiting twice: side by side, four calls at once and never more."""
    signer = _signer(pki, outside, RetryPolicy(together=4))
    signer.sign(source, tmp_path / "warm.pdf", role=SignerRole.seal)
    outside.behaviour.slow = 0.1
    outside.behaviour.most_at_once, outside.behaviour.gather = 0, 4
    with ThreadPoolExecutor(8) as pool:
        outs = [tmp_path / f"{number}.pdf" for number in range(8)]
        list(pool.map(lambda out: signer.sign(source, out, role=SignerRole.seal), outs))
    assert outside.behaviour.most_at_once == 4
    assert len({out.read_bytes() for out in outs}) == 8
    signer.close()


def test_an_answer_that_takes_too_long_is_none(
    pki: Pki, outside: Outside, source: Path, tmp_path: Path
) -> None:
    signer = _signer(pki, outside, RetryPolicy(seconds=0.3, tries=1))
    outside.behaviour.slow = 30
    with pytest.raises(ServiceUnavailable) as caught:
        signer.sign(source, tmp_path / "out.pdf", role=SignerRole.seal)
    assert caught.value.code == "signing.time_stamp_unavailable"
    signer.close()


# --- the breaker, with a clock of its own ---------------------------------------------------------


class _Clock:
    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def _service(clock: _Clock, **settings: float) -> Service:
    policy = RetryPolicy(**{"tries": 3, "pause": 1, "failures": 3, "rest": 60, **settings})
    return Service("time_stamp", policy, clock=clock, sleep=clock.sleep)


async def test_back_off_doubles_and_success_clears() -> None:
    clock = _Clock()
    service = _service(clock, failures=10)
    answers = iter([OSError(), WrongAnswer(), "stamp"])

    async def work() -> str:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    assert await service.call(work) == "stamp"
    assert clock.slept == [1.0, 2.0]
    assert service.state.working


async def test_the_breaker_opens_probes_once_and_closes(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock = _Clock()
    service = _service(clock, tries=1)
    calls = 0
    healthy = False
    gate = asyncio.Event()

    async def work() -> str:
        nonlocal calls
        calls += 1
        if not healthy:
            raise OSError
        await gate.wait()
        return "stamp"

    for _ in range(3):
        with pytest.raises(ServiceUnavailable):
            await service.call(work)
    with pytest.raises(ServiceUnavailable) as resting:
        await service.call(work)
    assert resting.value.code == "signing.time_stamp_resting" and calls == 3
    clock.now += 2.1
    with pytest.raises(ServiceUnavailable):  # still down: it rests twice as long
        await service.call(work)
    assert calls == 4 and 3.9 < service.state.rests_for <= 4
    clock.now += 4.1
    healthy = True
    probe = asyncio.create_task(service.call(work))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    with pytest.raises(ServiceUnavailable):  # only one tries it
        await service.call(work)
    gate.set()
    assert await probe == "stamp" and calls == 5
    assert await service.call(work) == "stamp"
    assert service.state.rests_for == 0
    assert [record.getMessage().split(" (")[0] for record in caplog.records] == [
        "time_stamp: failed 3 times in a row",
        "time_stamp: failed 4 times in a row",
        "time_stamp: answers again",
    ]


async def test_rest_has_an_end() -> None:
    clock = _Clock()
    service = _service(clock, tries=1, rest=60)

    async def work() -> None:
        raise TimeoutError

    for _ in range(30):
        with pytest.raises(ServiceUnavailable):
            await service.call(work)
        assert service.state.rests_for <= 60.001
        clock.now += service.state.rests_for + 0.1


async def test_what_is_not_the_service_s_fault_does_not_count() -> None:
    service = _service(_Clock())

    async def work() -> None:
        raise SohoaError("signing.encrypted")

    for _ in range(10):
        with pytest.raises(SohoaError) as caught:
            await service.call(work)
        assert caught.value.code == "signing.encrypted"
    assert service.state.working
