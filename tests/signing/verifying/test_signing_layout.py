"""Evidence that brings more than its cross-references speak of, or speaks of it in two ways.

Each update is good evidence for a reader that takes cross-references at their word; one that mends
files, or that reads a table's last entry where others read the first, shows something else.
"""

import re
from collections.abc import Callable

import pytest
from pdf_attacks import Entry, appended, appended_as_stream, body_of, number_of, size_of
from pdf_signing import identity, sign

from schemas.verdict import FileVerdict, Verdict
from signing import Pki

Judge = Callable[[bytes], FileVerdict]
SCRIPT = b"<< /O << /S /JavaScript /JS (app.alert(1)) >> >>"
BLACK = b"<< /Length 24 >>\nstream\n0 g 0 0 300 300 re f    \nendstream"


@pytest.fixture(scope="module")
def signed(open_paper: bytes, pki: Pki) -> bytes:
    return sign(open_paper, identity(pki))


def _evidence(signed: bytes) -> dict[int, bytes]:
    """Objects that bring a security store."""
    root, free = number_of(signed, b"Root"), size_of(signed) + 9
    return {
        root: body_of(signed, root).rstrip()[:-2] + b"/DSS %d 0 R >>" % free,
        free: b"<< /Certs [ %d 0 R ] >>" % (free + 1),
        free + 1: b"<< /Length 1 >>\nstream\n0\nendstream",
    }


def _hidden(signed: bytes) -> bytes:
    """Another content for the page, which no cross-reference names."""
    return b"%d 0 obj\n%s\nendobj\n" % (number_of(signed, b"Contents"), BLACK)


def _told(update: bytes) -> int:
    """Where the table is, by the file's last words."""
    return int(re.findall(rb"startxref\s+(\d+)", update)[-1])


def _telling(update: bytes, table: int) -> bytes:
    """The same with other last words."""
    end = b"startxref\n%d\n%%%%EOF\n"
    assert update.endswith(end % _told(update))
    return update[: -len(end % _told(update))] + end % table


def _before_the_table(update: bytes, what: bytes) -> bytes:
    table = _told(update)
    return _telling(update[:table] + what + update[table:], table + len(what))


def _before_the_end(update: bytes, what: bytes) -> bytes:
    at = update.rindex(b"startxref")
    return update[:at] + what + update[at:]


def _twice(update: bytes) -> bytes:
    """The first entry again, with the place of another object; readers take one or the other."""
    table = update.rindex(b"\nxref\n") + 6
    head = re.compile(rb"(\d+) 1\n\d{10} 00000 n \n").match(update, table)
    assert head is not None
    wrong = b"%d 1\n%010d 00000 n \n" % (int(head[1]), table - 1)
    return update[:table] + wrong + update[table:]


def _smaller(update: bytes) -> bytes:
    """Beyond a file's size there is nothing, say some readers."""
    at = update.rindex(b"/Size")
    return update[:at] + re.sub(rb"\A/Size \d+", b"/Size 3", update[at:])


CHANGES: dict[str, Callable[[bytes, bytes], bytes]] = {
    "an object before the table": lambda u, s: _before_the_table(u, _hidden(s)),
    "an object behind the trailer": lambda u, s: _before_the_end(u, _hidden(s)),
    "an object in a remark": lambda u, s: _before_the_end(
        u, b"%" + _hidden(s).replace(b"\n", b" ") + b"\n"
    ),
    "another trailer": lambda u, s: _before_the_end(u, b"trailer\n<< /Root 1 0 R >>\n"),
    "words": lambda u, s: _before_the_end(u, b"words\n"),
    "an entry twice": lambda u, s: _twice(u),
    "a smaller file": lambda u, s: _smaller(u),
    "a table a byte before": lambda u, s: _telling(u, _told(u) - 1),
    "a table five bytes behind": lambda u, s: _telling(u, _told(u) + 5),
}


@pytest.mark.parametrize("name", CHANGES)
def test_every_byte_of_an_update_is_accounted_for(signed: bytes, judge: Judge, name: str) -> None:
    update = appended(signed, _evidence(signed))
    assert judge(update).verdict is Verdict.valid
    assert judge(CHANGES[name](update, signed)).verdict in {Verdict.altered, Verdict.unreadable}


def test_objects_in_front_of_others(signed: bytes, judge: Judge) -> None:
    """Before the first object of an update: the page's content once more, without an entry."""
    assert judge(appended(signed + _hidden(signed), _evidence(signed))).verdict is Verdict.altered


