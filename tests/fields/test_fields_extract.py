"""Whole documents: drawn, read by the reading room, and their fields."""

import pickle
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

import ocr
from ocr.fields import extract
from ocr.fields.classify import national_header
from ocr.options import ReadingOptions
from ocr.values import Annotation
from schemas.document_type import document_type
from schemas.errors import MissingDependency
from schemas.field import Field, FieldStatus, Table
from schemas.manifest import Extraction
from schemas.page import PageKind, PageReading, Word
from sohoa import sample
from usecases import tinos

TODAY = date(2026, 11, 23)
OPTIONS = ReadingOptions()


def read(path: Path) -> Extraction:
    pages = [ocr.read_page(path, 1, OPTIONS)]
    return extract(path, pages, ocr.annotations(path), OPTIONS)


def value(extraction: Extraction, name: str) -> str | None:
    field = extraction.fields[name]
    assert isinstance(field, Field)
    return field.value


def doubts(extraction: Extraction) -> list[str]:
    found = []
    for name, field in extraction.fields.items():
        cells = [field] if isinstance(field, Field) else [c for r in field.rows for c in r.values()]
        found += [name for cell in cells if cell.status is FieldStatus.review]
    return found


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return sample.draw_sample(tmp_path_factory.mktemp("dossier"), TODAY)


@pytest.fixture(scope="module")
def form(drawn: list[Path]) -> Extraction:
    return read(drawn[0])


@pytest.fixture(scope="module")
def decision(drawn: list[Path]) -> Extraction:
    return read(drawn[1])


def test_the_form_is_known_with_its_version(form: Extraction) -> None:
    assert (form.document_type, form.form_version) == ("ct01", "66/2023")
    assert form.legal_basis == "Thông tư 66/2023/TT-BCA"
    assert form.warnings == ()


def test_the_form_says_what_was_typed(form: Extraction) -> None:
    answers = sample.sample_answers(TODAY)
    read_back = {name: value(form, name) or "" for name in answers.fields}
    assert read_back == answers.fields
    assert value(form, "dob") == answers.applicant.born.isoformat()
    members = form.fields["members"]
    assert isinstance(members, Table)
    rows = [{name: cell.value for name, cell in row.items()} for row in members.rows]
    assert rows == [
        {
            "full_name": person.name,
            "dob": person.born.isoformat(),
            "sex": person.sex,
            "personal_id": person.number,
            "relation": "Con đẻ",
        }
        for person in answers.members
    ]


def test_nothing_in_the_sample_needs_a_person(form: Extraction, decision: Extraction) -> None:
    assert doubts(form) == []
    assert doubts(decision) == []


def test_the_decision_s_fields(decision: Extraction) -> None:
    assert decision.document_type == "quyet_dinh"
    assert value(decision, "issuing_org") == "ỦY BAN NHÂN DÂN PHƯỜNG VÍ DỤ"
    assert value(decision, "issue_date") == TODAY.isoformat()
    assert value(decision, "issue_place") == "Ví Dụ"
    assert value(decision, "doc_type") == "QUYẾT ĐỊNH"
    assert value(decision, "subject") == "Về việc công nhận kết quả giải quyết hồ sơ cư trú"
    assert value(decision, "signer_title") == "TM. ỦY BAN NHÂN DÂN CHỦ TỊCH"
    assert value(decision, "signer_authority") == "TM. ỦY BAN NHÂN DÂN"
    recipients = decision.fields["recipients"]
    assert isinstance(recipients, Table)
    assert [row["name"].value for row in recipients.rows] == ["Như Điều 3", "Bộ phận Một cửa"]


def test_every_field_says_where_and_by_whom(form: Extraction) -> None:
    spec = document_type("ct01", "66/2023")
    assert spec is not None
    assert list(form.fields) == [field.id for field in spec.fields]
    for name, field in form.fields.items():
        if isinstance(field, Field) and field.value:
            assert field.page == 1, name
            assert field.box is not None
            assert 0 <= field.box[0] < field.box[2] <= 604
            assert len(field.readers) >= 2
            assert field.checks


def test_the_same_day_and_seed_give_the_same_bytes(tmp_path: Path, drawn: list[Path]) -> None:
    again = sample.draw_sample(tmp_path, TODAY)
    assert again[0].read_bytes() == drawn[0].read_bytes()
    assert not [p for p in tmp_path.rglob("*") if p.name.endswith(".part")]


def test_small_dossiers_are_distinct_and_need_no_person(tmp_path: Path) -> None:
    folders = sample.draw_small(tmp_path, 4, TODAY)
    pictures = [next(folder.iterdir()) for folder in folders]
    assert len({p.read_bytes() for p in pictures}) == 4
    extractions = [read(p) for p in pictures]
    assert [doubts(e) for e in extractions] == [[]] * 4
    assert len({value(e, "doc_number") for e in extractions}) == 4


