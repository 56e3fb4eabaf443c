"""Scans split in the ledger: whole or not at all, to the right dossiers, found under both codes."""

import json
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from ledger_steps import CODE, a_claim, bring_to, register, sha

import storage.database
from schemas.dossier import Stage
from schemas.errors import Conflict, NotFound
from storage import Document, Ledger, NewPart

LOOSE = "TAM-251103-7F3K2A9Q"
OTHER = "H17-251103-0002"


def split(ledger: Ledger, scan: Document, *parts: NewPart) -> list[Document]:
    named = [page for part in parts for page in part.pages]
    shown: dict[str, Any] = {"manifest_sha256": sha("m"), "media_type": "image/tiff", "pages": 9}
    left = [page for page in range(1, 10) if page not in named]
    return ledger.split(scan.id, parts, "flow", left_out=left, **shown)


def loose(ledger: Ledger, claim_id: str = "c1") -> Document:
    claim = a_claim(claim_id, code=LOOSE).model_copy(update={"provisional": True})
    return ledger.register(claim).documents[0]


def test_parts_take_the_next_numbers_and_the_scan_is_kept(ledger: Ledger) -> None:
    scan, photo = register(ledger, "c1", "quét", "ảnh").documents
    one, two = split(ledger, scan, NewPart(pages=(1, 2)), NewPart(pages=(4,)))
    assert [(d.number, d.source_pages, d.part_of, d.stage) for d in (one, two)] == [
        (3, (1, 2), scan.id, Stage.received),
        (4, (4,), scan.id, Stage.received),
    ]
    assert (one.source_sha256, one.name) == (scan.source_sha256, "don-1.pdf")
    now = ledger.document(scan.id)
    assert (now.stage, now.split, now.pages) == (Stage.split_up, True, 9)
    assert ledger.claimed("c1") == [now, photo, one, two]
    assert ledger.parts(scan.id) == [one, two]
    (event,) = [one for one in ledger.events() if one.kind == "split"]
    assert (event.hash_before, event.hash_after) == (scan.source_sha256, sha("m"))
    assert event.data["parts"] == [
        {"document": one.id, "dossier": scan.dossier_id, "pages": [1, 2]},
        {"document": two.id, "dossier": scan.dossier_id, "pages": [4]},
    ]


@pytest.mark.parametrize(
    ("pages", "left_out"),
    [
        ([(1, 2), (4,)], ()),
        ([(1, 2), (4,)], (3, 4)),
        ([(1, 2), (2, 3, 4)], ()),
        ([(1, 5)], (2, 3, 4)),
    ],
)
def test_a_split_names_each_page_of_the_scan_once(
    ledger: Ledger, pages: list[tuple[int, ...]], left_out: tuple[int, ...]
) -> None:
    scan = register(ledger, "c1", "quét").documents[0]
    events = ledger.verify_chain().events
    parts = [NewPart(pages=one) for one in pages]
    shown: dict[str, Any] = {"manifest_sha256": sha("m"), "media_type": "image/tiff", "pages": 4}
    with pytest.raises(Conflict) as caught:
        ledger.split(scan.id, parts, "flow", left_out=left_out, **shown)
    assert caught.value.code == "storing.pages_lost"
    assert ledger.verify_chain().events == events
    assert ledger.document(scan.id) == scan


def test_a_part_is_split_into_its_own_pages(ledger: Ledger) -> None:
    scan = register(ledger, "c1", "quét").documents[0]
    (part,) = split(ledger, scan, NewPart(pages=(2, 3, 5)))
    shown: dict[str, Any] = {"manifest_sha256": sha("n"), "media_type": "image/tiff", "pages": 3}
    with pytest.raises(Conflict):
        ledger.split(part.id, [NewPart(pages=(1, 2, 3))], "flow", **shown)
    made = ledger.split(
        part.id, [NewPart(pages=(2,)), NewPart(pages=(5,))], "flow", left_out=(3,), **shown
    )
    assert [one.source_pages for one in made] == [(2,), (5,)]
    told = [one.data["left_out"] for one in ledger.events() if one.kind == "split"]
    assert told == [[1, 4, 6, 7, 8, 9], [3]]


def test_one_code_for_all_renames_a_provisional_dossier(ledger: Ledger) -> None:
    scan = loose(ledger)
    (one,) = split(ledger, scan, NewPart(pages=(2,), code=CODE))
    found = ledger.dossier(CODE)
    assert found is not None
    assert (found.id, found.first_code, found.provisional) == (one.dossier_id, LOOSE, False)
    assert ledger.dossier(LOOSE) == found
    again = loose(ledger, "c2")
    assert again.dossier_id == found.id, "papers handed in under the old code join it"
    assert len(ledger.dossiers()) == 1


