"""The entry point for the web server."""

import os
from importlib import import_module

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from livingdocs_import.api.requests import LenientRequest
from livingdocs_import.server.body_limit import bounded_bodies

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

handler = get_wsgi_application()
handler.request_class = LenientRequest
application = bounded_bodies(handler)
import_module(settings.ROOT_URLCONF)  # all views and the admin: now, not while the first request waits
