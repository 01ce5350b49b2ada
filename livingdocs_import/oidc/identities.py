"""The user of an ID token: found by issuer and subject, created without any role, given those that are mapped."""

import hashlib
import re
from collections.abc import Mapping
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction

from livingdocs_import.db.clock import from_now
from livingdocs_import.models import ExternalIdentity, Membership, Project
from livingdocs_import.security import role_mapping
from livingdocs_import.work_queue.retry_transaction import begun_again

MAX_SUBJECT = 255  # characters, by OpenID Connect Core 1.0
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9_.-]+")


class NotAdmitted(Exception):
    """The user may not log in; the message says why."""


def user_of(issuer: str, claims: Mapping[str, Any]) -> User:
    """The user of a subject, with the roles that its claims give. Raises NotAdmitted.

    An address of e-mail, or a name, is never taken for an identity: their owners may change them.
    """
    subject = claims["sub"]
    if not isinstance(subject, str) or not 0 < len(subject) <= MAX_SUBJECT or "\0" in subject:
        raise NotAdmitted("the provider named no usable subject")
    user = begun_again(partial(_found_or_created, issuer, subject, claims))
    if not (user.is_active and user.is_staff):
        raise NotAdmitted("this user may not log in to the admin any more")
    return user


@transaction.atomic
def _found_or_created(issuer: str, subject: str, claims: Mapping[str, Any]) -> User:
    identity = ExternalIdentity.objects.filter(issuer=issuer, subject=subject).select_related("user").first()
    if identity is None:
        user = User(username=_name(issuer, subject, claims), is_staff=True)
        user.first_name, user.last_name = (_text(claims, name)[:150] for name in ("given_name", "family_name"))
        user.set_unusable_password()
        user.save()
        identity = ExternalIdentity.objects.create(user=user, issuer=issuer, subject=subject)
    ExternalIdentity.objects.filter(pk=identity.pk).update(last_used_at=from_now())
    if settings.OIDC_ROLES:
        _give_roles(identity.user, claims)
    return identity.user


def _name(issuer: str, subject: str, claims: Mapping[str, Any]) -> str:
    """The preferred name, and a part that only this subject has: the name of another user gives no role."""
    preferred = _NOT_IN_NAMES.sub("-", _text(claims, "preferred_username").partition("@")[0]).strip("-.")[:100]
    return f"{preferred or 'user'}-{hashlib.sha256(f'{issuer} {subject}'.encode()).hexdigest()[:10]}"


def _text(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name)
    return value.replace("\0", "") if isinstance(value, str) else ""


def _give_roles(user: User, claims: Mapping[str, Any]) -> None:
    """In the projects of the mapping the claims decide; roles in others stay as they are."""
    found = role_mapping.roles_by_project(settings.OIDC_ROLES, claims.get(settings.OIDC_ROLES_CLAIM))
    projects: dict[str, Project | None] = {
        project.handle: project for project in Project.objects.filter(handle__in=found)
    }
    for handle, role in found.items():
        if handle not in {*projects, role_mapping.ALL_PROJECTS}:
            continue
        place: dict[str, Any] = {"user": user, "project": projects.get(handle)}
        if role:
            Membership.objects.update_or_create(**place, defaults={"role": role})
        else:
            Membership.objects.filter(**place).delete()
