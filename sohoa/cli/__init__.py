"""The command line: ``sohoa COMMAND``. Every command has ``--json``, ``--data`` and ``--verbose``.

With ``--json`` one JSON object goes to stdout and nothing else; progress and sentences go to
stderr. Exit codes are :class:`schemas.errors.ExitCode`.

Worker processes import the script that was started once more, and so this module: it imports
nothing until it is called.
"""

import gc
import os
import sys
from typing import TYPE_CHECKING

from schemas.door import door

if TYPE_CHECKING:
    from sohoa.cli.application import app, run

__all__ = ["app", "main", "run"]

OBJECTS = 20_000
"""New ones after which garbage is looked for (700 by default): what a command imports stays."""


def main() -> None:
    """Run the command line; every failure is one sentence and an exit code."""
    gc.set_threshold(OBJECTS)
    # none is used, and Pydantic looks for them in every package that is installed, in each process
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    from sohoa.cli.application import run  # noqa: PLC0415 - see above

    code = run()
    gc.freeze()  # Python's last look for garbage, at all that was imported, is for nothing
    sys.exit(code)


if not TYPE_CHECKING:  # a type checker would believe in every name
    __getattr__ = door(__name__)
