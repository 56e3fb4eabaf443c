"""The network that is taught: its slopes, its file, what it reads before it learned anything."""

import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from drawn_lines import drawn_line

from ocr.learning.adapter_file import adapter_file, weights_in
from ocr.learning.adapters_kept import begun_with
from ocr.learning.ctc_gradient import fits, loss_and_slope
from ocr.learning.likeness import Likeness, likeness_of, of_every_line
from ocr.learning.network import Weights, forward, slopes, stacked, untaught
from ocr.learning.teaching import NARROWING
from ocr.recognition import ctc
from ocr.recognition.adapter import IN_USE, Adapter, adapters, likest
from ocr.recognition.line_model import SIZE
from ocr.recognition.line_reader import MODEL_SHA256, line_classifier, line_reader
from schemas.errors import ConfigurationError
from schemas.learning import Card

NOW = datetime(2026, 11, 30, tzinfo=UTC)


def card(name: str, narrowing: float = 0.9, model: str = MODEL_SHA256) -> Card:
    return Card(name=name, model=model, narrowing=narrowing, made_at=NOW, lines=0)


def small() -> tuple[Weights, list[np.ndarray], list[tuple[int, ...]]]:
    rng = np.random.default_rng(1)
    weights = untaught(rng.normal(0, 0.3, (20, 9)), np.zeros(9), rng)
    weights = weights._replace(outward=rng.normal(0, 0.05, weights.outward.shape))
    return weights, [rng.normal(0, 1, (n, 20)) for n in (12, 7)], [(1, 2, 2, 3), (5,)]


def test_the_loss_is_that_of_the_exact_probability() -> None:
    weights, lines, texts = small()
    run = forward(weights, stacked(lines))
    losses, slope = loss_and_slope(run.logits, run.stack.spans, texts)
    for (start, end), text, loss in zip(run.stack.spans, texts, losses, strict=True):
        logits = run.logits[start:end].astype(float)
        steps = logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)
        assert loss == pytest.approx(-float(ctc.log_likelihoods(steps, [text])[0]), rel=1e-4)
    outside = np.ones(len(slope), bool)
    for start, end in run.stack.spans:
        outside[start:end] = False
    assert outside.any() and not slope[outside].any()


@pytest.mark.parametrize("name", Weights._fields)
def test_slopes_are_those_of_the_loss(name: str) -> None:
    weights, lines, texts = small()

    def loss(changed: Weights) -> float:
        run = forward(changed, stacked(lines))
        return float(loss_and_slope(run.logits, run.stack.spans, texts)[0].sum())

    run = forward(weights, stacked(lines))
    by = slopes(weights, run, loss_and_slope(run.logits, run.stack.spans, texts)[1])
    array, slope = getattr(weights, name), getattr(by, name)
    at = np.unravel_index(int(np.abs(slope).argmax()), slope.shape)
    sides = []
    for moved in (1e-2, -1e-2):
        other = array.copy()
        other[at] += moved
        sides.append(loss(weights._replace(**{name: other})))
    assert (sides[0] - sides[1]) / 2e-2 == pytest.approx(float(slope[at]), rel=2e-2)


def test_a_letter_twice_needs_a_blank_between() -> None:
    assert fits((1, 2), 2) and not fits((1, 1), 2) and fits((1, 1), 3) and not fits((), 4)


def test_lines_below_each_other_do_not_see_each_other() -> None:
    weights, lines, _ = small()
    together = forward(weights, stacked(lines))
    for line, (start, end) in zip(lines, together.stack.spans, strict=True):
        alone = forward(weights, stacked([line]))
        (first, last) = alone.stack.spans[0]
        np.testing.assert_allclose(
            together.logits[start:end], alone.logits[first:last], rtol=1e-4, atol=1e-5
        )


def test_the_file_reads_as_the_network_and_gives_its_weights_back() -> None:
    rng = np.random.default_rng(2)
    known = line_classifier()
    weights = untaught(known.weights, known.bias, rng)
    weights = weights._replace(
        outward=rng.normal(0, 0.02, weights.outward.shape).astype(np.float32)
    )
    content = adapter_file(weights, of_every_line(SIZE), card("tried"), cooling=2.0)
    hidden = rng.normal(0, 1, (30, SIZE)).astype(np.float32)
    run = forward(weights, stacked([hidden]))
    (start, end) = run.stack.spans[0]
    logits = run.logits[start:end] / 2
    wanted = logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)
    read = Adapter(content)
    np.testing.assert_allclose(read.steps(hidden), wanted, atol=0.05)  # kept with 16 bits
    assert read.card == card("tried") and read.likeness(hidden) > 0.99
    for before, after in zip(weights, weights_in(content), strict=True):
        np.testing.assert_array_equal(before.astype(np.float16), after)
    with pytest.raises(ValueError, match="missing"):
        weights_in(b"")


