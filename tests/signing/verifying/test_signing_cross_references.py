"""Updates with cross-references by hand, and files that ask for walks without an end."""

import re
from collections.abc import Callable
from io import BytesIO

import pikepdf
import pytest
from pdf_attacks import (
    Entry,
    appended,
    appended_as_stream,
    body_of,
    last_startxref,
    number_of,
    replace_page,
    size_of,
    updated,
)
from pdf_signing import identity, sign
from pyhanko.pdf_utils.generic import (
    ArrayObject,
    DictionaryObject,
    NumberObject,
    StreamObject,
    pdf_name,
)
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from schemas.verdict import FileVerdict, Verdict
from signing import Pki
from signing.validation import views

REFUSED = {Verdict.altered, Verdict.broken, Verdict.unreadable}
EVIL = b"<< /Length 24 >>\nstream\n0 g 0 0 300 300 re f    \nendstream"


def _with_key_twice(signed: bytes) -> bytes:
    """pyHanko takes the first value of a key, PDFium the last."""
    root, new = number_of(signed, b"Root"), size_of(signed)
    twice = body_of(signed, root)[:-2] + b"/Pages %d 0 R >>" % new
    return appended(signed, {root: twice, new: b"<< /Type /Pages /Kids [] /Count 0 >>"})


def _with_root_twice(signed: bytes) -> bytes:
    root, new = number_of(signed, b"Root"), size_of(signed)
    return appended(signed, {new: body_of(signed, root)}, trailer=b"/Root %d 0 R" % new)


def _with_generation(signed: bytes) -> bytes:
    """PDFium pays no heed to generations: object n 1 stands for n 0."""
    number = number_of(signed, b"Contents")
    start = len(signed)
    written = signed + b"%d 1 obj\n%s\nendobj\n" % (number, EVIL)
    return appended(written, {}, extra={number: Entry(start, 1)}, previous=last_startxref(signed))


def _into_signed_bytes(signed: bytes) -> bytes:
    """Shadow hide-and-replace: nothing but a table that points to signed bytes."""
    hidden = re.search(rb"\n%d 0 obj" % number_of(signed, b"Hidden"), signed)
    assert hidden is not None
    entry = Entry(hidden.start() + 1)
    return appended(signed, {}, extra={number_of(signed, b"Contents"): entry})


def _hybrid(signed: bytes) -> bytes:
    """A table for old readers, a stream for new ones (ISO 32000-1, 7.5.8.4)."""
    number, stream = number_of(signed, b"Contents"), size_of(signed)
    row = b"\x01" + len(signed).to_bytes(4, "big") + b"\0\0"
    written = signed + b"%d 0 obj\n%s\nendobj\n" % (number, EVIL)
    place = len(written)
    written += b"%d 0 obj\n<< /Type /XRef /W [1 4 2] /Index [%d 1] /Size %d /Root %d 0 R" % (
        stream,
        number,
        stream + 1,
        number_of(signed, b"Root"),
    )
    written += b" /Length 7 >>\nstream\n" + row + b"\nendstream\nendobj\n"
    return appended(
        written,
        {},
        extra={0: Entry(0, 65535, free=True)},
        trailer=b"/XRefStm %d" % place,
        previous=last_startxref(signed),
    )


def _packed(signed: bytes) -> bytes:
    """A page redefined in an object stream."""
    page, new = number_of(signed, b"P"), size_of(signed) + 5
    body = body_of(signed, page)
    other = re.sub(rb"/Contents \d+ 0 R", b"/Contents %d 0 R" % new, body)
    return appended_as_stream(signed, {new: EVIL}, packed={page: other})


def _of(number: Callable[[bytes], int], **options: object) -> Callable[[bytes], bytes]:
    def attack(signed: bytes) -> bytes:
        return appended(signed, {number(signed): EVIL}, **options)  # type: ignore[arg-type]

    return attack


def _content(signed: bytes) -> int:
    return number_of(signed, b"Contents")


BY_HAND: dict[str, Callable[[bytes], bytes]] = {
    "content replaced": _of(_content),
    "content replaced, with a stream": lambda s: appended_as_stream(s, {_content(s): EVIL}),
    "a key twice": _with_key_twice,
    "the root twice": _with_root_twice,
    "another generation": _with_generation,
    "into signed bytes": _into_signed_bytes,
    "hybrid references": _hybrid,
    "object stream": _packed,
    "freed": lambda s: appended(s, {}, extra={_content(s): Entry(0, 1, free=True)}),
    "freed for good": lambda s: appended(s, {}, extra={_content(s): Entry(0, 0, free=True)}),
    "entry into nothing": lambda s: appended(s, {}, extra={_content(s): Entry(10)}),
    "loop": lambda s: appended(s, {_content(s): EVIL}, previous=len(s)),
    "loop over itself": lambda s: appended(s, {_content(s): EVIL}, previous=len(s) + 74),
    "previous is the beginning": _of(_content, previous=0),
    "old table named again": lambda s: appended(
        s, {_content(s): EVIL}, startxref=last_startxref(s)
    ),
    "table in the future": lambda s: appended(s, {_content(s): EVIL}, startxref=10**9),
    "unused object": _of(size_of),
    "the same once more": lambda s: appended(s, {_content(s): body_of(s, _content(s))}),
    "encryption": lambda s: appended(
        s, {}, extra={0: Entry(0, 65535, free=True)}, trailer=b"/Encrypt << /Filter /X >>"
    ),
    "junk": lambda s: s + b"junk",
    "a second end": lambda s: s + b"%%EOF\n",
    "a second startxref": lambda s: s + b"startxref\n%d\n%%%%EOF\n" % last_startxref(s),
    "a whole file behind": lambda s: s + s,
}


