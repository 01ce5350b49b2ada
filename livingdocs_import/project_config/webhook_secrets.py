"""The secret that signs a webhook: the configuration's, else the project's."""

from livingdocs_import.db.encrypted_field import StoredSecret
from livingdocs_import.models import Project
from livingdocs_import.project_config import InvalidConfig, Secret, store


def for_jobs(project: Project) -> StoredSecret:
    """The secret for the webhooks of jobs: the configuration's own, else the project's; false for none.

    A `$secretRef` is the project's, whatever its name: a project has one (WHK-24).
    """
    try:
        own = store.readable(project).options.import_webhook_secret
    except InvalidConfig:
        own = None
    return project.webhook_secret if own is None else named_by(project, own)


def named_by(project: Project, configured: Secret | None) -> StoredSecret:
    """The secret at a place of the configuration; false if there is none."""
    if configured is None:
        return StoredSecret()
    return StoredSecret(configured.stored) if configured.stored else project.webhook_secret
