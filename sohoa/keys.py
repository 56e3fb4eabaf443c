"""The keys of this office, and whom it trusts.

Apart from what opens the ledger and the store: who only reads or verifies waits for neither. What
makes keys is imported where keys are opened; many hosts have none.
"""

from typing import TYPE_CHECKING

from sohoa.settings import Settings
from usecases.context import now

if TYPE_CHECKING:
    from pathlib import Path

    from signing import Pki, Trust


def pki_folder(settings: Settings) -> "Path":
    """Where the development keys lie."""
    return settings.pki


def open_pki(settings: Settings) -> "Pki":
    """The keys of this office; development ones are made the first time."""
    from signing import Pki  # noqa: PLC0415 - as above

    return Pki.ensure(pki_folder(settings), settings.agency, now)


def trust_of(settings: Settings) -> "Trust":
    """Whom this office trusts: its own root where it has one, and the configured anchors."""
    from signing import trust_store  # noqa: PLC0415 - as above

    pki = open_pki(settings) if (pki_folder(settings) / "root.pem").exists() else None
    return trust_store(pki, settings.signing.trust_anchors)


def own_root(settings: Settings) -> str | None:
    """SHA-256 (hex) of this host's root certificate; None where it has no keys yet."""
    from cryptography import x509  # noqa: PLC0415 - as above
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415 - as above

    root = pki_folder(settings) / "root.pem"
    if not root.exists():
        return None
    return x509.load_pem_x509_certificate(root.read_bytes()).fingerprint(hashes.SHA256()).hex()
