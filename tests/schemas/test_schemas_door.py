"""The rooms' doors: every name that is said to be let through is there, and no other."""

import importlib
import subprocess
import sys

import pytest


@pytest.mark.parametrize("room", ["ocr", "signing", "storage", "sohoa.cli", "sohoa.services"])
def test_every_name_of_a_door_is_let_through(room: str) -> None:
    door = importlib.import_module(room)
    missing = [name for name in door.__all__ if getattr(door, name, None) is None]
    assert missing == []
    with pytest.raises(AttributeError):
        _ = door.not_let_through


def test_a_name_is_imported_when_it_is_asked_for() -> None:
    program = (
        "import sys, storage; before = 'storage.records' in sys.modules; storage.Document; "
        "print(before, 'storage.records' in sys.modules, 'storage.objects' in sys.modules)"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True", "False"]
