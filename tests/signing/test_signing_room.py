"""Where there is room for a stamp: never over anything that a reader sees, else it is refused."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
import pikepdf
import pypdfium2 as pdfium
import pytest
from PIL import Image, ImageDraw, ImageFilter

from schemas.errors import InputRejected
from signing import Signer, Trust, verify
from signing.appearance.placement import REGION, without_specks
from signing.profiles import shipped_profiles

A4 = (595, 842)
EVERY_LINE = [(name, "12/QĐ-UBND") for name in shipped_profiles() if shipped_profiles()[name].stamp]


def _paper(content: bytes, size: tuple[int, int] = A4, **entries: object) -> pikepdf.Pdf:
    document = pikepdf.new()
    page = document.add_blank_page(page_size=size)
    page.obj.Resources = pikepdf.Dictionary(
        Font=pikepdf.Dictionary(
            F=pikepdf.Dictionary(
                Type=pikepdf.Name.Font,
                Subtype=pikepdf.Name.Type1,
                BaseFont=pikepdf.Name("/Helvetica"),
            )
        )
    )
    page.obj.Contents = pikepdf.Stream(document, content)
    for key, value in entries.items():
        page.obj[f"/{key}"] = value
    return document


def _words(y0: float, y1: float, *, x0: float = 20, x1: float = 575, colour: str = "0 g") -> bytes:
    """Lines of text from ``y0`` up to ``y1``."""
    words = b"cong hoa xa hoi chu nghia viet nam " * 4
    fit = words[: max(1, int((x1 - x0) / 5.2))]
    lines = b"".join(
        b"BT /F 11 Tf %g %g Td (%s) Tj ET\n" % (x0, y, fit) for y in np.arange(y0, y1, 14)
    )
    return b"q " + colour.encode() + b"\n" + lines + b"Q\n"


def _scan(picture: Image.Image, **entries: object) -> pikepdf.Pdf:
    document = _paper(b"q 595 0 0 842 0 0 cm /I Do Q", **entries)
    out = BytesIO()
    picture.save(out, "JPEG", quality=80)
    image = pikepdf.Stream(document, out.getvalue())
    image.update(
        pikepdf.Dictionary(
            Type=pikepdf.Name.XObject,
            Subtype=pikepdf.Name.Image,
            Width=picture.width,
            Height=picture.height,
            ColorSpace=pikepdf.Name.DeviceRGB,
            BitsPerComponent=8,
            Filter=pikepdf.Name.DCTDecode,
        )
    )
    page = document.pages[0].obj
    page.Resources.XObject = pikepdf.Dictionary(I=document.make_indirect(image))
    return document


def _drawn(path: Path, *, stamped: bool) -> np.ndarray:
    document = pdfium.PdfDocument(path)
    if stamped:
        document.init_forms()
    bitmap = document[0].render(scale=2, draw_annots=stamped, may_draw_forms=stamped)
    return bitmap.to_numpy()[..., :3].astype(int)


def _over(source: Path, signed: Path) -> tuple[np.ndarray, tuple[slice, slice]]:
    """What the page showed where the stamp stands now, and where that is, in half points."""
    before, after = _drawn(source, stamped=True), _drawn(signed, stamped=True)
    rows, columns = np.nonzero((before != after).any(axis=2))
    assert rows.size, "no stamp is seen"
    where = slice(rows.min(), rows.max() + 1), slice(columns.min(), columns.max() + 1)
    return before[where], where


def _signed(document: pikepdf.Pdf, tmp_path: Path, signer: Signer, **how: object) -> Path:
    source, out = tmp_path / "source.pdf", tmp_path / "out.pdf"
    document.save(source)
    signer.sign(source, out, **({"profile": "sao-y"} | how))  # type: ignore[arg-type]
    return out


def _assert_over_paper(tmp_path: Path, *, even: int = 20) -> tuple[slice, slice]:
    below, where = _over(tmp_path / "source.pdf", tmp_path / "out.pdf")
    assert np.ptp(below.reshape(-1, 3), axis=0).max() <= even
    assert below.mean() > 110
    return where


@pytest.mark.parametrize(("profile", "number"), EVERY_LINE)
def test_a_full_corner_sends_it_elsewhere(
    tmp_path: Path, signer: Signer, trust: Trust, profile: str, number: str
) -> None:
    content = _words(330, 830) + _words(20, 230)
    number = number if profile == "attachment" else ""
    out = _signed(_paper(content), tmp_path, signer, profile=profile, number=number or None)
    rows, _ = _assert_over_paper(tmp_path)
    assert rows.start > REGION[1] * 842 * 2
    assert verify(out, trust).signatures[0].intact


@pytest.mark.parametrize(("profile", "number"), EVERY_LINE)
def test_a_full_page_is_refused(tmp_path: Path, signer: Signer, profile: str, number: str) -> None:
    number = number if profile == "attachment" else ""
    with pytest.raises(InputRejected) as refused:
        _signed(_paper(_words(8, 836)), tmp_path, signer, profile=profile, number=number or None)
    assert refused.value.code == "signing.no_stamp_room"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["source.pdf"]


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize("crop", [None, [100, 80, 500, 700]])
def test_turned_and_cropped_pages(
    tmp_path: Path, signer: Signer, rotation: int, crop: list[int] | None
) -> None:
    """Only what is seen counts, and it is seen turned."""
    content = _words(20, 300) + _words(420, 830) + _words(300, 420, x0=20, x1=280)
    entries: dict[str, object] = {"Rotate": rotation}
    if crop is not None:
        entries["CropBox"] = pikepdf.Array(crop)
    _signed(_paper(content, **entries), tmp_path, signer)
    _assert_over_paper(tmp_path)


COLOURS = ["0.6 g", "1 0.9 0 rg", "0.75 0.85 1 rg", "0.8 1 0.8 rg"]


@pytest.mark.parametrize("colour", COLOURS)
def test_pale_and_coloured_words_count(tmp_path: Path, signer: Signer, colour: str) -> None:
    """Yellow and light blue are hardly darker than paper."""
    content = _words(330, 830, colour=colour) + _words(20, 230, colour=colour)
    _signed(_paper(content), tmp_path, signer)
    _assert_over_paper(tmp_path)


def test_white_words_on_black_count(tmp_path: Path, signer: Signer) -> None:
    dark = b"q 0 g 0 0 595 842 re f Q\n"
    with pytest.raises(InputRejected):
        _signed(_paper(dark + _words(300, 600, colour="1 g")), tmp_path, signer)
    light = dark + b"q 1 g 60 60 300 120 re f Q\n"
    _signed(_paper(light), tmp_path, signer)
    _assert_over_paper(tmp_path)


def test_black_words_on_dark_paper_are_not_added(tmp_path: Path, signer: Signer) -> None:
    with pytest.raises(InputRejected):
        _signed(_paper(b"q 0.3 g 0 0 595 842 re f Q\n"), tmp_path, signer)


def _page_of(picture: Image.Image) -> ImageDraw.ImageDraw:
    pen = ImageDraw.Draw(picture)
    for y in range(420, 1600, 40):
        pen.rectangle((120, y, 1080, y + 12), fill=(40, 40, 40))
    return pen


def test_a_scan_with_black_borders(tmp_path: Path, signer: Signer) -> None:
    picture = Image.new("RGB", (1240, 1754), (250, 250, 248))
    pen = _page_of(picture)
    pen.rectangle((0, 0, 1239, 160), fill=(5, 5, 5))
    pen.rectangle((1100, 0, 1239, 1753), fill=(5, 5, 5))
    _signed(_scan(picture), tmp_path, signer)
    _assert_over_paper(tmp_path)


def test_a_photograph_with_shade_and_noise(tmp_path: Path, signer: Signer) -> None:
    """Its paper is 235 on the left and 150 on the right; no part of it is even."""
    across = np.linspace(235, 150, 1240)[None, :, None]
    noise = np.random.default_rng(7).normal(0, 6, (1754, 1240, 1))
    shaded = np.clip(across + noise, 0, 255).repeat(3, axis=2).astype(np.uint8)
    picture = Image.fromarray(shaded)
    pen = _page_of(picture)
    pen.rectangle((700, 60, 1200, 110), fill=(30, 30, 30))
    _signed(_scan(picture.filter(ImageFilter.GaussianBlur(1))), tmp_path, signer)
    rows, columns = _assert_over_paper(tmp_path, even=90)
    source = _drawn(tmp_path / "source.pdf", stamped=True)[rows, columns].max(axis=2)
    assert (source < 110).mean() == 0


def test_dust_is_no_ink(tmp_path: Path, signer: Signer) -> None:
    picture = Image.new("RGB", (1240, 1754), (250, 250, 248))
    pen = _page_of(picture)
    places = np.random.default_rng(3).integers(0, 1230, (400, 2))
    for x, y in places:
        pen.rectangle((x, y, x + 1, y + 1), fill=(60, 60, 60))
    _signed(_scan(picture), tmp_path, signer)
    _, (rows, columns) = _over(tmp_path / "source.pdf", tmp_path / "out.pdf")
    assert columns.stop > 2 * 540 and rows.stop < 2 * 160


def test_small_letters_are_no_dust() -> None:
    page = np.zeros((60, 200), np.bool_)
    page[20:28, 40:42] = True  # a figure one that stands alone
    page[40:42, 20:120:4] = True  # a dotted line
    page[5:7, 150:152] = True  # dust
    kept = without_specks(page)
    assert kept[20:28, 40:42].all() and kept[40, 20:120:4].all() and not kept[5:7].any()


def test_notes_that_are_not_drawn_here_keep_their_place(tmp_path: Path, signer: Signer) -> None:
    """Another reader shows a note without an appearance, and a field to be filled in."""
    document = _paper(_words(20, 600))
    notes = [
        {"Subtype": pikepdf.Name.FreeText, "Contents": "DA TIEP NHAN", "DA": "/F 12 Tf 0 g"},
        {"Subtype": pikepdf.Name.Link},
    ]
    boxes = [[330, 730, 580, 830], [200, 640, 580, 830]]
    document.pages[0].obj.Annots = pikepdf.Array(
        document.make_indirect(
            pikepdf.Dictionary(Type=pikepdf.Name.Annot, Rect=pikepdf.Array(box), F=4, **note)
        )
        for box, note in zip(boxes, notes, strict=True)
    )
    _signed(document, tmp_path, signer)
    with pikepdf.open(tmp_path / "out.pdf") as done:
        (stamp,) = [
            one
            for one in done.pages[0].Annots
            if one.get("/FT") == "/Sig" and float(one.Rect[2]) > float(one.Rect[0])
        ]
        x0, y0, _, y1 = (float(side) for side in stamp.Rect)
    assert y1 <= 730 or y0 >= 830 or x0 >= 580
    assert y0 > 600  # a link shows nothing, and keeps nothing free


def test_a_signed_document_shows_nothing_new(
    tmp_path: Path, signer: Signer, drawn: Callable[..., bytes]
) -> None:
    source, first, second = (tmp_path / f"{name}.pdf" for name in ("source", "first", "second"))
    source.write_bytes(drawn(10, top=70))
    shown = signer.sign(source, first, profile="component")
    hidden = signer.sign(first, second, profile="sao-y")
    assert shown.visible and not hidden.visible
    assert (_drawn(first, stamped=True) == _drawn(second, stamped=True)).all()
