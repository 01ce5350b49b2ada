"""Users and their groups: Django's own pages, restricted to the look-ups of their filters."""

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User

from livingdocs_import.admin.lookups import OnlyFilters

admin.site.unregister([User, Group])


@admin.register(User)
class OperatorAdmin(OnlyFilters, UserAdmin):  # type: ignore[type-arg]
    """Users with a login."""


@admin.register(Group)
class OperatorGroupAdmin(OnlyFilters, GroupAdmin):
    """Shared permissions."""
