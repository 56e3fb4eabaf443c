"""The first start makes one account with all duties, and tells its one-time password once."""

import sys
from dataclasses import dataclass
from pathlib import Path

from sohoa.bootstrap import open_rooms
from sohoa.services.files import private_folder, write_private
from sohoa.services.secrets import FOLDER
from sohoa.settings import Settings
from usecases import accounts
from usecases.caller import local_operator

NAME = "quantri"
FILE = "first_sign_in"


@dataclass(frozen=True)
class FirstAccount:
    """What the person who starts Sohoa is told: the password, or the file that holds it."""

    name: str
    password: str | None = None
    file: Path | None = None


def first_account(settings: Settings) -> FirstAccount | None:
    """Make it where there is no account; ``None`` where there is one.

    The password goes to a terminal alone. Where what is said goes elsewhere, into a service's log
    for example, it is written to a file of mode 600 in ``<data>/secrets`` instead, which the next
    start removes once the password was changed.
    """
    with open_rooms(settings) as rooms:
        made = accounts.add_first(local_operator(), rooms, NAME)
        used = made is None and not any(
            one.name == NAME and one.must_change
            for one in accounts.accounts(local_operator(), rooms)
        )
    file = settings.data / FOLDER / FILE
    if made is None:
        if used:
            file.unlink(missing_ok=True)
        return None
    if sys.stderr.isatty():
        return FirstAccount(made.name, password=made.password)
    private_folder(file.parent)
    write_private(file, f"{made.name}\n{made.password}\n")
    return FirstAccount(made.name, file=file)
