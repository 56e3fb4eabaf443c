"""What is said of any file: by its first bytes a PDF or a container."""

import os
import stat
from datetime import UTC, datetime
from pathlib import Path

from schemas.messages import Language
from schemas.page import Frozen
from schemas.verdict import FileVerdict
from signing.keys.trust import Trust
from signing.validation.asic import examine_container, is_container
from signing.validation.report import validation_report
from signing.validation.verify import investigate, unreadable
from signing.validation.views import TooMuch


class ValidationResult(Frozen):
    """The verdict on a file, and its validation report where one was asked for."""

    verdict: FileVerdict
    report: bytes | None = None
    """XML of ETSI TS 119 102-2; ``None`` also where the file holds no signature."""


def _readable(path: Path) -> bool:
    """Whether this is a file that may be read; pipes would make the reader wait."""
    try:
        return stat.S_ISREG(path.stat().st_mode) and os.access(path, os.R_OK)
    except (OSError, ValueError):
        return False


def validate(
    path: Path,
    trust: Trust,
    *,
    language: Language = "vi",
    at: datetime | None = None,
    report: bool = False,
) -> ValidationResult:
    """The verdict on a PDF or an ASiC-E container, as of ``at`` (now when unset). Never raises."""
    if not _readable(path):
        return ValidationResult(verdict=unreadable(path, language, "verdict_not_opened"))
    now = at or datetime.now(UTC)
    container = False
    try:
        container = is_container(path)
        if container:
            verdict, findings = examine_container(path, trust, now, language)
        else:
            verdict, found = investigate(path, trust, language=language, at=now)
            if found is None:
                return ValidationResult(verdict=verdict)
            findings = found
    except TooMuch:
        return ValidationResult(verdict=unreadable(path, language, "verdict_too_heavy"))
    except Exception:  # whatever is wrong with the file, the answer is a verdict
        key = "verdict_container_damaged" if container else "verdict_unreadable"
        return ValidationResult(verdict=unreadable(path, language, key))
    written = validation_report(verdict, findings, now) if report else None
    return ValidationResult(verdict=verdict, report=written)
