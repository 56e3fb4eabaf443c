"""The rooms' doors: every name that is said to be let through is there."""

import importlib

import pytest


@pytest.mark.parametrize("room", ["ocr", "signing", "storage"])
def test_every_name_of_a_door_is_let_through(room: str) -> None:
    door = importlib.import_module(room)
    missing = [name for name in door.__all__ if getattr(door, name, None) is None]
    assert missing == []
    with pytest.raises(AttributeError):
        _ = door.not_let_through
