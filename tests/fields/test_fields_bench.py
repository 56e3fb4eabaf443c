"""The measurement of fields: what counts as exact, accepted, wrong."""

import json
from pathlib import Path

import pytest

from ocr.options import ReadingOptions
from schemas.errors import InputRejected, NotFound
from schemas.field import Field, FieldStatus, Table
from schemas.manifest import Extraction
from training.benches import fields as bench


def read(value: str | None, accepted: bool = True) -> Field:
    status = FieldStatus.accepted if accepted else FieldStatus.review
    return Field(value=value, status=status, confidence=0.9)


def scored(truth: dict[str, object], **fields: object) -> dict[str, bench.FieldScore]:
    row = bench._truth(Path(), {"file": "a.pdf", "fields": truth})
    extraction = Extraction(document_type="x", fields=fields)
    score = bench._score(list(bench._compare(row, extraction)))
    return {one.field: one for one in score.fields}


def test_exact_accepted_and_wrong() -> None:
    found = scored(
        {"name": "Lê  Thử", "dob": "03/04/1975", "sex": "Nam"},
        name=read("Lê Thử"),
        dob=read("1975-04-03", accepted=False),
        sex=read("Nữ"),
    )
    assert (found["name"].exact, found["name"].accepted, found["name"].wrong) == (1, 1, 0)
    assert (found["dob"].exact, found["dob"].accepted, found["dob"].wrong) == (1, 0, 0)
    assert (found["sex"].exact, found["sex"].accepted, found["sex"].wrong) == (0, 1, 1)


def test_a_row_too_many_and_a_row_too_few() -> None:
    truth = {"members": [{"name": "Lê Thử"}, {"name": "Hồ Thử"}]}
    one = scored(truth, members=Table(rows=({"name": read("Lê Thử")},)))["members.name"]
    assert (one.total, one.exact, one.accepted, one.wrong) == (2, 1, 1, 0)
    rows = tuple({"name": read(name)} for name in ("Lê Thử", "Hồ Thử", "Vũ Thử"))
    one = scored(truth, members=Table(rows=rows))["members.name"]
    assert (one.total, one.exact, one.accepted, one.wrong) == (2, 2, 3, 1)


def test_other_places_of_a_tone_are_not_exact_but_not_wrong() -> None:
    found = scored({"org": "ỦY BAN – HÒA"}, org=read("UỶ BAN - HOÀ"))["org"]
    assert (found.exact, found.wrong) == (0, 0)


def test_fields_the_truth_does_not_speak_of_do_not_count() -> None:
    assert scored({"name": "Lê Thử"}, name=read("Lê Thử"), phone=read("1")).keys() == {"name"}


@pytest.mark.parametrize("title", ["PHÓ CHỦ TỊCH", "KT. CHỦ TỊCH PHÓ CHỦ TỊCH"])
def test_a_title_may_be_read_with_or_without_its_authority(title: str) -> None:
    truth = {"signer_title": "KT. CHỦ TỊCH PHÓ CHỦ TỊCH"}
    found = scored(truth, signer_authority=read("KT. CHỦ TỊCH"), signer_title=read(title))
    assert (found["signer_title"].exact, found["signer_title"].wrong) == (1, 0)


@pytest.mark.parametrize("text", ["", "[]\n", '{"fields": {}}\n', "{"])
def test_what_is_no_truth_is_said(tmp_path: Path, text: str) -> None:
    (tmp_path / "truth.jsonl").write_text(text)
    with pytest.raises(InputRejected):
        bench.fields(tmp_path, ReadingOptions(), print)
    with pytest.raises(NotFound):
        bench.fields(tmp_path / "none", ReadingOptions(), print)


def test_a_folder_is_measured(tmp_path: Path) -> None:
    from datetime import date

    from sohoa.sample import draw_form, sample_answers

    answers = sample_answers(date(2026, 11, 23))
    draw_form(answers).image.save(tmp_path / "a.png", dpi=(300, 300))
    truth = {"full_name": answers.applicant.name, "sex": answers.applicant.sex}
    line = {"file": "a.png", "style": "itim", "fields": truth}
    (tmp_path / "truth.jsonl").write_text(json.dumps(line, ensure_ascii=False))
    report = bench.fields(tmp_path, ReadingOptions(), lambda _: None)
    assert report.documents == report.pages == 1
    assert report.groups["hand"].total == 2
    assert report.groups["hand"].exact >= 1
    assert report.fields_cpu_per_page > 0
