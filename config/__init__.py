"""Wiring: settings, URLs, Celery and WSGI. (Projects' configurations: livingdocs_import/project_config/.)

Every process imports this package first, which loads the variables of a `.env` file into the environment and adds the
client library to the path.
"""

from config import client_library, env_file
from config.celery import app as celery_app

env_file.load()
client_library.add_to_path()

__all__ = ["celery_app"]
