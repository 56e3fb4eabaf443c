"""Whom verification trusts: a value, so that it crosses process borders."""

from collections.abc import Sequence
from pathlib import Path

from schemas.page import Frozen
from signing.pki import Pki


class Trust(Frozen):
    """Trust anchors, further certificates and CRLs, all DER."""

    anchors: tuple[bytes, ...] = ()
    certificates: tuple[bytes, ...] = ()
    crls: tuple[bytes, ...] = ()


def trust_store(pki: Pki | None = None, anchors: Sequence[Path] = ()) -> Trust:
    """The development root of ``pki`` and the certificates in the files ``anchors``.

    Raises:
        ConfigurationError: a file is missing or holds no certificate.
    """
    raise NotImplementedError
