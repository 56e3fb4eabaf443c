"""Signs PDFs as Decree 30/2020 asks, verifies PDFs from anywhere. Imports ``schemas`` only."""

import logging
from typing import TYPE_CHECKING

from schemas.door import door

if TYPE_CHECKING:
    from signing.creation.signed_file import SignedFile
    from signing.creation.signer import Signer
    from signing.external.services import ServiceState
    from signing.keys.pki import Pki
    from signing.keys.trust import Trust, trust_store
    from signing.options import Level, SignerRole, SigningOptions
    from signing.profiles import ProfileName
    from signing.validation.guarded import Guard
    from signing.validation.outcome import Outcome, look_at
    from signing.validation.verify import verify

__all__ = [
    "Guard",
    "Level",
    "Outcome",
    "Pki",
    "ProfileName",
    "ServiceState",
    "SignedFile",
    "Signer",
    "SignerRole",
    "SigningOptions",
    "Trust",
    "look_at",
    "trust_store",
    "verify",
]

if not TYPE_CHECKING:  # a type checker would believe in every name
    __getattr__ = door(
        __name__,
        {
            "creation.signed_file": ("SignedFile",),
            "creation.signer": ("Signer",),
            "external.services": ("ServiceState",),
            "keys.pki": ("Pki",),
            "keys.trust": (
                "Trust",
                "trust_store",
            ),
            "options": (
                "Level",
                "SignerRole",
                "SigningOptions",
            ),
            "profiles": ("ProfileName",),
            "validation.guarded": ("Guard",),
            "validation.outcome": (
                "Outcome",
                "look_at",
            ),
            "validation.verify": ("verify",),
        },
    )

# pyHanko logs certificates' names with its warnings; what is wrong is in verdicts and errors.
for _library in ("pyhanko", "pyhanko_certvalidator"):
    logging.getLogger(_library).setLevel(logging.CRITICAL)
