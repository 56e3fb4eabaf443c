"""Profiles of signatures: pictures where the decree wants them, fields ready before the first."""

from collections.abc import Callable
from datetime import datetime
from io import BytesIO
from pathlib import Path

import numpy as np
import pikepdf
import pypdfium2 as pdfium
import pytest
import zxingcpp
from drawn_signatures import draw_paper, draw_seal, draw_signature
from pikepdf import pdfa
from PIL import Image

from schemas.errors import ConfigurationError, InputRejected, SohoaError
from schemas.verdict import Verdict
from signing import Pki, Signer, SignerRole, SigningOptions, Trust, verify
from signing.appearance.picture import load_picture
from signing.appearance.signature_places import signature_places
from signing.options import InkColour, PictureFile
from signing.profiles import shipped_profiles

AGENCY = "ỦY BAN NHÂN DÂN PHƯỜNG HOA SEN"
SCALE = 2.0
MM = 72 / 25.4


@pytest.fixture(scope="module")
def drawn_pictures(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("pictures")
    return draw_signature(folder / "signature.png"), draw_seal(folder / "seal.png")


@pytest.fixture(scope="module")
def pictured(pki: Pki, drawn_pictures: tuple[Path, Path]) -> Signer:
    signature, seal = drawn_pictures
    options = SigningOptions(
        agency=AGENCY,
        check_page="https://kiemtra.hoasen.example/?m=",
        pictures={
            SignerRole.leader: PictureFile(file=signature),
            SignerRole.seal: PictureFile(file=seal),
        },
    )
    return Signer(pki, options)


@pytest.fixture(scope="module")
def paper_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return draw_paper(tmp_path_factory.mktemp("paper") / "paper.pdf")


@pytest.fixture(scope="module")
def led_file(pictured: Signer, paper_file: Path) -> Path:
    out = paper_file.with_name("led.pdf")
    pictured.sign(paper_file, out, profile="leader")
    return out


@pytest.fixture(scope="module")
def original_file(pictured: Signer, led_file: Path) -> Path:
    """The electronic original: signed by the leader, then by the agency."""
    out = led_file.with_name("original.pdf")
    pictured.sign(led_file, out, profile="agency")
    return out


def _render(path: Path, *, stamps: bool = True) -> np.ndarray:
    document = pdfium.PdfDocument(path)
    if stamps:
        document.init_forms()
    page = document[len(document) - 1]
    picture = page.render(scale=SCALE, draw_annots=stamps, rev_byteorder=True).to_numpy()
    document.close()
    return picture[:, :, :3].astype(int)


def _box(mask: np.ndarray) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of what is set, in points."""
    rows, columns = np.nonzero(mask)
    assert rows.size > 200
    return (
        columns.min() / SCALE,
        rows.min() / SCALE,
        (columns.max() + 1) / SCALE,
        (rows.max() + 1) / SCALE,
    )


def _blue(picture: np.ndarray) -> np.ndarray:
    return (picture[:, :, 2] > 130) & (picture[:, :, 0] < 90) & (picture[:, :, 1] < 90)


def _red(picture: np.ndarray) -> np.ndarray:
    return (picture[:, :, 0] > 150) & (picture[:, :, 1] < 80) & (picture[:, :, 2] < 80)


def _words(path: Path, wanted: str) -> tuple[float, float, float, float]:
    """Where a text stands: left, top, right, bottom in points."""
    document = pdfium.PdfDocument(path)
    page = document[len(document) - 1]
    text = page.get_textpage()
    finder = text.search(wanted, match_case=True)
    found = None
    while (hit := finder.get_next()) is not None:  # the last one counts
        found = hit
    assert found is not None
    boxes = [text.get_charbox(found[0] + number) for number in range(found[1])]
    height = page.get_height()
    document.close()
    return (
        min(one[0] for one in boxes),
        height - max(one[3] for one in boxes),
        max(one[2] for one in boxes),
        height - min(one[1] for one in boxes),
    )


def test_the_leader_signs_in_blue_between_title_and_name(led_file: Path, trust: Trust) -> None:
    assert verify(led_file, trust).verdict is Verdict.valid
    left, top, right, bottom = _box(_blue(_render(led_file)))
    title, name = _words(led_file, "CHỦ TỊCH"), _words(led_file, "Trần Thị Bưởi")
    assert title[3] < top and bottom < name[1]
    middle = (title[0] + title[2]) / 2
    assert (left + right) / 2 == pytest.approx(middle, abs=3)
    assert (top + bottom) / 2 == pytest.approx((title[3] + name[1]) / 2, abs=6)


def test_the_seal_is_red_in_its_size_and_covers_a_third(
    original_file: Path, led_file: Path, trust: Trust
) -> None:
    verdict = verify(original_file, trust)
    assert verdict.verdict is Verdict.valid
    assert [one.field for one in verdict.signatures] == ["Leader1", "Agency1"]
    left, top, right, bottom = _box(_red(_render(original_file)))
    assert right - left == pytest.approx(36 * MM, abs=1.5)
    assert bottom - top == pytest.approx(36 * MM, abs=1.5)
    person = _box(_blue(_render(led_file)))
    assert left < person[0] < right
    assert 0.25 <= (right - person[0]) / (person[2] - person[0]) <= 0.41


def test_nothing_of_the_page_lies_under_the_pictures(original_file: Path, paper_file: Path) -> None:
    page = _render(paper_file, stamps=False).min(axis=2) < 128
    drawn = _render(original_file)
    assert not (page & (_blue(drawn) | _red(drawn))).any()


def test_the_agency_s_field_is_there_before_the_first_signature(led_file: Path) -> None:
    with pikepdf.open(led_file) as document:
        fields = {str(one.T): one for one in document.Root.AcroForm.Fields}
        assert {"Leader1", "Agency1"} <= set(fields)
        agency = fields["Agency1"]
        assert "/V" not in agency and agency.Lock.P == 1 and str(agency.Lock.Action) == "/All"


def test_nobody_signs_after_the_agency(pictured: Signer, original_file: Path) -> None:
    with pytest.raises(InputRejected) as caught:
        pictured.sign(original_file, original_file.with_name("more.pdf"), role=SignerRole.clerk)
    assert caught.value.code == "signing.locked"


def test_archivable_before_and_after(original_file: Path, paper_file: Path) -> None:
    with pikepdf.open(paper_file) as document:
        assert pdfa.check(document, "2b").passed
    with pikepdf.open(original_file) as document:
        findings = pdfa.check(document, "2b").findings
    assert {finding.kind for finding in findings} == {"unsupported"}
    assert all("/AcroForm" in str(finding) or "/DSS" in str(finding) for finding in findings)


@pytest.mark.parametrize(
    ("profile", "first"),
    [
        ("sao-y", "SAO Y"),
        ("sao-luc", "SAO LỤC"),
        ("trich-sao", "TRÍCH SAO"),
        ("attachment", "45/2026/QĐ-UBND"),
    ],
)
def test_copies_and_attachments_have_no_picture(
    pictured: Signer,
    paper_file: Path,
    tmp_path: Path,
    trust: Trust,
    profile: str,
    first: str,
) -> None:
    out = tmp_path / "out.pdf"
    pictured.sign(paper_file, out, profile=profile, number="45/2026/QĐ-UBND")
    assert verify(out, trust).verdict is Verdict.valid
    picture = _render(out)
    with pikepdf.open(out) as document:
        (stamp,) = (one for one in document.pages[0].Annots if "/AP" in one)
        assert "/XObject" not in stamp.AP.N.Resources
    added = (picture.min(axis=2) < 128) & ~(_render(paper_file).min(axis=2) < 128)
    left, _, right, bottom = _box(added)
    assert left > 595 * 0.35 and right > 595 - 40 and bottom < 842 * 0.3
    lines = shipped_profiles()[profile].lines(
        agency=AGENCY,
        signer="",
        number="45/2026/QĐ-UBND",
        time=datetime.fromisoformat("2026-11-24T08:00:05+07:00"),
    )
    assert lines[0] == first and lines[-1] == "2026-11-24T08:00:05+07:00"


def test_an_attachment_needs_its_number(pictured: Signer, paper_file: Path, tmp_path: Path) -> None:
    for number, code in ((None, "number_needed"), ("12/\u4e2d", "letters_missing")):
        with pytest.raises(ConfigurationError) as caught:
            pictured.sign(paper_file, tmp_path / "out.pdf", profile="attachment", number=number)
        assert caught.value.code == f"signing.{code}"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("rotation", [90, 270])
def test_turned_pages(
    pictured: Signer, paper_file: Path, tmp_path: Path, trust: Trust, rotation: int
) -> None:
    """A scan that lies on its side in the file and is shown upright."""
    turned, led, sealed = (tmp_path / f"{name}.pdf" for name in ("turned", "led", "sealed"))
    with pikepdf.open(paper_file) as document:
        page = document.pages[0]
        matrix = {
            90: (0, 1, -1, 0, 842, 0),
            180: (-1, 0, 0, -1, 595.28, 841.89),
            270: (0, -1, 1, 0, 0, 595.28),
        }[rotation]
        text = " ".join(str(value) for value in matrix).encode()
        page.contents_add(pikepdf.Stream(document, b"q " + text + b" cm"), prepend=True)
        page.contents_add(pikepdf.Stream(document, b"Q"))
        if rotation in {90, 270}:
            page.MediaBox = [0, 0, 841.89, 595.28]
        page.Rotate = rotation
        document.save(turned)
    assert np.abs(_render(turned) - _render(paper_file)).mean() < 6
    pictured.sign(turned, led, profile="leader")
    pictured.sign(led, sealed, profile="agency")
    assert verify(sealed, trust).verdict is Verdict.valid
    picture = _render(sealed)
    assert _box(_red(picture))[0] < _box(_blue(picture))[0]
    left, top, right, bottom = _box(_blue(picture))
    assert right - left > bottom - top  # upright, not lying
    assert top > 400


def _white(document: pikepdf.Pdf, box: str) -> None:
    document.pages[0].contents_add(pikepdf.Stream(document, f"q 1 g {box} re f Q".encode()))


def test_where_there_is_no_block_or_no_room_it_is_refused(
    pictured: Signer, paper_file: Path, tmp_path: Path, drawn: Callable[..., bytes]
) -> None:
    source = tmp_path / "source.pdf"
    source.write_bytes(drawn(12))
    with pytest.raises(InputRejected) as caught:
        pictured.sign(source, tmp_path / "out.pdf", profile="leader")
    assert caught.value.code == "signing.no_signer_block"

    title, name = _words(paper_file, "CHỦ TỊCH"), _words(paper_file, "Trần Thị Bưởi")
    middle, down = (title[0] + title[2]) / 2, 842 - (title[3] + name[1]) / 2
    for box, code in (
        ((middle - 4, down - 30, 8, 60), "no_signature_room"),
        ((middle - 160, down - 20, 90, 40), "no_seal_room"),
    ):
        with pikepdf.open(paper_file) as document:
            square = " ".join(str(round(side, 1)) for side in box)
            document.pages[0].contents_add(
                pikepdf.Stream(document, f"q 0.2 g {square} re f Q".encode())
            )
            document.save(source)
        with pytest.raises(InputRejected) as caught:
            pictured.sign(source, tmp_path / "out.pdf", profile="leader")
        assert caught.value.code == f"signing.{code}"
    assert not (tmp_path / "out.pdf").exists()


def test_pdf_a_1_gets_no_transparency(pictured: Signer, paper_file: Path, tmp_path: Path) -> None:
    source, out = tmp_path / "source.pdf", tmp_path / "out.pdf"
    with pikepdf.open(paper_file) as document:
        xmp = (
            document.Root.Metadata.read_bytes()
            .replace(b"<pdfaid:part>2<", b"<pdfaid:part>1<")
            .replace(b'pdfaid:part="2"', b'pdfaid:part="1"')
        )
        assert b"part>1<" in xmp or b'part="1"' in xmp
        document.Root.Metadata.write(xmp)
        document.save(source)
    pictured.sign(source, out, profile="leader")
    with pikepdf.open(out) as document:
        stamps = [one for one in document.pages[-1].Annots if "/AP" in one]
        forms = [one.AP.N for one in stamps if "/XObject" in one.AP.N.get("/Resources", {})]
        (form,) = forms
        image = form.Resources.XObject.Im
        assert "/SMask" not in image and "/Mask" in image and "/Group" not in form
    assert _box(_blue(_render(out)))[2] > 300


def test_the_code_leads_to_the_verification_page(
    pictured: Signer, tmp_path: Path, drawn: Callable[..., bytes]
) -> None:
    source, out = tmp_path / "source.pdf", tmp_path / "out.pdf"
    source.write_bytes(drawn(8, top=60))
    pictured.sign(source, out, profile="sao-y", reference="H17-261124-0001/result-001")
    picture = Image.fromarray(_render(out).astype(np.uint8))
    (code,) = zxingcpp.read_barcodes(picture.resize((picture.width * 2, picture.height * 2)))
    assert code.text == "https://kiemtra.hoasen.example/?m=H17-261124-0001%2Fresult-001"


# --- pictures ------------------------------------------------------------------------------------


def test_pictures_that_are_not_what_the_decree_asks(
    tmp_path: Path, drawn_pictures: tuple[Path, Path]
) -> None:
    signature, seal = drawn_pictures
    flat = tmp_path / "flat.png"
    Image.open(signature).convert("RGB").save(flat, dpi=(300, 300))
    sizeless = tmp_path / "sizeless.png"
    Image.open(signature).save(sizeless)
    broken = tmp_path / "broken.png"
    broken.write_bytes(signature.read_bytes()[:300])
    for file, ink, code in (
        (signature, InkColour.red, "picture_not_red"),
        (seal, InkColour.blue, "picture_not_blue"),
        (flat, InkColour.blue, "picture_not_transparent"),
        (sizeless, InkColour.blue, "picture_size_unknown"),
        (broken, InkColour.blue, "picture_unusable"),
        (tmp_path / "none.png", InkColour.blue, "picture_unusable"),
    ):
        with pytest.raises(SohoaError) as caught:
            load_picture(file, ink, None)
        assert caught.value.code == f"signing.{code}"
    assert load_picture(sizeless, InkColour.blue, 40.0).size[0] == pytest.approx(40 * MM)
    content = BytesIO(load_picture(seal, InkColour.red, None).alpha)
    assert content.getbuffer().nbytes > 1000


def test_the_seal_keeps_its_size_where_the_page_has_a_unit_of_its_own(
    pictured: Signer, paper_file: Path, tmp_path: Path, trust: Trust
) -> None:
    source, led, out = (tmp_path / f"{name}.pdf" for name in ("source", "led", "out"))
    with pikepdf.open(paper_file) as document:
        page = document.pages[0]
        page.contents_add(pikepdf.Stream(document, b"q 0.5 0 0 0.5 0 0 cm"), prepend=True)
        page.contents_add(pikepdf.Stream(document, b"Q"))
        page.MediaBox = [0, 0, 297.64, 420.95]
        page.UserUnit = 2
        document.save(source)
    pictured.sign(source, led, profile="leader")
    pictured.sign(led, out, profile="agency")
    assert verify(out, trust).verdict is Verdict.valid
    with pikepdf.open(out) as document:
        (seal,) = (one for one in document.pages[0].Annots if str(one.T) == "Agency1")
        assert float(seal.Rect[2] - seal.Rect[0]) * 2 == pytest.approx(36 * MM, abs=1.5)
        page = document.pages[0]
        page.MediaBox, page.UserUnit = [0, 0, 5000, 7000], 1
        document.save(source)
    with pytest.raises(InputRejected) as caught:
        signature_places(source, "", (100, 40), None, lambda index: 1.0)
    assert caught.value.code == "signing.page_too_large"
