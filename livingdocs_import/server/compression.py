"""Answers of the API, compressed on request; a proxy in front does it as well.

Only JSON, and only of the API: pages of the admin hold a token against forgery beside what a visitor has typed, which
is what BREACH guesses from the length of a compressed page. Files are compressed already, and asked for in ranges.
"""

import re

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

API = "/api/"
_REFUSED = re.compile(r"\bgzip\s*;\s*q=0(?:\.0*)?\s*(?:,|$)", re.IGNORECASE)


class CompressedJSON(GZipMiddleware):
    """Django's own, for JSON of the API alone; it also makes entity tags weak, and varies by Accept-Encoding."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        is_ours = request.path_info.startswith(API) and response.get("Content-Type", "").startswith("application/json")
        if not is_ours or _REFUSED.search(request.headers.get("Accept-Encoding", "")):
            return response
        return super().process_response(request, response)
