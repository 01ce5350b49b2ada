"""The paths of logging in by OpenID Connect; below /admin/, where there are sessions."""

from django.urls import path

from livingdocs_import.oidc import views

urlpatterns = [
    path("oidc/login/", views.log_in, name="oidc_login"),
    path("oidc/callback/", views.callback, name="oidc_callback"),
    path("logout/", views.log_out),
]
