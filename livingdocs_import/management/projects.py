"""Finding the project that a command names."""

from django.core.management.base import CommandError

from livingdocs_import.models import Project


def project_named(handle: str) -> Project:
    """The project, or an error that names it."""
    project = Project.objects.filter(handle=handle).first()
    if project is None:
        raise CommandError(f'There is no project "{handle}".')
    return project