@pytest.mark.parametrize("name", BY_HAND)
def test_updates_by_hand_are_refused(
    signed: bytes, judge: Callable[[bytes], FileVerdict], name: str
) -> None:
    content = BY_HAND[name](signed)
    assert content.startswith(signed) and len(content) > len(signed)
    assert judge(content).verdict in REFUSED


def test_more_revisions_than_can_be_looked_through_end_at_once(
    signed: bytes, judge: Callable[[bytes], FileVerdict]
) -> None:
    content = signed
    for _ in range(500):
        content = appended(content, {size_of(content): b"null"})
    verdict = judge(content)
    assert verdict.verdict is Verdict.unreadable and "thời gian" in verdict.sentence


def _evidence(writer: IncrementalPdfFileWriter) -> None:
    held = writer.add_object(StreamObject(stream_data=b"0"))
    store = DictionaryObject({pdf_name("/Certs"): ArrayObject([held])})
    writer.root[pdf_name("/DSS")] = writer.add_object(store)
    writer.update_root()


def test_a_long_chain_of_bookmarks_is_no_change(
    open_paper: bytes, pki: Pki, judge: Callable[[bytes], FileVerdict]
) -> None:
    """What takes a walk longer than Python's stack was called altered."""
    out = BytesIO()
    with pikepdf.open(BytesIO(open_paper)) as document:
        with document.open_outline() as outline:
            outline.root += [pikepdf.OutlineItem(f"Mục {one}", 0) for one in range(600)]
        document.save(out, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    signed = sign(out.getvalue(), identity(pki))
    assert judge(updated(signed, _evidence)).verdict is Verdict.valid
    assert judge(updated(signed, replace_page)).verdict is Verdict.altered


def _doubling(writer: IncrementalPdfFileWriter) -> None:
    """Forty objects, each of which leads to the next one twice."""
    last = writer.add_object(DictionaryObject({pdf_name("/X"): NumberObject(1)}))
    for _ in range(40):
        last = writer.add_object(DictionaryObject({pdf_name("/A"): last, pdf_name("/B"): last}))
    writer.root[pdf_name("/PieceInfo")] = last
    writer.update_root()


def test_objects_that_lead_to_each_other_in_many_ways(
    open_paper: bytes, pki: Pki, judge: Callable[[bytes], FileVerdict]
) -> None:
    """Walking all of them took for ever, although none leads to what was written anew."""
    signed = sign(updated(open_paper, _doubling), identity(pki))
    assert judge(updated(signed, _evidence)).verdict is Verdict.valid
    assert judge(updated(signed, replace_page)).verdict is Verdict.altered


def test_walks_without_an_end_are_too_much(
    open_paper: bytes,
    pki: Pki,
    judge: Callable[[bytes], FileVerdict],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(views, "LOOKUPS", 3)
    verdict = judge(sign(open_paper, identity(pki)))
    assert verdict.verdict is Verdict.unreadable and "thời gian" in verdict.sentence


@pytest.mark.parametrize(
    ("index", "tells"),
    [
        (b"/Index [0 2000000000]", True),
        (b"/Ind#65x [0%\n2000000000]", True),
        (b"", True),
        (b"/Index [0 -1999999999 1 2000000000]", False),
    ],
)
def test_a_cross_reference_stream_without_an_end_is_too_much(
    signed: bytes, judge: Callable[[bytes], FileVerdict], index: bytes, tells: bool
) -> None:
    number, here = size_of(signed), len(signed)
    entries = b"/W [0 0 0] " + index
    said = b"/Type /XRef %s /Size %d /Root %d 0 R /Prev %d /Length 0" % (
        entries,
        number + 1 if index else 2_000_000_000,
        number_of(signed, b"Root"),
        last_startxref(signed),
    )
    update = b"%d 0 obj\n<< %s >>\nstream\n\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n"
    verdict = judge(signed + update % (number, said, here))
    assert verdict.verdict is Verdict.unreadable
    assert not tells or "thời gian" in verdict.sentence


def test_a_table_that_passes_over_the_signature_does_not_hide_it(
    open_paper: bytes, signed: bytes, judge: Callable[[bytes], FileVerdict]
) -> None:
    """No reader sees a signature in it, yet the bytes of one are there."""
    content = appended(signed, {_content(signed): EVIL}, previous=last_startxref(open_paper))
    assert judge(content).verdict is Verdict.altered
