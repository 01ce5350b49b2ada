"""Who may log in, and their groups: Django's own pages, with the look-ups of their filters only."""

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User

from livingdocs_import.admin.lookups import OnlyFilters

admin.site.unregister([User, Group])


@admin.register(User)
class OperatorAdmin(OnlyFilters, UserAdmin):  # type: ignore[type-arg]
    """People with a login."""


@admin.register(Group)
class OperatorGroupAdmin(OnlyFilters, GroupAdmin):
    """Permissions that several of them share."""
