"""One health check, and its result."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata

from schemas.errors import SohoaError
from schemas.messages import sentence
from schemas.page import Frozen
from sohoa.settings import Settings


class CheckResult(Frozen):
    """What was seen of one dependency or service."""

    name: str
    found: bool
    version: str | None = None
    works: bool
    advice: str | None = None


@dataclass(frozen=True)
class Observation:
    """What a check saw. ``advice`` names a sentence of the catalogue ``service``."""

    version: str | None = None
    works: bool = True
    found: bool = True
    advice: str | None = None


@dataclass(frozen=True)
class Examiner:
    """A check by name.

    Attributes:
        check: sees what there is; an exception means it does not work.
        advice: what to do when it raised, a key of the catalogue ``service``.
        package: the installed distribution whose version is shown.
    """

    name: str
    check: Callable[[Settings], Observation]
    advice: str
    package: str | None = None


def look(examiner: Examiner, settings: Settings) -> CheckResult:
    """Run one check; whatever it raises becomes the finding."""
    version = _installed(examiner.package)
    try:
        seen = examiner.check(settings)
    except SohoaError as error:
        return CheckResult(
            name=examiner.name,
            found=version is not None,
            version=version,
            works=False,
            advice=error.sentence(settings.language),
        )
    except Exception:
        return CheckResult(
            name=examiner.name,
            found=version is not None,
            version=version,
            works=False,
            advice=sentence(f"service.{examiner.advice}", settings.language),
        )
    advice = seen.advice or (None if seen.works else examiner.advice)
    return CheckResult(
        name=examiner.name,
        found=seen.found,
        version=seen.version or version,
        works=seen.works,
        advice=sentence(f"service.{advice}", settings.language) if advice else None,
    )


def _installed(package: str | None) -> str | None:
    try:
        return metadata.version(package) if package else None
    except metadata.PackageNotFoundError:
        return None
