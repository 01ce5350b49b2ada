"""Long responses: written in pieces into memory, then into a file, and sent from there."""

import tempfile
from collections.abc import Iterable
from contextlib import ExitStack

from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase

from livingdocs_import import errors

MAX_IN_MEMORY = 1024 * 1024  # bytes of one response
_JSON = "application/json; charset=utf-8"


def spooled(pieces: Iterable[bytes]) -> HttpResponseBase:
    """The pieces as one response with a length, complete before its first byte is sent.

    A slow reader occupies a file, but no memory and no database resources. Raises Unavailable if the file cannot be
    written.
    """
    with ExitStack() as opened:
        spool = opened.enter_context(tempfile.SpooledTemporaryFile(MAX_IN_MEMORY))
        try:
            for piece in pieces:
                spool.write(piece)
            size = spool.tell()
            spool.seek(0)
        except OSError as error:
            raise errors.Unavailable(f"an answer could not be written to a file: {error}") from error
        if size <= MAX_IN_MEMORY:
            return HttpResponse(spool.read(), content_type=_JSON)
        opened.pop_all()  # the response closes it
        return FileResponse(spool, content_type=_JSON)
