"""DocCodes in real databases: one a document, of a series without gaps, never another's."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from ledger_steps import a_claim, register

from schemas.doc_code import DocSeries
from schemas.errors import NotFound
from storage import Ledger, NewCode


def new(*ids: int, field: str = "CV", agency: str = "G06.01") -> list[NewCode]:
    return [NewCode(document_id=one, agency=agency, field=field) for one in ids]


def test_a_document_has_one_code_and_no_other_has_it(ledger: Ledger) -> None:
    first, second, third = register(ledger, "c1", "một", "hai", "ba").documents
    given = ledger.doc_codes.give(new(first.id, second.id), "sohoa")
    assert [str(one.series) for one in given.values()] == ["G06.01_CV_000001", "G06.01_CV_000002"]
    again = ledger.doc_codes.give(new(second.id, third.id, field="QD", agency="H17"), "sohoa")
    assert str(again[second.id].series) == "G06.01_CV_000002", "what was given stays"
    assert str(again[third.id].series) == "H17_QD_000001", "each series counts for itself"
    assert ledger.doc_codes.of([first.id, third.id, 99]).keys() == {first.id, third.id}
    assert ledger.doc_codes.named(DocSeries("G06.01", "CV", 2)) == second.id
    assert ledger.doc_codes.named(DocSeries("G06.01", "QD", 1)) is None
    told = [one for one in ledger.events() if one.kind == "doc_code_given"]
    assert [(one.document_id, one.data) for one in told] == [
        (first.id, {"doc_code": "G06.01_CV_000001"}),
        (second.id, {"doc_code": "G06.01_CV_000002"}),
        (third.id, {"doc_code": "H17_QD_000001"}),
    ]
    assert {one.dossier_id for one in told} == {first.dossier_id}


def test_nothing_is_given_where_one_of_them_is_not_there(ledger: Ledger) -> None:
    (document,) = register(ledger).documents
    with pytest.raises(NotFound):
        ledger.doc_codes.give(new(document.id, 99), "sohoa")
    assert ledger.doc_codes.of([document.id]) == {}, "all of a transaction, or nothing"
    given = ledger.doc_codes.give(new(document.id), "sohoa")
    assert given[document.id].series.serial == 1, "the number was not used up"


def test_many_at_once_get_different_ones(ledger: Ledger, ledger_url: str) -> None:
    ids = [one.id for one in register(ledger, "c1", *map(str, range(12))).documents]

    def give(at: int) -> None:
        with Ledger.open(ledger_url) as other:
            other.doc_codes.give(new(*ids[at : at + 6]), "sohoa")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(give, [0, 3, 6, 2]))
    serials = [one.series.serial for one in ledger.doc_codes.of(ids).values()]
    assert sorted(serials) == list(range(1, 13))


def test_what_a_manifest_says_is_noted_once(ledger: Ledger) -> None:
    (document,) = register(ledger).documents
    assert ledger.doc_codes.give(new(document.id), "sohoa")[document.id].read is None
    for subject in ("về việc một", "về việc hai"):
        ledger.doc_codes.note_read(document.id, {"subject": subject})
    assert ledger.doc_codes.of([document.id])[document.id].read == {"subject": "về việc một"}


def test_the_newest_word_counts_and_events_tell_no_text(ledger: Ledger) -> None:
    (document,) = register(ledger).documents
    codes, unit = ledger.doc_codes, "mot-cua"
    for key in ("k" * 64, "k" * 64):
        codes.describe_handed_in(
            key, unit, document.source_sha256, {"subject": "của Nguyễn Thị Mẫu"}, "system:dvc"
        )
    assert codes.said([(document, "thue")]) == {}, "the same bytes elsewhere are another paper"
    found = codes.said([(document, unit)])[document.id]
    assert (found.with_file, found.made_by) == (True, "system:dvc")
    for subject in ("về đất", "về đất", "về nhà"):
        codes.describe(document, {"subject": subject}, "user:lan")
    found = codes.said([(document, unit)])[document.id]
    assert (found.said, found.with_file) == ({"subject": "về nhà"}, False)
    told = [one for one in ledger.events() if one.kind.startswith("described")]
    assert [one.kind for one in told] == ["described_handed_in", "described", "described"]
    assert all(one.data["names"] == ["subject"] for one in told)
    assert "Mẫu" not in str(told) and "nhà" not in str(told)


def test_a_linked_document_has_a_code_of_its_own(ledger: Ledger) -> None:
    (first,) = register(ledger).documents
    (linked,) = ledger.register(a_claim("c2", code="H17-251103-0002")).documents
    assert linked.duplicate_of == first.id
    given = ledger.doc_codes.give(new(first.id, linked.id), "sohoa")
    assert given[first.id].series != given[linked.id].series


def test_hosts_of_one_ledger_sign_links_alike(ledger: Ledger, ledger_url: str) -> None:
    key = ledger.doc_codes.link_key()
    with Ledger.open(ledger_url) as other:
        assert other.doc_codes.link_key() == key
    assert len(key) == 32
    assert key.hex() not in str(ledger.events())
