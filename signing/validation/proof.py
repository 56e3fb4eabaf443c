"""What was found out about the signatures of a file, before anything is concluded from it."""

import dataclasses
from dataclasses import dataclass
from datetime import datetime

from asn1crypto import x509
from pyhanko.sign.validation import EmbeddedPdfSignature

from signing.validation.changes import Coverage
from signing.validation.integrity import Integrity
from signing.validation.legacy import DetachedSignature


@dataclass
class Proof:
    """One signature or document time stamp, with all that was found out about it."""

    field: str
    time_stamp: bool = False
    """A document time stamp, not a signature."""
    embedded: EmbeddedPdfSignature | DetachedSignature | None = None
    revision: int = 1 << 30
    coverage: Coverage | None = None
    digest_matches: bool = False
    """The signed bytes are those that were signed."""
    signature_valid: bool = False
    """The signer's key made this signature."""
    unknown: str | None = None
    """``digest`` or ``signature``: of an algorithm that is not known here, and so not checked."""
    trusted: bool = False
    revoked: bool = False
    time: datetime | None = None
    time_source: str | None = None
    token: bool = False
    """It carries a sound time stamp of its own."""
    anchor: str | None = None
    """Name of the trust anchor its certificate leads to."""
    anchor_certificate: x509.Certificate | None = None
    indication: str | None = None
    """Why it is not trusted, as ETSI EN 319 102-1 calls it."""
    weak_chain: bool = False
    """A certificate on the way to the anchor has a short key, or was issued with an old hash."""
    revocation_known: bool = False
    evidence_embedded: bool = False
    findings: list[str] = dataclasses.field(default_factory=list)

    @property
    def intact(self) -> bool:
        """Its bytes are unchanged, and what it covers is sound."""
        sound = self.coverage is not None and self.coverage.sound
        return self.digest_matches and self.signature_valid and sound

    def take(self, found: Integrity) -> None:
        """Take over the mathematics of a signature whose certificate cannot be judged."""
        self.digest_matches, self.signature_valid = found.digest_matches, found.signature_valid
        self.unknown, self.trusted = found.unknown, False
        if found.unknown is not None:
            self.indication = "CRYPTO_CONSTRAINTS_FAILURE"
            self.findings.append("unknown_algorithm")
        else:
            self.indication = "CERTIFICATE_CHAIN_GENERAL_FAILURE"
            self.findings.append("path_failed")


@dataclass
class Findings:
    """Everything about a file."""

    proofs: list[Proof]
    removed: bool
    """An earlier revision had a signature that is not there any more."""
    unexplained: bool = False
    """What was appended can be read in more than one way, or is more than evidence."""
    disguised: tuple[str, ...] = ()
    """What the pages show beyond what the objects say; see :mod:`signing.pictures`."""

    @property
    def signatures(self) -> list[Proof]:
        """Without document time stamps, in order of signing."""
        return [proof for proof in self.proofs if not proof.time_stamp]

    @property
    def time_stamps(self) -> list[Proof]:
        """Document time stamps, first to last."""
        return [proof for proof in self.proofs if proof.time_stamp]
