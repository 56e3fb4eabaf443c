"""Whom verification trusts: a value, so that it crosses process borders."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from asn1crypto import pem, x509

from schemas.errors import ConfigurationError
from schemas.page import Frozen
from signing.pki import Pki


class Trust(Frozen):
    """Trust anchors, further certificates and CRLs, each as DER."""

    anchors: tuple[bytes, ...] = ()
    certificates: tuple[bytes, ...] = ()
    crls: tuple[bytes, ...] = ()


def trust_store(
    pki: Pki | None = None,
    anchors: Sequence[Path] = (),
    *,
    crl_age: timedelta = timedelta(hours=12),
) -> Trust:
    """The development root of ``pki``, its CRLs, and the certificates in the files ``anchors``.

    Files are PEM, with one certificate or several, or DER.

    Raises:
        ConfigurationError: a file is missing or holds no certificate.
    """
    roots = [certificate for path in anchors for certificate in _read(path)]
    if pki is None:
        return Trust(anchors=tuple(roots))
    return Trust(
        anchors=(pki.root.dump(), *roots),
        certificates=(pki.certificate("issuing").dump(),),
        crls=pki.crls(crl_age),
    )


def _read(path: Path) -> list[bytes]:
    try:
        content = path.read_bytes()
        if pem.detect(content):
            found = [
                der
                for kind, _, der in pem.unarmor(content, multiple=True)
                if kind in {"CERTIFICATE", "TRUSTED CERTIFICATE", "X509 CERTIFICATE"}
            ]
        else:
            found = [content]
        for der in found:
            _ = x509.Certificate.load(der, strict=True).subject.native
    except (OSError, ValueError, TypeError) as exc:
        raise ConfigurationError("signing.anchor_unreadable") from exc
    if not found:
        raise ConfigurationError("signing.anchor_unreadable")
    return found
