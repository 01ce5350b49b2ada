"""Users and their groups: Django's own pages, for superusers."""

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User

from livingdocs_import.admin.lookups import OnlyFilters
from livingdocs_import.admin.memberships import MembershipsOfUser
from livingdocs_import.admin.scoped import Scoped

admin.site.unregister([User, Group])


@admin.register(User)
class OperatorAdmin(OnlyFilters, Scoped, UserAdmin):  # type: ignore[type-arg]
    """Users with a login, and their roles in projects."""

    inlines = (MembershipsOfUser,)


@admin.register(Group)
class OperatorGroupAdmin(OnlyFilters, Scoped, GroupAdmin):
    """Shared permissions."""
