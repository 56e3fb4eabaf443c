# mypy: disable-error-code="no-untyped-call"
# pyHanko ships py.typed but leaves much of its validation interface without annotations.
"""A file that was signed, and how to recognise one that an interrupted run left behind."""

from datetime import datetime
from pathlib import Path

from asn1crypto import x509
from pydantic import Field
from pyhanko.sign.validation import EmbeddedPdfSignature

from schemas.page import Frozen
from signing.external.files import sha256_of
from signing.keys.trust import Trust
from signing.options import Level
from signing.validation.evidence import examine, open_pdf, run
from signing.validation.proof import Proof
from signing.validation.verify import level_of


class SignedFile(Frozen):
    """A file that was signed, or found already signed by an earlier run."""

    path: Path
    sha256: str
    source_sha256: str
    field: str
    level: Level
    time: datetime
    visible: bool = Field(True, description="a person sees it on a page")
    adopted: bool = False


def recognise(
    path: Path,
    source: Path,
    *,
    certificate: x509.Certificate,
    level: Level,
    trust: Trust,
    now: datetime,
) -> SignedFile | None:
    """What ``path`` is, if it is exactly ``source`` signed once by ``certificate``.

    That is: it begins with all bytes of ``source``; after them comes one signature, by that
    certificate, intact and of at least ``level``; nothing but evidence and time stamps follows.
    """
    length = source.stat().st_size
    if path.stat().st_size <= length:
        return None
    source_sha256 = sha256_of(source)
    if sha256_of(path, length) != source_sha256:
        return None
    try:
        with path.open("rb") as stream:
            findings = run(examine(stream, open_pdf(stream), trust, now))
    except Exception:  # a torn file fails in many ways; all mean that it is not complete
        return None
    new = [proof for proof in findings.proofs if _end(proof) > length]
    signatures = [proof for proof in new if not proof.time_stamp]
    if len(signatures) != 1 or findings.removed:
        return None
    proof = signatures[0]
    if proof.embedded is None or proof.embedded.signer_cert.dump() != certificate.dump():
        return None
    reached = level_of(proof, findings)
    complete = proof.coverage is not None and proof.coverage.only_evidence
    if not complete or not all(one.intact for one in new) or reached not in set(Level):
        return None
    claimed = proof.embedded.self_reported_timestamp
    if _rank(Level(reached)) < _rank(level) or claimed is None:
        return None
    return SignedFile(
        path=path,
        sha256=sha256_of(path),
        source_sha256=source_sha256,
        field=proof.field,
        level=Level(reached),
        time=claimed,
        visible=_shown(proof),
        adopted=True,
    )


def _shown(proof: Proof) -> bool:
    """Whether its field has a place on a page."""
    embedded = proof.embedded
    try:
        assert isinstance(embedded, EmbeddedPdfSignature)  # noqa: S101 - for the type checker
        x0, y0, x1, y1 = (float(side) for side in embedded.sig_field["/Rect"])
    except Exception:  # no rectangle, or none of numbers
        return False
    return x0 != x1 and y0 != y1


def _end(proof: Proof) -> int:
    """Where the signed revision ends; beyond any file where that cannot be read."""
    return 1 << 62 if proof.coverage is None else proof.coverage.end


def _rank(level: Level) -> int:
    return list(Level).index(level)
