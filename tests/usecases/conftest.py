"""Fixtures of tests that read and sign."""

from harmed_files import at
from office_fixtures import keys, pool

__all__ = ["at", "keys", "pool"]
