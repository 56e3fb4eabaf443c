"""DER is written once for each value, and a length that ends in 80 is a length."""

from collections import Counter
from typing import Any, ClassVar

import pytest
from asn1crypto import cms, core
from hypothesis import given
from hypothesis import strategies as st

import signing.encoding as mended

DEPTH = 12


class Inner(core.Sequence):
    _fields: ClassVar = [("text", core.OctetString)]


def nested(content: bytes, depth: int = DEPTH) -> core.Sequence:
    """``content`` inside as many sequences, built and not parsed; every other one is tagged."""
    value: core.Asn1Value = Inner({"text": content})
    for level in range(depth):
        spec = {"explicit": 0} if level % 2 else {}
        kind = type(f"Level{level}", (core.Sequence,), {"_fields": [("in", type(value), spec)]})
        value = kind({"in": value})
    return value


def innermost(value: Any) -> Any:
    while isinstance(value, core.Sequence) and not isinstance(value, Inner):
        value = value["in"]
    return value


@pytest.mark.parametrize("length", [0, 60, 126, 128, 250, 300, 380, 384, 640])
def test_every_level_is_encoded_once(length: int, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: Counter[str] = Counter()
    encode = core.Sequence._set_contents

    def counted(self: Any, force: bool = False) -> None:
        calls[type(self).__name__] += 1
        encode(self, force)

    value = nested(b"x" * length)
    innermost(value)["text"] = b"y" * length
    monkeypatch.setattr(core.Sequence, "_set_contents", counted)
    assert b"y" * length in value.dump()
    assert set(calls.values()) == {1} and len(calls) == DEPTH + 1
    again = type(value).load(value.dump())
    calls.clear()
    assert innermost(again)["text"].native == b"y" * length
    assert again.dump() == value.dump()
    assert not [one for one in calls if calls[one] > 1]


@given(st.binary(max_size=700), st.integers(0, 6))
def test_what_is_written_is_read_and_written_again(content: bytes, depth: int) -> None:
    value = nested(content, depth)
    written = value.dump()
    again = type(value).load(written, strict=True)
    assert again.dump() == written == again.dump(force=True)
    assert innermost(again)["text"].native == content


@pytest.mark.parametrize("length", [128, 384, 640])
def test_what_was_read_is_given_back_as_it_was(length: int) -> None:
    """BER that is no DER (a long form for a short length) is kept where nothing is changed."""
    text = b"\x04\x82" + (length - 4).to_bytes(2, "big") + b"y" * (length - 4)
    read = Inner.load(b"\x30\x82" + length.to_bytes(2, "big") + text)
    assert read["text"].native == b"y" * (length - 4)
    assert read.dump() == b"\x30\x82" + length.to_bytes(2, "big") + text


def test_the_indefinite_form_becomes_der() -> None:
    read = Inner.load(bytes.fromhex("3080040161" + "0000"))
    assert read.dump() == bytes.fromhex("3003040161")
    choice = cms.CMSAttributeType.load(bytes.fromhex("06092a864886f70d010903"))
    assert choice.native == "content_type"


def test_all_that_encode_are_mended() -> None:
    """Once this fails, asn1crypto has changed: see whether the module is still needed."""
    names = {kind.dump.__code__.co_filename for kind in mended._KINDS}
    assert names == {mended._NAME}
