"""The provider: its metadata and keys, the way there, and the checked claims of an ID token."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.base_client import OAuthError
from authlib.integrations.django_client import DjangoIntegration, DjangoOAuth2App
from authlib.integrations.requests_client import OAuth2Session
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from joserfc.errors import JoseError
from requests import RequestException

from livingdocs_import.oidc.transport import EgressAdapter
from livingdocs_import.per_process import PerProcess

METADATA = "/.well-known/openid-configuration"
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
# Signatures by a key of the provider: neither "none" nor a secret that several parties know.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
ALGORITHM_BY_DEFAULT = ("RS256",)
LEEWAY = 60  # seconds that the clocks may differ
# Whatever the provider, or a forged call, may do wrong. JSON that is none is a ValueError.
FAILURES = (AuthlibBaseError, JoseError, RequestException, KeyError, RuntimeError, TypeError, ValueError)


class CheckedSession(OAuth2Session):  # type: ignore[misc]
    """Authlib's session of `requests` over our own connections: no redirects, proxies, netrc or cookies."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.trust_env = False
        self.max_redirects = 0
        for scheme in ("https://", "http://"):
            self.mount(scheme, EgressAdapter())


class Provider(DjangoOAuth2App):  # type: ignore[misc]
    """Authlib's client with the checks that it leaves to its caller."""

    client_cls = CheckedSession

    @classmethod
    def from_settings(cls) -> "Provider":
        return cls(
            DjangoIntegration("oidc"),
            name="oidc",
            client_id=settings.OIDC_CLIENT_ID,
            client_secret=settings.OIDC_CLIENT_SECRET or None,
            server_metadata_url=settings.OIDC_ISSUER.rstrip("/") + METADATA,
            client_kwargs={
                "scope": settings.OIDC_SCOPES,
                "code_challenge_method": "S256",
                "token_endpoint_auth_method": "client_secret_basic" if settings.OIDC_CLIENT_SECRET else "none",
            },
        )

    def load_server_metadata(self) -> dict[str, Any]:
        """The metadata, asked for once. Raises OAuthError if it is that of another issuer, or names no safe address."""
        metadata: dict[str, Any] = super().load_server_metadata()
        if why := _unusable(metadata):
            self.server_metadata.clear()
            raise OAuthError(error="metadata", description=why)
        offered = metadata.get("id_token_signing_alg_values_supported") or ALGORITHM_BY_DEFAULT
        metadata["id_token_signing_alg_values_supported"] = [each for each in offered if each in ALGORITHMS]
        return metadata

    def begin(self, request: HttpRequest, redirect_uri: str) -> HttpResponse:
        """Send the browser to the provider; state, nonce and the code verifier stay in the session."""
        answer: HttpResponse = self.authorize_redirect(request, redirect_uri)
        return answer

    def claims(self, request: HttpRequest) -> Mapping[str, Any]:
        """The claims of the ID token that the code of this call is exchanged for.

        State, nonce, signature, issuer, audience and end were checked. Raises one of FAILURES.
        """
        essential = {"essential": True}
        options = {
            "iss": {**essential, "value": settings.OIDC_ISSUER},
            "aud": {**essential, "value": settings.OIDC_CLIENT_ID},
            "exp": essential,
            "sub": essential,
            "nonce": essential,
        }
        token = self.authorize_access_token(request, claims_options=options, leeway=LEEWAY)
        if "id_token" not in token:
            raise OAuthError(error="token", description="the response has no ID token")
        claims: Mapping[str, Any] = token["userinfo"]
        return claims

    def end_session_url(self, back_to: str) -> str:
        """Where a user logs out of the provider; "" if it has no such page."""
        if not self.load_server_metadata().get("end_session_endpoint"):
            return ""
        made = self.create_logout_url(post_logout_redirect_uri=back_to, client_id=settings.OIDC_CLIENT_ID)
        return str(made["url"])


def _unusable(metadata: Mapping[str, Any]) -> str:
    """Why metadata cannot be used; "" if it can."""
    if metadata.get("issuer") != settings.OIDC_ISSUER:
        return f"it is that of the issuer {str(metadata.get('issuer'))[:200]!r}"
    scheme = urlsplit(settings.OIDC_ISSUER).scheme
    for name in (*ENDPOINTS, "end_session_endpoint"):
        if name in ENDPOINTS and not isinstance(metadata.get(name), str):
            return f"{name} is missing"
        if name in metadata and urlsplit(str(metadata[name])).scheme not in ("https", scheme):
            return f"{name} is no address with https"
    return ""


provider = PerProcess(Provider.from_settings)
