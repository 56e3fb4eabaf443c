"""A scan that holds several documents becomes several documents as a person says."""

from collections import Counter

import pytest
from split_scans import HEADS, TESTER, accept, by_person, dossier_of, stack_office
from stacks import CODE, OTHER, StackOffice, stack

from schemas.dossier import Stage
from schemas.errors import Conflict, InputRejected
from storage import ObjectKind
from usecases.review import settle

__all__ = ["stack_office"]


async def test_a_cover_sheet_that_contradicts_the_folder_waits(at: StackOffice) -> None:
    at.drop(CODE, stack(at.root / "s.pdf", f"cover:{OTHER}", "QUYẾT ĐỊNH"))
    await at.run()
    assert at.settled(CODE) == [Stage.in_review]
    with pytest.raises(Conflict, match="--split"):
        accept(at)
    (part,) = by_person(at)
    assert at.ledger.dossier_by_id(part.dossier_id).code == OTHER


async def test_heads_alone_are_a_proposal_that_a_person_settles(at: StackOffice) -> None:
    dossier = at.drop(CODE, stack(at.root / "s.pdf", *HEADS))
    await at.run()
    assert at.documents(CODE)[0][1:] == ((), Stage.in_review)
    with pytest.raises(Conflict, match="--keep-together"):
        settle(TESTER, at.ledger, at.work, dossier, (), approval=at.approval, accept=True)
    made = by_person(at)
    assert [one.source_pages for one in made] == [(1, 2), (3,), (4,)]
    assert by_person_again(at) == "flow.decided_already"
    await at.run()
    accept(at)
    assert [kind for kind, _, _ in at.documents(CODE)] == ["quyet_dinh", "thong_bao", "to_trinh"]
    assert not at.ledger.dossiers(stage=Stage.in_review), "nobody is asked again"
    (split,) = [one for one in at.ledger.events(dossier.id) if one.kind == "split"]
    assert split.actor == "cli:test"


def by_person_again(at: StackOffice) -> str:
    with pytest.raises(Conflict) as caught:
        by_person(at)
    return caught.value.code


async def test_kept_together_it_is_one_document(at: StackOffice) -> None:
    dossier = at.drop(CODE, stack(at.root / "s.pdf", *HEADS))
    await at.run()
    settle(
        TESTER,
        at.ledger,
        at.work,
        dossier,
        (),
        approval=at.approval,
        accept=True,
        keep_together=True,
        number=1,
    )
    await at.run()
    assert at.settled(CODE) == [Stage.published]
    (reviewed,) = [one for one in at.ledger.events(dossier.id) if one.kind == "reviewed"]
    assert reviewed.data["kept_together"] is True


async def test_a_person_corrects_the_ranges_and_is_not_asked_again(at: StackOffice) -> None:
    at.drop(CODE, stack(at.root / "s.pdf", *HEADS))
    await at.run()
    for text, code in (("1-5", "flow.no_such_page"), ("1-2,4-9", "flow.no_such_page")):
        with pytest.raises(InputRejected) as caught:
            by_person(at, text)
        assert caught.value.code == code
    made = by_person(at, f"1-3,4={OTHER}")
    assert [one.source_pages for one in made] == [(1, 2, 3), (4,)]
    await at.run()
    accept(at)
    assert [pages for _, pages, _ in at.documents(CODE)] == [(1, 2, 3)]
    assert [pages for _, pages, _ in at.documents(OTHER)] == [(4,)]
    assert set(at.settled(CODE)) | set(at.settled(OTHER)) == {Stage.ready_to_sign}


async def test_a_part_may_be_split_again(at: StackOffice) -> None:
    """Its parts are the scan's pages, too; the scan is stored once."""
    at.drop("x", stack(at.root / "s.pdf", f"cover:{CODE}", *HEADS, "blank", "BÁO CÁO"))
    await at.run()
    assert at.documents(CODE)[0][1:] == ((2, 3, 4, 5), Stage.in_review)
    made = by_person(at, "1-3,4", number=2)
    assert [one.source_pages for one in made] == [(2, 3, 4), (5,)]
    await at.run()
    accept(at)
    await at.run()
    assert {pages for _, pages, _ in at.documents(CODE)} == {(2, 3, 4), (5,), (7,)}
    assert set(at.settled(CODE)) == {Stage.published}
    kept = Counter(one.kind for one in at.ledger.objects(dossier_of(at, CODE).id))
    assert kept[ObjectKind.original] == 1
    assert kept[ObjectKind.signed] == 3
