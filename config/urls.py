"""All paths: front page, documentation, API page, API, public keys of its tokens, admin, 404 for everything else.

/ready: server/ready_endpoint.py.
"""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path, re_path
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import RedirectView

from livingdocs_import.admin.finding import find_view
from livingdocs_import.api.error_responses import not_found
from livingdocs_import.api.jwks import jwks
from livingdocs_import.api.versions import NAMES
from livingdocs_import.openapi.viewsets import OpenAPIViewSet
from livingdocs_import.pages import documentation, error_pages
from livingdocs_import.pages.api_page import api_page
from livingdocs_import.pages.front_door import front_door

admin.autodiscover()
handler403, handler404, handler500 = error_pages.forbidden, error_pages.not_found, error_pages.failed

urlpatterns = [
    path("", csrf_exempt(front_door)),
    path("favicon.ico", RedirectView.as_view(url="/static/admin-look/icon.svg")),
    path("documentation/", csrf_exempt(documentation.contents)),
    path("documentation/<path:path>", csrf_exempt(documentation.document)),
    path("api/", csrf_exempt(api_page)),
    path("api/<str:version>/", include("config.api_urls")),
    path("openapi.json", OpenAPIViewSet.as_view({"get": "json"}), {"version": NAMES[-1]}),
    path(".well-known/jwks.json", csrf_exempt(jwks)),
    path("admin", RedirectView.as_view(url="/admin/")),  # what people type
    *([path("admin/", include("livingdocs_import.oidc.urls"))] if settings.OIDC_ISSUER else []),
    path("admin/find/", admin.site.admin_view(find_view), name="find"),
    path("admin/", admin.site.urls),
    re_path(r"", csrf_exempt(not_found)),  # no form of ours: 404 for any method
]
