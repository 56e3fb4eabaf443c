"""The door to :mod:`ocr.fields.calibration`: fitting confidence again."""

from ocr.fields.calibration import (
    PERSON,
    Calibration,
    Labelled,
    audited,
    corrected,
    dump,
    fit,
    load,
)
from ocr.fields.features import Features, features_of

__all__ = [
    "PERSON",
    "Calibration",
    "Features",
    "Labelled",
    "audited",
    "corrected",
    "dump",
    "features_of",
    "fit",
    "load",
]
