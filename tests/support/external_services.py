"""Authorities, a time-stamp service, revocation lists and a remote signing service that listen on
ports of this machine and can be made to fail: slow, dead or lying. Every name is invented."""

import asyncio
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from aiohttp import web
from asn1crypto import ocsp, tsp
from certomancer.registry import ArchLabel, CertLabel, CertomancerConfig, ServiceLabel
from cryptography import x509 as pyca_x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from csc_dummy.csc_dummy_server import CSCWithCertomancer, DummyServiceParams

ARCH = ArchLabel("outside")
LABELS = ("root", "issuing", "leader", "curve", "revoked", "old", "tls", "weak", "tsa", "oldtsa")


@dataclass
class Behaviour:
    """How the services answer; may be changed while they run."""

    dead: bool = False
    slow: float = 0.0
    lie: str = ""
    """``nonce``, ``hash``, ``expired``, ``signature``, ``html``, ``refused``, ``late``."""
    answered: int = 0
    at_once: int = 0
    most_at_once: int = 0
    gather: int = 0
    """The first answers wait until so many have asked (twenty seconds at most)."""
    dying: set[str] = field(default_factory=set)
    """Parts of paths that do not answer (``crl``, ``ocsp``)."""


class Outside:
    """The services, running in a thread; ``address`` is where."""

    def __init__(self, folder: Path, *, pin_hashes: bool = True) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.behaviour = Behaviour()
        self.address = ""
        self._pin_hashes = pin_hashes
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        assert self._ready.wait(300)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._start())
        self._ready.set()
        self._loop.run_forever()
        self._loop.run_until_complete(self._runner.cleanup())
        self._loop.close()

    async def _start(self) -> None:
        app = web.Application(client_max_size=1 << 24)
        app.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        port = self._runner.addresses[0][1]
        self.address = f"http://127.0.0.1:{port}"
        _keys(self.folder)
        self.config = CertomancerConfig(
            _config(self.address, datetime.now(UTC)), key_search_dir=str(self.folder)
        )
        self.pki = self.config.get_pki_arch(ARCH)
        csc = CSCWithCertomancer(
            self.config, service_params=DummyServiceParams(hash_pinning_required=self._pin_hashes)
        )
        self._csc = {
            "credentials/info": csc.credentials_info,
            "credentials/authorize": csc.credentials_authorize,
            "signatures/signHash": csc.signatures_sign_hash,
        }
        csc.app.freeze()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        now = self.behaviour
        path = request.path
        if now.dead or any(part in path for part in now.dying):
            if request.transport is not None:
                request.transport.abort()
            raise web.HTTPServiceUnavailable
        now.at_once += 1
        now.most_at_once = max(now.most_at_once, now.at_once)
        try:
            for _ in range(400):
                if now.most_at_once >= now.gather:
                    break
                await asyncio.sleep(0.05)
            if now.slow:
                await asyncio.sleep(now.slow)
            answer = await self._one(request, path)
            now.answered += 1
            return answer
        finally:
            now.at_once -= 1

    async def _one(self, request: web.Request, path: str) -> web.StreamResponse:
        for name, handler in self._csc.items():
            if path.endswith(f"/csc/v1/{name}"):
                return await handler(request)
        services = self.pki.service_registry
        label = path.rsplit("/", 1)[-1]
        if "/tsa/" in path:
            return self._stamp(await request.read())
        if "/crls/" in path:
            label = path.split("/crls/")[1].split("/")[0]
            crl = services.get_crl(ServiceLabel(label))
            return web.Response(body=crl.dump(), content_type="application/pkix-crl")
        if "/ocsp/" in path:
            asked = ocsp.OCSPRequest.load(await request.read())
            responder = services.summon_responder(ServiceLabel(label), datetime.now(UTC))
            told = responder.build_ocsp_response(asked)
            return web.Response(body=told.dump(), content_type="application/ocsp-response")
        raise web.HTTPNotFound

    def _stamp(self, body: bytes) -> web.Response:
        lie = self.behaviour.lie
        if lie == "html":
            return web.Response(text="<html>login</html>", content_type="text/html")
        asked = tsp.TimeStampReq.load(body)
        if lie == "nonce":
            asked["nonce"] = int(asked["nonce"].native) ^ 1
        if lie == "hash":
            asked["message_imprint"]["hashed_message"] = bytes(32)
        name = "oldtsa" if lie == "expired" else "tsa"
        stamper = self.pki.service_registry.summon_timestamper(ServiceLabel(name))
        if lie == "late":
            stamper.fixed_dt = datetime.now(UTC) - timedelta(days=2)
        answer = stamper.request_tsa_response(asked)
        if lie == "refused":
            answer = tsp.TimeStampResp({"status": {"status": "rejection"}})
        content = answer.dump()
        if lie == "signature":
            content = content[:-8] + bytes(8)
        return web.Response(body=content, content_type="application/timestamp-reply")

    def certificate(self, label: str) -> Any:
        return self.pki.get_cert(CertLabel(label))

    def pem(self, label: str) -> Path:
        path = self.folder / f"{label}.cert.pem"
        made = pyca_x509.load_der_x509_certificate(self.certificate(label).dump())
        path.write_bytes(made.public_bytes(serialization.Encoding.PEM))
        return path

    def key(self, label: str) -> Any:
        content = (self.folder / f"{label}.key.pem").read_bytes()
        return serialization.load_pem_private_key(content, None)

    def bundle(self, label: str, password: str) -> Path:
        """A PKCS #12 file with key, certificate and issuer."""
        path = self.folder / f"{label}.p12"
        content = pkcs12.serialize_key_and_certificates(
            b"key",
            self.key(label),
            pyca_x509.load_der_x509_certificate(self.certificate(label).dump()),
            [pyca_x509.load_der_x509_certificate(self.certificate("issuing").dump())],
            serialization.BestAvailableEncryption(password.encode()),
        )
        path.write_bytes(content)
        return path


