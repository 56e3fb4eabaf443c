"""A room's door: the names that others may use, each imported when it is first asked for (PEP 562).

What stands behind a name may be large (pyHanko takes half a second, OpenCV with NumPy another), and
whoever needs a room's options should not wait for the rest of it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any


def door(room: str, modules: Mapping[str, tuple[str, ...]]) -> Callable[[str], object]:
    """The ``__getattr__`` of a room.

    Args:
        room: the package, ``__name__`` in its ``__init__.py``.
        modules: modules below it, and the names of each that are let through.
    """
    where = {name: f"{room}.{module}" for module, names in modules.items() for name in names}

    def let_through(name: str) -> object:
        if name not in where:
            raise AttributeError(f"module {room!r} has no attribute {name!r}")
        return getattr(import_module(where[name]), name)

    return let_through


@dataclass(frozen=True)
class Named:
    """A function by its name, to be called in another process: who sends it need not import it."""

    module: str
    name: str

    def __call__(self, *args: Any, **more: Any) -> Any:
        """Import the function and call it."""
        return getattr(import_module(self.module), self.name)(*args, **more)