def test_a_person_whose_number_contradicts_the_birth(tmp_path: Path) -> None:
    answers = sample.sample_answers(TODAY)
    number = answers.applicant.number
    wrong = number[:4] + f"{(int(number[4:6]) + 1) % 100:02d}" + number[6:]
    changed = answers._replace(fields={**answers.fields, "personal_id": wrong})
    path = tmp_path / "form.png"
    sample.draw_form(changed).scanned(np.random.default_rng(1), -0.8).save(path, dpi=(300, 300))
    extraction = read(path)
    assert value(extraction, "personal_id") == wrong
    assert {"personal_id", "dob", "sex"} <= set(doubts(extraction))


def test_an_empty_form_asks_for_what_is_required(tmp_path: Path) -> None:
    answers = sample.sample_answers(TODAY)
    blank = answers._replace(fields={name: "" for name in answers.fields}, members=())
    path = tmp_path / "form.png"
    sample.draw_form(blank).scanned(np.random.default_rng(2), 0.5).save(path, dpi=(300, 300))
    extraction = read(path)
    spec = document_type("ct01", "66/2023")
    assert spec is not None
    required = {f.id for f in spec.fields if f.required} - {"dob"}
    assert set(doubts(extraction)) == required
    assert extraction.fields["members"] == Table(rows=())


def test_a_pen_s_number_goes_to_a_person(tmp_path: Path, drawn: list[Path]) -> None:
    page = ocr.read_page(drawn[1], 1, OPTIONS)
    label = next(word for word in page.words if word.text.startswith("Số"))
    image = Image.fromarray(ocr.page_image(drawn[1], 1, 0, 300))
    x0, y0, _, y1 = (v * 300 / 72 for v in label.box)
    right = max(w.box[2] for w in page.words if w.line == label.line and w.box[2] < 250)
    draw = ImageDraw.Draw(image)
    left = x0 + 75
    draw.rectangle((left, y0 - 6, (right * 300 / 72) - 250, y1 + 8), fill=243)
    draw.line((left + 20, y1 + 8, left + 34, y0 - 14, left + 48, y1 + 2), fill=10, width=8)
    path = tmp_path / "penned.png"
    image.save(path, dpi=(300, 300))
    field = read(path).fields["doc_number"]
    assert isinstance(field, Field)
    assert field.status is FieldStatus.review


def words(*rows: tuple[float, float, str]) -> tuple[Word, ...]:
    """Words as read, from ``(x, y, text)`` lines; 6 points a letter, 12 high."""
    made = []
    for index, (start, y, text) in enumerate(rows):
        x = start
        for part in text.split():
            box = (x, y, x + 6.0 * len(part), y + 12)
            made.append(Word(text=part, box=box, confidence=0.96, line=index))
            x += 6.0 * len(part) + 3
    return tuple(made)


def digital(*rows: tuple[float, float, str]) -> PageReading:
    return PageReading(
        number=1, width=595, height=842, dpi=0, rotation=0, skew=0, blank=not rows,
        kind=PageKind.digital, words=words(*rows), confidence=0.96 if rows else 0,
    )  # fmt: skip


