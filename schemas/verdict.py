"""What verification says of a file and of each signature in it."""

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from schemas.page import Frozen


class Verdict(StrEnum):
    """The verdict on a file, best first."""

    valid = "valid"
    valid_weak = "valid_weak"
    intact_untrusted = "intact_untrusted"
    altered = "altered"
    broken = "broken"
    unsigned = "unsigned"
    unreadable = "unreadable"


class Algorithms(Frozen):
    """The cryptography of one signature."""

    digest: str
    signature: str
    key_bits: int | None = None
    weak: bool = False


class SignatureReport(Frozen):
    """One signature."""

    field: str
    signer: str | None = Field(description="common name in the signer's certificate")
    issuer: str | None = Field(None, description="name of the authority that issued it")
    time: datetime | None
    time_source: str | None = Field(description="timestamp, claimed, archive; None without a time")
    intact: bool
    covers_whole_file: bool
    trusted: bool
    anchor: str | None = Field(
        None, description="name of the trust anchor the certificate leads to, where trusted"
    )
    revoked: bool = False
    level: str | None = Field(
        description="B-B, B-T, B-LT, B-LTA, the same after CAdES-, or the sub-filter of older kinds"
    )
    algorithms: Algorithms | None
    findings: tuple[str, ...] = ()


class TimeStampReport(Frozen):
    """One document time stamp: it proves when the document was what it is, not who says so."""

    field: str
    authority: str | None = Field(description="common name of the time-stamping unit")
    time: datetime | None
    intact: bool
    covers_whole_file: bool
    trusted: bool
    anchor: str | None = Field(None, description="name of the trust anchor, where trusted")
    findings: tuple[str, ...] = ()


class FileVerdict(Frozen):
    """The verdict on one file, as ``sohoa verify`` prints it."""

    file: str
    verdict: Verdict
    sentence: str
    signatures: tuple[SignatureReport, ...] = ()
    time_stamps: tuple[TimeStampReport, ...] = Field(
        (), description="document time stamps, first to last"
    )
