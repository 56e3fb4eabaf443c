"""Lines drawn for training: the same from the same seed, and what they say can be said."""

import zipfile

import numpy as np
import pytest

from ocr.recognition.line_reader import columns_of
from training.lines import hands, papers, texts


@pytest.fixture(scope="module")
def letters(tmp_path_factory: pytest.TempPathFactory) -> hands.Letters:
    """An archive of letters as Omniglot's is laid out: each a bow and a stroke."""
    path = tmp_path_factory.mktemp("latin") / "latin.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for letter in range(1, 27):
            for person in range(1, 21):
                bow = "\n".join(f"{20 + k},{-40 - k * (5 - k)},{k}" for k in range(6))
                told = f"START\n{bow}\nBREAK\n30.0,-20.0,9\n30.0,-{50 + letter}.0,12\nBREAK\n"
                name = f"strokes/character{letter:02d}/{650 + letter}_{person:02d}.txt"
                archive.writestr(name, told)
    return hands.letters(path)


def test_letters_stand_on_the_line_as_high_as_their_kind(letters: hands.Letters) -> None:
    assert len(letters.small) == 20
    high = {c: np.vstack(letters.small[0][c])[:, 1] for c in "xhgt"}
    assert [round(float(high[c].min()), 2) for c in "xhgt"] == [-1.0, -1.75, -1.0, -1.4]
    assert [round(float(high[c].max()), 2) for c in "xhgt"] == [0.0, 0.0, 0.75, 0.0]


@pytest.mark.parametrize("text", ["Đỗ Thị Ngự", "12/5 ấp Bầu, xã Ỷ Lan (cũ)", "NGUYỄN"])
def test_a_line_is_drawn_the_same_from_the_same_seed(letters: hands.Letters, text: str) -> None:
    def drawn(seed: int) -> np.ndarray:
        rng = np.random.default_rng(seed)
        ink = hands.by_strokes(text, letters, 20.0, rng)
        return papers.on_paper(papers.worn(papers.bent(ink, rng), rng), 20.0, ink, rng)

    first = drawn(3)
    assert np.array_equal(first, drawn(3))
    assert not np.array_equal(first.shape, drawn(4).shape) or (first != drawn(4)).any()
    assert first.shape[1] > 1.5 * first.shape[0]  # a line
    assert np.percentile(first, 1) < np.percentile(first, 80) - 40  # that can be seen


def test_marks_are_strokes_beside_their_letter(letters: hands.Letters) -> None:
    plain = hands.by_strokes("a", letters, 30.0, np.random.default_rng(1))
    marked = hands.by_strokes("ẫ", letters, 30.0, np.random.default_rng(1))
    assert marked.shape[0] > plain.shape[0] + 3


def test_the_model_can_say_what_is_drawn() -> None:
    rng = np.random.default_rng(0)
    for _ in range(400):
        text = texts.text(rng)
        assert text == " ".join(text.split())
        assert columns_of(text) is not None, text
