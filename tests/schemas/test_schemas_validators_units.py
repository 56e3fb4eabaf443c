"""Administrative units in texts: the ranks, the names old and new, and what is near a name."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.validators import known_units, likely_name, others, places, streets, unit_names
from schemas.validators.units import chains, street_names
from schemas.validators.vietnamese import vietnamese

RANKS = vietnamese().ranks


def test_units_old_and_new_are_known() -> None:
    for text in ("xã Nam Trà My", "xã La Êê", "xã Avương", "xã Đắc Pring", "phường Hội An Tây"):
        assert known_units(text), text
    assert "hoàng sa" in unit_names("đặc khu")
    counts = {rank: len(unit_names(rank)) for rank in RANKS}
    assert counts["xã"] > 6000 and counts["phường"] > 1500 and counts["tỉnh"] >= 63
    for rank in RANKS:
        for name in unit_names(rank).values():
            assert name == unicodedata.normalize("NFC", name).strip() and name


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Công an phường Hòa Xuân, TP. Đà Nẵng", ["phường Hòa Xuân", "thành phố Đà Nẵng"]),
        ("số 12, P. Thạch Thang, Q. Hải Châu", ["phường Thạch Thang", "quận Hải Châu"]),
        ("xã Hòa Tiến Đà Nẵng", ["xã Hòa Tiến"]),
        ("xã Sông Vàng TP. Đà Nẵng", ["xã Sông Vàng", "thành phố Đà Nẵng"]),
        ("phường 12, Quận 1", ["phường 12", "quận 1"]),
        ("thị xã Điện Bàn từ ngày 01/12/2026", ["thị xã Điện Bàn"]),
        ("TDP. 5 Phường Hoà Khánh", ["phường Hoà Khánh"]),
        ("xã hội", []),
        ("tại xã đã cấp, phường ấp Một", []),
        ("Công an xã Hòa Tiến ấp 3, Đà Nẵng", ["xã Hòa Tiến", "tỉnh Đà Nẵng"]),
        ("số 2, TP. Đà Nẵng", ["thành phố Đà Nẵng"]),
        ("", []),
    ],
)
def test_units_are_found_by_their_rank(text: str, named: list[str]) -> None:
    found = places(text)
    assert [f"{place.rank} {place.name}" for place in found] == named
    assert known_units(text)
    assert all(text[place.start : place.end] == place.name for place in found)


@pytest.mark.parametrize(
    ("text", "likely"),
    [
        ("phường Điện Bàn Động", "Điện Bàn Đông"),
        ("xã Đai Lộc", "Đại Lộc"),
        ("xã Đại Lộc", None),
        ("xã Tâu Giang", None),
        ("xã DuY Xuyên", None),
        ("số 2 Lê Mẫu, Đà Năng", "Đà Nẵng"),
        ("xã Lộc Thánh", None),  # Lộc Thạnh, Lộc Thành, Lộc Thanh
    ],
)
def test_an_unknown_unit_is_likely_the_only_one_of_its_letters(
    text: str, likely: str | None
) -> None:
    (place,) = places(text)
    assert likely_name(place) == likely
    assert place.known is (text == "xã Đại Lộc")
    assert likely is None or others(place) == (likely,)


@pytest.mark.parametrize(
    ("text", "street", "likely"),
    [
        ("tại số 123 Lê Duẩn, Đà Nẵng", "Lê Duẩn", None),
        ("đường Nguyễn Tri Phương Đà Nẵng", "Nguyễn Tri Phương", None),
        ("số K12/3 Hùng Vượng, tổ 12", "Hùng Vượng", "Hùng Vương"),
        ("tại số 5 Phan Mẫu Thử", "", None),
        ("từ ngày 01/12/2026", "", None),
    ],
)
def test_streets_of_many_towns_are_known(text: str, street: str, likely: str | None) -> None:
    found = streets(text)
    assert [place.name for place in found] == ([street] if street else [])
    assert all(likely_name(place) == likely for place in found)
    assert known_units(text)  # a street that is not known is no unknown unit


@given(st.text(max_size=60))
def test_any_text_may_be_asked(text: str) -> None:
    for place in (*places(text), *streets(text)):
        assert text[place.start : place.end] == place.name
        assert place.rank in (*RANKS, "đường")


@given(st.sampled_from(RANKS), st.data())
def test_every_name_is_found_again_after_its_rank(rank: str, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(unit_names(rank).values())))
    found = places(f"Công an {rank} {name}, từ nay")
    assert (found[0].rank, found[0].name, found[0].known) == (rank, name, True)


def test_units_lie_in_one_another() -> None:
    named = {tuple(unit.name for unit in chain) for chain in chains()}
    assert ("Thọ Quang", "Sơn Trà", "Đà Nẵng") in named
    assert ("An Hải", "Đà Nẵng") in named  # since 2025 without a district
    assert {len(chain) for chain in chains()} == {2, 3}
    assert {chain[-1].rank for chain in chains()} == {"tỉnh"}
    assert len({chain[-1].name for chain in chains()}) == 63
    assert "Trần Hưng Đạo" in street_names()
