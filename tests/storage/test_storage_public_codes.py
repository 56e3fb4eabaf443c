"""Public codes in real databases: made once, found by their fingerprint alone, told by none."""

import json
from typing import Any

import sqlalchemy as sa
from ledger_steps import a_file, register

from schemas.public_code import fingerprint, new_code
from storage import PUBLIC_CODE_MADE, KeptObject, Ledger, ObjectKind, StoredObject
from storage.public_codes import public_code

FIGURES = {"004217", "118230"}


def test_a_code_is_made_once_however_often_it_is_asked_for(ledger: Ledger) -> None:
    (document,) = register(ledger).documents
    codes = {
        ledger.public_codes.make(document.id, "sohoa", signer_title=title, figures=figures)
        for title, figures in ((None, ()), ("CHỦ TỊCH", FIGURES), ("CHỦ TỊCH", FIGURES))
    }
    (code,) = codes
    made = ledger.public_codes.of(document.id)
    assert made is not None and (made.code, made.signer_title) == (code, "CHỦ TỊCH")
    assert [made.knows(one) for one in ("004217", "118230", "004218", "")] == [True, True, 0, 0]
    assert code not in repr(made) and "004217" not in str(made.model_dump())


def test_the_event_has_the_fingerprint_alone(ledger: Ledger) -> None:
    (document,) = register(ledger).documents
    code = ledger.public_codes.make(document.id, "sohoa", signer_title=None, figures=FIGURES)
    ledger.public_codes.make(document.id, "sohoa", signer_title=None, figures=())
    (event,) = [one for one in ledger.events() if one.kind == PUBLIC_CODE_MADE]
    assert (event.document_id, event.data) == (document.id, {"fingerprint": fingerprint(code)})
    assert code not in json.dumps([one.model_dump(mode="json") for one in ledger.events()])
    assert ledger.prove(document.dossier_id).documents == (document,)
    assert ledger.verify_chain().intact


def test_a_reserved_code_is_taken_once(ledger: Ledger) -> None:
    (first,) = register(ledger).documents
    (second,) = register(ledger, "c2", code="H17-261123-0002", files=(a_file("f2"),)).documents
    codes: Any = ledger.public_codes
    said = {"signer_title": None, "figures": ()}
    kept = codes.reserve("user:ky")
    found = codes.look_up(fingerprint(kept))
    assert found.hit and found.row is not None and found.row.document_id is None
    assert codes.has_reserved()
    drawn = (new_code(), kept)
    assert codes.make(first.id, "sohoa", drawn=drawn, **said) == kept
    assert not codes.has_reserved()
    assert codes.make(first.id, "sohoa", **said) == kept
    assert codes.make(second.id, "sohoa", drawn=drawn, **said) not in drawn
    made = [one for one in ledger.events() if one.kind == PUBLIC_CODE_MADE]
    assert [one.document_id for one in made] == [None, first.id, second.id]
    assert made[0].data == made[1].data == {"fingerprint": fingerprint(kept)}


def test_a_miss_reads_a_row_as_a_hit_does(ledger: Ledger) -> None:
    assert ledger.public_codes.look_up(fingerprint(new_code())).row is None  # there is none at all
    documents = [register(ledger, f"c{n}", code=f"H17-261123-000{n}", files=(a_file(f"f{n}"),))
                 .documents[0] for n in range(3)]  # fmt: skip
    codes = [
        ledger.public_codes.make(one.id, "sohoa", signer_title=None, figures=())
        for one in documents
    ]
    for document, code in zip(documents, codes, strict=True):
        found = ledger.public_codes.look_up(fingerprint(code))
        assert found.hit and found.row is not None and found.row.document_id == document.id
    for typed in (new_code(), "", "x' OR 1=1 --", codes[0][:-1]):
        missed = ledger.public_codes.look_up(fingerprint(typed))
        assert not missed.hit and missed.row is not None


def test_a_signed_file_is_found_by_its_hash(ledger: Ledger) -> None:
    (document,) = register(ledger).documents
    put: list[KeptObject] = []
    for number, kind in enumerate((ObjectKind.original, ObjectKind.signed, ObjectKind.renewed)):
        stored = StoredObject(
            bucket="results", key=f"{number}", version_id=None, sha256=f"{number}" * 64, bytes=1,
            retain_until=None,
        )  # fmt: skip
        put.append(
            ledger.record_object(
                stored, kind=kind, dossier_id=document.dossier_id, document_id=document.id,
                actor="test",
            )
        )  # fmt: skip
    assert [ledger.public_codes.signed_as(one.sha256) for one in put] == [[], [put[1]], [put[2]]]


def test_the_look_up_uses_its_index(ledger: Ledger) -> None:
    if not ledger._database.is_sqlite:
        return
    with ledger._database.read() as connection:
        wanted = sa.select(public_code.c.document_id).where(public_code.c.fingerprint == "x")
        text = str(wanted.compile(compile_kwargs={"literal_binds": True}))
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}").all()
    assert "USING" in str(plan) and "INDEX" in str(plan)
