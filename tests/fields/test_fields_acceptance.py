"""One policy of acceptance: its rules, whatever the model says, and that nobody else decides."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ocr
from ocr.fields.acceptance import NOTHING_READ, UNSURE, Policy, audited, decide, decided
from ocr.fields.calibration import WANTED, load
from ocr.fields.evidence import TYPE_KNOWN, Evidence, EvidenceTable, nothing, with_checks
from ocr.fields.sureness import AGREEMENT
from schemas.document_type import Layout, document_types
from schemas.field import Check, Field, FieldStatus, Reading, Table
from schemas.messages import Language, sentence
from schemas.validators import FieldType
from schemas.validators.checks import check_names

LAYOUTS: tuple[Layout, ...] = get_args(Layout)
LANGUAGES: tuple[Language, ...] = get_args(Language)
ROOM = Path(ocr.__file__).parent
WORDS = "Về việc ban hành kế hoạch chuyển đổi số năm 2026"

layouts = st.sampled_from(LAYOUTS)
wishes = st.floats(0.0005, 0.2)
sureness = st.floats(0, 1)
kinds = st.sampled_from(sorted(FieldType))
names = st.sampled_from(["tesseract", "tesseract-zone", "line", "pens", "figures"])
readings = st.lists(
    st.builds(
        lambda who, text, sure: Reading(reader=who, text=text, confidence=sure),
        names, st.sampled_from([WORDS, WORDS.replace("ề", "ê"), "15/QĐ-UBND", "05/03/2026"]),
        sureness,
    ),
    max_size=4,
)  # fmt: skip
checks = st.lists(
    st.builds(
        lambda name, passed, blocking: Check(name=name, passed=passed, blocking=blocking),
        st.sampled_from(sorted(check_names() | AGREEMENT | {"subject_whole", TYPE_KNOWN})),
        st.booleans(), st.booleans(),
    ),
    max_size=4,
)  # fmt: skip
everything = st.builds(
    lambda kind, value, said, told, required: Evidence(
        kind, value, value, tuple(said), tuple(told), required
    ),
    kinds, st.sampled_from([None, WORDS, "15/QĐ-UBND", "2026-03-05"]), readings, checks,
    st.booleans(),
)  # fmt: skip


def policy(layout: Layout = "administrative", wanted: float = 0.005) -> Policy:
    return Policy(load().of(layout), wanted)


def said(*looks: tuple[str, str, float]) -> tuple[Reading, ...]:
    return tuple(Reading(reader=who, text=text, confidence=sure) for who, text, sure in looks)


def read(
    *more: Check, agreed: bool = True, sure: float = 0.99, kind: FieldType = FieldType.text
) -> Evidence:
    looks = said(("tesseract", WORDS, 0.9), ("line", WORDS, sure))
    told = (Check(name="readers_agree", passed=agreed), *more)
    return Evidence(kind, WORDS, WORDS, looks, told, required=True)


@settings(deadline=None)
@given(everything, layouts, wishes)
def test_a_failed_firm_check_is_never_accepted(
    evidence: Evidence, layout: Layout, wanted: float
) -> None:
    firm = Check(name="subject_whole", passed=False)
    field = decide(with_checks(evidence, firm), policy(layout, wanted))
    assert field.status is not FieldStatus.accepted
    if field.value is not None:
        assert "reasons.subject_whole" in field.reasons


@settings(deadline=None)
@given(everything, layouts, wishes)
def test_a_person_looks_for_a_reason_and_only_then(
    evidence: Evidence, layout: Layout, wanted: float
) -> None:
    field = decide(evidence, policy(layout, wanted))
    assert bool(field.reasons) is (field.status is FieldStatus.review)
    assert field.why() == field.reasons
    for code in field.reasons:
        assert {sentence(code, language) for language in LANGUAGES}


@settings(deadline=None)
@given(everything, layouts, wishes, wishes)
def test_a_laxer_wish_never_accepts_less(
    evidence: Evidence, layout: Layout, one: float, other: float
) -> None:
    strict, lax = sorted((one, other))
    before, after = (decide(evidence, policy(layout, wanted)) for wanted in (strict, lax))
    assert before.confidence == after.confidence
    if before.status is FieldStatus.accepted:
        assert after.status is FieldStatus.accepted


@settings(deadline=None)
@given(
    st.sampled_from([(FieldType.text, WORDS), (FieldType.text, "Ví Dụ"),
                     (FieldType.name, "Lê Văn Thử"), (FieldType.organisation, "SỞ NỘI VỤ")]),
    st.lists(sureness, min_size=1, max_size=2), st.none() | sureness, layouts, wishes,
)  # fmt: skip
def test_more_agreement_never_lowers(
    what: tuple[FieldType, str], sure: list[float], against: float | None, layout: Layout,
    wanted: float,
) -> None:  # fmt: skip
    kind, text = what
    looks = [(f"reader{n}", text, one) for n, one in enumerate(sure)]
    others = [("tesseract", text.replace("ê", "e") + ".x", against)] if against is not None else []
    agree = (Check(name="readers_agree", passed=len(sure) > 1),)
    before = Evidence(kind, text, text, said(*looks, *others), agree)
    one_more = (*looks, ("another", text, max(sure)), *others)
    after = Evidence(kind, text, text, said(*one_more), (Check(name="readers_agree", passed=True),))
    first, second = (decide(one, policy(layout, wanted)) for one in (before, after))
    if against is None or layout == "administrative":
        assert second.confidence >= first.confidence
    assert first.status is FieldStatus.review or second.status is FieldStatus.accepted


@settings(deadline=None)
@given(everything, layouts)
def test_a_value_in_which_readers_differ_is_never_accepted(
    evidence: Evidence, layout: Layout
) -> None:
    differ = Check(name="readers_agree", passed=False)
    told = tuple(check for check in evidence.checks if check.name not in AGREEMENT)
    field = decide(evidence._replace(checks=(*told, differ)), policy(layout, 0.2))
    assert field.status is not FieldStatus.accepted
    assert field.value is None or "reasons.readers_agree" in field.reasons


def test_what_does_not_look_at_ink_needs_no_second_reader() -> None:
    agree = (Check(name="readers_agree", passed=True),)
    for reader in ("text-layer", "annotation", "qr", "mrz", "certificate"):
        told = Evidence(FieldType.text, WORDS, WORDS, said((reader, WORDS, 0.99)), agree)
        field = decide(told, policy(wanted=0.0005))
        assert (field.status, field.confidence) == (FieldStatus.accepted, 0.99)
        spoken_against = with_checks(told, Check(name="subject_whole", passed=False))
        assert decide(spoken_against, policy()).confidence < 0.5


@pytest.mark.parametrize(
    ("sure", "wanted", "status"),
    [(0.95, 0.005, "accepted"), (0.85, 0.005, "review"), (0.85, 0.05, "accepted"),
     (0.95, 0.001, "review")],
)  # fmt: skip
def test_a_heading_is_held_to_the_wish(sure: float, wanted: float, status: str) -> None:
    told = Evidence(FieldType.doc_type, "QUYẾT ĐỊNH", readings=said(("title", "QUYẾT ĐỊNH", sure)))
    assert decide(told, policy(wanted=wanted)).status == status


def test_nothing_is_missing_unless_it_must_be_there() -> None:
    absent = decide(nothing(FieldType.text), policy())
    assert (absent.status, absent.reasons) == (FieldStatus.missing, ())
    needed = decide(nothing(FieldType.text, required=True), policy())
    assert (needed.status, needed.reasons) == (FieldStatus.review, (NOTHING_READ,))


def test_an_unsure_value_says_what_else_speaks_against_it() -> None:
    unusual = Check(name="name_usual", passed=False, blocking=False)
    doubtful = read(unusual, sure=0.05, kind=FieldType.name)
    field = decide(doubtful, policy(wanted=0.0005))
    assert field.reasons == (UNSURE, "reasons.name_usual")


def test_a_paper_of_no_known_type_is_for_a_person() -> None:
    known = decide(read(), policy(wanted=0.2))
    unknown = decide(with_checks(read(), Check(name=TYPE_KNOWN, passed=False)), policy(wanted=0.2))
    assert (known.status, unknown.status) == (FieldStatus.accepted, FieldStatus.review)
    assert unknown.confidence <= known.confidence / 2 + 1e-3


def test_cells_are_decided_as_fields_are() -> None:
    found = decided({"rows": EvidenceTable(({"name": read()},))}, policy())["rows"]
    assert isinstance(found, Table)
    assert found.rows[0]["name"] == decide(read(), policy())


def test_what_is_audited_says_so() -> None:
    accepted = decide(read(), policy(wanted=0.05))
    assert accepted.status is FieldStatus.accepted
    taken = audited({"subject": accepted}, "seed", 1.0)["subject"]
    assert isinstance(taken, Field)
    assert taken.reasons == ("reasons.audit",)


def test_every_layout_has_a_model_fitted_for_it() -> None:
    used = {spec.layout for spec in document_types()}
    assert used == set(LAYOUTS)
    own = load().administrative
    assert own is not None and own.count >= 250
    assert set(own.thresholds["all"]) == {f"{rate:g}" for rate in WANTED}


def test_the_wish_moves_the_thresholds_of_every_layout() -> None:
    for layout in LAYOUTS:
        model = load().of(layout)
        strict, usual, lax = (model.threshold(FieldType.text, one) for one in (0.001, 0.005, 0.05))
        assert strict >= usual >= lax
        assert strict > lax


def modules() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(ROOM.rglob("*.py")):
        yield str(path.relative_to(ROOM)), ast.parse(path.read_text("utf-8"))


def test_one_module_decides() -> None:
    """No other module of the room names a status, makes a field, or asks how sure a value is."""
    decides = "fields/acceptance.py"
    for name, tree in modules():
        found = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        found |= {
            alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        }
        called = {
            node.func.id
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        }
        imported = {
            node.module
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and node.module
        }
        if name in {decides, "learning/accepted.py"}:  # the second counts what the first decided
            continue
        assert "FieldStatus" not in found, name
        assert "schemas.field" not in imported or "Field" not in called, name
        if name not in {"fields/__init__.py", "calibration.py"}:
            assert "ocr.fields.acceptance" not in imported, name


def test_every_check_has_its_sentence() -> None:
    """Whatever check may fail, in any room, a person can be told why."""
    said_of = set(check_names())
    for room in (ROOM, ROOM.parent / "schemas", ROOM.parent / "flows"):
        for path in room.rglob("*.py"):
            text = path.read_text("utf-8")
            for call in re.findall(r"Check\(\s*name=([^,)]*)", text):
                said_of |= set(re.findall(r'"([a-z_]+)"', call))
            said_of |= set(re.findall(r'with_proposal\([^\n]*"([a-z_]+)"\)', text))
    assert {"readers_agree", "subject_whole", "unit_read", "audit", "sex"} <= said_of
    for name in said_of | {TYPE_KNOWN, "register_agrees", "register_knows"}:
        for language in LANGUAGES:
            assert len(sentence(f"reasons.{name}", language)) > 20
