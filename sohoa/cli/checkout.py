"""What a checkout of the project has and an installation has not: benchmarks, fitting."""

from importlib import import_module
from types import ModuleType

from schemas.errors import MissingDependency

PACKAGE = "training"
"""Looked for by name: no room knows it, and the wheel has none of it."""


def of_checkout(module: str) -> ModuleType:
    """The module ``training.<module>``.

    Raises:
        MissingDependency: this is an installation, not a checkout.
    """
    try:
        return import_module(f"{PACKAGE}.{module}")
    except ModuleNotFoundError as wrong:
        if wrong.name != PACKAGE:
            raise
        raise MissingDependency("cli.checkout_only") from wrong
