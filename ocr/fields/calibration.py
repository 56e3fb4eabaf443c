"""Confidence that is true: of the values given 0.99, one in a hundred is wrong.

A logistic model over few honest features of a field's evidence, fitted on labelled readings and
kept as data with the figures it was fitted on (``data/calibration.json``). An office fits it again
from what its clerks accepted and changed; the shipped weights are then where the fit begins, and
few corrections cannot pull it far from them.
"""

import json
import math
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import Field as Describe
from pydantic import ValidationError

from ocr.fields.evidence import PRINT
from ocr.fields.features import (
    OF_PRINT,
    OF_ROWS,
    OF_WRITING,
    Features,
    features_of,
    written_by_pen,
)
from ocr.fields.sureness import FIGURES
from schemas.document_type import Column, FieldSpec, Layout
from schemas.errors import ConfigurationError
from schemas.field import Field
from schemas.page import Confidence, Frozen
from schemas.validators import FieldType, checks_of, normalised

PERSON = "person"
"""The reader's name where a value was typed or confirmed by a person."""

NAMES = Features._fields

USED = {"form": OF_WRITING, "pen": OF_WRITING, "row": OF_ROWS, "administrative": OF_PRINT}
"""The features of each model; that of forms, of which the others are parts, among them."""

PARTS = tuple(name for name in USED if name != "form")

WANTED = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05)
"""Error rates among accepted values for which thresholds are kept."""

PULL = 0.15
"""How strongly each weight is held at nothing without a prior; chosen on held-back pages."""

PULL_TO_PRIOR = 4.0
"""How strongly at where it begins: few corrections move it little, hundreds as they ask."""

FEWEST = 250
"""A kind of field with fewer labelled values takes the threshold of all."""

BINS = (0.0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 1.0)


class Labelled(NamedTuple):
    """A value and whether it was right."""

    kind: FieldType
    features: Features
    right: bool
    layout: Layout = "form"
    """Of the document it stands in."""
    by_pen: bool = False
    """Whether a pen may have written it."""

    @property
    def model(self) -> str:
        """Which of the models knows of such values."""
        if self.layout == "administrative":
            return "administrative"
        if not self.by_pen:
            return "form"
        return "row" if self.kind in FIGURES else "pen"


class Bin(Frozen):
    """Values of about one confidence: how many, and how many of them were right."""

    low: float
    high: float
    count: int
    right: int


class Calibration(Frozen):
    """The fitted model and the figures it was fitted on."""

    weights: dict[str, float]
    thresholds: dict[str, dict[str, Confidence]] = Describe(
        description="kind of field, or 'all': wanted error rate to least confidence"
    )
    fitted_on: str
    count: int
    right: int
    log_loss: float
    reliability: tuple[Bin, ...]
    administrative: "Calibration | None" = Describe(
        None, description="the same for administrative papers, whose print is voted on by letters"
    )

    pen: "Calibration | None" = Describe(
        None, description="the same for what a pen wrote on forms, whose readers err otherwise"
    )

    row: "Calibration | None" = Describe(
        None, description="the same for figures by pen, which networks look at one by one"
    )

    def written(self, kind: FieldType, *, by_pen: bool) -> "Calibration":
        """The model for what a pen wrote, of such a kind, or the one for print."""
        if not by_pen:
            return self
        own = self.row if kind in FIGURES else None
        return own or self.pen or self

    def of(self, layout: Layout) -> "Calibration":
        """The model that was fitted for a layout."""
        return (self.administrative or self) if layout == "administrative" else self

    def confidence(self, features: Features) -> float:
        """The probability that a value with these features is right."""
        score = sum(self.weights[name] * value for name, value in features._asdict().items())
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, score))))

    def threshold(self, kind: FieldType, wanted: float) -> float:
        """Confidence from which values of a kind keep to the wanted error rate.

        The strictest rate that is kept at or under ``wanted``; under all of them, one minus it.
        Addresses, of which few were seen, are held to what texts are: a letter at their edge is
        lost to both readers as easily.
        """
        known = self.thresholds.get(kind.value)
        if known is None and kind is FieldType.email:
            known = self.thresholds.get(FieldType.text.value)
        table = known or self.thresholds["all"]
        return _kept(table, wanted)


