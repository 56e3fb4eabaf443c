"""What can be chosen about signing: one frozen model, and the words it uses."""

from enum import StrEnum
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator

from schemas.page import Frozen


class Level(StrEnum):
    """PAdES baseline levels (ETSI EN 319 142-1), lowest first."""

    b_b = "B-B"
    b_t = "B-T"
    b_lt = "B-LT"
    b_lta = "B-LTA"

    @property
    def time_stamped(self) -> bool:
        """Whether the signature carries a time stamp."""
        return self is not Level.b_b

    @property
    def long_term(self) -> bool:
        """Whether the evidence for validation (certificates, CRLs) is embedded."""
        return self in {Level.b_lt, Level.b_lta}


class SignerRole(StrEnum):
    """Who signs, and with that which certificate and which kind of stamp."""

    seal = "seal"
    clerk = "clerk"
    leader = "leader"


class SigningOptions(Frozen):
    """How this office signs. The defaults are what the law asks for."""

    level: Level = Level.b_lta
    agency: str = Field(
        "ỦY BAN NHÂN DÂN",
        min_length=1,
        max_length=200,
        description="the digitising unit's name as it stands in the copy signature",
    )
    timezone: str = Field("Asia/Ho_Chi_Minh", description="IANA zone of the time in the stamp")
    font: Path | None = Field(
        None,
        description="a TrueType font with the metrics of Times New Roman; found when unset",
    )
    trust_anchors: tuple[Path, ...] = Field(
        (), description="PEM or DER files of further roots that verification trusts"
    )
    crl_hours: float = Field(
        12.0, gt=0, le=144, description="re-issue the development CRLs when older than this"
    )

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError("not a name in the time zone database") from None
        return name
