"""The end of the event log, kept beside the ledger: a log that lost its end is found by it."""

from pathlib import Path

from pydantic import ValidationError

from schemas.durable import written_whole
from storage.records import Head


def kept_head(path: Path | None) -> Head | None:
    """The end that was noted last; ``None`` where nothing readable is."""
    if path is None:
        return None
    try:
        return Head.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None


def keep_head(path: Path | None, head: Head, *, backwards: bool = False) -> None:
    """Note the end, mode 600, whole or not at all; an older one replaces none unless asked.

    Raises:
        OSError: the folder is missing or full.
    """
    if path is None:
        return
    known = kept_head(path)
    if known is not None and known.seq >= head.seq and not backwards:
        return
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with written_whole(path, mode=0o600) as stream:
        stream.write(head.model_dump_json().encode())
