# mypy: disable-error-code="no-untyped-call"
# pyHanko ships py.typed but leaves much of its validation interface without annotations.
"""Verifying any PDF from anywhere: always a verdict, never an exception."""

import os
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.validation import EmbeddedPdfSignature

from schemas.messages import Language, sentence
from schemas.verdict import Algorithms, FileVerdict, SignatureReport, TimeStampReport, Verdict
from signing.keys.certificates import authority_in, common_name, key_bits, name_in, plain, weak
from signing.keys.trust import Trust
from signing.options import Level
from signing.validation.evidence import Encrypted, TooMuch, examine, open_pdf, run
from signing.validation.known import Known
from signing.validation.legacy import CADES, PKCS7_SHA1, DetachedSignature, encloses_nothing
from signing.validation.pictures import Revision, differences
from signing.validation.proof import Findings, Proof

_WORTH_A_LOOK = {Verdict.valid, Verdict.valid_weak, Verdict.intact_untrusted}

_DOUBTS = (
    "unknown_algorithm",
    "forgeable_algorithm",
    "algorithms_differ",
    "certificate_unnamed",
    "claim_impossible",
    "certificate_usage",
    "certificate_out_of_date",
    "covers_part",
    "path_failed",
)
"""Findings that have a verdict's sentence of their own, the gravest first."""


_REMARKABLE = {"filled_in": "verdict_valid_filled", "revocation_unknown": "verdict_valid_unchecked"}
"""What a valid file's sentence tells besides."""

_NAMED = 3  # issuers in a sentence at most


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
    return investigate(path, trust, language=language, at=at)[0]


def investigate(
    path: Path, trust: Trust, *, language: Language = "vi", at: datetime | None = None
) -> tuple[FileVerdict, Findings | None]:
    """The verdict, and what it stands on; nothing where the file cannot be read. Never raises."""
    try:
        with path.open("rb") as stream:
            reader = open_pdf(stream)
            now = at or datetime.now(UTC)
            findings = run(examine(stream, reader, trust, now))
            verdict = report(path, findings, language)
            if verdict.verdict in _WORTH_A_LOOK:
                findings.disguised = differences(stream, _revisions(stream, findings))
                verdict = report(path, findings, language)
            return verdict, findings
    except Encrypted:
        return _without(path, Verdict.unreadable, "verdict_encrypted", language), None
    except TooMuch:
        return _without(path, Verdict.unreadable, "verdict_too_heavy", language), None
    except Exception:  # whatever is wrong with the file, the answer is a verdict
        return unreadable(path, language), None


def without_pictures(
    path: Path, trust: Trust, known: Known, at: datetime
) -> tuple[FileVerdict, list[Revision]]:
    """The verdict on a file that this process has just signed, its pages not looked at.

    With the revisions that are to be held against the whole file yet, by
    :func:`signing.validation.pictures.differences` or a quicker way. Never raises.
    """
    try:
        with path.open("rb") as stream:
            findings = run(examine(stream, open_pdf(stream), trust, at, known))
            return report(path, findings, "en"), _revisions(stream, findings)
    except TooMuch:
        return _without(path, Verdict.unreadable, "verdict_too_heavy", "en"), []
    except Exception:  # whatever is wrong with the file, the answer is a verdict
        return unreadable(path, "en"), []


def _revisions(stream: IO[bytes], findings: Findings) -> list[Revision]:
    """The signed revisions that something came after, with the fields that may look otherwise.

    Those of time stamps may not: anybody gets a time stamp from a trusted authority.
    """
    size = stream.seek(0, os.SEEK_END)
    return [
        Revision(
            proof.coverage.end,
            (
                *(later.field for later in findings.signatures if later.revision > proof.revision),
                *proof.coverage.filled,
            ),
        )
        for proof in findings.signatures
        if proof.coverage is not None and proof.coverage.end < size
    ]


def unreadable(path: Path, language: Language, key: str = "verdict_unreadable") -> FileVerdict:
    """The verdict on what is no file that could carry signatures; ``key``: its sentence."""
    return _without(path, Verdict.unreadable, key, language)


def _without(path: Path, verdict: Verdict, key: str, language: Language) -> FileVerdict:
    return FileVerdict(
        file=str(path), verdict=verdict, sentence=sentence(f"signing.{key}", language)
    )


def report(path: Path, findings: Findings, language: Language) -> FileVerdict:
    """The findings as a verdict with its sentence."""
    signatures = tuple(_describe(proof, findings) for proof in findings.signatures)
    stamps = tuple(_stamp(proof, findings) for proof in findings.time_stamps)
    verdict, key = overall_verdict(findings, signatures)
    return FileVerdict(
        file=str(path),
        verdict=verdict,
        sentence=sentence(
            f"signing.{key}",
            language,
            count=len(signatures),
            issuer=_issuers(findings),
            **_first_stamp(stamps),
        ),
        signatures=signatures,
        time_stamps=stamps,
    )


