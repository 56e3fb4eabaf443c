"""Names that are no UTF-8 (Word 2007, DocuSign): read and written as the bytes they are."""

import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pdf_attacks import appended, body_of, updated
from pdf_signing import identity, sign
from pyhanko.pdf_utils.generic import NameObject, pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from schemas.verdict import FileVerdict, Verdict
from signing import Level, Pki, Signer, SignerRole, SigningOptions, Trust, verify
from signing.validation.names import decode, encode

Judge = Callable[[bytes], FileVerdict]
REFUSED = {Verdict.altered, Verdict.broken, Verdict.unreadable}


def _read(written: bytes) -> NameObject:
    return NameObject.read_from_stream(BytesIO(written + b" "))


@given(st.binary(max_size=40))
def test_a_name_is_its_bytes(held: bytes) -> None:
    """Two names are one only if their bytes are; written and read, they are what they were."""
    escaped = b"".join(b"#%02x" % one for one in held)
    name = decode(escaped)
    assert name[1:].encode("utf-8", "surrogateescape") == held
    written = BytesIO()
    name.write_to_stream(written)
    assert written.getvalue() == encode(name)
    assert _read(written.getvalue()) == name


@given(st.binary(max_size=12), st.binary(max_size=12))
def test_other_bytes_are_another_name(one: bytes, other: bytes) -> None:
    names = [decode(b"".join(b"#%02X" % byte for byte in held)) for held in (one, other)]
    assert (names[0] == names[1]) is (one == other)


@pytest.mark.parametrize(
    ("written", "same"),
    [
        (b"/F\xe9", b"/F#E9"),
        (b"/F\xc3\xa9", b"/F#C3#A9"),
        (b"/C#", b"/C#23"),
        (b"/A#20B", b"/A#20B"),
        (b"/A#zz", b"/A#23zz"),
        (b"/\x01\x7f", b"/#01#7F"),
    ],
)
def test_names_as_they_are_written(written: bytes, same: bytes) -> None:
    assert encode(_read(written)) == same
    assert _read(same) == _read(written)


def _with_name(content: bytes, name: bytes) -> bytes:
    """The page's font under another name, in its resources and in its content."""
    found = re.search(rb"/Font <<\s*(/\w+) (\d+ 0 R)", content)
    page = re.search(rb"/Kids \[ (\d+) 0 R", content)
    assert found is not None and page is not None
    number = int(page[1])
    body = body_of(content, number).rstrip()[:-2]
    more = b" /Group << /S /Transparency /%s true >> >>" % name
    return appended(content, {number: body + more})


@pytest.mark.parametrize("name", [b"DocuSign\xae", b"Ti\xeau", b"\xff\xfe", b"C#"])
def test_files_with_such_names(
    open_paper: bytes, pki: Pki, trust: Trust, judge: Judge, tmp_path: Path, name: bytes
) -> None:
    """Signed by a plain program, signed again, and by us; and a page that is changed is told."""
    content = _with_name(open_paper, name)
    assert judge(content).verdict is Verdict.unsigned
    once = sign(content, identity(pki))
    twice = sign(once, identity(pki, "leader"), field="Second")
    assert judge(once).verdict is Verdict.valid and judge(twice).verdict is Verdict.valid

    def rename(writer: IncrementalPdfFileWriter) -> None:
        page = writer.root["/Pages"]["/Kids"][0].get_object()
        group = page["/Group"]
        last = next(reversed(list(group)))
        value = group.raw_get(last)
        del group[last]
        group[pdf_name("/" + name.decode("latin-1"))] = value
        writer.update_container(page)

    if name != b"C#":
        assert judge(updated(once, rename)).verdict in REFUSED
    (tmp_path / "source.pdf").write_bytes(content)
    signer = Signer(pki, SigningOptions(agency="CƠ QUAN", level=Level.b_lta))
    try:
        path = signer.sign(
            tmp_path / "source.pdf", tmp_path / "signed.pdf", role=SignerRole.seal
        ).path
    finally:
        signer.close()
    assert verify(path, trust).verdict is Verdict.valid


def test_such_a_name_in_the_signature(open_paper: bytes, pki: Pki, judge: Judge) -> None:
    """As DocuSign names itself in ``/Prop_Build``."""
    signed = sign(_with_name(open_paper, b"DocuSign\xae"), identity(pki))
    assert b"/DocuSign#AE" in signed
    assert judge(signed).verdict is Verdict.valid
