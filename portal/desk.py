"""What all pages share, made once a process: rooms, options, templates, files."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import jinja2

from portal.assets import Assets
from portal.navigation import Place
from portal.options import PortalOptions
from portal.paper_views import PaperViews
from portal.provider import Provider
from portal.searches import KeptSearches
from portal.slowing import Slowing
from schemas.messages import Language
from schemas.operating import MachineView, PrefectServer
from usecases import pictures
from usecases.rooms import Rooms
from usecases.sign_in import Lifetime

_ISO_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")


def _decimal(value: float, language: Language) -> str:
    """With one decimal, after a comma in Vietnamese."""
    text = f"{value:,.1f}"
    return text if language == "en" else text.translate(str.maketrans(",.", ".,"))


def _written(value: str) -> str:
    """A field's value as people write it: days as 02/11/2026."""
    found = _ISO_DAY.fullmatch(value)
    return f"{found[3]}/{found[2]}/{found[1]}" if found else value


def _whole(number: int, language: Language) -> str:
    """With thousands apart: 13.551 in Vietnamese."""
    text = f"{number:,}"
    return text if language == "en" else text.replace(",", ".")


def _percent(share: float, language: Language) -> str:
    return f"{_decimal(100 * share, language)} %"


def _templates(assets: Assets, timezone: str) -> jinja2.Environment:
    made = jinja2.Environment(
        loader=jinja2.PackageLoader("portal"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.policies["json.dumps_kwargs"] = {"ensure_ascii": False, "separators": (",", ":")}
    zone = ZoneInfo(timezone)

    def moment(when: datetime) -> str:
        return f"{when.astimezone(zone):%d/%m/%Y %H:%M}"

    def day(when: datetime) -> str:
        return f"{when.astimezone(zone):%d/%m/%Y}"

    def clock(when: datetime) -> str:
        return f"{when.astimezone(zone):%H:%M}"

    def long_day(when: datetime) -> str:
        local = when.astimezone(zone)
        return f"ngày {local:%d} tháng {local:%m} năm {local:%Y}"

    def long_moment(when: datetime) -> str:
        local = when.astimezone(zone)
        return f"{local:%H} giờ {local:%M} phút, {long_day(when)}"

    made.filters |= {"long_day": long_day, "long_moment": long_moment}
    made.filters |= {"moment": moment, "day": day, "clock": clock}
    made.filters |= {"percent": _percent, "decimal": _decimal, "whole": _whole, "written": _written}
    made.globals["asset"] = assets.url
    return made


@dataclass
class Desk:
    """The desk of an office.

    Attributes:
        rooms: opened once for the process; the ledger may be asked from many threads.
        options: what the office says.
        places: what the navigation names, of the pages that there are.
        searches: what people look for, kept in memory alone.
        drawer: draws pictures of pages; its process starts with the first one.
        machine: tells how services and machine are, for operators; answers at once.
        slowing: holds back who asks for public codes that are not there.
        paper_views: opens the pages of a paper to who knows its second secret.
        prefect: where this machine's Prefect runs now; None where it does not, or is elsewhere.
    """

    rooms: Rooms
    options: PortalOptions
    places: tuple[Place, ...] = ()
    machine: Callable[[], MachineView] | None = None
    prefect: Callable[[], PrefectServer | None] = lambda: None
    assets: Assets = field(default_factory=Assets)
    provider: Provider | None = field(init=False)
    templates: jinja2.Environment = field(init=False)
    searches: KeptSearches = field(default_factory=KeptSearches)
    drawer: pictures.Drawer = field(default_factory=pictures.drawer)
    slowing: Slowing = field(default_factory=Slowing)
    paper_views: PaperViews = field(default_factory=PaperViews)

    def __post_init__(self) -> None:
        said = self.options.provider
        self.provider = None if said is None else Provider(said)
        self.templates = _templates(self.assets, self.options.timezone)

    @property
    def lifetime(self) -> Lifetime:
        """How long sessions last."""
        return Lifetime(
            idle=timedelta(minutes=self.options.idle_minutes),
            longest=timedelta(hours=self.options.longest_hours),
        )

    def prefect_page(self) -> str | None:
        """What an operator opens to see the runs, if there is something just now."""
        return "/prefect/" if self.prefect() is not None else self.options.prefect_url

    def close(self) -> None:
        """End the process that draws."""
        self.drawer.close()

    def render(self, template: str, values: Mapping[str, Any]) -> str:
        """A page's HTML."""
        return self.templates.get_template(template).render(**values)
