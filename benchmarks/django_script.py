"""Sets Django up before a script imports our models; otherwise as scripts.py."""

import os

import django

from benchmarks.scripts import serve

__all__ = ["serve"]

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()
