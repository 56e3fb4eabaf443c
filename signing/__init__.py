"""Signs PDFs as Decree 30/2020 asks, verifies PDFs from anywhere. Imports ``schemas`` only.

This is the room's door: everybody else imports from here. A name is loaded when it is first asked
for (PEP 562), because pyHanko takes a second to import and options and profiles do not need it.
"""

import logging
from typing import TYPE_CHECKING

from schemas.door import door

if TYPE_CHECKING:
    from signing.appearance.check_marks import link
    from signing.appearance.drawn_codes import drawn_codes
    from signing.appearance.qr import qr_code, qr_svg
    from signing.appearance.stamp_place import stamp_place
    from signing.appearance.typeface import find_font
    from signing.creation.renewal import Renewal, Renewed
    from signing.creation.signed_file import SignedFile
    from signing.creation.signer import Signer
    from signing.creation.stamper import LocalTimeStamper
    from signing.external.services import ServiceState
    from signing.keys.pki import Pki
    from signing.keys.trust import Trust, trust_store
    from signing.options import Level, SignerRole, SigningOptions, TimeStampService
    from signing.profiles import Profile, ProfileName, Profiles, known_profiles, shipped_profiles
    from signing.validation.guarded import Guard
    from signing.validation.validation_result import ValidationResult, validate
    from signing.validation.verify import verify

__all__ = [
    "Guard",
    "Level",
    "LocalTimeStamper",
    "Pki",
    "Profile",
    "ProfileName",
    "Profiles",
    "Renewal",
    "Renewed",
    "ServiceState",
    "SignedFile",
    "Signer",
    "SignerRole",
    "SigningOptions",
    "TimeStampService",
    "Trust",
    "ValidationResult",
    "drawn_codes",
    "find_font",
    "known_profiles",
    "link",
    "qr_code",
    "qr_svg",
    "shipped_profiles",
    "stamp_place",
    "trust_store",
    "validate",
    "verify",
]

if not TYPE_CHECKING:  # a type checker would believe in every name
    __getattr__ = door(__name__)

# pyHanko logs certificates' names with its warnings; what is wrong is in verdicts and errors.
for _library in ("pyhanko", "pyhanko_certvalidator"):
    logging.getLogger(_library).setLevel(logging.CRITICAL)
