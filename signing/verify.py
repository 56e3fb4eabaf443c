# mypy: disable-error-code="no-untyped-call"
# pyHanko ships py.typed but leaves much of its validation interface without annotations.
"""Verifying any PDF from anywhere: always a verdict, never an exception."""

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from asn1crypto import x509
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.validation import EmbeddedPdfSignature

from schemas.messages import Language, sentence
from schemas.verdict import Algorithms, FileVerdict, SignatureReport, Verdict
from signing.evidence import Encrypted, Findings, Proof, examine, open_pdf, run
from signing.options import Level
from signing.trust import Trust

WEAK_DIGESTS = frozenset({"md2", "md5", "sha1"})
RSA_BITS = 2048
EC_BITS = 256
"""Below these a signature counts as weak (TT 15/2025/TT-BKHCN asks for SHA-256 and RSA 2048)."""


def verify(
    path: Path, trust: Trust, *, language: Language = "vi", at: datetime | None = None
) -> FileVerdict:
    """The verdict on the file at ``path``, as of ``at`` (now when unset).

    Never raises, never fetches anything from the network. ``signatures`` lists the signatures in
    order of signing; document time stamps show as the level (B-LTA) of the signatures they protect
    and weigh in the verdict. ``covers_whole_file`` is true where nothing but evidence for
    validation and document time stamps follows the signed revision. ``findings`` are keys: the
    sentence of ``x`` is ``signing.finding_x`` in the catalogue.
    """
    try:
        with path.open("rb") as stream:
            reader = open_pdf(stream)
            now = at or datetime.now(UTC)
            findings = run(examine(stream, reader, trust, now))
    except Encrypted:
        return _without(path, Verdict.unreadable, "verdict_encrypted", language)
    except Exception:  # whatever is wrong with the file, the answer is a verdict
        return _without(path, Verdict.unreadable, "verdict_unreadable", language)
    return report(path, findings, language)


def _without(path: Path, verdict: Verdict, key: str, language: Language) -> FileVerdict:
    return FileVerdict(
        file=str(path), verdict=verdict, sentence=sentence(f"signing.{key}", language)
    )


def report(path: Path, findings: Findings, language: Language) -> FileVerdict:
    """The findings as a verdict with its sentence."""
    signatures = tuple(_describe(proof, findings) for proof in findings.signatures)
    verdict, key = judge(findings, signatures)
    return FileVerdict(
        file=str(path),
        verdict=verdict,
        sentence=sentence(f"signing.{key}", language, count=len(signatures)),
        signatures=signatures,
    )


def judge(findings: Findings, reports: tuple[SignatureReport, ...]) -> tuple[Verdict, str]:
    """The verdict and the key of its sentence: the worst that is true of any signature."""
    proofs = findings.proofs
    if any(not _readable(proof) for proof in proofs):
        return Verdict.broken, "verdict_broken"
    if any(not proof.digest_matches for proof in proofs):
        return Verdict.altered, "verdict_altered"
    if any(not proof.signature_valid for proof in proofs):
        return Verdict.broken, "verdict_broken"
    if findings.removed:
        return Verdict.altered, "verdict_removed"
    if proofs and not _changes_allowed(proofs):
        return Verdict.altered, "verdict_altered"
    if not reports:
        return Verdict.unsigned, "verdict_unsigned"
    if any(proof.revoked for proof in proofs):
        return Verdict.intact_untrusted, "verdict_revoked"
    if not all(proof.trusted for proof in findings.signatures):
        return Verdict.intact_untrusted, "verdict_intact_untrusted"
    if any(one.algorithms is None or one.algorithms.weak for one in reports):
        return Verdict.valid_weak, "verdict_valid_weak"
    return Verdict.valid, "verdict_valid"


def _readable(proof: Proof) -> bool:
    unknown = {"signature_unreadable", "kind_unknown", "time_stamp_broken"} & set(proof.findings)
    return not unknown and proof.coverage is not None and proof.coverage.sound


