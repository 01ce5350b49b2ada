"""A WSGI application that delivers one stored file, for tests that need the server people run: `/<key>?<size>`."""
# ruff: noqa: E402 (Django has to be set up before our modules are imported)

from functools import partial

import django
from django.conf import settings

settings.ROOT_URLCONF = __name__
settings.MIDDLEWARE = []
django.setup()

from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import path
from django.utils import timezone

from media_library.api.file_responses import deliver
from media_library.delivery.binary import Binary
from media_library.storage import StoredFile, assets


def one_file(request: HttpRequest, key: str) -> HttpResponseBase:
    facts = StoredFile(int(request.META["QUERY_STRING"]), timezone.now(), '"tag"')
    binary = Binary(facts, "image/jpeg", partial(assets().read, key))
    return deliver(request, binary, filename="a.jpeg", headers={})


urlpatterns = [path("<path:key>", one_file)]
application = WSGIHandler()