def _stamp(proof: Proof, findings: Findings) -> TimeStampReport:
    """A document time stamp, as far as it could be read."""
    embedded, seen = proof.embedded, proof.coverage
    keys = [*proof.findings]
    if embedded is not None and "signature_unreadable" not in keys:
        keys += _damage(proof, findings)
        if proof.revoked or not proof.trusted:
            keys.append("revoked" if proof.revoked else "untrusted")
    return TimeStampReport(
        field=plain(proof.field),
        authority=None if embedded is None else common_name(embedded.signer_cert),
        time=proof.time,
        intact=proof.intact,
        covers_whole_file=bool(seen and seen.only_evidence and not findings.unexplained),
        trusted=proof.trusted,
        anchor=proof.anchor if proof.trusted else None,
        findings=tuple(dict.fromkeys(keys)),
    )


def _first_stamp(stamps: tuple[TimeStampReport, ...]) -> dict[str, str]:
    """Whose and when the first time stamp is, for a sentence; to the second, in UTC."""
    if not stamps or stamps[0].time is None:
        return {"authority": "?", "time": "?"}
    shown = f"{stamps[0].time.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    return {"authority": stamps[0].authority or "?", "time": shown}


def overall_verdict(
    findings: Findings, reports: tuple[SignatureReport, ...]
) -> tuple[Verdict, str]:
    """The verdict and the key of its sentence: the worst that is true of any signature."""
    proofs = findings.proofs
    if any(not _readable(proof) for proof in proofs):
        return Verdict.broken, "verdict_broken"
    if any(not proof.digest_matches and proof.unknown != "digest" for proof in proofs):
        return Verdict.altered, "verdict_altered"
    if any(not proof.signature_valid and proof.unknown is None for proof in proofs):
        return Verdict.broken, "verdict_broken"
    if findings.removed:
        return Verdict.altered, "verdict_removed"
    if proofs and (findings.unexplained or not _changes_allowed(proofs)):
        return Verdict.altered, "verdict_altered"
    if {"looks_different", "covers_page"} & set(findings.disguised):
        return Verdict.altered, "verdict_disguised"
    if not reports:
        return Verdict.unsigned, _only_stamped(findings)
    doubt = _doubt(findings)
    if doubt is not None:
        return Verdict.intact_untrusted, doubt
    if any(one.algorithms is None or one.algorithms.weak for one in reports):
        return Verdict.valid_weak, "verdict_valid_weak"
    told = {finding for one in reports for finding in one.findings}
    for finding, key in _REMARKABLE.items():
        if finding in told:
            return Verdict.valid, key
    return Verdict.valid, "verdict_valid"


def _only_stamped(findings: Findings) -> str:
    """The key of the sentence about a file that no person signed."""
    if not findings.time_stamps:
        return "verdict_unsigned"
    known = all(stamp.trusted and not stamp.revoked for stamp in findings.time_stamps)
    return "verdict_unsigned_stamped" if known else "verdict_unsigned_stamped_untrusted"


def _issuers(findings: Findings) -> str:
    """Who issued the certificates of those who are not trusted."""
    doubtful = [proof.embedded for proof in findings.signatures if not proof.trusted]
    names = dict.fromkeys(authority_in(one.signer_cert.issuer) or "?" for one in doubtful if one)
    return "; ".join(list(names)[:_NAMED])


def _doubt(findings: Findings) -> str | None:
    """Why who signed is not certain, as the key of the verdict's sentence; ``None`` if it is."""
    if any(proof.revoked for proof in findings.proofs):
        return "verdict_revoked"
    if any(proof.coverage and proof.coverage.not_understood for proof in findings.proofs):
        return "verdict_not_understood"
    if "not_compared" in findings.disguised or (
        "partly_compared" in findings.disguised and not _evidence_follows(findings)
    ):
        return "verdict_not_compared"
    doubtful = [proof for proof in findings.signatures if not proof.trusted]
    if not doubtful:
        return None
    if all(proof.anchor for proof in doubtful) or len(doubtful) == 1:
        for finding in _DOUBTS:
            if any(finding in proof.findings for proof in doubtful):
                return f"verdict_{finding}"
    return "verdict_intact_untrusted"


def _evidence_follows(findings: Findings) -> bool:
    """Whether only evidence follows every signature; pictures are a second opinion then."""
    return all(proof.coverage and proof.coverage.only_evidence for proof in findings.signatures)


def _readable(proof: Proof) -> bool:
    unknown = {"signature_unreadable", "kind_unknown", "time_stamp_broken"} & set(proof.findings)
    return not unknown and proof.coverage is not None and proof.coverage.sound


