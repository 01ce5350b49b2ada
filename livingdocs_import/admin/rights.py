"""What a user may do: from their memberships, and from what the ModelAdmins declare about their models."""

from typing import Any

from asgiref.sync import sync_to_async
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.backends import ModelBackend
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest

from livingdocs_import.admin.access import Access, Roles
from livingdocs_import.models.membership import Membership, Role
from livingdocs_import.models.project_scope import EVERYTHING, NOTHING, ProjectScope

_KEPT = "_roles_by_project"
_SEE = ("view", "change")  # either shows rows


def roles_of(user: Any) -> Roles:
    """The roles of a user, by project. One query for each request: kept with the user, as Django keeps permissions."""
    if not hasattr(user, _KEPT):
        setattr(user, _KEPT, dict(Membership.objects.filter(user=user).order_by().values_list("project", "role")))
    roles: Roles = getattr(user, _KEPT)
    return roles


def access_to(model: type[Model]) -> Access | None:
    """What the ModelAdmin of a model declares; None if it has none, or one that declares nothing."""
    access: Access | None = getattr(admin.site._registry.get(model), "access", None)
    return access


def scope(user: Any, permission: str) -> ProjectScope:
    """The projects in which a user has a permission, such as "imports.view_importjob"."""
    app_label, _, codename = permission.partition(".")
    name, _, model_name = codename.partition("_")
    try:
        access = access_to(apps.get_model(app_label, model_name))
    except (LookupError, ValueError):
        access = None
    return scope_of(user, permission, access, name)


def scope_of(user: Any, permission: str, access: Access | None, name: str) -> ProjectScope:
    """The same, for a model whose access is known; `name` is "view", "add", "change" or "delete"."""
    if not user.is_active:
        return NOTHING
    if user.is_superuser:
        return EVERYTHING
    if access is not None and access.is_for_superusers:
        return NOTHING
    roles = roles_of(user)
    if roles.get(None) == Role.PERMISSIONS and ModelBackend().has_perm(user, permission):
        return EVERYTHING
    return NOTHING if access is None else access.scope(name, roles)


class MembershipBackend:
    """Answers `user.has_perm()` and `perms` of templates: in any project, or in that of an object.

    It decides alone, by raising PermissionDenied: Django's permissions count for members "by permissions" only. It
    logs no user in, and so has no `get_user`. (AUTHENTICATION_BACKENDS: before those that do)
    """

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> None:
        """No user."""

    def has_perm(self, user_obj: Any, perm: str, obj: Model | None = None) -> bool:
        allowed = scope(user_obj, perm)
        if not allowed or not (allowed.is_everything or obj is None or project_of(obj) in allowed):
            raise PermissionDenied
        return True

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        """Whether the user may see the rows of a model of this app."""
        names = [model._meta.model_name for model in admin.site._registry if model._meta.app_label == app_label]
        if not any(scope(user_obj, f"{app_label}.{shows}_{name}") for name in names for shows in _SEE):
            raise PermissionDenied
        return True

    async def ahas_perm(self, user_obj: Any, perm: str, obj: Model | None = None) -> bool:
        return await sync_to_async(self.has_perm)(user_obj, perm, obj)

    async def ahas_module_perms(self, user_obj: Any, app_label: str) -> bool:
        return await sync_to_async(self.has_module_perms)(user_obj, app_label)


def project_of(row: Model) -> int | None:
    """The primary key of the project that a row of a model with a ModelAdmin belongs to; None: to none."""
    access = access_to(type(row))
    return None if access is None else access.project_of(row)
