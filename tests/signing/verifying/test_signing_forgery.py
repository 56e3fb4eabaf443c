"""Forgeries of the signature itself: wrapping, universal forgery, damage, gaps and overlaps."""

import random
import re
from collections.abc import Callable

import pytest
from pdf_attacks import (
    appended,
    body_of,
    gaps,
    last_startxref,
    number_of,
    size_of,
    with_byte_range,
    with_contents,
)
from pdf_signing import identity, sign

from schemas.verdict import FileVerdict, Verdict
from signing import Pki

REFUSED = {Verdict.altered, Verdict.broken, Verdict.unreadable}


@pytest.mark.parametrize("seed", range(15))
def test_no_bit_of_the_signed_bytes_can_change(
    sealed_bytes: bytes, judge: Callable[[bytes], FileVerdict], seed: int
) -> None:
    chance = random.Random(seed)
    holes = gaps(sealed_bytes)
    at = 0
    while at == 0 or any(start <= at < end for start, end in holes):
        at = chance.randrange(1, len(sealed_bytes))
    changed = bytearray(sealed_bytes)
    changed[at] ^= 1 << chance.randrange(8)
    assert judge(bytes(changed)).verdict in {Verdict.altered, Verdict.broken, Verdict.unreadable}


def test_changed_text_is_altered(led_bytes: bytes, judge: Callable[[bytes], FileVerdict]) -> None:
    at = led_bytes.index(b"/MediaBox")
    verdict = judge(led_bytes[:at] + b"/MediaBoy" + led_bytes[at + 9 :])
    assert verdict.verdict in {Verdict.altered, Verdict.unreadable}
    at = led_bytes.index(b"/FontFile2") and led_bytes.index(b"/Length1")
    at = led_bytes.index(b"stream", at) + 400
    verdict = judge(led_bytes[:at] + bytes([led_bytes[at] ^ 1]) + led_bytes[at + 1 :])
    assert verdict.verdict is Verdict.altered
    assert "content_changed" in verdict.signatures[0].findings
    assert not verdict.signatures[0].intact


@pytest.mark.parametrize(
    "byte_range",
    [b"[0 0 0 0]", b"[0 -1 10 20]", b"[]", b"null", b"[0 10 20]", b"(x)", b"[0 1 999999999 1]"],
)
def test_universal_forgery_by_byte_range_fails(
    led_bytes: bytes, judge: Callable[[bytes], FileVerdict], byte_range: bytes
) -> None:
    at = re.search(rb"/ByteRange\s*\[[^\]]*\]", led_bytes)
    assert at is not None
    width = at.end() - at.start()
    forged = (b"/ByteRange " + byte_range).ljust(width)
    verdict = judge(led_bytes[: at.start()] + forged[:width] + led_bytes[at.end() :])
    assert verdict.verdict in {Verdict.broken, Verdict.altered, Verdict.unreadable}


@pytest.mark.parametrize("contents", [b"<>", b"<00>", b"null", b"()", b"<3080>"])
def test_universal_forgery_by_contents_fails(
    led_bytes: bytes, judge: Callable[[bytes], FileVerdict], contents: bytes
) -> None:
    start, end = gaps(led_bytes)[0]
    forged = contents.ljust(end - start)
    assert judge(led_bytes[:start] + forged + led_bytes[end:]).verdict in {
        Verdict.broken,
        Verdict.unreadable,
    }


def test_wrapping_moves_nothing_past_the_check(
    led_bytes: bytes, judge: Callable[[bytes], FileVerdict]
) -> None:
    """Signature wrapping: room for foreign objects between the signed parts."""
    match = re.search(rb"/ByteRange\s*\[\s*0\s+(\d+)\s+(\d+)\s+(\d+)\s*\]", led_bytes)
    assert match is not None
    first, second, length = (int(number) for number in match.groups())
    # the last signed part is moved back; a foreign object stands where it was
    foreign = b"\n99 0 obj\n<< /Evil true >>\nendobj\n"
    moved = b"/ByteRange [0 %d %d %d]" % (first, second + len(foreign), length)
    width = match.end() - match.start()
    assert len(moved) <= width, "no room to write the new range"
    content = led_bytes[: match.start()] + moved.ljust(width) + led_bytes[match.end() :]
    content = content[:second] + foreign + content[second:]
    assert judge(content).verdict in {Verdict.broken, Verdict.altered, Verdict.unreadable}


@pytest.mark.parametrize("seed", range(20))
def test_garbage_never_raises_and_is_never_valid(
    led_bytes: bytes, judge: Callable[[bytes], FileVerdict], seed: int
) -> None:
    chance = random.Random(seed)
    start, end = gaps(led_bytes)[0]
    at = chance.randrange(len(led_bytes))
    junk = chance.randbytes(chance.randrange(1, 400))
    content = led_bytes[:at] + junk + led_bytes[at + chance.randrange(300) :]
    verdict = judge(content).verdict
    if not start <= at < end:
        assert verdict in {Verdict.altered, Verdict.broken, Verdict.unreadable}


@pytest.fixture(scope="module")
def signed(open_paper: bytes, pki: Pki) -> bytes:
    """Signed by somebody trusted with a plain program, all objects in the open."""
    return sign(open_paper, identity(pki))


