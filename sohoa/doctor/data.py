"""What an office adds as data: its document types, its calibration, its register of persons."""

from collections.abc import Collection
from typing import Any

from schemas.document_type import document_types, known_types
from signing import known_profiles, shipped_profiles
from sohoa.doctor.check import Examiner, Observation
from sohoa.registers import open_register
from sohoa.settings import Settings


def _types(settings: Settings) -> Observation:
    """How many types are known, the office's own among them."""
    return _counted(known_types(settings.reading.types), document_types())


def _counted(known: Collection[Any], shipped: Collection[Any]) -> Observation:
    own = sum(one not in shipped for one in known)
    return Observation(version=f"{len(known)} (+{own})" if own else str(len(known)))


def _profiles(settings: Settings) -> Observation:
    """How many signing profiles are known, the office's own among them."""
    known = known_profiles(settings.signing.profiles).values()
    return _counted(known, shipped_profiles().values())


def _templates(settings: Settings) -> Observation:
    """How many templates of results are known, the office's own among them."""
    from usecases.results import (  # noqa: PLC0415 - imports fpdf; the desk's process needs none
        known_templates,
        shipped_templates,
    )

    known = known_templates(settings.result_templates).values()
    return _counted(known, shipped_templates().values())


def _confidence(settings: Settings) -> Observation:
    """On how many values confidence was fitted."""
    from ocr import calibration  # noqa: PLC0415 - imports all that reads fields

    model = calibration.load(settings.reading.calibration)
    return Observation(version=f"n={model.count}" if model else None, works=model is not None)


def _register(settings: Settings) -> Observation:
    """Whether the register that was set up can be opened; nobody is asked about."""
    registry = open_register(settings.registry)
    return Observation(version=type(registry).__name__ if registry else "-")


DATA: tuple[Examiner, ...] = (
    Examiner("document types", _types, "data_unreadable"),
    Examiner("signing profiles", _profiles, "data_unreadable"),
    Examiner("result templates", _templates, "data_unreadable"),
    Examiner("calibration", _confidence, "data_unreadable"),
    Examiner("population register", _register, "data_unreadable"),
)
