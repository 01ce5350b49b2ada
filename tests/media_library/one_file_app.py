"""A WSGI application that delivers one stored file, for tests that need the server people run: `/<key>?<size>`."""

from django.conf import settings
from django.core.wsgi import get_wsgi_application

settings.ROOT_URLCONF = "tests.media_library.one_file_urls"
settings.MIDDLEWARE = []
application = get_wsgi_application()
