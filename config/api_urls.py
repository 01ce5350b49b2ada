"""The whole public API on one screen."""

from django.urls import path, re_path

from livingdocs_import.api import views

urlpatterns = [
    path("health", views.Health.as_view()),
    re_path(r"", views.UnknownRoute.as_view()),
]
