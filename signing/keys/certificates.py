"""What a certificate may be used for, and how strong its key and algorithms are."""

import unicodedata
from collections.abc import Iterable
from contextlib import suppress
from functools import lru_cache
from typing import Any

from asn1crypto import core, x509

WEAK_DIGESTS = frozenset({"md2", "md4", "md5", "sha1"})
RSA_BITS = 2048
EC_BITS = 256
"""Below these a signature counts as weak (TT 15/2025/TT-BKHCN asks for SHA-256 and RSA 2048)."""

FORGEABLE_DIGESTS = frozenset({"md2", "md4", "md5"})
FORGEABLE_RSA_BITS = 1024
FORGEABLE_EC_BITS = 160
"""What anybody can forge today proves nothing: collisions of MD5 take seconds, RSA keys shorter
than 1024 bits have been factored (RSA-250, 829 bits, 2020)."""

_LONGEST = 200  # letters of a name that are shown

_EDWARDS = {"ed25519": 256, "ed448": 456}
_CURVES = frozenset({"ec", *_EDWARDS})

_NETWORK = frozenset(
    {
        *("server_auth", "ipsec_end_system", "ipsec_tunnel", "ipsec_user", "ipsec_ike"),
        *("ike_intermediate", "eap_over_ppp", "eap_over_lan", "sip_domain", "bgpspec_router"),
    }
)
_FOREIGN = _NETWORK | {"time_stamping", "ocsp_signing", "code_signing"}
"""Extended key usages that do not go with a document's signature when they stand alone. Many
authorities put ``client_auth`` and ``email_protection`` into certificates for signing; but a server
of a network is often a client, too."""


def meant_for_documents(certificate: x509.Certificate) -> bool:
    """Whether a certificate may sign documents: no authority's, and for no other use alone.

    RFC 5280, 4.2.1.3 (digitalSignature or nonRepudiation) and 4.2.1.12; RFC 3161, 2.3 (the key of
    a time-stamping unit is for time stamps only).
    """
    try:
        if certificate.ca:
            return False
        usage = certificate.key_usage_value
        if usage is not None and not {"digital_signature", "non_repudiation"} & usage.native:
            return False
        extended = certificate.extended_key_usage_value
        if extended is None:
            return True
        uses = set(extended.native)
        return not (uses - {"client_auth"} if uses & _NETWORK else uses) <= _FOREIGN
    except Exception:  # an extension that cannot be read allows nothing
        return False


def digest_of(certificate: x509.Certificate) -> str | None:
    """The hash with which the issuer signed it; ``None`` where the algorithm has none."""
    with suppress(ValueError, KeyError):
        return str(certificate.hash_algo)
    return None


def key_bits(certificate: x509.Certificate) -> int:
    """The length of its public key."""
    key = certificate.public_key
    return _EDWARDS[key.algorithm] if key.algorithm in _EDWARDS else int(key.bit_size)


def weak(digests: Iterable[str | None], certificate: x509.Certificate) -> bool:
    """Whether one of the hashes or the key is below what the rules ask for today."""
    enough = EC_BITS if certificate.public_key.algorithm in _CURVES else RSA_BITS
    return bool(WEAK_DIGESTS & set(digests)) or key_bits(certificate) < enough


def forgeable(digests: Iterable[str | None], certificate: x509.Certificate) -> bool:
    """Whether somebody else could have made the signature."""
    curve = certificate.public_key.algorithm in _CURVES
    enough = FORGEABLE_EC_BITS if curve else FORGEABLE_RSA_BITS
    return bool(FORGEABLE_DIGESTS & set(digests)) or key_bits(certificate) < enough


def common_name(certificate: x509.Certificate) -> str | None:
    """The subject's common name, or its organisation's where it has none."""
    return name_in(certificate.subject)


def name_in(subject: x509.Name) -> str | None:
    """The common name in a distinguished name, or the organisation's where it has none."""
    return _named(subject, "common_name") or _named(subject, "organization_name")


def authority_in(issuer: x509.Name) -> str | None:
    """An authority by its own name and that of the organisation that runs it."""
    own, organisation = _named(issuer, "common_name"), _named(issuer, "organization_name")
    if own and organisation and organisation.casefold() not in own.casefold():
        return f"{own} ({organisation})"
    return own or organisation


def _named(name: x509.Name, part: str) -> str | None:
    """The last value of one kind in a name; other parts may be past reading."""
    with suppress(Exception):
        return _named_in(name.chosen.dump(), part)
    return None


@lru_cache(maxsize=1024)
def _named_in(der: bytes, part: str) -> str | None:
    found = None
    with suppress(Exception):
        for together in x509.Name.load(der).chosen:
            for one in together:
                with suppress(Exception):
                    if one["type"].native == part:
                        found = str(one["value"].native)
    return plain(found) if found else None


def plain(text: str) -> str:
    """A stranger's words without what steers terminals, turns writing round, or breaks XML."""
    kept = (" " if one.isspace() else one for one in text)
    shown = "".join(one for one in kept if unicodedata.category(one)[0] != "C")
    return " ".join(shown.split())[:_LONGEST]


for _kind in ("telephone_number", "unique_identifier"):
    # authorities write them in any string type (RFC 5280, appendix A, would have one each), and one
    # value of another type than asn1crypto expects makes a name, and its certificate, unreadable
    # (wbond/asn1crypto#228, open); to be removed when it takes DirectoryString for both
    x509.NameTypeAndValue._oid_specs[_kind] = core.Any

_prepared: Any = x509.NameTypeAndValue.prepped_value.fget
_name_hash: Any = x509.Name.hashable.fget
_names_equal: Any = x509.Name.__eq__


def _comparable(part: Any) -> str:
    """A part of a distinguished name as names are compared by (RFC 4518).

    asn1crypto 1.5 prepares strings only: a name with a bit string (``x500UniqueIdentifier``), or
    with letters that its encoding does not have, can be neither compared nor looked up, and no path
    is built from its certificate (wbond/asn1crypto#268, closed and not in 1.5.1). Such a value is
    what its bytes are. To be removed when ``Name.hashable`` works for them.
    """
    try:
        prepared = _prepared(part)
        if isinstance(prepared, str):
            return prepared
    except (TypeError, ValueError, AttributeError):
        pass
    return f"#{part['value'].dump().hex()}"


@lru_cache(maxsize=1024)
def _hash_of(der: bytes) -> str:
    return str(_name_hash(x509.Name.load(der)))


def _hashed(name: Any) -> str:
    """What names are looked up by; letters are prepared once, not for every certificate anew."""
    return _hash_of(name.chosen.dump())


@lru_cache(maxsize=1024)
def _same_name(one: bytes, other: bytes) -> bool:
    return bool(_names_equal(x509.Name.load(one), x509.Name.load(other)))


def _equal(one: Any, other: Any) -> bool:
    """Whether two names are the same; letters are prepared once for each pair of names."""
    if not isinstance(other, x509.Name):
        return bool(_names_equal(one, other))
    own, others = one.chosen.dump(), other.chosen.dump()
    return own == others or _same_name(own, others)


x509.NameTypeAndValue.prepped_value = property(_comparable)
x509.Name.hashable = property(_hashed)
x509.Name.__eq__ = _equal
