"""What the line reader was taught: a small network behind the line model.

An *adapter* takes the model's hidden layer (512 numbers a step), corrects it, and gives its own
likelihoods of the characters; it also says whether a line looks like those it was taught with, so
that print is read as ever. It is one ONNX file of a few MB, with its *card* inside: what it was
taught with and what that changed. Files are written by :mod:`ocr.learning`.

The format, 1: input ``hidden`` (steps, lines, 512); outputs ``log_probs`` (steps, lines, 227) and
``likeness`` (lines, 1), 0 to 1; metadata ``card``, JSON of :class:`Card`. A folder of adapters has
``in-use.json`` (:class:`InUse`), which names those that count, the first that fits a line first.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, ValidationError

from ocr.recognition.runtime import onnx_runtime
from schemas.errors import ConfigurationError
from schemas.page import Frozen

FORMAT = 1
LIKE = 0.5
"""From this likeness on a line is read by the adapter."""
IN_USE = "in-use.json"
SHIPPED = "data"
"""Folder of this package with the adapters that come with the wheel."""

Hidden = NDArray[np.float32]


class Errors(Frozen):
    """How lines were read that nothing was fitted on."""

    lines: int = Field(ge=0)
    characters: float = Field(ge=0, description="character error, 0 to 1 and more")
    exact: float = Field(ge=0, le=1, description="share of lines without any error")


class Card(Frozen):
    """What an adapter was taught with, and what that changed."""

    format: Literal[1] = 1
    name: str = Field(pattern=r"^[a-z0-9-]{1,60}$")
    model: str = Field(description="SHA-256 of the line model it stands behind")
    narrowing: float = Field(gt=0.3, lt=3, description="lines are set so much narrower or wider")
    made_at: datetime
    lines: int = Field(ge=0, description="taught with")
    sources: dict[str, int] = Field({}, description="of these, by where they come from")
    before: Errors | None = Field(None, description="lines held back, as read without it")
    after: Errors | None = Field(None, description="the same lines, read with it")
    begun_from: str | None = Field(None, description="the adapter whose weights it began with")
    seconds: float = Field(0.0, ge=0, description="of processor that it took")
    data: str = Field("", description="a sentence for people: what lines, under what licence")


class InUse(Frozen):
    """Which adapters of a folder count."""

    names: tuple[str, ...] = ()
    """Without their suffix, the first that fits a line first."""
    shipped: bool = True
    """Whether those that come with the wheel count, too, after these."""


class Adapter:
    """An adapter, loaded."""

    def __init__(self, content: bytes) -> None:
        """From the bytes of its file.

        Raises:
            ValueError: it is no adapter of this format.
        """
        runtime = onnx_runtime()
        options = runtime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 4
        try:
            self._session: Any = runtime.InferenceSession(
                content, options, providers=["CPUExecutionProvider"]
            )
        except Exception as exc:  # the runtime has an exception for every fault
            raise ValueError("no network") from exc
        told = self._session.get_modelmeta().custom_metadata_map.get("card", "")
        self.card = Card.model_validate_json(told)

    def likeness(self, hidden: Hidden) -> float:
        """How much a line looks like those the adapter was taught with, 0 to 1.

        Args:
            hidden: of one line, shape (steps, 512), set as the model has it without adapters.
        """
        (out,) = self._session.run(["likeness"], {"hidden": hidden[:, None]})
        return float(out[0, 0])

    def steps(self, hidden: Hidden) -> NDArray[np.float64]:
        """Log-probabilities of the characters, (steps, 227), of a line set as its card says."""
        (out,) = self._session.run(["log_probs"], {"hidden": hidden[:, None]})
        return np.asarray(out[:, 0], np.float64)


def adapters(folder: Path | None, model: str) -> tuple[Adapter, ...]:
    """The adapters that count, the first that fits a line first.

    Args:
        folder: the office's own; where it has none, those that come with the wheel.
        model: SHA-256 of the line model; adapters of another one count for nothing.

    Raises:
        ConfigurationError: ``fields.bad_adapter``.
    """
    used = in_use(folder)
    named = [folder / f"{name}.onnx" for name in used.names] if folder is not None else []
    known = [*named, *(_shipped() if used.shipped else ())]
    loaded = (_loaded(path, _stamp(path)) for path in known)
    return tuple(one for one in loaded if one.card.model == model)


def in_use(folder: Path | None) -> InUse:
    """Which adapters of a folder count.

    Raises:
        ConfigurationError: ``fields.bad_adapter``.
    """
    listed = folder / IN_USE if folder is not None else None
    return _listed(listed, _stamp(listed)) if listed and listed.is_file() else InUse()


def likest(found: Sequence[Adapter], hidden: Hidden) -> Adapter | None:
    """The first adapter that was taught with lines like this one."""
    return next((one for one in found if one.likeness(hidden) >= LIKE), None)


@lru_cache(maxsize=4)
def _listed(path: Path, _stamp: int) -> InUse:
    try:
        return InUse.model_validate(json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, ValidationError) as error:
        raise ConfigurationError("fields.bad_adapter") from error


@lru_cache(maxsize=8)
def _loaded(path: Path, _stamp: int) -> Adapter:
    try:
        return Adapter(path.read_bytes())
    except (OSError, ValueError, ValidationError) as error:
        raise ConfigurationError("fields.bad_adapter") from error


def _stamp(path: Path | None) -> int:
    try:
        return path.stat().st_mtime_ns if path is not None else 0
    except OSError:
        return 0


@lru_cache(maxsize=1)
def _shipped() -> tuple[Path, ...]:
    folder = Path(str(files("ocr.recognition").joinpath(SHIPPED)))
    return tuple(sorted(folder.glob("*.onnx")))