def _kept(table: dict[str, Confidence], wanted: float) -> float:
    kept = [float(rate) for rate in table if float(rate) <= wanted]
    return table[_key(max(kept))] if kept else 1 - wanted


def fit(
    labelled: Sequence[Labelled],
    fitted_on: str,
    prior: Calibration | None = None,
    otherwise: Calibration | None = None,
) -> Calibration:
    """Fit the model, that of administrative papers apart.

    Args:
        labelled: at least one value; with few of them the prior decides.
        fitted_on: a sentence for people about where they come from.
        prior: where the fit begins and what it is held to; None: nothing known.
        otherwise: whose model stays for a layout without any values; None: the prior's.
    """
    groups = {name: [one for one in labelled if one.model == name] for name in USED}
    rest = otherwise or prior
    forms = groups.pop("form")
    whole = _fitted(forms, fitted_on, prior) if forms else rest
    update: dict[str, Calibration | None] = {}
    for name, own in groups.items():
        known = getattr(prior, name) if prior else None
        stays = getattr(rest, name) if rest else None
        update[name] = _fitted(own, fitted_on, known) if own else stays
        whole = whole or update[name]
    if whole is None:
        raise ValueError("nothing to fit on")
    return whole.model_copy(update=update)


def _fitted(labelled: Sequence[Labelled], fitted_on: str, prior: Calibration | None) -> Calibration:
    used = USED[labelled[0].model]
    x = np.array([one.features for one in labelled], np.float64)
    x *= [name in used for name in NAMES]
    y = np.array([one.right for one in labelled], np.float64)
    start = np.array([prior.weights[name] if prior else 0.0 for name in NAMES])
    weights = _maximum(x, y, start, PULL_TO_PRIOR if prior else PULL)
    model = Calibration(
        weights={name: round(float(w), 4) for name, w in zip(NAMES, weights, strict=True)},
        thresholds={},
        fitted_on=fitted_on,
        count=len(labelled),
        right=int(y.sum()),
        log_loss=0.0,
        reliability=(),
    )
    sure = np.array([model.confidence(one.features) for one in labelled])
    chance = np.clip(np.where(y > 0, sure, 1 - sure), 1e-9, 1)
    return model.model_copy(
        update={
            "thresholds": _thresholds(labelled, sure, y),
            "log_loss": round(float(-np.log(chance).mean()), 4),
            "reliability": _reliability(sure, y),
        }
    )


def _maximum(
    x: NDArray[np.float64], y: NDArray[np.float64], start: NDArray[np.float64], held: float
) -> NDArray[np.float64]:
    """Newton's method on the penalised likelihood; it is concave, so it ends."""
    weights = start.copy()
    pull = np.full(len(start), held)
    for _ in range(60):
        p = 1 / (1 + np.exp(-np.clip(x @ weights, -30, 30)))
        slope = x.T @ (y - p) - pull * (weights - start)
        curve = (x * (p * (1 - p))[:, None]).T @ x + np.diag(pull)
        step = np.linalg.solve(curve, slope)
        weights = weights + step / max(1.0, float(np.abs(step).max()) / 2.0)
        if float(np.abs(step).max()) < 1e-7:
            break
    return weights


def _thresholds(
    labelled: Sequence[Labelled], sure: NDArray[np.float64], y: NDArray[np.float64]
) -> dict[str, dict[str, float]]:
    """For each kind, and for all together, from where on values are accepted.

    On administrative papers, where few errors are left, one table for all: on fifths of 300 drawn
    papers that the rest was not fitted on it kept to 0.005 (8 wrong of 2,712 accepted), as one for
    each kind did (6 of 2,614). Of figures by pen, too: they are read by the same networks.
    """
    kinds = np.array([one.kind.value for one in labelled])
    groups = {"all": np.ones(len(labelled), bool)}
    if labelled[0].model in {"form", "pen"}:
        by_kind = {str(kind): kinds == kind for kind in sorted(set(kinds))}
        groups |= {kind: here for kind, here in by_kind.items() if here.sum() >= FEWEST}
    return {
        name: {_key(rate): _least(sure[here], y[here], rate) for rate in WANTED}
        for name, here in groups.items()
    }


