"""How much a page of the desk is: its HTML, and the styles and scripts that it asks for."""

import re
from collections.abc import Iterator, Mapping
from urllib.parse import urljoin

import httpx
from pydantic import Field

from schemas.page import Frozen

BAR_PAGE_KB, BAR_SCRIPTS_KB = 60.0, 25.0
_STYLE = re.compile(r'<link rel="stylesheet" href="([^"]+)"')
_SCRIPT = re.compile(r'<script [^>]*src="([^"]+)"')
_IMPORT = re.compile(r"""(?:from|import)\s*\(?\s*["'](\./[^"']+)["']""")


class PageSize(Frozen):
    """Kilobytes (1000 bytes) of one page, as sent, not packed; pictures apart."""

    page: str
    html_kb: float
    styles_kb: float
    scripts_kb: float = Field(description="with all that they import")
    all_kb: float

    @property
    def passed(self) -> bool:
        """Whether both bars are kept."""
        return self.all_kb <= BAR_PAGE_KB and self.scripts_kb <= BAR_SCRIPTS_KB


def page_sizes(client: httpx.Client, pages: Mapping[str, str]) -> Iterator[PageSize]:
    """The size of each of these pages: name and path.

    Raises:
        httpx.HTTPStatusError: the desk refuses one.
    """
    for name, path in pages.items():
        answer = client.get(path, follow_redirects=True)
        answer.raise_for_status()
        html = len(answer.content)
        styles = sum(len(client.get(one).content) for one in set(_STYLE.findall(answer.text)))
        scripts = sum(scripts_of(client, _SCRIPT.findall(answer.text)).values())
        yield PageSize(
            page=name,
            html_kb=html / 1000,
            styles_kb=styles / 1000,
            scripts_kb=scripts / 1000,
            all_kb=(html + styles + scripts) / 1000,
        )


def scripts_of(client: httpx.Client, addresses: list[str]) -> dict[str, int]:
    """Sizes of these scripts and of all that they import, each once."""
    sizes: dict[str, int] = {}
    while addresses:
        address = addresses.pop()
        if address in sizes:
            continue
        answer = client.get(address)
        answer.raise_for_status()
        sizes[address] = len(answer.content)
        addresses += [urljoin(address, one) for one in _IMPORT.findall(answer.text)]
    return sizes
