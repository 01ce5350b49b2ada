"""GET /.well-known/jwks.json: the public halves of the keys that sign access tokens, for third parties."""

from django.http import HttpRequest, HttpResponse

from livingdocs_import.api.error_responses import error_response
from livingdocs_import.api.responses import JSONResponse
from livingdocs_import.security import signed_tokens

MAX_AGE = 300  # seconds that verifiers may take to learn of a new key


def jwks(request: HttpRequest) -> HttpResponse:
    """`{"keys": [{"kid": …, "kty": "OKP", "crv": "Ed25519", "x": …, "alg": "EdDSA", "use": "sig"}]}`"""
    if request.method not in ("GET", "HEAD"):
        return error_response(405, {"message": f'Method "{request.method}" not allowed.'}, {"Allow": "GET, HEAD"})
    return JSONResponse(signed_tokens.public_keys(), headers={"Cache-Control": f"public, max-age={MAX_AGE}"})
