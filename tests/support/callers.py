"""People who call use cases in tests."""

from usecases.caller import Caller, Duty


def person(name: str = "cli:test", *duties: Duty, of: frozenset[str] | None = None) -> Caller:
    """Somebody with these duties, all of them where none is named, in these departments."""
    return Caller(name, frozenset(duties or Duty), of)
