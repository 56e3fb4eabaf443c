# mypy: disable-error-code="no-untyped-call"
# pyHanko ships py.typed but leaves much of its validation interface without annotations.
"""What was found out a moment ago about certificates that stand in the next file again.

An office signs one file after the other with the same certificate, time-stamping unit and
revocation data. Their path, validity, use and revocation are judged in full for the first file; for
those that follow within minutes and hold exactly the same, only what differs is: digests,
signatures, times. Anything else is judged in full, and so is every file of a stranger's.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from asn1crypto import cms, core, x509
from cryptography.exceptions import InvalidSignature
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.general import extract_certificate_info
from pyhanko.sign.validation.generic_cms import message_imprint_checker
from pyhanko.sign.validation.utils import extract_message_digest
from pyhanko_certvalidator.sig_validate import DefaultSignatureValidator, SignatureValidationContext

from signing.keys.trust import Trust
from signing.validation.cms_validation import CLOCK_TOLERANCE, aware, doubt
from signing.validation.integrity import enclosed_digest, tokens_of
from signing.validation.proof import Proof
from signing.validation.validation_material import stored

LIFE = timedelta(minutes=10)
"""How long what was found out serves."""

_MOST = 64  # kinds of files remembered


@dataclass(frozen=True)
class _Validated:
    """What a proof said of its certificate."""

    time_stamp: bool
    time_source: str | None
    token: bool
    anchor: str | None
    anchor_certificate: x509.Certificate | None
    weak_chain: bool
    revocation_known: bool
    evidence_embedded: bool


class Known:
    """A memory of judgements; for one thread at a time."""

    def __init__(self) -> None:
        """Nothing is known yet."""
        self._entries: dict[bytes, tuple[datetime, Trust, tuple[_Validated, ...]]] = {}

    def recall(
        self, proofs: Sequence[Proof], reader: PdfFileReader, trust: Trust, now: datetime
    ) -> "Recalled | None":
        """What is known of a file that holds just these certificates and revocation data."""
        found = self._entries.get(_key(proofs, reader))
        if found is None:
            return None
        since, trusted, judged = found
        if trusted is not trust or not since <= now < since + LIFE or len(judged) != len(proofs):
            return None
        return Recalled(dict(zip(map(id, proofs), judged, strict=True)), now)

    def learn(
        self, proofs: Sequence[Proof], reader: PdfFileReader, trust: Trust, now: datetime
    ) -> None:
        """Remember a file of which nothing bad is to be said."""
        if any(one.findings or one.revoked or not (one.trusted and one.intact) for one in proofs):
            return
        if len(self._entries) >= _MOST:
            self._entries.clear()
        judged = tuple(
            _Validated(
                one.time_stamp,
                one.time_source,
                one.token,
                one.anchor,
                one.anchor_certificate,
                one.weak_chain,
                one.revocation_known,
                one.evidence_embedded,
            )
            for one in proofs
        )
        self._entries[_key(proofs, reader)] = (now, trust, judged)


def _key(proofs: Iterable[Proof], reader: PdfFileReader) -> bytes:
    """A hash of all that certificates are judged by, but for times and for whom to trust."""
    digest = hashlib.sha256()

    def add(part: bytes) -> None:
        digest.update(len(part).to_bytes(8, "big") + part)

    for proof in proofs:
        add(b"\x01" if proof.time_stamp else b"\x00")
        if proof.embedded is not None:
            add(str(proof.embedded.sig_object.get("/SubFilter", "")).encode())
            _add_signature(proof.embedded.signed_data, add)
    for names in (("/Certs", "/Cert"), ("/CRLs", "/CRL"), ("/OCSPs", "/OCSP")):
        add(names[0].encode())
        for reference in stored(reader, *names):
            add(reference.get_object().data)
    return digest.digest()


def _add_signature(signed: cms.SignedData, add: Callable[[bytes], None], depth: int = 2) -> None:
    content = signed["encap_content_info"]
    add(content["content_type"].dump())
    add(b"\x00" if content["content"] is core.VOID else b"\x01")
    for name in ("certificates", "crls"):
        add(b"" if signed[name] is core.VOID else signed[name].dump())
    for info in signed["signer_infos"]:
        add(info["sid"].dump())
        add(info["digest_algorithm"].dump())
        add(info["signature_algorithm"].dump())
        for attributes in (info["signed_attrs"], info["unsigned_attrs"]):
            for attribute in () if attributes is core.VOID else attributes:
                kind = attribute["type"].native
                add(str(kind).encode())
                if kind in _CHANGING:
                    continue
                if kind == "signature_time_stamp_token" and depth:
                    for token in attribute["values"]:
                        _add_signature(token["content"], add, depth - 1)
                else:
                    add(attribute["values"].dump())


_CHANGING = frozenset({"message_digest", "signing_time"})
"""Attributes that are other ones in every signature, and judged for each."""


class Recalled:
    """What is known of the certificates of one file."""

    def __init__(self, judged: dict[int, _Validated], now: datetime) -> None:
        """``judged`` by the identity of the proofs."""
        self._judged = judged
        self._now = now

    def stamp(self, proof: Proof, moment: datetime) -> bool:
        """Judge a document time stamp; ``False``: it is to be judged in full."""
        embedded, known = proof.embedded, self._judged[id(proof)]
        assert embedded is not None  # noqa: S101 - for the type checker
        try:
            found, time = _stamped(embedded.signed_data, embedded.compute_digest)
        except Exception:  # it is for the full judgement to say what is wrong
            return False
        made = aware(time)
        if not found or not proof.time_stamp or not self._plausible(made, moment):
            return False
        self._take(proof, known, made, "archive")
        return True

    def signature(self, proof: Proof, moment: datetime) -> bool:
        """Judge a signature; ``False``: it is to be judged in full."""
        embedded, known = proof.embedded, self._judged[id(proof)]
        assert embedded is not None  # noqa: S101 - for the type checker
        try:
            found = _computed(embedded.signed_data, embedded.signer_cert, embedded.compute_digest())
            time = self._time(embedded, known, moment)
        except Exception:
            return False
        if not found or proof.time_stamp or time is None:
            return False
        tried = replace(proof, findings=[])
        self._take(tried, known, time, known.time_source)
        doubt(tried, self._now)
        if tried.findings:
            return False
        self._take(proof, known, time, known.time_source)
        return True

    def _time(self, embedded: Any, known: _Validated, moment: datetime) -> datetime | None:
        """When it was signed, told in the same way as in the file that is known."""
        tokens = tokens_of(embedded.signer_info)
        if known.time_source == "claimed" and not tokens and not known.token:
            claimed = embedded.self_reported_timestamp
            return None if claimed is None else aware(claimed)
        if known.time_source != "timestamp" or not known.token or len(tokens) != 1:
            return None
        found, made = _stamped(tokens[0], message_imprint_checker(embedded.signer_info))
        time = aware(made)
        return time if found and self._plausible(time, moment) else None

    def _plausible(self, time: datetime, moment: datetime) -> bool:
        """Whether a time stamp is as fresh as what is known of its certificate."""
        return self._now - LIFE <= time <= moment + CLOCK_TOLERANCE

    def _take(self, proof: Proof, known: _Validated, time: datetime, source: str | None) -> None:
        proof.digest_matches = proof.signature_valid = proof.trusted = True
        proof.time, proof.time_source, proof.token = time, source, known.token
        proof.anchor, proof.anchor_certificate = known.anchor, known.anchor_certificate
        proof.weak_chain = known.weak_chain
        proof.revocation_known = known.revocation_known
        proof.evidence_embedded = known.evidence_embedded


def _computed(signed: cms.SignedData, signer: x509.Certificate, digest: bytes) -> bool:
    """Whether digest and signature fit; all else the signature says was judged in another file."""
    (info,) = signed["signer_infos"]
    if info["signed_attrs"] is core.VOID or bytes(extract_message_digest(info)) != digest:
        return False
    try:
        DefaultSignatureValidator().validate_signature(
            info["signature"].native,
            info["signed_attrs"].untag().dump(),
            signer.public_key,
            info["signature_algorithm"],
            SignatureValidationContext(str(info["digest_algorithm"]["algorithm"].native)),
        )
    except InvalidSignature:
        return False
    return True


def _stamped(signed: cms.SignedData, imprint: Callable[[str], bytes]) -> tuple[bool, datetime]:
    """The same for a time-stamp token, and the time it tells."""
    told: Any = signed["encap_content_info"]["content"].parsed
    hashed = told["message_imprint"]
    fits = imprint(str(hashed["hash_algorithm"]["algorithm"].native)) == (
        hashed["hashed_message"].native
    )
    signer = extract_certificate_info(signed).signer_cert
    made: datetime = told["gen_time"].native
    return fits and _computed(signed, signer, enclosed_digest(signed)), made