def test_papers_without_a_cover_sheet_stay_and_the_others_go(ledger: Ledger) -> None:
    known = register(ledger, "c0", "khác", code=CODE).dossier
    scan = loose(ledger)
    stay, join, make = split(
        ledger,
        scan,
        NewPart(pages=(1,)),
        NewPart(pages=(3,), code=CODE),
        NewPart(pages=(5,), code=OTHER),
    )
    assert stay.dossier_id == scan.dossier_id
    assert (join.dossier_id, join.number) == (known.id, 2)
    made = ledger.dossier(OTHER, "mot-cua")
    assert made is not None and (make.dossier_id, make.number) == (made.id, 1)
    assert not made.provisional
    opened = [one.dossier_id for one in ledger.events() if one.kind == "opened"]
    assert opened == [known.id, scan.dossier_id, made.id]


def test_a_code_that_is_taken_or_settled_is_not_given_again(ledger: Ledger) -> None:
    register(ledger, "c0", "khác", code=CODE)
    scan = loose(ledger)
    assert ledger.recode(scan.dossier_id, CODE, "flow").code == LOOSE
    assert ledger.recode(scan.dossier_id, OTHER, "flow").code == OTHER
    assert ledger.recode(scan.dossier_id, "H17-251103-0009", "flow").code == OTHER
    assert ledger.recode(scan.dossier_id, OTHER, "flow").code == OTHER
    assert [one.kind for one in ledger.events()].count("recoded") == 1


def test_copies_of_a_scan_follow_it_into_its_parts(ledger: Ledger) -> None:
    scan = register(ledger, "c1", "quét").documents[0]
    copy = register(ledger, "c2", "quét", code=OTHER)
    parts = split(ledger, scan, NewPart(pages=(1,)), NewPart(pages=(2,)))
    assert ledger.document(copy.documents[0].id).stage is Stage.split_up
    links = ledger.documents(copy.dossier.id)[1:]
    assert [one.duplicate_of for one in links] == [part.id for part in parts]
    found = ledger.dossier(OTHER)
    assert found is not None and found.stage is Stage.received, "the parts are still to be read"


def test_a_split_scan_handed_in_again_has_its_parts_once(ledger: Ledger) -> None:
    (part,) = split(ledger, register(ledger, "c1", "quét").documents[0], NewPart(pages=(1,)))
    again = register(ledger, "c2", "quét", "ảnh", "quét", code=OTHER)
    documents = ledger.documents(again.dossier.id)
    assert [one.number for one in documents] == [1, 2, 3, 4]
    assert [one.duplicate_of for one in documents] == [1, part.id, None, 1]


def test_what_cannot_be_split(ledger: Ledger) -> None:
    part = NewPart(pages=(1,))
    first = register(ledger, "c1", "a").documents[0]
    linked = register(ledger, "c2", "a", code=OTHER).documents[0]
    with pytest.raises(Conflict):
        split(ledger, linked, part)
    split(ledger, first, part)
    with pytest.raises(Conflict):
        split(ledger, first, NewPart(pages=(2,)))
    for stage in (Stage.digitised, Stage.ready_to_sign, Stage.signed, Stage.published):
        document = register(ledger, f"c-{stage}", stage.value).documents[0]
        bring_to(ledger, document, stage)
        with pytest.raises(Conflict):
            split(ledger, document, part)
    with pytest.raises(NotFound):
        ledger.split(999, [part], "x", manifest_sha256=sha("m"), media_type="x", pages=1)
    with pytest.raises(Conflict):
        ledger.advance(first.id, Stage.received, Stage.split_up, actor="x")


def test_a_ledger_from_before_is_brought_up_to_date(tmp_path: Path) -> None:
    """Its dossiers, documents and chain stay as they were."""
    url = f"sqlite:///{tmp_path}/ledger.sqlite"
    config = Config()
    migrations = Path(storage.database.__file__).parent / "migrations"
    config.set_main_option("script_location", str(migrations))
    config.set_main_option("path_separator", "os")
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        time = "2026-11-01 08:00:00"
        connection.exec_driver_sql(
            "INSERT INTO dossier (department, code, provisional, stage, attempts, created_at,"
            f" updated_at, warnings) VALUES ('a', '{CODE}', 0, 'received', 0, '{time}', '{time}',"
            " '[]')"
        )
        connection.exec_driver_sql(f"INSERT INTO claim VALUES ('c', 1, 'x', '{time}', NULL)")
        connection.exec_driver_sql(
            "INSERT INTO document (dossier_id, number, role, name, claim_id, relative,"
            " source_sha256, source_bytes, stage, error_params, created_at, updated_at) VALUES"
            f" (1, 1, 'component', 'x', 'c', 'x', '{sha('x')}', 1, 'received', '{json.dumps({})}',"
            f" '{time}', '{time}')"
        )
    engine.dispose()
    with Ledger.open(url) as ledger:
        (document,) = ledger.documents(1)
        assert (document.part_of, document.source_pages, document.split) == (None, (), False)
        assert ledger.dossier_by_id(1).first_code is None
        assert len(split(ledger, document, NewPart(pages=(1,)), NewPart(pages=(2,)))) == 2
        assert ledger.verify_chain().intact
