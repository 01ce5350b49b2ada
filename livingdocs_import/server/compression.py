"""Responses of the API, compressed on request; a proxy in front may do it as well.

Only the API's JSON is compressed. Pages of the admin contain a CSRF token beside text that a visitor has entered, and
BREACH guesses such a token from the length of a compressed page. Files are compressed already, and served in ranges.
"""

import re

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

API = "/api/"
_REFUSED = re.compile(r"\bgzip\s*;\s*q=0(?:\.0*)?\s*(?:,|$)", re.IGNORECASE)


class CompressedJSON(GZipMiddleware):
    """Django's own, for the API's JSON only; it also makes entity tags weak, and varies by Accept-Encoding."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        is_ours = request.path_info.startswith(API) and response.get("Content-Type", "").startswith("application/json")
        if not is_ours or _REFUSED.search(request.headers.get("Accept-Encoding", "")):
            return response
        return super().process_response(request, response)
