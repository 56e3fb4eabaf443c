"""What an object refers to, read from its bytes: as pyHanko reads it, or not at all."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pikepdf
import pytest
from hypothesis import given
from hypothesis import strategies as st
from linearised_files import linearised
from pyhanko.pdf_utils import misc
from pyhanko.pdf_utils.generic import Reference, read_object
from pyhanko.pdf_utils.reader import PdfFileReader

from signing.validation import hex_strings, views
from signing.validation.opening import open_pdf
from signing.validation.references import Found, in_file, in_stream

_BLANKS = ("", " ", "\n", "\t ", "\r\n")
_SCALARS = st.one_of(
    st.integers(-(10**6), 10**6).map(str),
    st.sampled_from(["0.5", "-.25", "+7.", "true", "false", "null", "/Name", "/N#41", "/"]),
    st.sampled_from(
        ["(a)", r"(\(1 0 R\))", "(8 0 R)", "(a(b)c)", "<>", "<0a F>", "(\\\n)", "(\\x)"]
    ),
    st.tuples(st.integers(0, 300), st.integers(0, 3)).map(lambda one: f"{one[0]} {one[1]} R"),
    st.sampled_from(["1  0 R", "1 0 Rx", "1 % 2\n 0 R", "-1 0 R", "0001 0 R", "1.2.3", "?", "{"]),
)
_KEYS = st.sampled_from(["/A", "/B", "/Kids", "/Parent", "/P#61rent", "/Length"])


def _dictionary(parts: list[tuple[str, str]]) -> str:
    return "<<" + " ".join(f"{key} {value}" for key, value in parts) + ">>"


_VALUES = st.recursive(
    _SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=6).map(lambda parts: "[" + " ".join(parts) + "]"),
        st.lists(st.tuples(_KEYS, inner), max_size=4).map(_dictionary),
    ),
    max_leaves=12,
)


@pytest.fixture(scope="module")
def reader(paper: bytes) -> PdfFileReader:
    return open_pdf(BytesIO(paper))


def _by_pyhanko(content: bytes, reader: PdfFileReader) -> set[tuple[int, int, bool]]:
    held = read_object(BytesIO(content), Reference(1, 0, reader))
    return {(ref.idnum, ref.generation, part) for ref, part in views._references(held)}


def _scanned(content: bytes, *, packed: bool) -> Found | None:
    if packed:
        return in_stream(content, 0)
    whole = b"1 0 obj\n" + content + b"\nendobj\n"
    return in_file(BytesIO(whole), 0, (1, 0), lambda number, generation: number)


@given(st.lists(st.tuples(_KEYS, _VALUES), max_size=5), st.sampled_from(_BLANKS), st.booleans())
def test_references_are_those_that_pyhanko_reads(
    reader: PdfFileReader, parts: list[tuple[str, str]], blank: str, packed: bool
) -> None:
    content = (_dictionary(parts) + blank).encode("ascii")
    found = _scanned(content, packed=packed)
    if found is not None:
        assert set(found) == _by_pyhanko(content, reader)


PLAIN = {
    b"<</A 1 0 R/Parent<</B 2 0 R>>/C[3 0 R 4 5 0 R(7 0 R)]>>": {
        (1, 0, True), (2, 0, False), (3, 0, True), (5, 0, True),
    },
    b"[1 0 R<</Parent 2 0 R/D<00>>>]": {(1, 0, True), (2, 0, False)},
    b"<<>>": set(),
}  # fmt: skip


@pytest.mark.parametrize("content", PLAIN)
@pytest.mark.parametrize("packed", [True, False])
def test_plain_objects_are_read(content: bytes, packed: bool) -> None:
    assert set(_scanned(content, packed=packed) or ()) == PLAIN[content]


@pytest.mark.parametrize(
    "content",
    [
        b"<</A 1 0 R/A 2 0 R>>",  # PDFium takes the last of them
        b"<</A 1 0 R/#41 2 0 R>>",
        b"<</A 1 %\n0 R>>",
        b"<</A (a(b)c)/B 1 0 R>>",
        b"<</A 1 0 R",
        b"<</A 1 0 R>",
        b"<</A 1 2 R>> 3 0 R",
        b"<</A>>",
        b"<<1 0 R>>",
        b"[1 0 R>>",
        b"1 0 R 2 0 R",
    ],
)
def test_what_is_written_otherwise_is_left_to_pyhanko(content: bytes) -> None:
    assert _scanned(content, packed=False) is None


@pytest.mark.parametrize(
    ("length", "after", "read"),
    [
        (b"4", b"\nendstream\nendobj", True),
        (b"9 0 R", b"12345\nendstream\nendobj", True),
        (b"3", b"\nendstream\nendobj", False),
        (b"-4", b"\nendstream\nendobj", False),
        (b"4", b"\nendobj", False),
        (b"4", b"\nendstream\n2 0 obj", False),
        (b"null", b"\nendstream\nendobj", False),
    ],
)
def test_a_stream_is_as_long_as_it_says(length: bytes, after: bytes, read: bool) -> None:
    content = b"1 0 obj\n<</A 7 0 R/Length " + length + b">>\nstream\nabcd" + after
    found = in_file(BytesIO(content), 0, (1, 0), lambda number, generation: number)
    assert (found is not None) is read
    assert in_file(BytesIO(content), 0, (2, 0), lambda number, generation: number) is None


def test_an_object_longer_than_one_look() -> None:
    for count in (100, 900, 1100, 9000):
        content = b"<</A[" + b" ".join(b"%d 0 R" % one for one in range(1, count)) + b"]>>"
        assert len(_scanned(content, packed=False) or ()) == count - 1


def _objects(reader: PdfFileReader) -> Iterator[tuple[Reference, int, Any]]:
    for revision in range(reader.xrefs.total_revisions):
        data = reader.xrefs.get_xref_data(revision)
        view = reader.get_historical_resolver(revision)
        for number in {*data.standard_xrefs, *data.xrefs_in_objstm}:
            ref = Reference(number, 0, reader)
            yield ref, revision, view.get_object(Reference(number, 0, view))


@pytest.mark.parametrize("kind", ["plain", "packed", "linearised", "sealed"])
def test_every_object_of_a_file(kind: str, paper: bytes, sealed_bytes: bytes) -> None:
    content = {"sealed": sealed_bytes, "linearised": linearised(paper, streams=True)}.get(kind, b"")
    if not content:
        mode = pikepdf.ObjectStreamMode
        out = BytesIO()
        with pikepdf.open(BytesIO(paper)) as document:
            packed = mode.generate if kind == "packed" else mode.disable
            document.save(out, object_stream_mode=packed)
        content = out.getvalue()
    reader = open_pdf(BytesIO(content))
    quick = whole = 0
    for ref, revision, held in _objects(reader):
        found = reader.references(ref, revision)  # type: ignore[attr-defined]
        whole += 1
        if found is not None:
            quick += 1
            expected = {(one.idnum, one.generation, part) for one, part in views._references(held)}
            assert set(found) == expected
    assert quick >= 0.8 * whole > 8


@given(st.binary(max_size=60), st.sampled_from([b" \n", b"/<>[]()% \n\r\t\x0c\x00"]))
def test_names_end_where_pyhanko_ends_them(content: bytes, letters: bytes) -> None:
    ours, theirs = BytesIO(content), BytesIO(content)
    assert hex_strings.read_until(letters, ours) == hex_strings._until_class(letters, theirs)
    assert ours.tell() == theirs.tell()
    assert misc._read_until_class is hex_strings.read_until
