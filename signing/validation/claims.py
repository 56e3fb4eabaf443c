# mypy: disable-error-code="no-untyped-call"
# pyHanko ships py.typed but leaves much of its interface without annotations.
"""What a CMS signature says of itself: by which hash, and by whose certificate it was made."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from asn1crypto import cms, core, tsp
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.general import check_ess_certid
from pyhanko.sign.validation import EmbeddedPdfSignature

from signing.keys.certificates import FORGEABLE_DIGESTS
from signing.validation.legacy import CADES, DetachedSignature

_NAMING = {
    "signing_certificate": tsp.SigningCertificate,
    "signing_certificate_v2": tsp.SigningCertificateV2,
}
_ADVANCED = {SigSeedSubFilter.PADES.value, CADES}


def signing_digest(info: cms.SignerInfo) -> str | None:
    """The hash in the signature's algorithm; ``None`` where that names none.

    It counts besides the hash of the content: whoever forges the one forges the signature.
    """
    with suppress(ValueError, KeyError):
        return str(info["signature_algorithm"].hash_algo)
    return None


def names_its_certificate(embedded: EmbeddedPdfSignature | DetachedSignature) -> bool:
    """Whether the signer's certificate is the one that was signed along (RFC 5035).

    PAdES and CAdES ask for it (ETSI EN 319 142-1, 6.3; EN 319 122-1, 5.2.2), so that no other
    certificate of the same key can be put in its place; elsewhere it may be missing, not wrong.
    """
    with suppress(Exception):
        named = list(_named(embedded.signer_info))
        if not named:
            return str(embedded.sig_object.get("/SubFilter", "")) not in _ADVANCED
        return all(_fits(one, embedded) for one in named)
    return False


def _named(info: cms.SignerInfo) -> Iterator[Any]:
    """The first certificate that each attribute of this kind names."""
    attributes = info["signed_attrs"]
    if attributes is core.VOID:
        return
    for attribute in attributes:
        kind = _NAMING.get(attribute["type"].native)
        if kind is not None:
            for value in attribute["values"]:
                yield kind.load(value.dump())["certs"][0]


def _fits(named: Any, embedded: EmbeddedPdfSignature | DetachedSignature) -> bool:
    if isinstance(named, tsp.ESSCertIDv2):
        algorithm = named["hash_algorithm"]["algorithm"].native
        if algorithm in FORGEABLE_DIGESTS:
            return False
    return bool(check_ess_certid(embedded.signer_cert, named))