def _least(sure: NDArray[np.float64], y: NDArray[np.float64], rate: float) -> float:
    """The lowest confidence above which the expected error stays under ``rate``, and the errors
    seen are no more than that rate gives by chance (one standard deviation)."""
    order = np.argsort(-sure, kind="stable")
    counts = np.arange(1, len(order) + 1)
    expected = np.cumsum(1 - sure[order]) / counts
    wrong = np.cumsum(1 - y[order])
    fine = np.flatnonzero((expected <= rate) & (wrong <= rate * counts + np.sqrt(rate * counts)))
    return round(float(sure[order][fine[-1]]), 4) if fine.size else round(1 - rate / 2, 4)


def _reliability(sure: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[Bin, ...]:
    bins = []
    for low, high in pairwise(BINS):
        here = (sure >= low) & ((sure < high) | (high == 1.0))
        bins.append(Bin(low=low, high=high, count=int(here.sum()), right=int(y[here].sum())))
    return tuple(bins)


def _key(rate: float) -> str:
    return f"{rate:g}"


def load(path: Path | None = None) -> Calibration:
    """The office's calibration where ``path`` is a file, else the shipped one.

    What an office fitted before administrative papers had a model of their own takes theirs from
    the shipped one.

    Raises:
        ConfigurationError: ``fields.bad_calibration``.
    """
    stamp = path.stat().st_mtime_ns if path is not None and path.is_file() else 0
    return _load(path if stamp else None, stamp)


@lru_cache(maxsize=4)
def _load(path: Path | None, _stamp: int) -> Calibration:
    try:
        if path is not None:
            own = _whole(Calibration.model_validate_json(path.read_bytes()))
            shipped = load()
            parts = {name: getattr(own, name) or getattr(shipped, name) for name in PARTS}
            return own.model_copy(update=parts)
        file = files("ocr.fields").joinpath("data/calibration.json")
        return _whole(Calibration.model_validate_json(file.read_bytes()))
    except (OSError, ValidationError, ValueError) as error:
        raise ConfigurationError("fields.bad_calibration") from error


def _whole(read: Calibration) -> Calibration:
    """The model with every weight; one fitted before a feature was known gives it none."""
    if not set(read.weights) <= set(NAMES) or "one" not in read.weights:
        raise ValueError("weights of another model")
    if "all" not in read.thresholds:
        raise ValueError("thresholds are missing")
    parts = {name: _whole(part) for name in PARTS if (part := getattr(read, name)) is not None}
    weights = dict.fromkeys(NAMES, 0.0) | read.weights
    return read.model_copy(update={"weights": weights, **parts})


def dump(model: Calibration) -> bytes:
    """The model as its file holds it."""
    return (json.dumps(model.model_dump(mode="json"), indent=1) + "\n").encode()


def corrected(spec: FieldSpec | Column, field: Field, layout: Layout = "form") -> Labelled | None:
    """A field that a person looked at as an observation: was what the readers said right?

    None where nobody looked, or nothing had been read. The checks are those of the value as it was
    read; rules over several fields are not asked again.
    """
    told = next((r.text for r in field.readers if r.reader == PERSON), None)
    readers = tuple(r for r in field.readers if r.reader != PERSON)
    value = normalised(spec.type, field.raw or "") if field.raw else None
    if told is None or not readers or value is None:
        return None
    ink = tuple(check for check in field.checks if check.name == PRINT)
    checks = (*checks_of(spec.type, value, spec.validators), *ink)
    before = field.model_copy(update={"value": value, "readers": readers, "checks": checks})
    return labelled(spec, before, layout, right=value == told)


def labelled(
    spec: FieldSpec | Column, field: Field, layout: Layout, *, right: bool
) -> Labelled | None:
    """A field as it was read as an observation; None where no model is asked about it."""
    features = features_of(spec, field)
    if features is None:
        return None
    return Labelled(spec.type, features, right, layout, written_by_pen(field))
