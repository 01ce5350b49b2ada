"""Users and their groups: Django's own pages, for superusers."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User

from livingdocs_import.admin.lookups import OnlyFilters
from livingdocs_import.admin.memberships import MembershipsOfUser
from livingdocs_import.admin.pages import with_labelled_halves
from livingdocs_import.admin.scoped import Scoped, ScopedInline
from livingdocs_import.models import ExternalIdentity

admin.site.unregister([User, Group])


class IdentitiesOfUser(ScopedInline):
    """Who they are at the provider of OpenID Connect: a superuser may add what an existing user logs in by."""

    model = ExternalIdentity
    fields = ("issuer", "subject", "last_used_at")
    readonly_fields = ("last_used_at",)
    extra = 0


@admin.register(User)
class OperatorAdmin(OnlyFilters, Scoped, UserAdmin):  # type: ignore[type-arg]
    """Users with a login, and their roles in projects."""

    inlines = (MembershipsOfUser, IdentitiesOfUser)
    filter_horizontal = ()  # two lists with a script, whose labels are none for screen readers

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """Both halves of a date-time have a label."""
        field: Any = super().formfield_for_dbfield(db_field, request, **kwargs)
        return field if field is None else with_labelled_halves(field)


@admin.register(Group)
class OperatorGroupAdmin(OnlyFilters, Scoped, GroupAdmin):
    """Shared permissions."""

    filter_horizontal = ()