HEAD = (
    (90, 60, "ỦY BAN NHÂN DÂN"),
    (290, 60, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"),
    (90, 75, "TỈNH VÍ DỤ"),
    (320, 75, "Độc lập - Tự do - Hạnh phúc"),
)
FOOT = (
    (90, 500, "Nơi nhận:"),
    (90, 515, "- Như trên;"),
    (360, 500, "KT. CHỦ TỊCH"),
    (355, 515, "PHÓ CHỦ TỊCH"),
    (350, 600, "Lê Thị Bình"),
)


def of_words(*rows: tuple[float, float, str], stamps: tuple[Annotation, ...] = ()) -> Extraction:
    return extract(Path("nowhere.pdf"), [digital(*rows)], stamps, OPTIONS)


def test_a_born_digital_notice_whose_number_stands_in_signature_stamps() -> None:
    stamps = (
        Annotation(page=1, box=(130, 95, 180, 125), text="542"),
        Annotation(page=1, box=(440, 95, 470, 125), text="06"),
    )
    found = of_words(
        *HEAD,
        (90, 105, "Số: /TB-UBND"),
        (300, 105, "Ví Dụ, ngày tháng 11 năm 2024"),
        (250, 150, "THÔNG BÁO"),
        (200, 168, "Về việc họp"),
        *FOOT,
        stamps=stamps,
    )
    assert found.document_type == "thong_bao"
    assert value(found, "doc_number") == "542/TB-UBND"
    assert value(found, "issue_date") == "2024-11-06"
    assert value(found, "issuing_org") == "ỦY BAN NHÂN DÂN TỈNH VÍ DỤ"
    assert value(found, "signer_title") == "KT. CHỦ TỊCH PHÓ CHỦ TỊCH"
    assert value(found, "signer_name") == "Lê Thị Bình"
    assert doubts(found) == []


def test_an_official_letter_and_its_parent_body() -> None:
    found = of_words(
        (90, 60, "UBND TỈNH VÍ DỤ"),
        (290, 60, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"),
        (90, 75, "SỞ TƯ PHÁP"),
        (90, 105, "Số: 12/STP-VP"),
        (300, 105, "Ví Dụ, ngày 05 tháng 3 năm 2026"),
        (90, 120, "V/v trả lời công dân"),
        (240, 160, "Kính gửi: Ủy ban nhân dân phường Ví Dụ"),
        *FOOT,
    )
    assert found.document_type == "cong_van"
    assert value(found, "parent_org") == "UBND TỈNH VÍ DỤ"
    assert value(found, "issuing_org") == "SỞ TƯ PHÁP"
    assert value(found, "doc_number") == "12/STP-VP"
    assert value(found, "subject") == "V/v trả lời công dân"


def test_an_issuer_is_spelled_in_one_way_and_kept_as_printed() -> None:
    found = of_words(
        (90, 60, "UỶ BAN NHÂN DÂN"),
        (290, 60, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"),
        (90, 75, "TỈNH VÍ DỤ"),
        (90, 105, "Số: 12/TB-UBND"),
        (300, 105, "Ví Dụ, ngày 05 tháng 3 năm 2026"),
        (250, 150, "THÔNG BÁO"),
        (200, 168, "Về việc họp"),
        *FOOT,
    )
    issuer = found.fields["issuing_org"]
    assert isinstance(issuer, Field)
    assert issuer.value == "ỦY BAN NHÂN DÂN TỈNH VÍ DỤ"
    assert issuer.raw == "UỶ BAN NHÂN DÂN TỈNH VÍ DỤ"


def test_a_symbol_of_another_type_goes_to_a_person() -> None:
    found = of_words(
        *HEAD,
        (90, 105, "Số: 12/QĐ-UBND"),
        (300, 105, "Ví Dụ, ngày 05 tháng 3 năm 2026"),
        (250, 150, "THÔNG BÁO"),
        (200, 168, "Về việc họp"),
        *FOOT,
    )
    assert {"doc_number", "doc_type"} <= set(doubts(found))


def test_a_day_without_its_figures_keeps_month_and_year() -> None:
    found = of_words(
        *HEAD,
        (90, 105, "Số: /TB-UBND"),
        (300, 105, "Ví Dụ, ngày tháng 11 năm 2024"),
        (250, 150, "THÔNG BÁO"),
        (200, 168, "Về việc họp"),
        *FOOT,
    )
    assert value(found, "issue_date") == "2024-11"
    assert {"issue_date", "doc_number"} <= set(doubts(found))


def test_a_second_document_in_the_file_is_told() -> None:
    rows = (*HEAD, (250, 150, "BÁO CÁO"), (200, 168, "Về việc thử"), *FOOT)
    first = digital(*rows)
    second = first.model_copy(update={"number": 2})
    found = extract(Path("nowhere.pdf"), [first, second], (), OPTIONS)
    assert "fields.several_documents" in found.warnings


@pytest.mark.parametrize(
    "rows",
    [
        (),
        ((90, 60, "Thư gửi bạn"), (90, 80, "Hôm nay trời đẹp")),
        ((90, 300, "tờ khai thay đổi thông tin cư trú của người nộp"),),
    ],
)
def test_unknown_is_an_honest_answer(rows: tuple[tuple[float, float, str], ...]) -> None:
    found = of_words(*rows)
    assert found == Extraction(document_type=None, warnings=("fields.unknown_type",))


def test_of_an_unknown_type_only_what_any_paper_says_is_proposed() -> None:
    found = of_words(*HEAD, (270, 150, "GIẤY MỜI"), (90, 200, "Kính mời các cơ quan"))
    assert (found.document_type, found.warnings) == (None, ("fields.unknown_type",))
    assert value(found, "title") == "GIẤY MỜI"
    assert value(found, "issuing_org") is not None
    fields = [field for field in found.fields.values() if isinstance(field, Field)]
    assert {field.status for field in fields} == {FieldStatus.review}
    assert max(field.confidence for field in fields) <= 0.5


def test_the_header_is_found_through_misread_letters() -> None:
    page = digital((290, 60, "CỌNG HOÀ XÃ HỌI CHÚ NGHĨA VIỆT NAM"))
    spec = document_type("quyet_dinh")
    assert spec is not None
    assert national_header(page, spec) is not None


def test_arguments_and_results_cross_processes() -> None:
    page = digital(*HEAD)
    assert pickle.loads(pickle.dumps((extract, Path("a"), [page], (), OPTIONS)))[2] == [page]


def test_without_the_font_the_sample_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tinos, "FONT_FOLDERS", ())
    monkeypatch.setenv("PATH", "")
    tinos.font_file.cache_clear()
    with pytest.raises(MissingDependency) as missing:
        sample.draw_sample(tmp_path, TODAY)
    assert "fonts-croscore" in missing.value.sentence("vi")
    tinos.font_file.cache_clear()
