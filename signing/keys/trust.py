"""Whom verification trusts: a value, so that it crosses process borders."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from schemas.errors import ConfigurationError
from schemas.page import Frozen

if TYPE_CHECKING:
    from signing.keys.pki import Pki

_CERTIFICATES = (".pem", ".crt", ".cer", ".der")
_LISTS = ".crl"


class Trust(Frozen):
    """Trust anchors, further certificates and CRLs, each as DER."""

    anchors: tuple[bytes, ...] = ()
    certificates: tuple[bytes, ...] = ()
    crls: tuple[bytes, ...] = ()


def trust_store(
    pki: "Pki | None" = None,
    anchors: Sequence[Path] = (),
    *,
    crl_age: timedelta = timedelta(hours=12),
) -> Trust:
    """The development root of ``pki``, its CRLs, and the certificates in the files ``anchors``.

    Files are PEM, with one certificate or several, or DER. Of a folder every ``*.pem``, ``*.crt``,
    ``*.cer`` and ``*.der`` is an anchor, and every ``*.crl`` tells of revocations; a folder may be
    empty.

    Raises:
        ConfigurationError: a file is missing or holds no certificate.
    """
    files = [file for path in anchors for file in _files(path)]
    roots = [der for path in anchors for file in anchors_of(path) for der in _read(file)]
    lists = tuple(_read_list(file) for file in files if file.suffix.lower() == _LISTS)
    if pki is None:
        return Trust(anchors=tuple(roots), crls=lists)
    return Trust(
        anchors=(pki.root.dump(), *roots),
        certificates=(pki.certificate("issuing").dump(),),
        crls=(*pki.crls(crl_age), *lists),
    )


def anchors_of(path: Path) -> list[Path]:
    """A file itself, or the certificates in a folder, by name."""
    return [file for file in _files(path) if file.suffix.lower() != _LISTS]


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    known = {*_CERTIFICATES, _LISTS}
    return sorted(file for file in path.iterdir() if file.suffix.lower() in known)


def _read_list(path: Path) -> bytes:
    from asn1crypto import crl, pem  # noqa: PLC0415 - most offices have no list of their own

    try:
        content = path.read_bytes()
        if pem.detect(content):
            _, _, content = pem.unarmor(content)
        _ = crl.CertificateList.load(content, strict=True).issuer.native
    except (OSError, ValueError, TypeError) as exc:
        raise ConfigurationError("signing.anchor_unreadable") from exc
    return content


def _read(path: Path) -> list[bytes]:
    from asn1crypto import pem, x509  # noqa: PLC0415 - as above

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
