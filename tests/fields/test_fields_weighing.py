"""From readings to evidence and to a field: agreement, rules, and when a person is asked."""

import pytest

from ocr.fields.acceptance import Policy, decide, decided
from ocr.fields.calibration import load
from ocr.fields.evidence import Evidence, EvidenceTable, Found, with_checks, with_proposal
from ocr.fields.rules import apply_rules
from ocr.fields.vocabulary import snapped
from ocr.fields.weighing import Opinions, weigh
from schemas.document_type import Rule
from schemas.field import Check, Field, FieldStatus, Reading, Table
from schemas.validators import FieldType

POLICY = Policy(load(), 0.005)
RELATIONS = ("Chủ hộ", "Vợ", "Chồng", "Con đẻ", "Con rể", "Bố đẻ", "Bố vợ", "Người thuê")


def settled(opinions: Opinions) -> Field:
    return decide(weigh(opinions), POLICY)


def said(*texts: tuple[str, str, float]) -> list[Reading]:
    return [Reading(reader=who, text=text, confidence=c) for who, text, c in texts]


def test_two_kinds_of_reader_that_agree_are_accepted() -> None:
    field = settled(
        Opinions(
            FieldType.personal_id,
            said(("figures", "048090000001", 0.95), ("tesseract-300", "048 090000001", 0.9)),
            required=True,
        )
    )
    assert (field.value, field.status) == ("048090000001", FieldStatus.accepted)
    assert {check.name for check in field.checks} >= {"readers_agree", "personal_number"}


def test_one_kind_of_reader_is_not_enough_where_another_says_otherwise() -> None:
    looks = said(
        ("tesseract-300", "048090000007", 0.99),
        ("tesseract-200", "048090000007", 0.99),
        ("figures", "048090000001", 0.5),
    )
    field = settled(Opinions(FieldType.personal_id, looks, required=True))
    assert field.status is FieldStatus.review
    assert field.reasons == ("reasons.readers_agree",)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (FieldType.personal_id, "048090000001"),
        (FieldType.phone, "0905123456"),
        (FieldType.date, "02/06/1971"),
        (FieldType.date_or_year, "1971"),
    ],
)
@pytest.mark.parametrize("who", ["figures", "tesseract", "pens"])
@pytest.mark.parametrize(("sure", "agreed"), [(0.15, False), (0.49, False), (0.7, True)])
def test_a_reader_of_figures_that_half_guesses_agrees_by_chance(
    kind: FieldType, text: str, who: str, sure: float, agreed: bool
) -> None:
    for other in (0.8, 0.99):
        field = settled(Opinions(kind, said((who, text, sure), ("line", text, other))))
        assert field.checks[0].passed is agreed
        assert (field.status is FieldStatus.accepted) is agreed


def test_looks_of_one_reader_of_figures_are_sure_as_well() -> None:
    for sure, agreed in ((0.4, False), (0.9, True)):
        looks = said(("tesseract-300", "0905123456", 0.9), ("tesseract-200", "0905123456", sure))
        assert settled(Opinions(FieldType.phone, looks)).checks[0].passed is agreed


def test_a_reader_of_words_may_be_less_sure_of_what_another_says() -> None:
    looks = said(("tesseract", "Nguyễn Văn Bình", 0.3), ("line", "Nguyễn Văn Bình", 0.95))
    assert settled(Opinions(FieldType.name, looks)).checks[0].passed


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (FieldType.personal_id, "999090000001"),
        (FieldType.date, "31/02/2020"),
        (FieldType.doc_number, "5/QĐ-UBND"),
        (FieldType.name, "rần Phước Hiền"),
        (FieldType.email, "mau.vidu.vn"),
    ],
)
def test_what_breaks_a_rule_is_never_accepted(kind: FieldType, text: str) -> None:
    field = settled(Opinions(kind, said(("a", text, 1.0), ("b", text, 1.0))))
    assert field.status is FieldStatus.review
    assert any(check.blocking and not check.passed for check in field.checks)


def test_a_third_reader_that_is_surer_is_heard() -> None:
    looks = [("figures", "02/06/1971", 0.63), ("tesseract", "02/06/1971", 0.87)]
    for sure, agreed in ((0.84, False), (0.4, True)):
        field = settled(Opinions(FieldType.date, said(*looks, ("line", "02/08/1971", sure))))
        assert field.value == "1971-06-02"
        assert field.checks[0].passed is agreed