def _changes_allowed(proofs: list[Proof]) -> bool:
    """Every change is of an allowed kind, and what follows the last signature is only evidence."""
    signatures = [proof for proof in proofs if not proof.time_stamp] or proofs
    last = max((one.coverage for one in signatures if one.coverage), key=lambda one: one.end)
    explained = last.whole_file or last.only_evidence or bool(last.filled) or last.not_understood
    return explained and all(
        proof.coverage.allowed or proof.coverage.not_understood
        for proof in proofs
        if proof.coverage
    )


def _describe(proof: Proof, findings: Findings) -> SignatureReport:
    embedded = proof.embedded
    seen = proof.coverage
    algorithms = None if embedded is None else _algorithms(embedded, proof.weak_chain)
    keys = list(proof.findings)
    if embedded is not None and "signature_unreadable" not in keys:
        keys += _remarks(proof, findings)
        if algorithms is not None and algorithms.weak:
            keys.append("weak_algorithm")
    return SignatureReport(
        field=plain(proof.field),
        signer=None if embedded is None else common_name(embedded.signer_cert),
        issuer=None if embedded is None else name_in(embedded.signer_cert.issuer),
        time=proof.time,
        time_source=proof.time_source,
        intact=proof.intact,
        covers_whole_file=bool(seen and seen.only_evidence and not findings.unexplained),
        trusted=proof.trusted,
        anchor=proof.anchor if proof.trusted else None,
        revoked=proof.revoked,
        level=None if embedded is None else level_of(proof, findings),
        algorithms=algorithms,
        findings=tuple(dict.fromkeys(keys)),
    )


def _damage(proof: Proof, findings: Findings) -> list[str]:
    """What is wrong with a signature's own bytes, and with what came after it."""
    remarks = []
    if not proof.digest_matches and proof.unknown != "digest":
        remarks.append("content_changed")
    if not proof.signature_valid and proof.unknown is None:
        remarks.append("signature_invalid")
    if isinstance(proof.embedded, EmbeddedPdfSignature) and encloses_nothing(proof.embedded):
        remarks.append("empty_content")
    remarks += _after(proof, findings)
    return remarks


def _remarks(proof: Proof, findings: Findings) -> list[str]:
    remarks = _damage(proof, findings)
    remarks += findings.disguised
    if proof.trusted and any(not _counts(one, proof) for one in _later_stamps(proof, findings)):
        remarks.append("time_stamp_untrusted")
    if proof.revoked:
        remarks.append("revoked")
    elif not proof.trusted:
        remarks.append("untrusted")
    elif not proof.revocation_known:
        remarks.append("revocation_unknown")
    return remarks


def _after(proof: Proof, findings: Findings) -> list[str]:
    """What is to be said of the bytes that are signed, and of those that follow."""
    remarks: list[str] = []
    seen = proof.coverage
    if seen is None:
        return remarks
    if not seen.sound:
        remarks.append("byte_range")
    elif seen.not_understood and not findings.unexplained:
        remarks.append("not_understood")
    elif not seen.allowed or findings.unexplained:
        remarks.append("changed_after")
    elif not seen.only_evidence:
        if any(other.revision > proof.revision for other in findings.signatures):
            remarks.append("signed_again")
        elif not seen.filled:
            remarks.append("changed_after")
    if seen.filled:
        remarks.append("filled_in")
    return remarks


def level_of(proof: Proof, findings: Findings) -> str:
    """The level by what is in the file, or the sub-filter where it is neither PAdES nor CAdES.

    Time stamps that are not trusted do not lift a signature that is.
    """
    embedded = proof.embedded
    kind = "" if embedded is None else str(embedded.sig_object.get("/SubFilter", ""))
    if kind not in {CADES, SigSeedSubFilter.PADES.value}:
        return plain(kind.removeprefix("/"))
    reached = _reached(proof, findings)
    return f"CAdES-{reached}" if kind == CADES else reached


def _reached(proof: Proof, findings: Findings) -> Level:
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


def _algorithms(
    embedded: EmbeddedPdfSignature | DetachedSignature, weak_chain: bool
) -> Algorithms | None:
    with suppress(Exception):
        kind = str(embedded.sig_object.get("/SubFilter", ""))
        digest = "sha1" if kind == PKCS7_SHA1 else str(embedded.md_algorithm)
        mechanism = embedded.signer_info["signature_algorithm"]
        name = str(mechanism["algorithm"].native)
        used = {digest, str(embedded.md_algorithm), name.partition("_")[0]}
        return Algorithms(
            digest=digest,
            signature=name,
            key_bits=key_bits(embedded.signer_cert),
            weak=weak_chain or weak(used, embedded.signer_cert),
        )
    return None
