"""Style sheets and scripts, held in memory and served under their common hash, for ever.

One hash for all of them lets a script import its neighbour by a relative name.
"""

import hashlib
import mimetypes
from dataclasses import dataclass
from importlib.resources import files

_TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}


@dataclass(frozen=True)
class Asset:
    """A file as it is served."""

    content: bytes
    media_type: str


class Assets:
    """Every file of ``portal/static``."""

    def __init__(self) -> None:
        folder = files("portal").joinpath("static")
        found = sorted((one for one in folder.iterdir() if one.is_file()), key=lambda one: one.name)
        self._assets = {one.name: Asset(one.read_bytes(), _type(one.name)) for one in found}
        everything = hashlib.sha256()
        for name, asset in self._assets.items():
            everything.update(f"{name}\0{len(asset.content)}\0".encode() + asset.content)
        self.version = everything.hexdigest()[:16]

    def url(self, name: str) -> str:
        """Where a file is served.

        Raises:
            KeyError: there is none of that name.
        """
        _ = self._assets[name]
        return f"/static/{self.version}/{name}"

    def get(self, version: str, name: str) -> Asset | None:
        """The file of that name, where it is of this version."""
        return self._assets.get(name) if version == self.version else None


def _type(name: str) -> str:
    ending = name[name.rfind(".") :]
    return _TYPES.get(ending) or mimetypes.guess_type(name)[0] or "application/octet-stream"
