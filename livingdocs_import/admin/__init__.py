"""The admin: projects, their configurations, API clients, and messages to other systems."""

from django.contrib import admin

from livingdocs_import.admin import (
    configurations,
    deliveries,
    failed_logins,
    hosts,
    operations,
    projects,
    receivers,
    tokens,
    users,
)

__all__ = [
    "configurations",
    "deliveries",
    "failed_logins",
    "hosts",
    "operations",
    "projects",
    "receivers",
    "tokens",
    "users",
]

admin.site.site_header = "livingdocs-import"
admin.site.site_title = "livingdocs-import"
admin.site.index_title = "Overview"
admin.site.site_url = None  # there is no site to view: everything outside the admin speaks JSON
admin.site.enable_nav_sidebar = False  # the lists need the width; the same links are in the header
