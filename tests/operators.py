"""Users of the admin: superusers, members of projects, and users with a few of Django's permissions."""

from django.contrib.auth.models import Permission, User
from django.test import Client

from livingdocs_import.models import Membership, Project, Role


def operator(*permissions: str) -> Client:
    """A logged-in browser of a user with these permissions (`imports.view_importjob`), as before there were roles.

    Without any, of a superuser.
    """
    user = User.objects.create(username=f"operator-{User.objects.count()}", is_staff=True, is_superuser=not permissions)
    for permission in permissions:
        app, _, codename = permission.partition(".")
        user.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))
    if permissions:
        Membership.objects.create(user=user, role=Role.PERMISSIONS)
    return logged_in(user)


def member(**roles: str) -> Client:
    """A logged-in browser of a user with roles in projects, by their handles: `member(times="operator")`."""
    user = User.objects.create(username=f"member-{User.objects.count()}", is_staff=True)
    for handle, role in roles.items():
        Membership.objects.create(user=user, project=Project.objects.get(handle=handle), role=role)
    return logged_in(user)


def logged_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client