@pytest.mark.parametrize("gap", [b"\n", b" \r\n", b"\0\t\x0c ", b"%\n", b"%n 0 obj\n", b"1", b"x "])
def test_an_entry_may_point_at_the_blanks_before_its_object(
    signed: bytes, judge: Judge, gap: bytes
) -> None:
    """Blanks are passed over by every reader; before anything else there is a choice."""
    objects = _evidence(signed)
    root = number_of(signed, b"Root")
    at = len(signed)
    body = b"%d 0 obj\n%s\nendobj\n" % (root, objects.pop(root))
    good = appended(signed + body, objects, extra={root: Entry(at)})
    assert judge(good).verdict is Verdict.valid
    beside = judge(appended(signed + gap + body, objects, extra={root: Entry(at)})).verdict
    if gap.strip(b"\0\t\n\x0c\r ") == b"":
        assert beside is Verdict.valid
    else:
        assert beside in {Verdict.altered, Verdict.unreadable}


@pytest.mark.parametrize("aside", [1, 2, 17])
def test_an_entry_beside_its_object(signed: bytes, judge: Judge, aside: int) -> None:
    """Behind its first figure, in the word ``obj``, or further before it than a few blanks."""
    objects = _evidence(signed)
    root = number_of(signed, b"Root")
    body = b"%d 0 obj\n%s\nendobj\n" % (root, objects.pop(root))
    far = aside > 9
    at = len(signed) + (0 if far else aside)
    update = appended(
        signed + b" " * (aside if far else 0) + body, objects, extra={root: Entry(at)}
    )
    assert judge(update).verdict in {Verdict.altered, Verdict.unreadable}


def test_two_entries_for_one_object(signed: bytes, judge: Judge) -> None:
    """One points at the blank before it, the other at the object: whose is it?"""
    objects = _evidence(signed)
    root, other = number_of(signed, b"Root"), number_of(signed, b"Contents")
    at = len(signed)
    written = signed + b"\n%d 0 obj\n%s\nendobj\n" % (root, objects.pop(root))
    extra = {root: Entry(at + 1), other: Entry(at)}
    assert judge(appended(written, objects, extra=extra)).verdict is Verdict.altered


def test_an_object_stream_brings_what_entries_name(signed: bytes, judge: Judge) -> None:
    objects = _evidence(signed)
    number = size_of(signed) + 9
    packed = {number: objects.pop(number)}
    assert judge(appended_as_stream(signed, objects, packed=packed)).verdict is Verdict.valid
    more = packed | {number_of(signed, b"Contents"): b"<< >>"}
    content = appended_as_stream(
        signed, objects, packed=more, unnamed=number_of(signed, b"Contents")
    )
    assert judge(content).verdict is Verdict.altered


@pytest.mark.parametrize(("named", "brought"), [(0, 5), (5, 0), (5, 5)])
def test_another_generation_of_what_the_page_names(
    open_paper: bytes, pki: Pki, judge: Judge, named: int, brought: int
) -> None:
    """Some readers pay no heed to generations, so what is brought is what was named."""
    found = re.search(rb"/Kids \[ (\d+) 0 R", open_paper)
    assert found is not None
    page = body_of(open_paper, int(found[1])).rstrip()[:-2] + b"/AA 900 %d R >>" % named
    signed = sign(appended(open_paper, {int(found[1]): page}), identity(pki))
    at = len(signed)
    written = signed + b"900 %d obj\n%s\nendobj\n" % (brought, SCRIPT)
    update = appended(written, _evidence(signed), extra={900: Entry(at, brought)})
    assert judge(appended(signed, _evidence(signed))).verdict is Verdict.valid
    assert judge(update).verdict is Verdict.altered


def test_what_other_programs_write_between_is_no_change(signed: bytes, judge: Judge) -> None:
    """Remarks of programs, blanks, lines that end otherwise, the list of free objects."""
    update = appended(signed, _evidence(signed), extra={0: Entry(0, 65535, free=True)})
    told = _before_the_end(update, b"%Some-Program-7.1\n")
    assert judge(told).verdict is Verdict.valid
    table = update.rindex(b"\nxref\n")
    assert judge(update[:table] + update[table:].replace(b" \n", b"\r\n")).verdict is Verdict.valid
    marked = appended(signed + b"%\xe2\xe3\xcf\xd3\r\n\0\0", _evidence(signed))
    assert judge(marked).verdict is Verdict.valid
