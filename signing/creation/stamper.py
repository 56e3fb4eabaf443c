# mypy: disable-error-code="no-untyped-call"
# pyHanko ships py.typed but leaves much of its signing interface without annotations.
"""Time stamps (RFC 3161): of the development unit in process, or of an outside authority."""

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from ssl import SSLContext

import aiohttp
from asn1crypto import algos, cms, core, tsp, x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from pyhanko.sign import general
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.sign.validation.generic_cms import validate_tst_signed_data
from pyhanko.sign.validation.status import TimestampSignatureStatus
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.path import ValidationPath

from schemas.errors import SohoaError
from signing.external.secret import read_secret
from signing.external.services import Service, Web, WrongAnswer
from signing.external.tls import trusting
from signing.keys.pki import Clock, Pki
from signing.options import TimeStampService
from signing.validation.integrity import stamp_integrity

POLICY = "1.3.6.1.4.1.32473.1.1"
"""Time-stamp policy of the development unit; 32473 is reserved for examples (RFC 5612)."""

MAX_REPLY = 1 << 20

ContextFor = Callable[[list[x509.Certificate]], Awaitable[ValidationContext]]
"""Gives what certificates are checked against, with the revocation evidence for these."""


class _KnownPaths(TimeStamper):
    """A time-stamping unit whose certificates' paths are built once for each context."""

    _paths: tuple[ValidationContext, int, list[ValidationPath]] | None = None

    async def validation_paths(
        self, validation_context: ValidationContext
    ) -> AsyncIterator[ValidationPath]:
        """The paths of all certificates that this unit was seen to use."""
        await self._ensure_dummy()
        known = self._paths
        if known is None or known[0] is not validation_context or known[1] != len(self._certs):
            paths = [path async for path in super().validation_paths(validation_context)]
            known = self._paths = (validation_context, len(self._certs), paths)
        for path in known[2]:
            yield path


class LocalTimeStamper(_KnownPaths):
    """The development time-stamping unit (RFC 3161), in process.

    pyHanko's ``DummyTimeStamper`` parses its private key anew for every time stamp; it will do once
    it keeps the key.
    """

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


class OutsideTimeStamper(_KnownPaths):
    """An outside authority, believed only what can be checked of its answer.

    pyHanko's own client compares the nonce alone (and fails on a wrong one with an
    ``AttributeError``): a token over another hash, by an expired certificate or of another time
    would show only when somebody verifies the document. No upstream issue is known; the checks may
    go when ``TimeStamper.async_timestamp`` makes them.
    """

    def __init__(
        self,
        chosen: TimeStampService,
        service: Service,
        web: Web,
        context: ContextFor,
        clock: Clock,
    ) -> None:
        """``context`` gives what its certificate is checked against.

        Raises:
            ConfigurationError: the password's file or the TLS authority cannot be read.
        """
        super().__init__(include_nonce=True)
        self._chosen = chosen
        self._service = service
        self._web = web
        self._context = context
        self._clock = clock
        self._believed: tuple[ValidationContext, bytes] | None = None
        self._tls: SSLContext | bool = trusting(chosen.ca_file)
        self._auth: aiohttp.BasicAuth | None = None
        if chosen.user is not None:
            password = read_secret(chosen.password_file) if chosen.password_file else ""
            self._auth = aiohttp.BasicAuth(chosen.user, password)

    async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> cms.ContentInfo:
        """A token for the digest, asked for again when it is not to be believed.

        Raises:
            ServiceUnavailable: there is none to be had now.
        """
        return await self._service.call(lambda: self._stamp(message_digest, md_algorithm))

    async def _stamp(self, digest: bytes, algorithm: str) -> cms.ContentInfo:
        nonce, request = self.request_cms(digest, algorithm)
        answer, kind = await self._web.fetch(
            "POST",
            self._chosen.address,
            limit=MAX_REPLY,
            body=request.dump(),
            headers={
                "Content-Type": "application/timestamp-query",
                "Accept": "application/timestamp-reply",
            },
            auth=self._auth,
            ssl=self._tls,
        )
        if kind != "application/timestamp-reply":
            raise WrongAnswer("content type")
        try:
            return await self._checked(answer, digest, algorithm, nonce)
        except (WrongAnswer, SohoaError):
            raise
        except Exception as exc:  # hostile ASN.1 fails in many ways
            raise WrongAnswer("malformed") from exc

    async def _checked(
        self, answer: bytes, digest: bytes, algorithm: str, nonce: int
    ) -> cms.ContentInfo:
        response = tsp.TimeStampResp.load(answer, strict=True)
        if response["status"]["status"].native not in {"granted", "granted_with_mods"}:
            raise WrongAnswer("refused")
        token = response["time_stamp_token"]
        signed: cms.SignedData = token["content"]
        info = signed["encap_content_info"]["content"].parsed
        imprint = info["message_imprint"]
        if info["nonce"].native != nonce:
            raise WrongAnswer("nonce")
        if imprint["hash_algorithm"]["algorithm"].native != algorithm:
            raise WrongAnswer("hash algorithm")
        if imprint["hashed_message"].native != digest:
            raise WrongAnswer("hash")
        now = self._clock()
        if abs(info["gen_time"].native - now) > timedelta(seconds=self._chosen.tolerance):
            raise WrongAnswer("time")
        certificates = [one.chosen for one in signed["certificates"] if one.name == "certificate"]
        context = await self._context(certificates)
        if not await self._holds(signed, context, digest):
            raise WrongAnswer("signature")
        return token

    async def _holds(
        self, signed: cms.SignedData, context: ValidationContext, digest: bytes
    ) -> bool:
        """Whether a token's signature is good and its certificate may be believed.

        The certificate of one answer is that of the next: by the same context it is judged once.
        """
        (signer,) = signed["signer_infos"]
        parts = (signed["certificates"], signer["sid"], signer["digest_algorithm"])
        key = b"".join(part.dump() for part in (*parts, signer["signature_algorithm"]))
        if self._believed is not None and self._believed == (context, key):
            found, _ = stamp_integrity(signed, lambda _: digest)
            return found.unknown is None and found.digest_matches and found.signature_valid
        status = TimestampSignatureStatus(
            **await validate_tst_signed_data(signed, context, lambda _: digest)
        )
        good = bool(status.intact and status.valid and status.trusted)
        if good:
            self._believed = (context, key)
        return good
