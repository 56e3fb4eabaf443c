"""The line model on lines drawn here."""

import os
import re
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from drawn_pages import print_font
from PIL import Image, ImageDraw

from ocr.recognition import line_reader as room
from ocr.recognition.line_reader import LineModelReader, line_reader
from schemas.errors import MissingDependency

DIGITS = "0123456789"


def drawn(text: str, points: float = 13.0) -> np.ndarray:
    font = print_font(points, 300)
    x0, y0, x1, y1 = font.getbbox(text)
    image = Image.new("L", (x1 - x0 + 80, y1 - y0 + 60), 245)
    ImageDraw.Draw(image).text((40 - x0, 30 - y0), text, font=font, fill=30)
    noisy = np.asarray(image) + np.random.default_rng(7).normal(0, 5, image.size[::-1])
    return cv2.GaussianBlur(np.clip(noisy, 0, 255).astype(np.uint8), (0, 0), 0.8)


@pytest.mark.parametrize("text", ["Đặng Thị Mỹ Quỳnh", "Công an phường Hải Châu", "0905123456"])
def test_reads_a_line(text: str) -> None:
    best = line_reader().read(drawn(text))[0]
    assert best.text == text
    assert best.confidence > 0.5
    assert best.support == pytest.approx(1.0)


def test_an_alphabet_and_places_are_kept_to() -> None:
    line = line_reader().look(drawn("O905l23456"))
    assert line is not None
    for candidate in line.read(DIGITS):
        assert set(candidate.text) <= set(DIGITS)
    placed = line.read(places=["0", DIGITS, DIGITS])
    assert all(len(c.text) == 3 and c.text[0] == "0" for c in placed)


def test_choosing_says_when_none_of_the_choices_is_there() -> None:
    line = line_reader().look(drawn("Nữ"))
    assert line is not None
    best = line.choose(["Nam", "Nữ"])[0]
    assert best.text == "Nữ" and best.confidence > 0.99 and best.support > 0.5
    assert line.choose(["Nam", "Không"])[0].support < 0.01
    assert line.choose([]) == ()


def test_an_empty_strip_says_nothing() -> None:
    paper = np.full((60, 300), 240, np.uint8)
    assert line_reader().read(paper) == ()
    assert line_reader().read(np.zeros((0, 0), np.uint8)) == ()
    speck = paper.copy()
    speck[30:32, 100:102] = 20
    assert line_reader().look(speck) is None


def test_lines_looked_at_together_say_what_they_say_alone() -> None:
    """In their order, also those of one width, and the one that shows nothing."""
    paper = np.full((60, 300), 240, np.uint8)
    long = drawn(
        "Đăng ký thường trú vào nhà bà Lê Thị Ái theo diện người thuê nhà tại phường Hòa Khánh"
    )
    images = [drawn("12"), paper, np.hstack([long, long]), drawn("21"), drawn("12")[::-1]]
    together = line_reader().look_at_all(images)
    assert together[1] is None
    for image, line in zip(images, together, strict=True):
        alone = line_reader().look(image)
        if line is None or alone is None:
            assert line is alone
            continue
        assert (line.x, line.rows) == (alone.x, alone.rows)
        np.testing.assert_allclose(line.steps, alone.steps, atol=1e-3)


def test_a_line_longer_than_the_model_takes_is_cut_at_a_space() -> None:
    text = "Đăng ký thường trú vào nhà bà Lê Thị Ái theo diện người thuê nhà tại phường Hòa Khánh"
    image = drawn(text)
    wide = np.hstack([image, image[:, 40:]])
    best = line_reader().read(wide)[0].text
    assert best == f"{text} {text}"


def test_words_stand_where_they_were_drawn() -> None:
    words = LineModelReader().read(drawn("Trần Văn An"), 300)
    assert [word.text for word in words] == ["Trần", "Văn", "An"]
    x = [edge for word in words for edge in (word.box[0], word.box[2])]
    assert x == sorted(x)
    font = print_font(13.0, 300)
    starts = [40 + font.getlength(part) for part in ("", "Trần ", "Trần Văn ")]
    assert all(abs(w.box[0] - s) < 14 for w, s in zip(words, starts, strict=True))


def test_nothing_of_the_package_is_imported() -> None:
    line_reader()
    assert not any(name.split(".")[0] == "asterocr" for name in sys.modules)


def test_the_runtime_keeps_no_record_for_its_maker(tmp_path: Path) -> None:
    """Events are written to the cache folder first, and sent from there."""
    program = (
        "from ocr.recognition.line_reader import line_reader; import numpy as np;"
        "line_reader().read(np.full((40, 80), 255, np.uint8))"
    )
    home = {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    subprocess.run([sys.executable, "-c", program], env=os.environ | home, check=True)
    assert not [path for path in tmp_path.rglob("*") if "onnxruntime" in path.name]


def test_only_one_module_imports_the_runtime() -> None:
    sources = Path(room.__file__).parents[2]
    rooms = ("schemas", "ocr", "signing", "storage", "flows", "sohoa")
    importing = [
        path.name
        for name in rooms
        for path in (sources / name).rglob("*.py")
        if re.search(r"^\s*(import|from) onnxruntime", path.read_text("utf-8"), re.MULTILINE)
    ]
    assert importing == ["runtime.py"]


def test_another_model_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "asternet.onnx").write_bytes(b"another")
    (tmp_path / "assets" / "vocab.json").write_bytes((room._assets() / "vocab.json").read_bytes())
    monkeypatch.setattr(room, "_assets", lambda: tmp_path / "assets")
    with pytest.raises(MissingDependency) as refused:
        line_reader.__wrapped__()
    assert refused.value.code == "fields.line_model_changed"
    assert refused.value.sentence("vi") != refused.value.sentence("en")
