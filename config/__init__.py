"""Wiring: settings, URLs, Celery and WSGI. (A publisher's own configuration is livingdocs_import/project_config.py.)"""

from config.celery import app as celery_app

__all__ = ["celery_app"]