@pytest.mark.parametrize(
    ("kind", "surer", "meant", "usual"),
    [
        (FieldType.personal_id, "848190000001", "048190000001", ()),
        (FieldType.text, "Chủ nô", "Chủ hộ", RELATIONS),
    ],
)
def test_what_can_be_is_likelier_than_what_cannot(
    kind: FieldType, surer: str, meant: str, usual: tuple[str, ...]
) -> None:
    looks = said(("tesseract", surer, 0.95), ("line", meant, 0.5))
    assert settled(Opinions(kind, looks, words=usual)).value == meant


@pytest.mark.parametrize(
    ("read", "whole"),
    [("2/01/1976", False), ("05/1/2020", False), ("2/1/1976", True), ("05/3/2020", True)],
)
def test_a_date_that_may_have_lost_a_figure_goes_to_a_person(read: str, whole: bool) -> None:
    field = settled(Opinions(FieldType.date, said(("pens", read, 0.9), ("line", read, 0.99))))
    assert (field.status is FieldStatus.accepted) is whole
    digital = settled(Opinions(FieldType.date, said(("text-layer", read, 0.99))))
    assert digital.status is FieldStatus.accepted


def test_a_decisive_reader_needs_no_second() -> None:
    looks = said(("annotation", "542/TB-UBND", 0.99), ("tesseract", "84/TB-UBND", 0.6))
    field = settled(Opinions(FieldType.doc_number, looks, required=True))
    assert (field.value, field.status) == ("542/TB-UBND", FieldStatus.accepted)


@pytest.mark.parametrize("required", [True, False])
def test_nothing_read(required: bool) -> None:
    field = settled(Opinions(FieldType.text, said(("tesseract", " ", 0.9)), required=required))
    assert field.value is None
    assert field.status is (FieldStatus.review if required else FieldStatus.missing)


def test_a_low_confidence_goes_to_a_person() -> None:
    looks = said(("tesseract-300", "Vợ", 0.4), ("tesseract-200", "Vợ", 0.5))
    assert settled(Opinions(FieldType.text, looks)).status is FieldStatus.review


def test_what_cannot_be_of_its_kind_keeps_its_text() -> None:
    field = settled(Opinions(FieldType.date, said(("tesseract", "4ð/3/2024", 0.9))))
    assert (field.value, field.raw, field.status) == (None, "4ð/3/2024", FieldStatus.review)


def agreed(kind: FieldType, text: str) -> Evidence:
    return weigh(Opinions(kind, said(("a", text, 0.97), ("b", text, 0.97)), required=True))


def statuses(fields: dict[str, Found]) -> set[FieldStatus]:
    return {one.status for one in decided(fields, POLICY).values() if isinstance(one, Field)}


def test_a_number_that_contradicts_birth_or_sex_takes_all_three_to_a_person() -> None:
    rule = Rule(
        rule="personal_number_matches",
        fields={"number": "personal_id", "dob": "dob", "sex": "sex"},
    )
    fields: dict[str, Found] = {
        "personal_id": agreed(FieldType.personal_id, "048090000001"),
        "dob": agreed(FieldType.date, "01/01/1990"),
        "sex": agreed(FieldType.sex, "Nam"),
    }
    assert statuses(apply_rules(fields, [rule])) == {FieldStatus.accepted}
    fields["sex"] = agreed(FieldType.sex, "Nữ")
    assert statuses(apply_rules(fields, [rule])) == {FieldStatus.review}


def test_rules_hold_row_by_row() -> None:
    rule = Rule(rule="personal_number_matches", table="members", fields={"number": "n", "dob": "d"})
    good = {
        "n": agreed(FieldType.personal_id, "048090000001"),
        "d": agreed(FieldType.date, "1/1/1990"),
    }
    bad = {**good, "d": agreed(FieldType.date, "1/1/1991")}
    ruled = apply_rules({"members": EvidenceTable((good, bad))}, [rule])
    table = decided(ruled, POLICY)["members"]
    assert isinstance(table, Table)
    assert [row["n"].status.value for row in table.rows] == ["accepted", "review"]


def test_the_head_of_the_household_is_the_declarant() -> None:
    rule = Rule(
        rule="same_when",
        fields={"when": "relation", "left": "own", "right": "head"},
        equals="Chủ hộ",
    )
    fields: dict[str, Found] = {
        "relation": agreed(FieldType.text, "Chủ hộ"),
        "own": agreed(FieldType.name, "Lê Văn An"),
        "head": agreed(FieldType.name, "Lê Văn Bình"),
    }
    assert statuses(apply_rules(fields, [rule])) == {FieldStatus.review}


