"""Public codes: as many as 128 random bits allow, and read as people write them."""

import re

from hypothesis import given
from hypothesis import strategies as st

from schemas.public_code import LONGEST, SIGNS, fingerprint, grouped, new_code


def test_codes_have_128_bits_and_no_sign_that_looks_like_another() -> None:
    codes = [new_code() for _ in range(2000)]
    assert len(set(codes)) == len(codes)
    assert all(re.fullmatch("[0-7][0-9A-HJKMNP-TV-Z]{25}", one) for one in codes)
    for place in range(26):  # every place takes every sign that it can: none stands still
        assert len({one[place] for one in codes}) == (8 if place == 0 else 32)


@given(st.integers(min_value=0, max_value=2**32), st.sampled_from([str.lower, str.upper, str]))
def test_however_it_is_typed_it_is_the_same_code(seed: int, spelled: object) -> None:
    code = "".join(SIGNS[(seed >> at) % 32] for at in range(26))
    typed = grouped(code).replace("-", " - ").replace("0", "o").replace("1", "l")
    assert fingerprint(spelled(typed)) == fingerprint(code)  # type: ignore[operator]
    other = ("2" if code[0] != "2" else "3") + code[1:]
    assert fingerprint(other) != fingerprint(code)


@given(st.text(max_size=3 * LONGEST))
def test_whatever_is_typed_has_a_fingerprint(typed: str) -> None:
    assert re.fullmatch("[0-9a-f]{64}", fingerprint(typed))
