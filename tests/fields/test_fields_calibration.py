"""Confidence fitted on labelled readings: true on what was held back, strict where it must be."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr.calibration import (
    PERSON,
    Features,
    Labelled,
    audited,
    corrected,
    dump,
    features_of,
    fit,
    load,
)
from ocr.fields.acceptance import Policy, decided
from ocr.fields.calibration import NAMES, PARTS
from ocr.fields.evidence import Evidence, EvidenceTable, Found
from schemas.document_type import Column, FieldSpec, document_type
from schemas.errors import ConfigurationError
from schemas.field import Check, Field, FieldStatus, FieldValue, Reading, Table
from schemas.validators import FieldType

SPEC = FieldSpec(id="full_name", type=FieldType.name)
WORD = FieldSpec(id="relation", type=FieldType.text, words=("Con đẻ",))


def read(
    value: str = "Lê Thử", *said: tuple[str, str, float], status: str = "accepted", **more: object
) -> Field:
    said = said or (("tesseract", value, 0.9), ("line", value, 0.95))
    readers = tuple(Reading(reader=r, text=t, confidence=c) for r, t, c in said)
    checks = (Check(name="readers_agree", passed=True),)
    content = {"value": value, "raw": value, "readers": readers, "checks": checks, **more}
    return Field(status=FieldStatus(status), confidence=0.9, **content)


def drawn(count: int, seed: int) -> list[Labelled]:
    """Readings whose chance of being right is known: agreement and certainty make it."""
    rng = np.random.default_rng(seed)
    made = []
    for _ in range(count):
        agree, top = float(rng.integers(0, 2)), float(rng.normal(1.5, 1.5))
        chance = 1 / (1 + np.exp(-(-2 + 4 * agree + 0.8 * top)))
        known = dict.fromkeys(NAMES, 0.0) | {"one": 1.0, "agreement": agree, "top": top}
        made.append(Labelled(FieldType.text, Features(**known), bool(rng.random() < chance)))
    return made


def drawn_print(count: int, seed: int) -> list[Labelled]:
    """Printed values: the surer the line model, the likelier right; the rest have a firm failure
    or readers that differ."""
    rng = np.random.default_rng(seed)
    made = []
    for _ in range(count):
        sure, firm = float(rng.uniform(0, 6)), float(rng.random() < 0.1)
        chance = 1 / (1 + np.exp(-(0.5 + 1.2 * sure - 3 * firm)))
        known = {"one": 1.0, "proven": 1.0, "sure": sure, "hard_failures": firm}
        features = Features(**(dict.fromkeys(NAMES, 0.0) | known))
        made.append(Labelled(FieldType.text, features, bool(rng.random() < chance)))
    return made


def test_confidence_is_true_on_what_was_held_back() -> None:
    model = fit(drawn(3000, 1), "drawn")
    held = drawn(3000, 2)
    sure = np.array([model.confidence(one.features) for one in held])
    right = np.array([one.right for one in held])
    for low, high in ((0.0, 0.5), (0.5, 0.8), (0.8, 0.95), (0.95, 1.0)):
        here = (sure >= low) & (sure < high)
        assert sure[here].mean() == pytest.approx(right[here].mean(), abs=0.05)
    accepted = sure >= model.threshold(FieldType.text, 0.01)
    assert accepted.mean() > 0.05
    assert 1 - right[accepted].mean() <= 0.02
    assert sum(one.count for one in model.reliability) == model.count == 3000


def test_a_stricter_wish_is_a_higher_threshold() -> None:
    model = fit(drawn(2000, 3), "drawn")
    kept = [model.threshold(FieldType.text, rate) for rate in (0.001, 0.005, 0.02, 0.05)]
    assert kept == sorted(kept, reverse=True)
    assert model.threshold(FieldType.text, 0.0004) >= 0.999
    assert model.threshold(FieldType.text, 0.007) == kept[1]


def test_administrative_papers_are_held_to_the_rate_like_others() -> None:
    papers = [one._replace(layout="administrative") for one in drawn_print(4000, 7)]
    apart = fit(papers, "drawn").of("administrative")
    held = drawn_print(4000, 8)
    for rate in (0.005, 0.02, 0.05):
        sure = [apart.confidence(one.features) for one in held]
        least = apart.threshold(FieldType.text, rate)
        accepted = [one.right for one, c in zip(held, sure, strict=True) if c >= least]
        assert len(accepted) > 1000
        assert accepted.count(False) / len(accepted) <= 1.4 * rate


def test_a_layout_without_values_keeps_its_model() -> None:
    papers = [one._replace(layout="administrative") for one in drawn_print(400, 7)]
    model = fit(papers, "papers", otherwise=load())
    assert model == load().model_copy(update={"administrative": model.administrative})
    assert model.administrative is not None and model.administrative.fitted_on == "papers"
    other = fit(drawn(400, 1), "forms", otherwise=load())
    assert other.administrative == load().administrative and other.fitted_on == "forms"


def test_few_corrections_do_not_overthrow_what_is_known() -> None:
    prior = fit(drawn(3000, 1), "drawn")
    said = [one._replace(right=True) for one in drawn(5, 4)]
    again = fit(said, "five", prior)
    for name in NAMES:
        assert again.weights[name] == pytest.approx(prior.weights[name], abs=1.5)
    many = [one._replace(right=not one.right) for one in drawn(3000, 5)]
    assert fit(many, "many", prior).weights["agreement"] < 0 < prior.weights["agreement"]


def test_features_tell_agreement_checks_and_usual_values() -> None:
    one = features_of(SPEC, read())
    assert one is not None
    assert (one.agreement, one.nearly, one.name, one.usual) == (1.0, 0.0, 1.0, 0.0)
    assert (one.length, one.alike) == (0.0, 0.0) and one.length_agreed > 0
    torn = read("Lê Thử", ("tesseract", "Lê Thứ", 0.9), ("line", "Lê Thử", 0.6))
    other = features_of(SPEC, torn)
    assert other is not None
    assert (other.agreement, other.dissent, other.length_agreed) == (0.0, 0.0, 0.0)
    assert 0.5 < other.alike < 1
    third = read("Lê Thử", ("a", "Lê Thử", 0.9), ("b", "Lê Thử", 0.6), ("c", "Lê Thứ", 0.5))
    dissent = features_of(SPEC, third)
    assert dissent is not None and (dissent.agreement, dissent.dissent) == (1.0, 1.0)
    near = Check(name="readers_nearly_agree", passed=True)
    nearly = features_of(SPEC, torn.model_copy(update={"checks": (near,)}))
    assert nearly is not None and nearly.nearly == 1.0
    usual = features_of(WORD, read("Con đẻ"))
    assert usual is not None
    assert usual.usual == 1.0
    odd = features_of(WORD, read("Công an phường Thanh Khê3"))
    assert odd is not None and usual.odd_agreed == 0.0 < odd.odd_agreed <= 3.0
    unit = Check(name="known_units", passed=True, blocking=False)
    named = features_of(WORD, read("Công an phường Hải Châu", checks=(unit,)))
    none = features_of(WORD, read("Con của anh tôi", checks=(unit,)))
    assert named is not None and none is not None
    assert (named.strong_passes, none.strong_passes) == (1.0, 0.0)  # naming none is no feat
    hard = Check(name="phone", passed=False)
    checks = (hard, Check(name="mobile_prefix", passed=False, blocking=False))
    failed = features_of(SPEC, read(checks=checks))
    assert failed is not None
    assert (failed.hard_failures, failed.soft_failures) == (1.0, 1.0)


def test_a_code_or_a_text_layer_is_left_alone() -> None:
    assert features_of(SPEC, read("Lê Thử", ("qr", "Lê Thử", 0.99))) is None
    assert features_of(SPEC, read("x", ("text-layer", "x", 0.99))) is None
    assert features_of(SPEC, Field(value=None, status=FieldStatus.missing)) is None


def evidence(field: Field) -> Evidence:
    kind = FieldType.text
    return Evidence(kind, field.value, field.raw, field.readers, field.checks)


def form(**fields: Field | EvidenceTable) -> dict[str, FieldValue]:
    spec = document_type("ct01", "66/2023")
    assert spec is not None
    found: dict[str, Found] = {
        name: evidence(one) if isinstance(one, Field) else one for name, one in fields.items()
    }
    return decided(found, Policy(load(), 0.005), spec)


def status(field: FieldValue) -> FieldStatus:
    assert isinstance(field, Field)
    return field.status


def test_the_shipped_model_doubts_what_one_reader_says_alone() -> None:
    agree = Check(name="readers_agree", passed=True)
    checks = (agree, Check(name="name_usual", passed=True, blocking=False))
    sure = read("Nguyễn Văn An", checks=checks)
    assert status(form(full_name=sure)["full_name"]) is FieldStatus.accepted
    alone = read("Nguyễn Văn An", ("tesseract", "Nguyễn Văn An", 0.6))
    assert status(form(full_name=alone)["full_name"]) is FieldStatus.review


def test_a_failed_check_is_never_outvoted() -> None:
    checks = (Check(name="readers_agree", passed=True), Check(name="personal_number", passed=False))
    number = read("048190000123", checks=checks, status="review")
    assert status(form(personal_id=number)["personal_id"]) is FieldStatus.review


def test_rows_are_calibrated_and_missing_stays_missing() -> None:
    absent = Field(value=None, status=FieldStatus.missing)
    found = form(phone=absent, members=EvidenceTable(({"relation": evidence(read("Con đẻ"))},)))
    assert found["phone"] == absent
    table = found["members"]
    assert isinstance(table, Table)
    assert table.rows[0]["relation"].confidence != 0.9


def test_the_shipped_model_says_what_it_was_fitted_on() -> None:
    model = load()
    assert model is not None
    assert model.fitted_on
    assert model.count >= 500
    assert model.right <= model.count
    assert set(model.weights) == set(NAMES)


def test_an_office_s_own_file_counts_and_a_damaged_one_is_said(tmp_path: Path) -> None:
    path = tmp_path / "calibration.json"
    assert load(path) == load()
    model = fit(drawn(200, 6), "office")
    path.write_bytes(dump(model))  # of print on forms alone: the rest keeps the shipped ones
    shipped = load()
    parts = {name: getattr(shipped, name) for name in PARTS}
    both = model.model_copy(update=parts)
    assert load(path) == both
    older = {name: weight for name, weight in model.weights.items() if name != "odd"}
    path.write_bytes(dump(model.model_copy(update={"weights": older})))
    assert load(path) == both.model_copy(update={"weights": {**model.weights, "odd": 0.0}})
    path.write_text('{"weights": {}}')
    with pytest.raises(ConfigurationError) as refused:
        load(path)
    assert refused.value.code == "fields.bad_calibration"


def test_what_a_person_changed_or_accepted_is_an_observation() -> None:
    machine = read("Lê Thử", status="review")
    person = Reading(reader=PERSON, text="Lê Thứ", confidence=1.0)
    changed = machine.model_copy(update={"value": "Lê Thứ", "readers": (*machine.readers, person)})
    one = corrected(SPEC, changed)
    assert one is not None
    assert (one.right, one.features.agreement) == (False, 1.0)
    person = Reading(reader=PERSON, text="Lê Thử", confidence=1.0)
    kept = corrected(SPEC, machine.model_copy(update={"readers": (*machine.readers, person)}))
    assert kept is not None
    assert kept.right
    assert corrected(SPEC, machine) is None


@given(st.floats(0, 1), st.text(alphabet="0123456789abcdef", min_size=8, max_size=8))
def test_audit_is_the_same_twice_and_takes_only_accepted_fields(share: float, seed: str) -> None:
    fields: dict[str, FieldValue] = {f"f{n}": read() for n in range(20)}
    fields["doubtful"] = read(status="review")
    once = audited(fields, seed, share)
    assert once == audited(fields, seed, share)
    assert once["doubtful"] == fields["doubtful"]
    assert share > 0 or once == fields


def test_audit_takes_about_its_share() -> None:
    fields: dict[str, FieldValue] = {f"f{n}": read() for n in range(2000)}
    rows = Table(rows=({"name": read()},))
    found = audited({**fields, "t": rows}, "seed", 0.1)
    singles = [one for one in found.values() if isinstance(one, Field)]
    taken = [one for one in singles if one.status is FieldStatus.review]
    assert 150 <= len(taken) <= 250
    assert all(one.checks[-1].name == "audit" for one in taken)
    everything = audited({"t": rows}, "seed", 1.0)["t"]
    assert isinstance(everything, Table)
    assert everything.rows[0]["name"].status is FieldStatus.review


def test_a_column_has_features_too() -> None:
    column = Column(id="relation", type=FieldType.text, words=("Con đẻ",))
    assert features_of(column, read("Con đẻ")) is not None


def test_corrections_are_found_in_a_settled_manifest() -> None:
    from schemas.manifest import Manifest, Source
    from sohoa.cli.calibrate import corrected_values

    spec = document_type("ct01", "66/2023")
    assert spec is not None
    person = Reading(reader=PERSON, text="Con nuôi", confidence=1.0)
    machine = read("Con đẻ", status="review")
    settled = machine.model_copy(
        update={"value": "Con nuôi", "readers": (*machine.readers, person)}
    )
    manifest = Manifest(
        source=Source(name="a.pdf", sha256="a" * 64, bytes=1, media_type="application/pdf"),
        document_type="ct01", form_version="66/2023", legal_basis=None, pages=(),
        fields={"full_name": read(), "members": Table(rows=({"relation": settled},))},
    )  # fmt: skip
    (one,) = corrected_values(manifest, spec)
    assert (one.kind, one.right, one.features.usual) == (FieldType.text, False, 1.0)


def test_addresses_are_held_to_what_texts_are() -> None:
    model = load()
    assert model is not None and FieldType.email.value not in model.thresholds
    text, every = model.threshold(FieldType.text, 0.005), model.thresholds["all"]["0.005"]
    assert model.threshold(FieldType.email, 0.005) == text > every
    bare = model.model_copy(update={"thresholds": {"all": model.thresholds["all"]}})
    assert bare.threshold(FieldType.email, 0.005) == every
