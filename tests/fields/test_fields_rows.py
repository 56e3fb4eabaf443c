"""Rows of figures cut and joined, pens told from print, and what neither makes surer than it is."""

import cv2
import numpy as np
import pytest
from PIL import Image as Picture
from PIL import ImageDraw, ImageFont

from ocr.fields.acceptance import Policy, decide
from ocr.fields.calibration import Calibration, load
from ocr.fields.evidence import Evidence
from ocr.fields.features import Features, features_of
from ocr.fields.forms.figures import known_starts, said_by_networks, with_slashes
from ocr.fields.forms.form import _penned
from ocr.fields.forms.zones import Zone, stays_inside
from ocr.fields.pen.hand_figures import KINDS
from ocr.fields.pen.ink import breadth, by_pen
from ocr.fields.pen.rows import Row, cuts_of, figures_of, likeliest, looked_at, text_of
from ocr.fields.rules import apply_rules
from ocr.fields.weighing import Opinions, weigh
from ocr.fields.zone_reader import Image
from schemas.document_type import Column, Rule
from schemas.field import FieldStatus, Reading
from schemas.validators import FieldType
from sohoa.sheet import font_file
from training.drawn_figures import penned, ways


def written(text: str, seed: int, gap: int = 8) -> Image:
    """Figures by pen side by side."""
    rng = np.random.default_rng(seed)
    page = np.full((80, 60 * len(text) + 40), 255, np.uint8)
    x = 20
    for figure in text:
        image = penned(figure, rng, ways(), alone=True)
        rows, columns = np.nonzero(image < 128)
        image = image[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
        part = page[70 - image.shape[0] : 70, x : x + image.shape[1]]
        np.minimum(part, image, out=part)
        x += image.shape[1] + gap
    return page


def printed(text: str) -> Image:
    face = ImageFont.truetype(str(font_file("Regular")), 52)
    canvas = Picture.new("L", (int(face.getlength(text)) + 40, 90), 245)
    ImageDraw.Draw(canvas).text((20, 64), text, fill=20, font=face, anchor="ls")
    return np.asarray(canvas)


def row(hands: str, pens: str, sure: float = 0.9) -> Row:
    """What the two networks say, each figure with ``sure``."""
    seen = []
    for text in (hands, pens):
        shares = np.full((len(text), len(KINDS)), (1 - sure) / (len(KINDS) - 1), np.float32)
        shares[np.arange(len(text)), [KINDS.index(c) for c in text]] = sure
        seen.append(shares)
    return Row(seen[0], seen[1], (len(hands),))


def test_as_many_figures_are_cut_as_there_must_be() -> None:
    right = 0
    for seed, text in enumerate(("0358", "2460", "5839", "8620", "9406")):
        figures = figures_of(written(text, seed, gap=-3), (4,))
        assert len(figures) in {0, 4}
        right += len(figures) == 4 and text_of(looked_at([figures]).hands)[0] == text
    assert right >= 3


def test_a_broken_figure_is_one() -> None:
    page = written("0905", 3).copy()
    page[46:50] = 255  # a leader that was taken out of the strokes
    assert len(figures_of(page, (4,))) == 4


@pytest.mark.parametrize("text", ["Nguyễn Văn Thử", "048090175267"])
def test_print_is_no_pen(text: str) -> None:
    assert not by_pen([printed(text)])


def test_pens_are_no_print() -> None:
    assert all(by_pen([written("048090175267", seed)]) for seed in range(4))
    assert not by_pen([np.full((40, 40), 250, np.uint8)])


def test_a_personal_number_begins_with_a_province() -> None:
    starts = known_starts(FieldType.personal_id, 12)
    assert "0480" in starts
    shares = row("999090175267", "999090175267").hands[:, :10]
    assert likeliest(shares, starts, best=1)[0][0][:3] != "999"
    forced = said_by_networks(row("999090175267", "999090175267"), FieldType.personal_id)
    assert all(reading.confidence < 0.1 for reading in forced), "what was forced is not sure"


@pytest.mark.parametrize(("count", "start"), [(10, "09"), (11, "02")])
def test_a_telephone_number_of_eleven_figures_begins_with_02(count: int, start: str) -> None:
    assert start in known_starts(FieldType.phone, count)
    assert ("09" in known_starts(FieldType.phone, count)) is (count == 10)


def test_a_line_that_is_as_many_pieces_as_figures_is_cut_one_way() -> None:
    assert [len(cut.figures) for cut in cuts_of(printed("0905033585"), (10, 11))] == [10]


def test_a_figure_half_as_tall_as_the_others_is_one_all_the_same() -> None:
    page = written("0905", 3)
    small = cv2.resize(written("1", 5), None, fx=0.42, fy=0.42, interpolation=cv2.INTER_AREA)
    page = np.hstack([page, np.full((page.shape[0], small.shape[1]), 255, np.uint8)])
    page[70 - small.shape[0] : 70, -small.shape[1] :] = small
    assert len(figures_of(page, (5,))) == 5


@pytest.mark.parametrize(
    ("seen", "meant"),
    [
        ("08/1111963", "08/11/1963"),
        ("0811111963", "08/11/1963"),
        ("8/1111963", "8/11/1963"),
        ("811/1963", "8/1/1963"),
        ("08111963", "08111963"),
        ("0811196", "0811196"),
    ],
)
def test_slashes_stand_where_a_date_has_them(seen: str, meant: str) -> None:
    said = text_of(with_slashes(row(seen, seen).hands), slash=True)[0]
    assert said == meant


def test_both_networks_together_are_no_third_opinion() -> None:
    said = said_by_networks(row("0905033585", "0905033586"), FieldType.phone)
    assert [reading.reader for reading in said] == ["pens", "figures", "together"]
    evidence = weigh(Opinions(FieldType.phone, said, by_pen=True))
    agree = next(check for check in evidence.checks if check.name == "readers_agree")
    assert not agree.passed


@pytest.mark.parametrize(("sure", "agrees"), [(0.55, False), (0.7, True)])
def test_who_agrees_about_a_pen_is_sure_himself(sure: float, agrees: bool) -> None:
    said = [
        Reading(reader="line", text="Lê Văn Thử", confidence=0.99),
        Reading(reader="tesseract", text="Lê Văn Thử", confidence=sure),
    ]
    pen = weigh(Opinions(FieldType.name, said, by_pen=True))
    assert any(c.name == "readers_agree" and c.passed for c in pen.checks) is agrees
    print_ = weigh(Opinions(FieldType.name, said))
    assert any(c.name == "readers_agree" and c.passed for c in print_.checks)


def test_a_pen_has_no_print_s_confidence() -> None:
    said = [
        Reading(reader="line", text="Lê Văn Thử", confidence=0.99),
        Reading(reader="tesseract", text="Lê Văn Thử", confidence=0.9),
    ]
    doubtful = load().model_copy(update={"weights": dict.fromkeys(load().weights, 0.0)})
    model = load().model_copy(update={"pen": doubtful})
    policy = Policy(model, 0.005)
    assert decide(weigh(Opinions(FieldType.name, said)), policy).status is FieldStatus.accepted
    field = decide(weigh(Opinions(FieldType.name, said, by_pen=True)), policy)
    assert (field.status, field.confidence) == (FieldStatus.review, 0.5)
    assert "reasons.printed" in field.reasons


def test_the_shipped_calibration_has_models_for_pens_and_their_figures() -> None:
    shipped = load()
    assert isinstance(shipped.pen, Calibration)
    assert isinstance(shipped.row, Calibration)
    assert shipped.written(FieldType.phone, by_pen=True) == shipped.row
    assert shipped.written(FieldType.name, by_pen=True) == shipped.pen
    assert shipped.written(FieldType.phone, by_pen=False) == shipped
    older = shipped.model_copy(update={"row": None})
    assert older.written(FieldType.phone, by_pen=True) == shipped.pen


def test_figures_by_pen_are_judged_by_the_networks_and_by_what_the_line_model_says() -> None:
    spec = Column(id="phone", type=FieldType.phone)

    def known(line: str, *, by_pen: bool, sure: float = 0.4) -> Features:
        said = said_by_networks(row("0905033585", "0905033585"), FieldType.phone, pen=True)
        said.append(Reading(reader="line", text=line, confidence=sure))
        evidence = weigh(Opinions(FieldType.phone, said, by_pen=by_pen))
        found = features_of(spec, decide(evidence, Policy(load(), 0.005), spec))
        assert found is not None
        return found

    same = known("0905 033 585", by_pen=True)
    assert same.lined == 1.0 and same.row_lined == same.row > 1
    assert same.low > 1, "how sure the line model is says nothing of the networks"
    guess = known("0905 033 585", by_pen=True, sure=0.2)
    assert (guess.lined, guess.row_lined) == (0.0, 0.0), "a guess bears nothing out"
    near = known("0905033586", by_pen=True)
    assert (near.lined, near.row_lined) == (0.0, 0.0) and near.row == same.row
    printed = known("0905033585", by_pen=False)
    assert (printed.lined, printed.row_lined, printed.row) == (0.0, 0.0, 0.0)


def test_a_row_by_pen_is_as_sure_as_its_figures_and_as_readers_agree() -> None:
    spec = Column(id="phone", type=FieldType.phone)

    def sure(shares: float, line: str) -> float:
        said = said_by_networks(row("0905033585", "0905033585", shares), FieldType.phone, pen=True)
        assert said[-1].reader == "together"
        said.append(Reading(reader="line", text=line, confidence=0.9))
        weighed = weigh(Opinions(FieldType.phone, said, by_pen=True))
        field = decide(weighed, Policy(load(), 0.005), spec)
        assert field.value == "0905033585"
        return field.confidence

    same, other = "0905033585", "0905033586"
    assert 1 > sure(0.985, same) > sure(0.9, same) > sure(0.7, same)
    assert sure(0.93, same) > sure(0.93, other)


@pytest.mark.parametrize("text", ["Đăng ký thường trú trú", "Lê Lê Thử"])
def test_a_word_read_twice_calls_a_person(text: str) -> None:
    kind = FieldType.text if text[0] == "Đ" else FieldType.name
    said = [Reading(reader=r, text=text, confidence=0.99) for r in ("line", "tesseract")]

    def failed(*, by_pen: bool) -> set[str]:
        checks = weigh(Opinions(kind, said, by_pen=by_pen)).checks
        return {check.name for check in checks if not check.passed}

    assert "words_once" in failed(by_pen=True)
    assert ("words_once" in failed(by_pen=False)) is (kind is FieldType.text), "a name may be so"


def test_a_number_that_fits_the_date_of_birth_is_proposed() -> None:
    number = Evidence(
        FieldType.personal_id,
        "048096175267",
        others=("048097175267", "048090175267"),
    )
    found = apply_rules(
        {
            "personal_id": number,
            "dob": Evidence(FieldType.date, "1990-05-01"),
            "sex": Evidence(FieldType.sex, "Nam"),
        },
        [
            Rule(
                rule="personal_number_matches",
                fields={"number": "personal_id", "dob": "dob", "sex": "sex"},
            )
        ],
    )
    proposed = found["personal_id"]
    assert isinstance(proposed, Evidence)
    assert proposed.value == "048090175267"
    assert not proposed.holds, "a person looks all the same"


def test_a_value_shorter_than_its_ink_calls_a_person() -> None:
    ink = written("8888888888", 4)
    assert breadth([ink], "Cháu") > 2 * breadth([ink], "Cháu ruột thịt") > 0


@pytest.mark.parametrize(("x", "inside"), [(120, True), (285, False), (-8, False)])
def test_ink_over_a_side_is_told(x: int, inside: bool) -> None:
    strip = np.full((70, 300), 250, np.uint8)
    cv2.ellipse(strip, (x + 10, 40), (16, 18), 0, 0, 360, (20,), 4)
    assert stays_inside(strip) is inside


def test_faint_ink_is_cut_as_dark_ink_is() -> None:
    page = cv2.addWeighted(written("2508", 2), 0.5, np.full((80, 280), 255, np.uint8), 0.5, 0)
    assert len(figures_of(np.asarray(page, np.uint8), (4,))) == 4


@pytest.mark.parametrize(
    ("kind", "text", "doubted"),
    [
        (FieldType.phone, "0905033585", False),
        (FieldType.personal_id, "048190000001", False),
        (FieldType.sex, "Nam", False),
        (FieldType.name, "Lê Văn Thử", True),
        (FieldType.date_or_year, "1990", True),
    ],
)
def test_ink_at_a_side_is_doubted_where_something_may_be_cut_off(
    kind: FieldType, text: str, *, doubted: bool
) -> None:
    said = [Reading(reader=one, text=text, confidence=0.99) for one in ("line", "tesseract")]
    read = weigh(Opinions(kind, said, by_pen=True))
    strip = np.full((40, 200), 255, np.uint8)
    zone = Zone(strip, (0.0, 0.0, 1.0, 1.0), inside=False)
    failed = {check.name for check in _penned(read, [zone]).checks if not check.passed}
    assert ("within_the_zone" in failed) is doubted
