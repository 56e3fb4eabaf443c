"""The door to how sure values are: fitted again from corrections, and audited by a share."""

from ocr.fields.acceptance import audited
from ocr.fields.calibration import (
    PERSON,
    Calibration,
    Labelled,
    corrected,
    dump,
    fit,
    labelled,
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
    "labelled",
    "load",
]
