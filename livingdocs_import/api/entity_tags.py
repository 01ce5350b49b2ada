"""Entity tags of JSON responses: a client that has the current response gets a 304 instead of a second copy (TRN-02).

A tag is a digest of the response's text, so it covers everything that the response depends on: the object, the
configuration, an address, a component's schedule. It is weak (RFC 9110, 8.8.1), for the same text may be sent
compressed. It saves transfer, not work: the response is rendered before it is compared, and the digest costs a
hundredth of that.
"""

import hashlib

from django.http import HttpResponse
from django.utils.http import parse_etags

CACHING = "private, no-cache"  # private to the token's owner, who has to revalidate each time
_DIGITS = 32  # of 64


def conditional(known: str, response: HttpResponse) -> HttpResponse:
    """The response to a GET with its tag; a bare 304 if the tag is among the `known` ones of `If-None-Match`."""
    tag = f'W/"{hashlib.sha256(response.content).hexdigest()[:_DIGITS]}"'
    response.headers.setdefault("Cache-Control", CACHING)
    if known and _names(known, tag):
        caching, response = response["Cache-Control"], HttpResponse(status=304)
        response["Cache-Control"] = caching
        del response["Content-Type"]
    response["ETag"] = tag
    return response


def _names(header: str, tag: str) -> bool:
    """The weak form: a proxy may have made a tag strong or weak."""
    tags = parse_etags(header)
    return tags == ["*"] or tag.removeprefix("W/") in {each.removeprefix("W/") for each in tags}
