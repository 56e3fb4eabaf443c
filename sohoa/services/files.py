"""The small files the supervisor keeps in ``<data>/run``: private, and whole or not at all."""

from pathlib import Path

from schemas.durable import write_durably

_PRIVATE = 0o600


def private_folder(path: Path) -> Path:
    """Make ``path`` (mode 700) where it is missing; the path itself."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def write_private(path: Path, text: str) -> None:
    """Replace ``path`` (mode 600) by ``text`` in one step."""
    write_durably(path, text.encode(), _PRIVATE)


def create_private(path: Path, text: str) -> None:
    """Make ``path`` (mode 600) in one step; what stands there already stays."""
    write_durably(path, text.encode(), _PRIVATE, replacing=False)
