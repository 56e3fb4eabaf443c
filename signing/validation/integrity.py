# mypy: disable-error-code="no-untyped-call"
# pyHanko ships py.typed but leaves much of its validation interface without annotations.
"""Integrity of a CMS signature: whether digest and signature fit, whoever signed.

pyHanko checks these together with the certificate's path, and one exception ends both: a name in a
certificate that it cannot compare, or an algorithm it does not know, would make a signature look
damaged. Here the two are told apart. No upstream issue is known. To be removed when
``cms_basic_validation`` tells of the mathematics also where no path is found.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from asn1crypto import cms, core, tsp, x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import load_der_public_key
from pyhanko.sign.general import extract_signer_info
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.generic_cms import (
    extract_certs_for_validation,
    extract_tst_data_iter,
    message_imprint_checker,
    validate_sig_integrity,
)
from pyhanko.sign.validation.utils import extract_message_digest
from pyhanko_certvalidator.util import get_pyca_cryptography_hash

_MECHANISMS = frozenset(
    {"rsassa_pkcs1v15", "rsassa_pss", "dsa", "ecdsa", "ed25519", "ed448"}
    | {"mldsa44", "mldsa65", "mldsa87"}
)
"""Those that :mod:`pyhanko_certvalidator.sig_validate` checks."""


@dataclass(frozen=True)
class Integrity:
    """What the mathematics say, as far as they can be done."""

    digest_matches: bool
    signature_valid: bool
    unknown: str | None = None
    """``digest`` or ``signature``: of an algorithm that is not known here, so that this part was
    not checked. Then ``signature_valid`` is false, and ``digest_matches`` tells what was found."""


def known_digest(name: str) -> bool:
    """Whether a hash algorithm, by its name in ASN.1, can be computed here."""
    try:
        get_pyca_cryptography_hash(name)
    except Exception:  # pyHanko looks the name up among a library's attributes
        return False
    return True


def unknown_part(info: cms.SignerInfo, certificate: x509.Certificate) -> str | None:
    """Which of a signer's algorithms is not known here: ``digest``, ``signature`` or none."""
    if not known_digest(str(info["digest_algorithm"]["algorithm"].native)):
        return "digest"
    mechanism = info["signature_algorithm"]
    try:
        kind = str(mechanism.signature_algo)
    except ValueError:
        kind = str(mechanism["algorithm"].native)
    if kind not in _MECHANISMS or not _known_key(certificate):
        return "signature"
    with suppress(ValueError, KeyError):  # such as Ed25519, which names no hash
        if not known_digest(str(mechanism.hash_algo)):
            return "signature"
    return None


def refuse_unknown(info: cms.SignerInfo, certificate: x509.Certificate) -> None:
    """Raises: UnsupportedAlgorithm: one of a signer's algorithms is not known here."""
    if unknown_part(info, certificate) is not None:
        raise UnsupportedAlgorithm("not known here")


def _known_key(certificate: x509.Certificate) -> bool:
    """Whether a public key is of a kind, and on a curve, that can be computed with."""
    info = certificate.public_key
    with suppress(Exception):
        if info.algorithm == "rsassa_pss":
            return True
        load_der_public_key(info.dump())
        return True
    kind = None
    with suppress(Exception):
        kind = str(info.algorithm)
    if kind in {"rsa", "ed25519", "ed448", "dsa"}:
        return True  # a kind that is known and a key that is none: damaged, not unknown
    if kind == "ec":
        return _known_curve(info)
    return False


def _known_curve(info: Any) -> bool:
    try:
        load_der_public_key(info.dump())
    except UnsupportedAlgorithm:
        return False
    except ValueError as exc:
        # OpenSSL calls a curve that it does not have an invalid key
        return info["algorithm"]["parameters"].name == "named" and "curve" not in str(exc).lower()
    return True


def integrity(
    signed: cms.SignedData, digest: Callable[[], bytes], *, enclosed: bool = False
) -> Integrity:
    """Check digest and signature of the one signer.

    Args:
        signed: the CMS signature.
        digest: computes the hash of what is signed; called only where its algorithm is known.
        enclosed: the content stands inside (time stamps, ``adbe.pkcs7.sha1``), not beside it.

    Raises:
        SignatureValidationError: a part of the signature is missing, there twice, or contradicts
            another one.
        Exception: of many kinds, when it is no signature.
    """
    info = extract_signer_info(signed)
    certificate = extract_certs_for_validation(signed).signer_cert
    content = signed["encap_content_info"]
    if not enclosed and content["content"] is not core.VOID:
        raise SignatureValidationError("a detached signature with content inside")
    unknown = unknown_part(info, certificate)
    if unknown == "digest":
        return Integrity(False, False, unknown)
    actual = digest()
    if unknown is not None:
        return Integrity(_digest_told(info) == actual, False, unknown)
    intact, valid = validate_sig_integrity(
        info, certificate, expected_content_type=content["content_type"].native,
        actual_digest=actual,
    )  # fmt: skip
    return Integrity(bool(intact), bool(valid))


def _digest_told(info: cms.SignerInfo) -> bytes | None:
    """The hash of what is signed as the signature tells it; ``None`` where only the signature
    itself could tell."""
    if info["signed_attrs"] is core.VOID:
        return None
    return bytes(extract_message_digest(info))


def enclosed_digest(signed: cms.SignedData) -> bytes:
    """The hash of the content inside a signature, by the signer's algorithm."""
    info = extract_signer_info(signed)
    name = str(info["digest_algorithm"]["algorithm"].native)
    digest = hashes.Hash(get_pyca_cryptography_hash(name))
    digest.update(bytes(signed["encap_content_info"]["content"]))
    return digest.finalize()


def stamp_integrity(
    signed: cms.SignedData, imprint: Callable[[str], bytes]
) -> tuple[Integrity, datetime]:
    """The same for a time-stamp token (RFC 3161), and the time it tells.

    ``imprint`` computes the hash of what is stamped by an algorithm's name.
    """
    told: Any = signed["encap_content_info"]["content"].parsed
    assert isinstance(told, tsp.TSTInfo)  # noqa: S101 - anything else is no token
    made: datetime = told["gen_time"].native
    found = integrity(signed, lambda: enclosed_digest(signed), enclosed=True)
    named = str(told["message_imprint"]["hash_algorithm"]["algorithm"].native)
    if not known_digest(named):
        return Integrity(False, False, "digest"), made
    fits = imprint(named) == told["message_imprint"]["hashed_message"].native
    return Integrity(found.digest_matches and fits, found.signature_valid, found.unknown), made


def tokens_of(info: cms.SignerInfo) -> list[cms.SignedData]:
    """The time-stamp tokens over a signature."""
    return list(extract_tst_data_iter(info, signed=False))


def tokens_sound(info: cms.SignerInfo) -> bool:
    """Whether the time stamps over a signature are what they say, as far as can be computed."""
    imprint = message_imprint_checker(info)
    tokens = tokens_of(info)
    try:
        found = [stamp_integrity(one, imprint)[0] for one in tokens]
    except Exception:  # what cannot even be read
        return False
    return bool(found) and all(
        one.unknown is not None or (one.digest_matches and one.signature_valid) for one in found
    )
