"""Which places of a scan are sure, and how a person writes ranges of pages."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stacks import CODE, OTHER

from schemas.dossier import Stage
from schemas.errors import InputRejected
from schemas.manifest import Part, PartReason, Region
from storage import Dossier
from usecases.splitting import Range, parse_ranges, sure_split


def part(
    first: int,
    reason: PartReason = PartReason.header,
    *,
    sure: bool = True,
    code: str | None = None,
    last: int = 0,
) -> Part:
    regions = tuple(Region(page=page) for page in range(first, (last or first) + 1))
    return Part(regions=regions, reason=reason, confidence=0.9, sure=sure, dossier_code=code)


def dossier(code: str = CODE) -> Dossier:
    moment = datetime(2026, 11, 23, tzinfo=UTC)
    return Dossier(
        id=1, department="mot-cua", code=code, provisional=code.startswith("TAM"),
        stage=Stage.received, lease_owner=None, lease_until=None, attempts=1, next_attempt_at=None,
        created_at=moment, updated_at=moment, warnings=(),
    )  # fmt: skip


FIRST = part(1, PartReason.first, sure=False)
COVER, LOOSE = PartReason.cover, "TAM-261123-7F3K2A9Q"


@pytest.mark.parametrize(
    ("parts", "where", "pages"),
    [
        ([], CODE, []),
        ([FIRST, part(3)], CODE, [(1,), (3,)]),
        ([FIRST, part(3, sure=False)], CODE, []),
        ([FIRST, part(3), part(4, sure=False)], CODE, [(1,), (3, 4)]),
        ([part(2, COVER, code=CODE)], CODE, [(2,)]),
        ([part(2, COVER, code=OTHER)], CODE, []),
        ([part(2, COVER, code=OTHER)], LOOSE, [(2,)]),
        ([part(2, COVER, code=LOOSE)], LOOSE, [(2,)]),
        ([part(2, COVER, code=OTHER), part(4, COVER, sure=False)], LOOSE, []),
        ([FIRST, part(1, last=2)], CODE, []),
    ],
)
def test_what_is_split_without_a_person(
    parts: list[Part], where: str, pages: list[tuple[int, ...]]
) -> None:
    assert [one.pages for one in sure_split(parts, dossier(where))] == pages


@pytest.mark.parametrize(
    "text",
    ["", "0", "2-1", "1,1", "1-3,2", "a", "1-", "-2", "1--2", "1,,2", "1=x", "1=", "²", "9999999"],
)
def test_ranges_that_are_none(text: str) -> None:
    with pytest.raises(InputRejected) as caught:
        parse_ranges(text)
    assert caught.value.code == "flow.bad_ranges"


@given(
    st.lists(
        st.tuples(st.integers(1, 5), st.integers(0, 4), st.sampled_from([None, CODE, OTHER])),
        min_size=1,
        max_size=8,
    )
)
def test_ranges_are_read_as_they_are_written(steps: list[tuple[int, int, str | None]]) -> None:
    wanted, at = [], 0
    for gap, more, code in steps:
        pages = tuple(range(at + gap, at + gap + more + 1))
        wanted.append(Range(pages, code))
        at = pages[-1]
    text = ", ".join(
        (f"{one.pages[0]}-{one.pages[-1]}" if len(one.pages) > 1 else f"{one.pages[0]}")
        + (f"={one.code}" if one.code else "")
        for one in wanted
    )
    assert parse_ranges(text) == tuple(wanted)
