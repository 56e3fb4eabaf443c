"""The folder of an office's adapters: which one counts, the earlier ones, and the way back.

An adapter is written whole before the list names it, and the list is replaced by a rename: cut off
at any point, either the new one counts or the one before does.
"""

from pathlib import Path

from pydantic import ValidationError

from ocr.learning.adapter_file import weights_in
from ocr.learning.network import Weights
from ocr.learning.teaching import NARROWING, Lesson
from ocr.recognition.adapter import IN_USE, Adapter, InUse, in_use
from ocr.recognition.line_reader import MODEL_SHA256
from schemas.durable import write_durably
from schemas.errors import ConfigurationError
from schemas.learning import Accepted, Card, Learned

LAST = "last-try.json"


def better(card: Card, before: Accepted, after: Accepted) -> bool:
    """Whether a new adapter reads better and makes nothing worse that nobody looks at."""
    if card.before is None or card.after is None or not card.after.lines:
        return False
    return card.after.characters < card.before.characters and after.wrong <= before.wrong


def write(folder: Path, lesson: Lesson) -> None:
    """Put an adapter into the folder; it does not count yet."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_durably(folder / f"{lesson.card.name}.onnx", lesson.content, 0o600)


def take(folder: Path, lesson: Lesson) -> InUse:
    """Let an adapter count from now on, in place of the ones before."""
    write(folder, lesson)
    before = in_use(folder)
    if before.names == (lesson.card.name,):
        return before
    return _listed(
        folder,
        before.model_copy(
            update={"names": (lesson.card.name,), "earlier": (*before.earlier, before.names)}
        ),
    )


def back(folder: Path) -> InUse | None:
    """Let the adapters before count again; without any, what comes with the wheel.

    Returns:
        What counts now; None where there was nothing to go back from. A list that is damaged is
        begun anew.
    """
    try:
        now = in_use(folder)
    except ConfigurationError:
        return _listed(folder, InUse())
    if not now.names:
        return None
    names = now.earlier[-1] if now.earlier else ()
    return _listed(folder, now.model_copy(update={"names": names, "earlier": now.earlier[:-1]}))


def cards(folder: Path) -> list[Card]:
    """The cards of the adapters in a folder, oldest first; damaged files are passed over."""
    found = []
    for path in sorted(folder.glob("*.onnx")):
        try:
            found.append(Adapter(path.read_bytes()).card)
        except (OSError, ValueError):
            continue
    return sorted(found, key=lambda card: card.made_at)


def begun_with(folder: Path) -> tuple[str, Weights] | None:
    """The office's adapter that counts, to go on from; None where there is none for this model and
    this width of lines.

    The one that comes with the wheel is no beginning: of 300 real lines more was learned from the
    model as it is (other lines 12.2 % of the characters wrong, 13.7 % with that beginning).
    """
    used = in_use(folder)
    for path in [folder / f"{name}.onnx" for name in used.names]:
        try:
            content = path.read_bytes()
            card = Adapter(content).card
            if (card.model, card.narrowing) == (MODEL_SHA256, NARROWING):
                return card.name, weights_in(content)
        except (OSError, ValueError):
            continue
    return None


def remember(folder: Path, tried: Learned) -> None:
    """Keep what came of the last lesson, for people to see."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_durably(folder / LAST, tried.model_dump_json(indent=1).encode())


def last_try(folder: Path) -> Learned | None:
    """What came of the last lesson; None before the first."""
    try:
        return Learned.model_validate_json((folder / LAST).read_bytes())
    except (OSError, ValidationError):
        return None


def _listed(folder: Path, used: InUse) -> InUse:
    write_durably(folder / IN_USE, used.model_dump_json(indent=1).encode())
    return used
