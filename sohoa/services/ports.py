"""Loopback ports of the embedded services: picked once, remembered, picked again when taken."""

import json
import random
import socket
from collections.abc import Iterable
from pathlib import Path

from pydantic import ValidationError

from schemas.errors import ServiceUnavailable
from schemas.page import Frozen
from sohoa.services.files import write_private
from storage.weed import WeedPorts

LOOPBACK = "127.0.0.1"
_RANGE = range(20_000, 32_000)
"""Below Linux's ephemeral ports, so that no outgoing connection sits on one of ours."""


class Ports(Frozen):
    """Every port of the embedded services."""

    store: WeedPorts
    prefect: int

    def all(self) -> tuple[int, ...]:
        """All of them."""
        return (*self.store.model_dump().values(), self.prefect)


def choose_ports(path: Path, *, source: random.Random | None = None) -> Ports:
    """The remembered ports if every one is free, else new ones, remembered in ``path``.

    Raises:
        ServiceUnavailable: no free port was found.
    """
    remembered = _remembered(path)
    if remembered is not None and _all_free(remembered.all()):
        return remembered
    free = _free_ports(len(WeedPorts.model_fields) + 1, source or random.SystemRandom())
    ports = Ports(store=WeedPorts.of(free[:-1]), prefect=free[-1])
    write_private(path, ports.model_dump_json(indent=1))
    return ports


def _remembered(path: Path) -> Ports | None:
    try:
        return Ports.model_validate(json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, ValidationError):
        return None


def _free_ports(count: int, source: random.Random) -> list[int]:
    candidates = source.sample(_RANGE, k=500)
    free = [port for port in candidates[: count * 4] if is_free(port)]
    free += [port for port in candidates[count * 4 :] if len(free) < count and is_free(port)]
    if len(free) < count:
        raise ServiceUnavailable("service.no_port")
    return free[:count]


def _all_free(ports: Iterable[int]) -> bool:
    return all(is_free(port) for port in ports)


def is_free(port: int) -> bool:
    """Whether a server could listen on loopback ``port`` now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True
