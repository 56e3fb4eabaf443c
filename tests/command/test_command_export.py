"""What leaves for other systems: the table of fields, the portal's records, cover sheets."""

import csv
import io
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from typer.testing import CliRunner

from ocr import ReadingOptions, annotations, extract, inspect, read_page
from schemas.dossier import Role, Stage
from schemas.field import Field, FieldStatus, Table
from schemas.manifest import Manifest, Source
from schemas.procedure import checklist, procedures
from sohoa.cli import app
from storage import Document, Dossier
from usecases.cover_sheet import cover_sheets
from usecases.exporting import COLUMNS, fields_csv, portal_records
from usecases.published import Published

CODE = "H17.9.3-261123-0001"
NOW = datetime(2026, 11, 23, 1, 2, 3, tzinfo=UTC)
HANOI = ZoneInfo("Asia/Ho_Chi_Minh")


def field(value: str | None) -> Field:
    return Field(value=value, raw=value, confidence=0.99, status=FieldStatus.accepted, page=1)


def published(
    at: int, role: Role, kind: str | None, *, provisional: bool = False, **fields: str | Table
) -> Published:
    source = Source(name="quet.pdf", sha256="a" * 64, bytes=1, media_type="application/pdf")
    dossier = Dossier(
        id=1, department="mot-cua", code=CODE, provisional=provisional, stage=Stage.published,
        lease_owner=None, lease_until=None, attempts=0, next_attempt_at=None, created_at=NOW,
        updated_at=NOW, warnings=(),
    )  # fmt: skip
    document = Document(
        id=at, dossier_id=1, number=at, role=role, name=f"{at}.pdf", claim_id="c",
        relative=f"{at}.pdf", source_sha256="a" * 64, source_bytes=1, media_type=None,
        document_type=kind, stage=Stage.published, failed_from=None, manifest_sha256=None,
        pdfa_sha256=None, signed_sha256=None, pages=1, error_code=None, error_params={},
        duplicate_of=None, created_at=NOW, updated_at=NOW,
    )  # fmt: skip
    manifest = Manifest(
        source=source, document_type=kind, form_version=None, legal_basis=None, pages=(),
        fields={k: v if isinstance(v, Table) else field(v) for k, v in fields.items()},
    )  # fmt: skip
    return Published(dossier, document, manifest, ())


def test_csv_has_a_line_a_field_and_no_formulas() -> None:
    rows = Table(rows=({"full_name": field("Hồ Thử, con")},))
    one = published(1, Role.component, "ct01", full_name="Lê Thử", note="=1+1", members=rows)
    text = fields_csv([one])
    read = list(csv.DictReader(io.StringIO(text)))
    assert text.splitlines()[0] == ",".join(COLUMNS)
    assert [row["field"] for row in read] == ["full_name", "note", "members.0.full_name"]
    assert read[0]["value"] == "Lê Thử"
    assert read[1]["value"] == "'=1+1"
    assert read[2]["value"] == "Hồ Thử, con"
    assert read[0]["dossier"] == CODE
    assert read[0]["document"] == "component-001"


def test_a_portal_record() -> None:
    declaration = {"declarant_name": "Lê Thử", "personal_id": "048190000123"}
    parts = [
        published(1, Role.component, "to_khai_khai_sinh", **declaration),
        published(2, Role.component, None),
        published(3, Role.result, "giay_khai_sinh", number="12/2026"),
    ]
    (record,) = portal_records(parts, HANOI)
    assert record["MaHoSo"] == CODE
    assert (record["MaTTHC"], record["TenTTHC"]) == ("1.001193", "Đăng ký khai sinh")
    assert record["NgayTiepNhan"] == "20261123080203"
    assert (record["ChuHoSo"], record["DinhDanhCHS"]) == ("Lê Thử", "048190000123")
    assert [one["TenTepDinhKem"] for one in record["TaiLieuNop"]] == ["1.pdf", "2.pdf"]
    (result,) = record["DanhSachGiayToKetQua"]
    assert (result["TenGiayTo"], result["MaGiayToKetQua"]) == ("Giấy khai sinh", "12/2026")


def test_what_is_not_known_is_null() -> None:
    (record,) = portal_records([published(1, Role.component, "ct01", provisional=True)], HANOI)
    assert record["MaHoSo"] is record["MaTTHC"] is record["ChuHoSo"] is None


def test_components_are_ticked_off() -> None:
    full = checklist(["ct01", None])
    assert full is not None
    assert full.missing == ()
    assert {one.code for one in full.procedures} == {"1.004222", "1.004194"}
    half = checklist(["ct01"])
    assert half is not None
    assert [one.id for one in half.missing] == ["proof_of_abode"]
    assert checklist([None, "can_cuoc"]) is None
    assert all(one.names.vi and (one.components or one.note) for one in procedures())


@pytest.mark.parametrize("code", [CODE, "TAM-261123-7F3K2A9Q"])
def test_a_cover_sheet_is_read_again(code: str, tmp_path: Path) -> None:
    path = tmp_path / "cover.pdf"
    path.write_bytes(cover_sheets([code]))
    options = ReadingOptions()
    assert inspect(path, options).pages == 1
    found = extract(path, [read_page(path, 1, options)], annotations(path), options)
    assert found.document_type == "phieu_bia"
    told = found.fields["dossier_code"]
    assert isinstance(told, Field)
    assert (told.value, told.status) == (code, FieldStatus.accepted)
    assert told.readers[0].reader == "qr"


def test_a_cover_sheet_needs_a_code(tmp_path: Path) -> None:
    out = tmp_path / "c.pdf"
    runner = CliRunner()
    refused = runner.invoke(app, ["coversheet", "H17", "--out", str(out), "--data", str(tmp_path)])
    assert refused.exit_code != 0
    assert not out.exists()
    made = runner.invoke(app, ["coversheet", CODE, "--out", str(out), "--data", str(tmp_path)])
    assert made.exit_code == 0
    assert out.read_bytes().startswith(b"%PDF")


EXAMPLE = """
id: giay_thu
names: {vi: Giấy thử, en: Trial}
legal_basis: Không
layout: labelled
recognise: {titles: [GIẤY THỬ]}
fields:
  - {id: full_name, labels: [{text: "Họ và tên:"}], type: name}
"""


def test_types_check_and_try(tmp_path: Path) -> None:
    from drawn_types import draw_type, scanned

    from schemas.document_type import parse

    runner = CliRunner()
    file, scan = tmp_path / "thu.yaml", tmp_path / "scan.png"
    file.write_text(EXAMPLE, encoding="utf-8")
    data = ["--data", str(tmp_path / "data")]
    drawn = draw_type(parse(EXAMPLE), {"full_name": "Lê Văn Thử"}, top=("Ví Dụ",), dpi=200)
    scanned(drawn).save(scan, dpi=(200, 200))
    assert runner.invoke(app, ["types", "check", str(file), *data]).exit_code == 0
    tried = runner.invoke(app, ["types", "try", str(file), str(scan), "--json", *data])
    assert tried.exit_code == 0
    assert '"value": "Lê Văn Thử"' in tried.stdout
    file.write_text(EXAMPLE.replace("labelled", "labeled"), encoding="utf-8")
    assert runner.invoke(app, ["types", "check", str(file), *data]).exit_code == 3
    file.write_text(EXAMPLE.replace("GIẤY THỬ", "GIẤY KHÁC HẲN"), encoding="utf-8")
    assert runner.invoke(app, ["types", "try", str(file), str(scan), *data]).exit_code == 5
