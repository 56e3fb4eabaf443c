"""A provider of identities that lets people in: OpenID Connect Core 1.0, by an authorisation code.

With PKCE (RFC 7636), a state and a nonce. The identity token must be signed by a key that the
provider publishes, by an algorithm of two keys, and be for this desk, this journey and now.
"""

import base64
import binascii
import json
import secrets
from collections.abc import Mapping
from typing import Any

import httpx
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import OAuth2Client
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from pydantic import ValidationError

from portal.options import ProviderOptions
from schemas.errors import NotAllowed, ServiceUnavailable
from schemas.page import Frozen
from usecases.sign_in import Outsider

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384"]
SECONDS = 10.0
LEEWAY_SECONDS = 60
_SUBJECT_LETTERS = 255
"""OpenID Connect Core 1.0, 2: a subject has no more."""


class Journey(Frozen):
    """What must fit when a person comes back; kept in their browser meanwhile."""

    state: str
    nonce: str
    verifier: str
    next: str

    def packed(self) -> str:
        """For a cookie."""
        return base64.urlsafe_b64encode(self.model_dump_json().encode()).decode()

    @classmethod
    def unpacked(cls, text: str | None) -> "Journey | None":
        """What :meth:`packed` gave; None where it is none."""
        try:
            return cls.model_validate_json(base64.urlsafe_b64decode(text or ""))
        except (ValidationError, binascii.Error, ValueError):
            return None


class Provider:
    """The provider of an office. Calls over the network: not for the event loop's thread."""

    def __init__(self, options: ProviderOptions) -> None:
        """Asks nothing yet."""
        self.options = options

    def set_out(self, back: str, next: str) -> tuple[str, Journey]:
        """Where the person is sent, and what must fit when they come back to the address ``back``.

        Raises:
            ServiceUnavailable: ``sign_in.provider_away``.
        """
        journey = Journey(
            state=secrets.token_urlsafe(24),
            nonce=secrets.token_urlsafe(24),
            verifier=secrets.token_urlsafe(48),
            next=next,
        )
        with self._client(back) as client:
            address, _ = client.create_authorization_url(
                self._known()["authorization_endpoint"],
                state=journey.state,
                nonce=journey.nonce,
                code_verifier=journey.verifier,
            )
        return address, journey

    def come_back(self, back: str, address: str, journey: Journey) -> Outsider:
        """Who it is that came back under ``address``.

        Raises:
            NotAllowed: ``sign_in.outside_refused``, the provider did not let them in, or its word
                does not fit.
            ServiceUnavailable: ``sign_in.provider_away``.
        """
        known = self._known()
        try:
            with self._client(back, journey.state) as client:
                token = client.fetch_token(
                    known["token_endpoint"],
                    authorization_response=address,
                    code_verifier=journey.verifier,
                )
            published: Any = _fetched(known["jwks_uri"])
            keys = KeySet.import_key_set(published)
            claims = jwt.decode(token["id_token"], keys, algorithms=ALGORITHMS).claims
            self._registry(journey).validate(claims)
            self._see_whom_it_is_for(claims)
            return self._outsider(claims)
        except httpx.HTTPError:
            raise ServiceUnavailable("sign_in.provider_away") from None
        except (AuthlibBaseError, JoseError, KeyError, ValueError, TypeError):
            raise NotAllowed("sign_in.outside_refused") from None  # it may quote what was sent

    def _client(self, back: str, state: str | None = None) -> OAuth2Client:
        secret = self.options.client_secret
        return OAuth2Client(
            self.options.client_id,
            secret.get_secret_value() if secret else None,
            scope=self.options.scope,
            redirect_uri=back,
            state=state,
            code_challenge_method="S256",
            token_endpoint_auth_method="client_secret_basic" if secret else "none",
            timeout=SECONDS,
        )

    def _known(self) -> dict[str, Any]:
        """What the provider says of itself (OpenID Connect Discovery 1.0, 4).

        Raises:
            ServiceUnavailable: it does not answer, or says that it is another one.
        """
        found = _fetched(f"{self.options.issuer}/.well-known/openid-configuration")
        if found.get("issuer") != self.options.issuer:
            raise ServiceUnavailable("sign_in.provider_away")
        return found

    def _registry(self, journey: Journey) -> jwt.JWTClaimsRegistry:
        return jwt.JWTClaimsRegistry(
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": self.options.issuer},
            aud={"essential": True, "value": self.options.client_id},
            nonce={"essential": True, "value": journey.nonce},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
        )

    def _see_whom_it_is_for(self, claims: Mapping[str, Any]) -> None:
        """OpenID Connect Core 1.0, 3.1.3.7: of several audiences the authorised one is us."""
        several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if claims.get("azp", None if several else self.options.client_id) != self.options.client_id:
            raise ValueError("for another client")

    def _outsider(self, claims: Mapping[str, Any]) -> Outsider:
        said = self.options
        subject, name = claims["sub"], claims[said.name_claim]
        if not isinstance(subject, str) or not isinstance(name, str):
            raise TypeError("no text")
        if not 0 < len(subject) <= _SUBJECT_LETTERS:
            raise ValueError("no subject")
        groups = _groups(claims, said.groups_claim)
        units = frozenset(unit for group, unit in said.departments.items() if group in groups)
        return Outsider(
            subject=f"{said.issuer}#{subject}",
            name=name,
            duties=frozenset(duty for group, duty in said.duties.items() if group in groups),
            departments=None if said.everywhere & groups else units,
        )


def _groups(claims: Mapping[str, Any], claim: str) -> frozenset[str]:
    """The words of a claim; dots lead into objects."""
    found: Any = claims.get(claim)
    if found is None:
        found = claims
        for part in claim.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
    words = [found] if isinstance(found, str) else found
    if not isinstance(words, list):
        return frozenset()
    return frozenset(one for one in words if isinstance(one, str))


def _fetched(address: str) -> dict[str, Any]:
    """A JSON object.

    Raises:
        ServiceUnavailable: ``sign_in.provider_away``.
    """
    try:
        answer = httpx.get(address, timeout=SECONDS).raise_for_status()
        found: dict[str, Any] = dict(answer.json())
    except (httpx.HTTPError, json.JSONDecodeError, TypeError, ValueError):
        raise ServiceUnavailable("sign_in.provider_away") from None
    return found
