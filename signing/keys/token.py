"""Keys in tokens and HSMs (PKCS #11): one login a process, whatever happens to the token."""

import asyncio
import os
import threading
from pathlib import Path
from typing import Any

import pkcs11
from asn1crypto import x509
from cryptography.hazmat.primitives import hashes
from pkcs11 import Attribute, KeyType, Mechanism, ObjectClass
from pkcs11.util.ec import encode_ecdsa_signature

from schemas.errors import ConfigurationError, ServiceUnavailable
from signing.options import TokenKey

_RSA = {
    "sha256": Mechanism.SHA256_RSA_PKCS,
    "sha384": Mechanism.SHA384_RSA_PKCS,
    "sha512": Mechanism.SHA512_RSA_PKCS,
}
_HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
_WRONG_PIN = (pkcs11.exceptions.PinIncorrect, pkcs11.exceptions.PinInvalid)
_NO_PIN_LEFT = (pkcs11.exceptions.PinLocked, pkcs11.exceptions.PinExpired)

_lock = threading.RLock()
_sessions: dict[tuple[int, Path, str], Any] = {}
"""Open sessions by process, module and token: a token is logged in to once a process, and tokens
lock after a few wrong PINs, so a failed login is never tried again by itself."""


class TokenSigningKey:
    """A key in a token. Tokens serve one call at a time; calls wait in threads, not in the loop."""

    def __init__(
        self, chosen: TokenKey, pin: str, authorities: tuple[x509.Certificate, ...]
    ) -> None:
        """Log in, find the key and its certificate; every certificate on the token is its chain.

        Raises:
            ConfigurationError: module, token or key are not there, or the PIN is wrong.
        """
        self._chosen = chosen
        self._pin = pin
        with _lock:
            session = self._session()
            try:
                self._key = self._find_key(session)
                own, others = self._certificates(session)
            except pkcs11.exceptions.PKCS11Error as exc:
                raise ConfigurationError("signing.token_key_missing") from exc
        self.certificate = own
        self.chain = (*others, *authorities)

    async def sign(self, data: bytes, digest: str) -> bytes:
        """See :class:`signing.keys.SigningKey`."""
        return await asyncio.to_thread(self._sign, data, digest)

    def _sign(self, data: bytes, digest: str) -> bytes:
        with _lock:
            try:
                return self._signed(data, digest)
            except pkcs11.exceptions.PKCS11Error:
                pass  # taken out, put back, or restarted: once more with a new session
            try:
                _sessions.pop(self._place, None)
                self._key = self._find_key(self._session())
                return self._signed(data, digest)
            except pkcs11.exceptions.PKCS11Error as exc:
                raise ServiceUnavailable("signing.token_unavailable") from exc

    def _signed(self, data: bytes, digest: str) -> bytes:
        if self._key.key_type is KeyType.RSA:
            return bytes(self._key.sign(data, mechanism=_RSA[digest]))
        hashed = hashes.Hash(_HASHES[digest])
        hashed.update(data)
        raw = self._key.sign(hashed.finalize(), mechanism=Mechanism.ECDSA)
        return bytes(encode_ecdsa_signature(raw))

    @property
    def _place(self) -> tuple[int, Path, str]:
        return os.getpid(), self._chosen.module, self._chosen.token

    def _session(self) -> Any:
        if self._place in _sessions:
            return _sessions[self._place]
        try:
            library = pkcs11.lib(str(self._chosen.module))
            slot = library.get_token(token_label=self._chosen.token)
        except (pkcs11.exceptions.PKCS11Error, RuntimeError, OSError) as exc:
            raise ConfigurationError("signing.token_missing") from exc
        try:
            session = slot.open(user_pin=self._pin)
        except _WRONG_PIN as exc:
            raise ConfigurationError("signing.token_pin_wrong") from exc
        except _NO_PIN_LEFT as exc:
            raise ConfigurationError("signing.token_locked") from exc
        except pkcs11.exceptions.UserAlreadyLoggedIn:
            session = slot.open()
        except pkcs11.exceptions.PKCS11Error as exc:
            raise ServiceUnavailable("signing.token_unavailable") from exc
        return _sessions.setdefault(self._place, session)

    def _find_key(self, session: Any) -> Any:
        return session.get_key(object_class=ObjectClass.PRIVATE_KEY, label=self._chosen.label)

    def _certificates(self, session: Any) -> tuple[x509.Certificate, tuple[x509.Certificate, ...]]:
        own, others = None, []
        for found in list(session.get_objects({Attribute.CLASS: ObjectClass.CERTIFICATE})):
            certificate = x509.Certificate.load(found[Attribute.VALUE])
            if found[Attribute.LABEL] == self._chosen.label:
                own = certificate
            else:
                others.append(certificate)
        if own is None:
            raise ConfigurationError("signing.token_key_missing")
        return own, tuple(others)