def _keys(folder: Path) -> None:
    for label in LABELS:
        path = folder / f"{label}.key.pem"
        if path.exists():
            continue
        key: Any
        if label in {"curve", "revoked", "old", "tls", "oldtsa"}:
            key = ec.generate_private_key(ec.SECP256R1())
        else:
            bits = 1024 if label == "weak" else 2048
            key = rsa.generate_private_key(public_exponent=65537, key_size=bits)
        path.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )


def _config(address: str, now: datetime) -> dict[str, Any]:
    names = {
        "root": "Gốc thử nghiệm bên ngoài",
        "issuing": "Cơ quan cấp thử nghiệm",
        "leader": "Trần Thị Bưởi",
        "curve": "Lê Văn Mít",
        "revoked": "Người Thôi Việc",
        "old": "Người Hết Hạn",
        "tls": "Máy Chủ Web",
        "weak": "Khóa Ngắn",
        "tsa": "Dấu thời gian bên ngoài",
        "oldtsa": "Dấu thời gian hết hạn",
    }
    return {
        "external-url-prefix": address,
        "keysets": {"outside": {"keys": {label: {"path": f"{label}.key.pem"} for label in LABELS}}},
        "pki-architectures": {
            "outside": {
                "keyset": "outside",
                "entity-defaults": {"country-name": "VN", "organization-name": "Cơ quan X"},
                "entities": {label: {"common-name": names[label]} for label in LABELS},
                "certs": _certificates(now),
                "services": {
                    "crl-repo": {
                        issuer: {"for-issuer": issuer, "simulated-update-schedule": "P1D"}
                        for issuer in ("root", "issuing")
                    },
                    "ocsp": {
                        "issuing": {
                            "for-issuer": "issuing",
                            "responder-cert": "issuing",
                            "signing-key": "issuing",
                        }
                    },
                    "time-stamping": {
                        "tsa": {"signing-cert": "tsa", "signing-key": "tsa"},
                        "oldtsa": {"signing-cert": "oldtsa", "signing-key": "oldtsa"},
                    },
                },
            }
        },
    }


def _certificates(now: datetime) -> dict[str, Any]:
    def spec(
        issuer: str,
        extensions: list[dict[str, Any]],
        *,
        start: int = -2,
        days: int = 800,
        sources: tuple[str, ...] = ("crl",),
        **more: Any,
    ) -> dict[str, Any]:
        begin = (now + timedelta(days=start)).replace(microsecond=0)
        found = list(extensions)
        if "crl" in sources:
            found.append(
                {
                    "id": "crl_distribution_points",
                    "smart-value": {
                        "schema": "crl-dist-url",
                        "params": {"crl-repo-names": [issuer]},
                    },
                }
            )
        if "ocsp" in sources:
            found.append(
                {
                    "id": "authority_information_access",
                    "smart-value": {
                        "schema": "aia-urls",
                        "params": {"ocsp-responder-names": [issuer]},
                    },
                }
            )
        return {
            "issuer": issuer,
            "validity": {
                "valid-from": begin.isoformat(),
                "valid-to": (begin + timedelta(days=days)).isoformat(),
            },
            "extensions": found,
            **more,
        }

    def usage(*bits: str) -> dict[str, Any]:
        return {
            "id": "key_usage",
            "critical": True,
            "smart-value": {"schema": "key-usage", "params": list(bits)},
        }

    authority = {"id": "basic_constraints", "critical": True, "value": {"ca": True}}
    ca_bits = usage("key_cert_sign", "crl_sign", "digital_signature")
    sign = usage("digital_signature", "non_repudiation")
    stamp = {"id": "extended_key_usage", "critical": True, "value": ["time_stamping"]}
    yesterday = (now - timedelta(hours=25)).replace(microsecond=0).isoformat()
    return {
        "root": spec("root", [authority, ca_bits], sources=()),
        "issuing": spec("root", [authority, ca_bits]),
        "leader": spec("issuing", [sign]),
        "curve": spec("issuing", [sign], sources=("ocsp",)),
        "revoked": spec(
            "issuing",
            [sign],
            revocation={"revoked-since": yesterday, "reason": "key_compromise"},
        ),
        "old": spec("issuing", [sign], start=-100, days=50),
        "tls": spec("issuing", [usage("key_encipherment", "key_agreement")]),
        "weak": spec("issuing", [sign]),
        "tsa": spec("issuing", [usage("digital_signature"), stamp]),
        "oldtsa": spec("issuing", [usage("digital_signature"), stamp], start=-100, days=50),
    }
