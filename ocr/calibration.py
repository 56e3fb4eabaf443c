"""The door to :mod:`ocr.fields.calibration`: fitting confidence again."""

from ocr.fields.calibration import (
    PERSON,
    Calibration,
    Features,
    Labelled,
    audited,
    corrected,
    dump,
    features_of,
    fit,
    load,
)

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
