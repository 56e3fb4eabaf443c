"""Fixtures of tests that read and sign."""

from office_fixtures import keys, pool

__all__ = ["keys", "pool"]
