"""A room's door: the names that others may use, each imported when it is first asked for (PEP 562).

What stands behind a name may be large (pyHanko takes half a second, OpenCV with NumPy another), and
whoever needs a room's options should not wait for the rest of it.
"""

import ast
import inspect
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any


def door(room: str) -> Callable[[str], object]:
    """The ``__getattr__`` of a room, made from the imports under its ``if TYPE_CHECKING:``.

    So a name is written there, for type checkers and for this, and in ``__all__``, which the linter
    holds against the imports. ``attach_stub`` of lazy-loader (Scientific Python, SPEC 1) does the
    same from a stub beside the module.

    Args:
        room: the package, ``__name__`` in its ``__init__.py``.
    """
    where = dict(_imported_for_types(ast.parse(inspect.getsource(sys.modules[room]))))

    def let_through(name: str) -> object:
        if name not in where:
            raise AttributeError(f"module {room!r} has no attribute {name!r}")
        return getattr(import_module(where[name]), name)

    return let_through


def _imported_for_types(source: ast.Module) -> Iterator[tuple[str, str]]:
    """Each name that is imported for type checkers alone, and its module."""
    for block in source.body:
        if isinstance(block, ast.If) and ast.unparse(block.test) == "TYPE_CHECKING":
            for line in block.body:
                if isinstance(line, ast.ImportFrom) and line.module:
                    yield from ((one.name, line.module) for one in line.names)


@dataclass(frozen=True)
class Named:
    """A function by its name, to be called in another process: who sends it need not import it."""

    module: str
    name: str

    def __call__(self, *args: Any, **more: Any) -> Any:
        """Import the function and call it."""
        return getattr(import_module(self.module), self.name)(*args, **more)
