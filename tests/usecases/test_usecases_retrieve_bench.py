"""When the bench of fetching passes; the bench itself on a real store, with few files."""

import pytest

from training.benches.retrieve import BAR, GROWTH_MB, Retrieved, RetrieveReport, retrieve


def report(*, ratio: float = BAR, growth: float = GROWTH_MB, same: bool = True) -> RetrieveReport:
    one = Retrieved(bytes=1, files=1, bare_ms=1, desk_ms=ratio, ratio=ratio, range_ms=1, cpu_ms=1)
    return RetrieveReport(
        sizes=(one, one.model_copy(update={"ratio": 1.0})), at_once=10, fetched_mb=1,
        before_mb=100, most_mb=100 + growth, same=same,
    )  # fmt: skip


def test_each_bar_counts() -> None:
    assert report().passed
    assert not report(ratio=BAR + 0.01).passed
    assert not report(growth=GROWTH_MB + 1).passed
    assert not report(same=False).passed


@pytest.mark.service
@pytest.mark.slow
def test_what_comes_through_the_desk_is_what_was_put() -> None:
    """Times say what else the machine does: no test is held to them."""
    found = retrieve(3, 1, lambda _: None)
    assert found.same
    assert [one.bytes for one in found.sizes] == [100_000, 1_000_000, 10_000_000]
    assert found.most_mb - found.before_mb <= GROWTH_MB
