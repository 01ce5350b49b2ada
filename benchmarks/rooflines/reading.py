"""The least Django: a view that returns stored text; no token, no JSON, no middleware.

A WSGI application for the same web server: `gunicorn … benchmarks.rooflines.reading:application`.
"""

import os

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path
from environs import Env

settings.configure(
    SECRET_KEY=os.environ["SECRET_KEY"],
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    USE_TZ=True,
    DATABASES={"default": Env().dj_db_url("DATABASE_URL", conn_max_age=60)},
)
django.setup()


def one(request: HttpRequest, media_id: str) -> HttpResponse:
    """One row's text."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM bare_answers WHERE media_id = %s", [media_id])
        (body,) = cursor.fetchone()
    return HttpResponse(body, content_type="application/json; charset=utf-8")


def several(request: HttpRequest) -> HttpResponse:
    """The texts of all rows named in `ids`, as one JSON array."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(body, ',') FROM bare_answers WHERE media_id = ANY(%s)", [request.GET["ids"].split(",")]
        )
        (bodies,) = cursor.fetchone()
    return HttpResponse(f'{{"mediaLibraryEntries":[{bodies}]}}', content_type="application/json; charset=utf-8")


urlpatterns = [
    path("api/v1/health", lambda _: HttpResponse("{}")),
    path("api/v1/mediaLibrary/<str:media_id>", one),
    path("api/v1/mediaLibrary", several),
]
application = get_wsgi_application()