def test_checks_that_do_not_block_leave_the_status() -> None:
    read = agreed(FieldType.text, "Vợ")
    more = with_checks(read, Check(name="x", passed=False, blocking=False))
    assert decide(more, POLICY).status is decide(read, POLICY).status is FieldStatus.accepted


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("Con đẻ", "Con đẻ"),
        ("Nguời thuê", "Người thuê"),
        ("Bố đẽ", "Bố đẻ"),
        ("Hàng xóm", "Hàng xóm"),
        ("", ""),
    ],
)
def test_usual_values(read: str, meant: str) -> None:
    assert snapped(read, RELATIONS) == meant


def test_neighbours_are_not_mixed_up() -> None:
    assert snapped("Con dể", RELATIONS) in {"Con dể", "Con đẻ", "Con rể"}
    assert snapped("Con rể", RELATIONS) == "Con rể"


def test_usual_beginnings() -> None:
    assert snapped("Công án phường Ví Dụ", ("Công an phường", "Công an xã")) == (
        "Công an phường Ví Dụ"
    )


def born(*looks: tuple[str, str, float], number: str = "048190000001", twice: bool = True) -> bool:
    """Whether the readers of a date of birth agree, or are borne out, beside a personal number."""
    numbers = [("line", number, 0.99), ("tesseract", number if twice else "048190000009", 0.9)]
    fields = {
        "dob": weigh(Opinions(FieldType.date, said(*looks))),
        "id": weigh(Opinions(FieldType.personal_id, said(*numbers))),
        "sex": Evidence(FieldType.sex, "Nữ"),
    }
    roles = {"number": "id", "dob": "dob", "sex": "sex"}
    rule = Rule(rule="personal_number_matches", fields=roles)
    found = apply_rules(fields, [rule])["dob"]
    assert isinstance(found, Evidence)
    return any(check.name.endswith("agree") and check.passed for check in found.checks)


def test_a_date_of_birth_is_borne_out_part_by_part() -> None:
    line = ("line", "28/08/1990", 0.999)
    assert born(line, ("tesseract", "28/08/1930", 0.9))
    assert born(line, ("pens", "28/08/190", 0.6))
    assert not born(line, ("tesseract", "23/08/1990", 0.9))
    assert not born(line, ("tesseract", "28/08/1930", 0.9), twice=False)
    assert not born(line, ("tesseract", "28/08/1930", 0.9), number="048194000001")
    assert not born(line)


def sex_agrees(number: str, *, twice: bool = True) -> bool:
    """Whether *Nữ*, that one reader of a pen says, counts as said by two beside such a number."""
    numbers = [("pens", number, 0.99), ("figures", number if twice else "048190000009", 0.9)]
    told = [("line", "Nữ", 0.95), ("tesseract", "Na", 0.4)]
    fields = {
        "sex": weigh(Opinions(FieldType.sex, said(*told), by_pen=True)),
        "id": weigh(Opinions(FieldType.personal_id, said(*numbers), by_pen=True)),
    }
    rule = Rule(rule="personal_number_matches", fields={"number": "id", "sex": "sex"})
    found = apply_rules(fields, [rule])["sex"]
    assert isinstance(found, Evidence)
    return any(check.name.endswith("agree") and check.passed for check in found.checks)


def test_a_sex_is_borne_out_by_the_figure_of_the_personal_number() -> None:
    assert sex_agrees("048190000001")
    assert not sex_agrees("048090000001"), "the number says the other sex"
    assert not sex_agrees("048190000001", twice=False), "nobody is sure of the number"


def test_a_proposal_is_for_a_person() -> None:
    read = weigh(
        Opinions(
            FieldType.text,
            said(("tesseract", "xã Đai Lộc", 0.9), ("line", "xã Đai Lộc", 0.95)),
        )
    )
    assert with_proposal(read, "xã Đai Lộc", "unit_read") is read
    found = with_proposal(read, "xã Đại Lộc", "unit_read")
    assert (found.value, found.raw) == ("xã Đại Lộc", "xã Đai Lộc")
    assert decide(found, POLICY).status is FieldStatus.review
    assert found.checks[-1] == Check(name="unit_read", passed=False)
