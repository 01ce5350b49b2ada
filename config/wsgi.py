"""The entry for the web server."""

import os

from django.core.wsgi import get_wsgi_application

from livingdocs_import.api.body_limit import bounded_bodies

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = bounded_bodies(get_wsgi_application())
