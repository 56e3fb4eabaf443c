"""Addresses of other systems: what may be one, and which are of this machine."""

import ipaddress
import re
from urllib.parse import urlsplit

_ADDRESS = re.compile(r"^https?://[^/?#@\s]+(/[^\s?#]*)?$", re.ASCII)


def is_here(address: str) -> bool:
    """Whether an address is of this machine's loopback."""
    try:
        host = urlsplit(address).hostname or ""
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_web_address(address: str) -> bool:
    """Whether it is ``http(s)://host[:port][/path]``, without a name, password or query."""
    try:
        parts = urlsplit(address)
        return _ADDRESS.fullmatch(address) is not None and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is none
        return False


def is_plain(address: str) -> bool:
    """Whether others can read on the way what is sent there."""
    return address.startswith("http://") and not is_here(address)
