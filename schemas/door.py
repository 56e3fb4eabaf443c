"""A room's door: the names that others may use, each imported when it is first asked for (PEP 562).

What stands behind a name may be large (pyHanko takes half a second, OpenCV with NumPy another), and
whoever needs a room's options should not wait for the rest of it.
"""

from collections.abc import Callable, Mapping
from importlib import import_module


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
