"""Wiring: settings, URLs, Celery and WSGI. (Projects' configurations: livingdocs_import/project_config/.)

Every process imports this package first, which loads the variables of a `.env` file into the environment.
"""

from config import env_file
from config.celery import app as celery_app

env_file.load()

__all__ = ["celery_app"]
