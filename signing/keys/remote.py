"""Keys at a remote signing service: the API of the Cloud Signature Consortium, version 1.0.4.

Hashes go there, signatures come back; each signature is authorised for its own hash (SCAL 2 where
the service pins hashes, which SCAL 1 allows too). The key never leaves the service.
"""

import base64
import binascii
import json
from typing import Any

from asn1crypto import algos, x509
from cryptography import x509 as pyca_x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from schemas.errors import ConfigurationError
from signing.external.secret import read_secret
from signing.external.services import Service, Web, WrongAnswer
from signing.external.tls import trusting
from signing.options import RemoteKey

_HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
_LONGEST_ANSWER = 1 << 20
_REFUSALS = frozenset({"400", "401", "403"})


class RemoteSigningKey:
    """One credential of a service; made by :meth:`open`."""

    def __init__(self, chosen: RemoteKey, pin: str | None, service: Service, web: Web) -> None:
        """Nothing is asked of the service yet."""
        self._chosen = chosen
        self._pin = pin
        self._service = service
        self._web = web
        self.certificate: x509.Certificate
        self.chain: tuple[x509.Certificate, ...]

    @classmethod
    async def open(
        cls, chosen: RemoteKey, pin: str | None, service: Service, web: Web
    ) -> "RemoteSigningKey":
        """Ask the service for the credential's certificates (``credentials/info``).

        Raises:
            ServiceUnavailable: it does not answer, or not with what was asked.
            ConfigurationError: the credential is disabled, or a file cannot be read.
        """
        key = cls(chosen, pin, service, web)
        key.certificate, *others = await service.call(key._info)
        key.chain = tuple(others)
        return key

    async def sign(self, data: bytes, digest: str) -> bytes:
        """See :class:`signing.keys.SigningKey`. What comes back is checked with the certificate."""
        hashed = hashes.Hash(_HASHES[digest])
        hashed.update(data)
        value = hashed.finalize()
        return await self._service.call(lambda: self._sign(value, digest))

    async def _sign(self, value: bytes, digest: str) -> bytes:
        encoded = base64.b64encode(value).decode()
        body: dict[str, Any] = {
            "credentialID": self._chosen.credential,
            "numSignatures": 1,
            "hash": [encoded],
        }
        if self._pin is not None:
            body["PIN"] = self._pin
        allowed = await self._ask("credentials/authorize", body)
        key = "rsa" if self.certificate.public_key.algorithm == "rsa" else "ecdsa"
        answer = await self._ask(
            "signatures/signHash",
            {
                "credentialID": self._chosen.credential,
                "SAD": allowed.get("SAD"),
                "hash": [encoded],
                "hashAlgo": algos.DigestAlgorithmId(digest).dotted,
                "signAlgo": algos.SignedDigestAlgorithmId(f"{digest}_{key}").dotted,
            },
        )
        try:
            (only,) = answer["signatures"]
            signature = base64.b64decode(only, validate=True)
            self._check(signature, value, digest)
        except (KeyError, TypeError, ValueError, binascii.Error, InvalidSignature) as exc:
            raise WrongAnswer("signature") from exc
        return signature

    def _check(self, signature: bytes, value: bytes, digest: str) -> None:
        key = pyca_x509.load_der_x509_certificate(self.certificate.dump()).public_key()
        prehashed = Prehashed(_HASHES[digest])
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, value, PKCS1v15(), prehashed)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, value, ec.ECDSA(prehashed))
        else:
            raise TypeError("kind of key")

    async def _info(self) -> tuple[x509.Certificate, ...]:
        answer = await self._ask(
            "credentials/info",
            {"credentialID": self._chosen.credential, "certificates": "chain", "certInfo": False},
        )
        try:
            if answer["key"].get("status", "enabled") != "enabled":
                raise ConfigurationError("signing.remote_key_disabled")
            found = tuple(
                x509.Certificate.load(base64.b64decode(one, validate=True), strict=True)
                for one in answer["cert"]["certificates"]
            )
        except (KeyError, TypeError, AttributeError, ValueError, binascii.Error) as exc:
            raise WrongAnswer("certificates") from exc
        if not found:
            raise WrongAnswer("certificates")
        return found

    async def _ask(self, name: str, body: dict[str, Any]) -> dict[str, Any]:
        headers = {"Content-Type": "application/json"}
        if self._chosen.token_file is not None:
            headers["Authorization"] = f"Bearer {read_secret(self._chosen.token_file)}"
        try:
            content, _ = await self._web.fetch(
                "POST",
                f"{self._chosen.address.rstrip('/')}/csc/v1/{name}",
                limit=_LONGEST_ANSWER,
                body=json.dumps(body).encode(),
                headers=headers,
                ssl=trusting(self._chosen.ca_file),
            )
        except WrongAnswer as exc:
            if exc.args[0] in _REFUSALS:  # asking again with a wrong PIN may lock the credential
                raise ConfigurationError("signing.remote_key_refused") from exc
            raise
        try:
            answer = json.loads(content)
        except ValueError as exc:
            raise WrongAnswer("not JSON") from exc
        if not isinstance(answer, dict):
            raise WrongAnswer("not an object")
        return answer
