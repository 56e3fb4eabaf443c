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
from storage.seaweedfs import WeedPorts

LOOPBACK = "127.0.0.1"
_RANGE = range(20_000, 32_000)
"""Below Linux's ephemeral ports, so that no outgoing connection sits on one of ours."""
_ADMIN_RANGE = range(20_000, 22_000)
_BACKLOG = 256
_GRPC_OFFSET = 10_000
"""SeaweedFS's maintenance worker looks for the admin part's gRPC at its port plus this, always."""


class Ports(Frozen):
    """Every port of the embedded services."""

    store: WeedPorts
    store_admin: int
    prefect: int
    portal: int

    def all(self) -> tuple[int, ...]:
        """All of them."""
        return (
            *self.store.model_dump().values(),
            self.store_admin,
            self.store_admin + _GRPC_OFFSET,
            self.prefect,
            self.portal,
        )


def choose_ports(path: Path, *, source: random.Random | None = None) -> Ports:
    """The remembered ports if every one is free, else new ones, remembered in ``path``.

    Raises:
        ServiceUnavailable: no free port was found.
    """
    remembered = _remembered(path)
    if remembered is not None and _all_free(remembered.all()):
        return remembered
    chosen = _new_ports(source or random.SystemRandom())
    write_private(path, chosen.model_dump_json(indent=1))
    return chosen


def _remembered(path: Path) -> Ports | None:
    try:
        return Ports.model_validate(json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, ValidationError):
        return None


def _new_ports(source: random.Random) -> Ports:
    free = (port for port in source.sample(_RANGE, k=500) if is_free(port))
    admin = (
        port
        for port in source.sample(_ADMIN_RANGE, k=200)
        if is_free(port) and is_free(port + _GRPC_OFFSET)
    )
    for _attempt in range(20):
        try:
            parts = [next(free) for _ in WeedPorts.model_fields]
            ports = Ports(
                store=WeedPorts.of(parts),
                store_admin=next(admin),
                prefect=next(free),
                portal=next(free),
            )
        except StopIteration:
            break
        if len(set(ports.all())) == len(ports.all()):
            return ports
    raise ServiceUnavailable("service.no_port")


def _all_free(ports: Iterable[int]) -> bool:
    return all(is_free(port) for port in ports)


def listening(address: str, port: int) -> socket.socket:
    """A socket that holds this port from now on, for a child that will serve it.

    Raises:
        OSError: another program has it, or the address is not this machine's.
    """
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((address, port))
        made.listen(_BACKLOG)
    except OSError:
        made.close()
        raise
    return made


def is_free(port: int) -> bool:
    """Whether a server could listen on loopback ``port`` now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True
