# mypy: disable-error-code="no-untyped-call"
# pyHanko ships py.typed but leaves much of its signing interface without annotations.
"""Keys at work: pyHanko's signer and time stamper with keys that were parsed once.

pyHanko's ``SimpleSigner`` and ``DummyTimeStamper`` parse the private key anew for every signature,
twice: 283 ms of CPU for RSA-3072 instead of 45.
"""

import secrets
from datetime import UTC, datetime

from asn1crypto import algos, cms, core, tsp, x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from pyhanko.sign import general
from pyhanko.sign.signers import Signer as CmsSigner
from pyhanko.sign.timestamps import TimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

from signing.pki import Clock, Pki

POLICY = "1.3.6.1.4.1.32473.1.1"
"""Time-stamp policy of the development unit; 32473 is reserved for examples (RFC 5612)."""

_HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}


class KeySigner(CmsSigner):
    """Signs with an RSA key in memory (PKCS #1 v1.5, which every reader verifies)."""

    def __init__(self, pki: Pki, label: str) -> None:
        """``label`` names key and certificate; the issuing CA goes into the signature too."""
        self._key = pki.key(label)
        store = SimpleCertificateStore()
        store.register(pki.certificate("issuing"))
        super().__init__(
            signing_cert=pki.certificate(label), cert_registry=store, embed_roots=False
        )

    async def async_sign_raw(
        self, data: bytes, digest_algorithm: str, dry_run: bool = False
    ) -> bytes:
        """The signature of ``data``; zeros of the right length when only the length matters."""
        if dry_run:
            return bytes(self._key.key_size // 8)
        return self._key.sign(data, PKCS1v15(), _HASHES[digest_algorithm])


class LocalTimeStamper(TimeStamper):
    """The development time-stamping unit (RFC 3161), in process."""

    def __init__(self, pki: Pki) -> None:
        """Its key and certificate are those of ``tsa``; its time is that of the PKI's clock."""
        super().__init__(include_nonce=True)
        self._key: RSAPrivateKey = pki.key("tsa")
        self._certificate: x509.Certificate = pki.certificate("tsa")
        self._embedded = [self._certificate, pki.certificate("issuing")]
        self._clock: Clock = pki.clock

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        """Answer a request as a server would."""
        now = self._clock().astimezone(UTC).replace(microsecond=0)
        info = self._token_info(req, now)
        token = cms.ContentInfo(
            {"content_type": "signed_data", "content": self._signed(info.dump(), now)}
        )
        return tsp.TimeStampResp({"status": {"status": "granted"}, "time_stamp_token": token})

    def _token_info(self, req: tsp.TimeStampReq, now: datetime) -> tsp.TSTInfo:
        return tsp.TSTInfo(
            {
                "version": "v1",
                "policy": POLICY,
                "message_imprint": req["message_imprint"],
                "serial_number": secrets.randbits(63) | 1 << 62,
                "gen_time": now,
                "accuracy": {"seconds": 1},
                "nonce": req["nonce"],
                "tsa": x509.GeneralName(name="directory_name", value=self._certificate.subject),
            }
        )

    def _signed(self, info: bytes, now: datetime) -> cms.SignedData:
        digest = hashes.Hash(hashes.SHA256())
        digest.update(info)
        attribute = general.simple_cms_attribute
        attributes = cms.CMSAttributes(
            [
                attribute("content_type", "tst_info"),
                attribute("signing_time", cms.Time({"utc_time": core.UTCTime(now)})),
                attribute("message_digest", digest.finalize()),
                attribute(
                    "signing_certificate_v2",
                    general.as_signing_certificate_v2(self._certificate),
                ),
            ]
        )
        algorithm = algos.DigestAlgorithm({"algorithm": "sha256"})
        signer = cms.SignerInfo(
            {
                "version": "v1",
                "sid": cms.SignerIdentifier(
                    {
                        "issuer_and_serial_number": {
                            "issuer": self._certificate.issuer,
                            "serial_number": self._certificate.serial_number,
                        }
                    }
                ),
                "digest_algorithm": algorithm,
                "signature_algorithm": {"algorithm": "sha256_rsa"},
                "signed_attrs": attributes,
                "signature": self._key.sign(attributes.dump(), PKCS1v15(), hashes.SHA256()),
            }
        )
        return cms.SignedData(
            {
                "version": "v3",
                "digest_algorithms": [algorithm],
                "encap_content_info": {
                    "content_type": "tst_info",
                    "content": cms.ParsableOctetString(info),
                },
                "certificates": self._embedded,
                "signer_infos": [signer],
            }
        )
