"""The paths of an installation with OIDC_ISSUER."""

from django.urls import include, path

from config.urls import handler403, handler404, handler500
from config.urls import urlpatterns as those_without

__all__ = ["handler403", "handler404", "handler500", "urlpatterns"]

urlpatterns = [path("admin/", include("livingdocs_import.oidc.urls")), *those_without]
