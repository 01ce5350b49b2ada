"""Wiring: settings, URLs, Celery and WSGI. (A publisher's own configuration is livingdocs_import/project_config/.)

Whatever is started imports this package first; what a `.env` file says is in the environment from here on.
"""

from config import env_file
from config.celery import app as celery_app

env_file.load()

__all__ = ["celery_app"]