def test_untaught_it_reads_as_the_model() -> None:
    known = line_classifier()
    weights = untaught(known.weights, known.bias, np.random.default_rng(3))
    adapter = Adapter(adapter_file(weights, of_every_line(SIZE), card("untaught")))
    picture = drawn_line("Đặng Thị Mỹ Quỳnh")
    plain, taught = line_reader().look(picture), line_reader().look(picture, [adapter])
    assert plain is not None and taught is not None
    np.testing.assert_allclose(plain.steps, taught.steps, atol=0.05)


def test_likeness_tells_what_was_taught_from_the_rest() -> None:
    rng = np.random.default_rng(4)
    pens = rng.normal(0, 1, (60, 20)) + np.linspace(0, 2, 20)
    print_ = rng.normal(0, 1, (80, 20))
    told = likeness_of(pens[:40], print_[:60])

    def share(means: np.ndarray) -> np.ndarray:
        return 1 / (1 + np.exp(-(means @ told.weights + told.bias)))

    assert (share(pens[40:]) > 0.5).mean() > 0.9 and (share(print_[60:]) < 0.5).mean() > 0.9


def kept(folder: Path, name: str, weights: Weights, alike: Likeness, **how: object) -> None:
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.onnx").write_bytes(adapter_file(weights, alike, card(name, **how)))  # type: ignore[arg-type]


def test_a_folder_says_which_adapters_count(tmp_path: Path) -> None:
    known = line_classifier()
    weights = untaught(known.weights, known.bias, np.random.default_rng(5))
    never = Likeness(np.zeros(SIZE, np.float32), -20.0)
    kept(tmp_path, "none", weights, never)
    kept(tmp_path, "every", weights, of_every_line(SIZE))
    kept(tmp_path, "old", weights, of_every_line(SIZE), model="0" * 64)
    assert adapters(None, MODEL_SHA256) == adapters(tmp_path, MODEL_SHA256)
    listed = {"names": ["old", "none", "every"], "shipped": False}
    (tmp_path / IN_USE).write_text(json.dumps(listed))
    found = adapters(tmp_path, MODEL_SHA256)
    assert [one.card.name for one in found] == ["none", "every"]
    first = likest(found, np.zeros((5, SIZE), np.float32))
    assert first is not None and first.card.name == "every"
    assert likest(found[:1], np.zeros((5, SIZE), np.float32)) is None


@pytest.mark.parametrize("damaged", [IN_USE, "one.onnx"])
def test_a_damaged_file_is_said(tmp_path: Path, damaged: str) -> None:
    known = line_classifier()
    kept(tmp_path, "one", untaught(*known, np.random.default_rng(6)), of_every_line(SIZE))
    (tmp_path / IN_USE).write_text('{"names": ["one"]}')
    (tmp_path / damaged).write_bytes(b"[1,")
    with pytest.raises(ConfigurationError) as refused:
        adapters(tmp_path, MODEL_SHA256)
    assert refused.value.code == "fields.bad_adapter"
    assert "sohoa learn back" in refused.value.sentence("en")


def test_a_lesson_goes_on_from_what_counts(tmp_path: Path) -> None:
    weights = untaught(*line_classifier(), np.random.default_rng(7))
    kept(tmp_path, "narrow", weights, of_every_line(SIZE))
    kept(tmp_path, "wide", weights, of_every_line(SIZE), narrowing=NARROWING)
    (tmp_path / IN_USE).write_text('{"names": ["narrow"], "shipped": false}')
    assert begun_with(tmp_path) is None
    (tmp_path / IN_USE).write_text('{"names": ["missing", "wide"], "shipped": false}')
    found = begun_with(tmp_path)
    assert found is not None and found[0] == "wide"
    np.testing.assert_array_equal(found[1].inward, weights.inward.astype(np.float16))