def _changes_allowed(proofs: list[Proof]) -> bool:
    """Every change is of an allowed kind, and what follows the last signature is only evidence."""
    covered = [proof.coverage for proof in proofs if proof.coverage is not None]
    last = max(covered, key=lambda one: one.end)
    return all(one.allowed for one in covered) and (last.whole_file or last.only_evidence)


def _describe(proof: Proof, findings: Findings) -> SignatureReport:
    embedded = proof.embedded
    algorithms = None if embedded is None else _algorithms(embedded)
    keys = list(proof.findings)
    if embedded is not None and "signature_unreadable" not in keys:
        keys += _remarks(proof, findings)
        if algorithms is not None and algorithms.weak:
            keys.append("weak_algorithm")
    return SignatureReport(
        field=proof.field,
        signer=None if embedded is None else _common_name(embedded.signer_cert),
        time=proof.time,
        time_source=proof.time_source,
        intact=proof.intact,
        covers_whole_file=bool(proof.coverage and proof.coverage.only_evidence),
        trusted=proof.trusted,
        level=None if embedded is None else level_of(proof, findings),
        algorithms=algorithms,
        findings=tuple(dict.fromkeys(keys)),
    )


def _remarks(proof: Proof, findings: Findings) -> list[str]:
    remarks = []
    seen = proof.coverage
    if not proof.digest_matches:
        remarks.append("content_changed")
    if not proof.signature_valid:
        remarks.append("signature_invalid")
    if seen is not None and not seen.sound:
        remarks.append("byte_range")
    elif seen is not None and not seen.allowed:
        remarks.append("changed_after")
    elif seen is not None and not seen.only_evidence:
        later = any(other.revision > proof.revision for other in findings.signatures)
        remarks.append("signed_again" if later else "changed_after")
    if proof.trusted and any(not _counts(one, proof) for one in _later_stamps(proof, findings)):
        remarks.append("time_stamp_untrusted")
    if proof.revoked:
        remarks.append("revoked")
    elif not proof.trusted:
        remarks.append("untrusted")
    elif not proof.revocation_known:
        remarks.append("revocation_unknown")
    return remarks


def level_of(proof: Proof, findings: Findings) -> str:
    """The PAdES level by what is in the file, or the sub-filter where it is not PAdES.

    Time stamps that are not trusted do not lift a signature that is.
    """
    embedded = proof.embedded
    kind = "" if embedded is None else str(embedded.sig_object.get("/SubFilter", ""))
    if kind != SigSeedSubFilter.PADES.value:
        return kind.removeprefix("/")
    archived = any(_counts(stamp, proof) for stamp in _later_stamps(proof, findings))
    doubted = {"time_stamp_untrusted", "time_impossible"} & set(proof.findings)
    stamped = proof.token and not (proof.trusted and doubted)
    if not (stamped or archived):
        return Level.b_b
    if not proof.evidence_embedded:
        return Level.b_t
    return Level.b_lta if archived else Level.b_lt


def _later_stamps(proof: Proof, findings: Findings) -> list[Proof]:
    return [stamp for stamp in findings.time_stamps if stamp.revision > proof.revision]


def _counts(stamp: Proof, proof: Proof) -> bool:
    """A time stamp lifts a trusted signature only if it is trusted itself."""
    return stamp.intact and (stamp.trusted or not proof.trusted)


def _algorithms(embedded: EmbeddedPdfSignature) -> Algorithms | None:
    with suppress(Exception):
        digest = str(embedded.md_algorithm)
        mechanism = embedded.signer_info["signature_algorithm"]
        name = str(mechanism["algorithm"].native)
        key = embedded.signer_cert.public_key
        bits = int(key.bit_size)
        enough = EC_BITS if key.algorithm in {"ec", "ed25519", "ed448"} else RSA_BITS
        old = digest in WEAK_DIGESTS or name.partition("_")[0] in WEAK_DIGESTS
        return Algorithms(digest=digest, signature=name, key_bits=bits, weak=old or bits < enough)
    return None


def _common_name(certificate: x509.Certificate) -> str | None:
    with suppress(Exception):
        names = certificate.subject.native
        value = names.get("common_name") or names.get("organization_name")
        return str(value[-1] if isinstance(value, list) else value) if value else None
    return None
