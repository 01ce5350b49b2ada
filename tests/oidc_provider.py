"""A provider of OpenID Connect: a real HTTP server that checks its clients, signs tokens, and that lies on request."""

import base64
import hashlib
import json
import secrets
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, parse_qsl, unquote, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey
from joserfc.jws import JWSRegistry

CLIENT, SECRET = "livingdocs-import", "s3cret:/+"


def make_key(kid: str) -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": kid, "use": "sig"})


KEY, ANOTHER_KEY, NEXT_KEY = make_key("first"), make_key("first"), make_key("next")


@dataclass
class Code:
    """What a code was given out for."""

    redirect_uri: str
    challenge: str
    nonce: str


@dataclass
class Provider:
    """`claims` replace those of the next ID tokens; None leaves one out. `metadata` does the same for the metadata."""

    claims: dict[str, Any] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)
    key: Any = field(default_factory=lambda: KEY)  # that signs
    published: list[RSAKey] = field(default_factory=lambda: [KEY])
    header: dict[str, Any] = field(default_factory=lambda: {"alg": "RS256", "kid": "first"})
    token_answer: dict[str, Any] = field(default_factory=dict)  # replaces parts of the token endpoint's answer
    subject: str = "sub-1"
    asked: list[str] = field(default_factory=list)  # the paths of all requests
    refused: list[str] = field(default_factory=list)  # why token requests were refused
    codes: dict[str, Code] = field(default_factory=dict)

    def __enter__(self) -> Self:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                provider.asked.append(self.path)
                pages = {"/.well-known/openid-configuration": provider.described, "/keys": provider.keys}
                page = pages.get(self.path)
                self.answer(200 if page else 404, page() if page else {})

            def do_POST(self) -> None:
                provider.asked.append(self.path)
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                self.answer(*provider.exchange(dict(parse_qsl(body)), self.headers.get("Authorization", "")))

            def answer(self, status: int, body: Any) -> None:
                data = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._server.server_port}"

    @property
    def issuer(self) -> str:
        return f"http://{self.address}"

    def described(self) -> dict[str, Any]:
        metadata = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "end_session_endpoint": f"{self.issuer}/logout",
            "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
        } | self.metadata
        return {name: value for name, value in metadata.items() if value is not None}

    def keys(self) -> dict[str, Any]:
        return {"keys": [key.as_dict(private=False) for key in self.published]}

    def authorize(self, url: str) -> str:
        """What a browser does there: the address to which the provider sends it back."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        assert url.startswith(f"{self.issuer}/authorize?")
        assert (asked["client_id"], asked["response_type"]) == (CLIENT, "code")
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        code = secrets.token_urlsafe()
        self.codes[code] = Code(asked["redirect_uri"], asked["code_challenge"], asked["nonce"])
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def exchange(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        """A code for an ID token, once."""
        code = self.codes.pop(form.get("code", ""), None)
        sent = base64.b64decode(authorization.removeprefix("Basic ")).decode()
        made = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if code is None:
            return self._refuse("the code is unknown or was used")
        if unquote(sent) != f"{CLIENT}:{SECRET}":
            return self._refuse("the client is another one")
        if base64.urlsafe_b64encode(made).decode().rstrip("=") != code.challenge:
            return self._refuse("the verifier is another one")
        if form.get("redirect_uri") != code.redirect_uri:
            return self._refuse("the address is another one")
        answer = {"access_token": "opaque", "token_type": "Bearer", "id_token": self._id_token(code.nonce)}
        return 200, {name: value for name, value in (answer | self.token_answer).items() if value is not None}

    def _refuse(self, why: str) -> tuple[int, dict[str, Any]]:
        self.refused.append(why)
        return 400, {"error": "invalid_grant", "error_description": why}

    def _id_token(self, nonce: str) -> str:
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "sub": self.subject, "nonce": nonce, "iat": now, "exp": now + 300}
        kept = {name: value for name, value in (claims | self.claims).items() if value is not None}
        if self.header["alg"] == "none":
            parts = [json.dumps(part).encode() for part in ({"alg": "none"}, kept)]
            return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts) + "."
        registry = JWSRegistry(algorithms=[self.header["alg"]], strict_check_header=False)
        return jwt.encode(self.header, kept, self.key, registry=registry)
