"""All paths: the admin, the API, JSON for whatever is neither. /ready: livingdocs_import/server/ready_endpoint.py."""

from django.contrib import admin
from django.urls import include, path, re_path
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import RedirectView

from livingdocs_import.api.error_responses import not_found

urlpatterns = [
    path("api/<str:version>/", include("config.api_urls")),
    path("admin", RedirectView.as_view(url="/admin/")),  # what people type
    path("admin/", admin.site.urls),
    re_path(r"", csrf_exempt(not_found)),  # no form of ours: not found, whatever the method
]
