"""What can be chosen about signing: one frozen model, and the words it uses."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal
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


class InkColour(StrEnum):
    """Colours that Decree 30/2020 asks for."""

    blue = "blue"
    red = "red"


class PictureFile(Frozen):
    """The picture of a signature or of a seal."""

    file: Path = Field(description="a transparent PNG: the signature blue, the seal red")
    width_mm: float | None = Field(
        None, gt=4, le=80, description="real width of what is drawn; what the PNG says when unset"
    )


class FileKey(Frozen):
    """A key and its certificates in a PKCS #12 file (``.p12``, ``.pfx``)."""

    kind: Literal["pkcs12"]
    file: Path
    password_file: Path | None = Field(
        None, description="its first line; mode 600; asked of a person when unset"
    )


class TokenKey(Frozen):
    """A key that never leaves its token or HSM (PKCS #11)."""

    kind: Literal["pkcs11"]
    module: Path = Field(description="the maker's PKCS #11 library")
    token: str = Field(min_length=1, description="label of the token")
    label: str = Field(min_length=1, description="label of private key and certificate")
    pin_file: Path | None = Field(
        None, description="its first line; mode 600; asked of a person when unset"
    )
    chain: tuple[Path, ...] = Field((), description="PEM or DER files of the issuers")


class RemoteKey(Frozen):
    """A key at a remote signing service (Cloud Signature Consortium API, version 1)."""

    kind: Literal["csc"]
    address: str = Field(pattern=r"^https?://[^?#@\s]+$", description="what stands before /csc/v1")
    credential: str = Field(min_length=1, description="credentialID at the service")
    token_file: Path | None = Field(None, description="OAuth bearer token; mode 600")
    pin_file: Path | None = Field(None, description="PIN of the credential; mode 600")
    ca_file: Path | None = Field(None, description="PEM of the authority to trust with TLS")


KeyChoice = Annotated[FileKey | TokenKey | RemoteKey, Field(discriminator="kind")]
"""Where a role's key is; a role without a choice has its development key."""


class RetryPolicy(Frozen):
    """How outside services (time stamps, revocation, remote keys) are called."""

    seconds: float = Field(
        150.0, gt=0, le=900, description="for one answer; 131 s were seen of a time-stamp service"
    )
    together: int = Field(4, ge=1, le=64, description="calls to one service at the same time")
    tries: int = Field(3, ge=1, le=10, description="for one signature")
    pause: float = Field(1.0, ge=0, le=60, description="seconds before the second try; doubles")
    failures: int = Field(
        3, ge=1, le=100, description="in a row until the service is left alone for a while"
    )
    rest: float = Field(
        60.0, gt=0, le=3600, description="longest time in seconds that it is left alone"
    )


class TimeStampService(Frozen):
    """An outside time-stamp authority (RFC 3161 over HTTP)."""

    address: str = Field(pattern=r"^https?://[^#@\s]+$")
    user: str | None = Field(None, description="for basic authentication")
    password_file: Path | None = Field(None, description="its first line; mode 600")
    ca_file: Path | None = Field(None, description="PEM of the authority to trust with TLS")
    tolerance: float = Field(
        300.0, gt=0, le=86400, description="seconds its clock may differ from ours"
    )


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
    profiles: Path | None = Field(
        None, description="folder of the office's own signing profiles; None: those shipped"
    )
    font: Path | None = Field(
        None,
        description="a TrueType font with the metrics of Times New Roman; found when unset",
    )
    trust_anchors: tuple[Path, ...] = Field(
        (), description="PEM or DER files of further roots that verification trusts"
    )
    intermediates: tuple[Path, ...] = Field(
        (), description="PEM or DER files of issuing authorities between keys and roots"
    )
    keys: dict[SignerRole, KeyChoice] = Field(
        {}, description="each role's key; the development key where none is named"
    )
    pictures: dict[SignerRole, PictureFile] = Field(
        {}, description="pictures of the leader's signature and of the agency's seal"
    )
    check_page: str | None = Field(
        None,
        pattern=r"^https?://[^\s]+$",
        description="address of the verification page; its QR code stands in copy signatures. The "
        "document's public code, else its reference, is put in place of {reference}, or at the "
        "end. Unset, documents of dossiers lead to the desk's own page where the desk is public",
    )
    time_stamps: TimeStampService | None = Field(
        None, description="an outside time-stamp authority; the development unit when unset"
    )
    services: RetryPolicy = Field(RetryPolicy(), description="how outside services are called")
    together: int = Field(8, ge=1, le=64, description="signatures under way at the same time")
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
