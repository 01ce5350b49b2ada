"""The one URL of one_file_app.py."""

from functools import partial

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
