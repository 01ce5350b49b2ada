"""DRF's hook for versions: the first step of the path, one of the dated names (spec 2.1)."""

from typing import Any

from django.conf import settings
from django.http import Http404
from rest_framework.exceptions import APIException
from rest_framework.versioning import BaseVersioning

from livingdocs_import.api.versions import KNOWN, Version


class RetiredVersion(APIException):
    """The version in the path is no longer supported (VER-02)."""

    status_code = 410


class DatedVersioning(BaseVersioning):
    """`/api/2026-01/…` → `request.version`, a Version with its features."""

    def determine_version(self, request: Any, *args: Any, **kwargs: Any) -> Version:  # type: ignore[override]
        """The version. RetiredVersion if it is no longer supported, Http404 if it never was (VER-03)."""
        name = kwargs["version"]
        if name in settings.API_RETIRED_VERSIONS:
            raise RetiredVersion
        if name not in KNOWN:
            raise Http404
        return KNOWN[name]
