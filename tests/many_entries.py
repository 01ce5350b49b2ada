"""Many media entries, and an operation on them."""

from django.contrib.auth.models import User
from django.db.models import QuerySet

from livingdocs_import.models import Membership, Operation, Project, Role
from livingdocs_import.operations import steps
from livingdocs_import.operations.kinds import Kind, kinds
from media_library.models import MediaEntry


def make_entries(project: Project, number: int, prefix: str = "picture") -> QuerySet[MediaEntry]:
    """So many images; those of the project are returned."""
    MediaEntry.objects.bulk_create(
        MediaEntry(
            project=project,
            media_id=f"{prefix}-{project.pk}-{n}",
            media_type="image",
            base_type="mediaImage",
            title=f"{prefix} {n}",
            asset={"key": f"2026/{prefix}-{n}.jpeg", "mimeType": "image/jpeg"},
            asset_key=f"2026/{prefix}-{n}.jpeg",
            metadata={"title": f"{prefix} {n}"},
        )
        for n in range(number)
    )
    return MediaEntry.objects.filter(project=project)


def kind(name: str = "archive") -> Kind:
    found = kinds.get(f"media_library.mediaentry.{name}")
    assert found is not None
    return found


def make_user(project: Project, role: Role = Role.OPERATOR, name: str = "anna") -> User:
    user = User.objects.create(username=name, is_staff=True)
    Membership.objects.create(user=user, project=project, role=role)
    return user


def operation_on(entries: QuerySet[MediaEntry], user: User, action: str = "archive", **inputs: str) -> Operation:
    """An operation on entries of one project, which has begun."""
    first = entries[0]
    operation = steps.freeze(entries, kind(action), user=user, project=first.project)
    assert steps.begin(operation, inputs)
    return operation