@pytest.mark.parametrize(
    "numbers",
    [
        "[0 {a} {b} {c}] /X 1",  # nothing wrong: the range is what it was, a key is new
        "[0 {a} {a} {c}]",
        "[0 {b} {b} {c}]",
        "[0 {a} {b} 0]",
        "[0 {b} {a} {c}]",
        "[{a} {b} 0 {c}]",
        "[0 {a} {b} {c} 0 0]",
        "[0 {a} {b} {c} {a} 1]",
        "[0.0 {a} {b} {c}]",
        "[0 {a} {b} -1]",
        "[false {a} {b} {c}]",
        "/Null",
        "<< >>",
        "99 0 R",
    ],
)
def test_byte_ranges_with_gaps_and_overlaps(
    signed: bytes, judge: Callable[[bytes], FileVerdict], numbers: str
) -> None:
    first, second = gaps(signed)[0]
    forged = numbers.format(a=first, b=second, c=len(signed) - second)
    assert judge(with_byte_range(signed, b"/ByteRange " + forged.encode())).verdict in REFUSED


@pytest.mark.parametrize("key", [b"/ByteRange", b"/Contents", b"/SubFilter", b"/Filter", b"/Type"])
@pytest.mark.parametrize("instead", ["missing", "null"])
def test_universal_forgery_by_entries_taken_away(
    signed: bytes, judge: Callable[[bytes], FileVerdict], key: bytes, instead: str
) -> None:
    body = body_of(signed, number_of(signed, b"V"))
    start = signed.index(body)
    found = re.search(re.escape(key) + rb"(?=[\s/<\[])", body)
    assert found is not None
    at = start + found.start()
    # "/Contents <...>" becomes "/Xontents <...>", or "/X null" with as many letters
    name = b"/X" + key[2:] if instead == "missing" else (b"/X null" if len(key) > 7 else b"/X ")
    assert judge(signed[:at] + name.ljust(len(key)) + signed[at + len(key) :]).verdict in REFUSED


@pytest.mark.parametrize(
    "value", [b"null", b"<>", b"<00>", b"()", b"/N", b"true", b"0", b"<3000>", b"<308006092A>"]
)
def test_universal_forgery_by_another_dictionary(
    signed: bytes, judge: Callable[[bytes], FileVerdict], value: bytes
) -> None:
    """The signature's dictionary written once more, with contents that say nothing."""
    number = number_of(signed, b"V")
    body = body_of(signed, number)
    start, end = (at - signed.index(body) for at in gaps(signed)[0])
    forged = body[:start] + value + body[end:]
    content = appended(signed, {number: forged})
    assert judge(content).verdict in REFUSED
    # the honest value too, since it would be a second signature over other bytes
    assert judge(appended(signed, {number: body})).verdict in REFUSED


def test_a_byte_range_that_stands_twice_counts_once(
    open_paper: bytes, pki: Pki, judge: Callable[[bytes], FileVerdict]
) -> None:
    """Readers differ in which of two values they take; so neither is believed."""
    signed = sign(open_paper, identity(pki))
    number = number_of(signed, b"V")
    body = body_of(signed, number)
    doubled = body.replace(b"/ByteRange", b"/ByteRange [0 1 2 3]\n/ByteRange", 1)
    assert judge(appended(signed, {number: doubled})).verdict in REFUSED


@pytest.mark.parametrize("variant", [1, 2, 3])
def test_signature_wrapping(
    signed: bytes, judge: Callable[[bytes], FileVerdict], variant: int
) -> None:
    """The second signed part moves to the end; what stands where it was is the attacker's.

    1: a foreign object there; 2: a foreign cross-reference table besides; 3: a second byte range.
    """
    first, second = gaps(signed)[0]
    content = number_of(signed, b"Contents")
    evil = b"\n%d 0 obj\n<< /Length 16 >>\nstream\n0 0 99 99 re f \nendstream\nendobj\n" % content
    tail = signed[second:]
    foreign = evil
    if variant > 1:
        table = second + len(evil)
        foreign += b"xref\n%d 1\n%010d 00000 n \ntrailer\n" % (content, second + 1)
        foreign += b"<< /Size %d /Root %d 0 R /Prev %d >>\nstartxref\n%d\n%%%%EOF\n" % (
            size_of(signed),
            number_of(signed, b"Root"),
            last_startxref(signed),
            table,
        )
    moved = b"/ByteRange [0 %d %d %d]" % (first, second + len(foreign), len(tail))
    if variant == 3:
        moved = b"/ByteRange [0 %d %d 0]" % (first, second)
    forged = with_byte_range(signed, moved)
    wrapped = forged[:second] + foreign + tail
    if variant > 1:
        wrapped += b"startxref\n%d\n%%%%EOF\n" % table
    assert judge(wrapped).verdict in REFUSED


def test_the_contents_of_another_file_do_not_fit(
    signed: bytes, paper: bytes, pki: Pki, judge: Callable[[bytes], FileVerdict]
) -> None:
    other = sign(paper, identity(pki))
    start, end = gaps(other)[0]
    verdict = judge(with_contents(signed, other[start:end]))
    assert verdict.verdict is Verdict.altered
    assert not verdict.signatures[0].intact


def test_swapped_revisions_are_altered(
    signed: bytes, led_bytes: bytes, judge: Callable[[bytes], FileVerdict]
) -> None:
    """The later revision of one file behind the first of another."""
    cut = led_bytes.rindex(b"%%EOF", 0, len(led_bytes) - 8) + 6
    assert judge(signed + led_bytes[cut:]).verdict in REFUSED
    assert judge(led_bytes[cut:] + led_bytes[:cut]).verdict in REFUSED


def test_hex_digits_around_the_signature_are_part_of_it(
    signed: bytes, judge: Callable[[bytes], FileVerdict]
) -> None:
    """Something else than hexadecimal digits in the hole is content nobody signed."""
    _, end = gaps(signed)[0]
    for evil in (b" /A (x) ", b">    <00", b"%\n00000\n"):
        forged = signed[: end - 1 - len(evil)] + evil + signed[end - 1 :]
        assert judge(forged).verdict in REFUSED
