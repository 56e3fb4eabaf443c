"""Settings of the desk: where it is served, to whom, and who lets people in."""

import ipaddress
import socket
from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

from portal.options import ProviderOptions
from schemas.errors import ConfigurationError
from schemas.page import Frozen

DEFAULT_PORT = 8650


class PortalSettings(Frozen):
    """The desk. It listens on loopback, where nobody says otherwise."""

    address: str = Field("127.0.0.1", description="IP address to listen on; 0.0.0.0 is all of them")
    port: int | None = Field(
        None, ge=1, le=65535, description="8650, or where that is taken a free one, if not set"
    )
    certificate: Path | None = Field(None, description="PEM with the chain, for https")
    key: Path | None = Field(None, description="PEM of its private key")
    behind_proxy: str | None = Field(
        None,
        description="address of the proxy before it that does TLS, commas between several:"
        " what it says of who asks is believed",
    )
    public_url: str | None = Field(
        None,
        pattern=r"^https://[^/?#\s]+$",
        description="address by which telephones of the office reach the desk, for the codes that"
        " ask for a picture: https://sohoa.example.vn",
    )
    idle_minutes: int = Field(30, ge=1, le=1440, description="until an unused session ends")
    longest_hours: int = Field(12, ge=1, le=168, description="until any session ends")

    oidc: ProviderOptions | None = Field(
        None, description="a provider of identities that lets people in (OpenID Connect)"
    )

    @model_validator(mode="after")
    def _both_files(self) -> Self:
        if (self.certificate is None) != (self.key is None):
            raise ValueError("certificate and key are given together")
        try:
            ipaddress.ip_address(self.address)
        except ValueError:
            raise ValueError("address is an IP address") from None
        return self

    @property
    def own_tls(self) -> bool:
        """Whether the desk does TLS itself."""
        return self.certificate is not None

    @property
    def secure(self) -> bool:
        """Whether people reach it by https."""
        return self.own_tls or self.behind_proxy is not None

    @property
    def on_loopback(self) -> bool:
        """Whether nobody outside this machine reaches its port."""
        return ipaddress.ip_address(self.address).is_loopback

    @property
    def probe(self) -> str:
        """Scheme and host under which this machine itself reaches it."""
        listens = ipaddress.ip_address(self.address)
        loopback = "127.0.0.1" if listens.version == 4 else "::1"
        return self._url(loopback if listens.is_unspecified else self.address)

    @property
    def shown(self) -> str:
        """Scheme and host that a person is told."""
        everywhere = ipaddress.ip_address(self.address).is_unspecified
        return self._url(socket.gethostname() if everywhere else self.address)

    @property
    def public(self) -> str | None:
        """Scheme and host by which telephones reach it; None where nobody outside does."""
        if self.public_url is not None:
            return self.public_url
        if self.on_loopback or not self.own_tls:
            return None
        port = self.port or DEFAULT_PORT
        return self.shown if port == 443 else f"{self.shown}:{port}"

    def _url(self, host: str) -> str:
        return f"{'https' if self.own_tls else 'http'}://{f'[{host}]' if ':' in host else host}"

    def check(self) -> None:
        """See that passwords and papers do not leave the machine readable.

        Raises:
            ConfigurationError: ``service.portal_open``; or a file of TLS is not there.
        """
        if not self.on_loopback and not self.secure:
            raise ConfigurationError("service.portal_open", address=self.address)
        for file in (self.certificate, self.key):
            if file is not None and not file.is_file():
                raise ConfigurationError("service.portal_no_file", path=str(file))
