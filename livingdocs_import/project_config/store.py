"""A project's configuration: stored revision by revision, compiled once per revision and process."""

import logging
from functools import lru_cache
from typing import Any

from django.db import transaction

from livingdocs_import import project_config
from livingdocs_import.models import Project, ProjectConfigRevision
from livingdocs_import.per_process import PerProcess
from livingdocs_import.project_config import Design, InvalidConfig, Problem, ProjectConfig, Secret, secret_places
from livingdocs_import.security import encryption
from livingdocs_import.validation.problems import Path

log = logging.getLogger(__name__)
MAX_OLDER_REVISIONS = 20  # tried when the newest cannot be read: nothing worked for a long time then


class CompiledConfigs:
    """The configurations that this process has compiled. A revision never changes, so nothing becomes outdated."""

    def __init__(self) -> None:
        self.revision = lru_cache(maxsize=256)(_compile)
        self.newest_readable = lru_cache(maxsize=256)(self._find_newest_readable)

    def _find_newest_readable(self, project_id: int, newest: int) -> int:
        """The number of the newest readable revision; `newest` itself when there is none."""
        try:
            self.revision(project_id, newest)
        except InvalidConfig as error:
            older = ProjectConfigRevision.objects.filter(project_id=project_id, revision__lt=newest)
            for revision in older.order_by("-revision").values_list("revision", flat=True)[:MAX_OLDER_REVISIONS]:
                if self._can_be_read(project_id, revision):
                    log.warning(
                        "project %s: answers use revision %s, newer cannot be read: %s", project_id, revision, error
                    )
                    return revision
        return newest

    def _can_be_read(self, project_id: int, revision: int) -> bool:
        try:
            self.revision(project_id, revision)
        except InvalidConfig:
            return False
        return True


def _compile(project_id: int, revision: int) -> ProjectConfig:
    if revision == 0:
        return project_config.parse({"v": 2}, project_id=project_id, channel_id=project_id, design_version="1.0.0")
    row = ProjectConfigRevision.objects.get(project_id=project_id, revision=revision)
    return project_config.parse(
        row.config, project_id=project_id, channel_id=project_id, design_version=row.design_version
    )


compiled = PerProcess(CompiledConfigs)


def current(project: Project) -> ProjectConfig:
    """The compiled configuration of the project's newest revision; a project without one has the defaults (CFG-02)."""
    return compiled().revision(project.pk, project.config_revision)


def readable(project: Project) -> ProjectConfig:
    """What answers to readers are written with: the newest revision that can be read (JOB-07).

    A stored revision cannot be read any more when, for example, a plugin that it names was taken away. InvalidConfig
    when no revision can be read. Whatever writes asks for `current`.
    """
    configs = compiled()
    return configs.revision(project.pk, configs.newest_readable(project.pk, project.config_revision))


def design(project: Project, name: str, version: str) -> Design | None:
    """A design of the project by name and version, however old (CFG-05); None when there never was one."""
    newest = (
        ProjectConfigRevision.objects.filter(project=project, design_name=name, design_version=version)
        .order_by("-revision")
        .values_list("revision", flat=True)
        .first()
    )
    return None if newest is None else compiled().revision(project.pk, newest).design


def stored(project: Project) -> ProjectConfigRevision | None:
    """The project's newest revision as it is stored; None for a project without one."""
    return ProjectConfigRevision.objects.filter(project=project, revision=project.config_revision).first()


def stored_with_design(project: Project, version: str) -> ProjectConfigRevision | None:
    """The newest revision with this version of the project's design (DSN-02); None when there never was one."""
    same = ProjectConfigRevision.objects.filter(project=project, design_version=version)
    return same.order_by("-revision").first()


def warnings(row: ProjectConfigRevision) -> list[Problem]:
    """What a stored configuration asks for in vain: options without effect, a secret that is missing."""
    warnings_found = project_config.warnings(row.config)
    if not row.project.webhook_secret:
        message = "refers to the webhook secret of the project, which is not set: webhooks are not signed"
        warnings_found += [Problem(path, message) for path in _references_to_secret(row)]
    return warnings_found


def _references_to_secret(row: ProjectConfigRevision) -> list[Path]:
    try:
        config = compiled().revision(row.project_id, row.revision)
    except InvalidConfig:
        return []
    places: dict[Path, Secret | None] = {
        ("settings", "import", "webhookSecret"): config.options.import_webhook_secret,
        **{
            ("settings", "webhooks", "configurations", webhook.index, "secret"): webhook.secret
            for webhook in config.webhooks.configured
        },
    }
    return [path for path, secret in places.items() if secret is not None and secret.reference]


def store(project: Project, raw: dict[str, Any], *, by: str) -> ProjectConfigRevision:
    """Make `raw` the project's configuration; it becomes a new revision.

    InvalidConfig has everything that is wrong with it; then nothing is stored. The design's version is the one the
    configuration names, else the last one raised by 0.0.1 when `components` or `designSettings` are others. Secrets in
    it are encrypted.
    """
    if problems := project_config.problems(raw):
        raise InvalidConfig(problems)
    with transaction.atomic():
        locked = Project.objects.select_for_update(no_key=True).get(pk=project.pk)
        before = locked.config_revisions.filter(revision=locked.config_revision).first()
        version = _design_version(raw, before)
        config = project_config.parse(raw, project_id=project.pk, channel_id=project.channel_id, design_version=version)
        row = ProjectConfigRevision.objects.create(
            project=locked,
            revision=locked.config_revision + 1,
            config=secret_places.with_secrets(raw, encryption.encrypt),
            design_name=config.design.name,
            design_version=config.design.version,
            created_by=by,
        )
        locked.config_revision = row.revision
        locked.save(update_fields=["config_revision"])
    project.config_revision = row.revision
    return row


def _design_version(raw: dict[str, Any], before: ProjectConfigRevision | None) -> str:
    named = (raw.get("design") or {}).get("version")
    if named:
        return str(named)
    if before is None:
        return "1.0.0"
    if all(before.config.get(part) == raw.get(part) for part in ("components", "designSettings")):
        return before.design_version
    major, minor, patch = before.design_version.split(".")
    return f"{major}.{minor}.{int(patch) + 1}"
