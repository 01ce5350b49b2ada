"""Users of the admin: a superuser, or a user with a few permissions."""

from django.contrib.auth.models import Permission, User
from django.test import Client


def operator(*permissions: str) -> Client:
    """A logged-in browser of a user with these permissions (`imports.view_importjob`); with none named, with all."""
    user = User.objects.create(username=f"operator-{User.objects.count()}", is_staff=True, is_superuser=not permissions)
    for permission in permissions:
        app, _, codename = permission.partition(".")
        user.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))
    client = Client()
    client.force_login(user)
    return client
