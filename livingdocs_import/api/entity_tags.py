"""Entity tags of JSON: whoever has an answer already is told so with a 304, and gets no second copy (TRN-02).

A tag is a digest of the answer's text, so it changes with whatever the answer depends on: the thing, the configuration,
an address, a component's hour. It is weak (RFC 9110, 8.8.1), for the same text may leave compressed. What it saves is
the way, not the work: the answer is made before it is compared, and the digest costs a hundredth of that.
"""

import hashlib

from django.http import HttpResponse
from django.utils.http import parse_etags

CACHING = "private, no-cache"  # it belongs to whoever has the token, who is to ask each time whether it still holds
_DIGITS = 32  # of 64


def conditional(known: str, response: HttpResponse) -> HttpResponse:
    """The answer to a GET with its tag; nothing but that, if it is among the `known` ones of `If-None-Match`."""
    tag = f'W/"{hashlib.sha256(response.content).hexdigest()[:_DIGITS]}"'
    response.headers.setdefault("Cache-Control", CACHING)
    if known and _names(known, tag):
        caching, response = response["Cache-Control"], HttpResponse(status=304)
        response["Cache-Control"] = caching
        del response["Content-Type"]
    response["ETag"] = tag
    return response


def _names(header: str, tag: str) -> bool:
    """Weakly: a proxy may have made a tag strong or weak on the way."""
    tags = parse_etags(header)
    return tags == ["*"] or tag.removeprefix("W/") in {each.removeprefix("W/") for each in tags}
