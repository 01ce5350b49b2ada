"""A project's configuration: stored revision by revision, compiled once per revision and process."""

import logging
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django.db import transaction

from livingdocs_import import project_config
from livingdocs_import.errors import UnreadableSecret
from livingdocs_import.models import Project, ProjectConfigRevision
from livingdocs_import.per_process import PerProcess
from livingdocs_import.project_config import (
    BASE_REVISION,
    Design,
    InvalidConfig,
    Problem,
    ProjectConfig,
    Secret,
    consistency,
    secret_places,
    usage_functions,
)
from livingdocs_import.project_config.secret_places import StoredText
from livingdocs_import.security import encryption
from livingdocs_import.security.masking import MASK
from livingdocs_import.validation.problems import Kind, Path

log = logging.getLogger(__name__)
NOTHING_STORED = f"is '{MASK}', and there is no stored secret here that it could stand for"
MAX_OLDER_REVISIONS = 20  # revisions tried when the newest cannot be read: beyond them nothing worked for a long time


class CompiledConfigs:
    """The compiled configurations of this process. A revision never changes, so nothing becomes outdated."""

    def __init__(self) -> None:
        self.revision = lru_cache(maxsize=256)(_compile)
        self.newest_readable = lru_cache(maxsize=256)(self._find_newest_readable)

    def _find_newest_readable(self, project_id: int, newest: int) -> int:
        """The number of the newest readable revision; `newest` itself if there is none."""
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
    """The configuration for reads: the newest readable revision (JOB-07).

    A stored revision becomes unreadable when, for example, a plugin that it names is removed. Raises InvalidConfig if
    no revision can be read. Writes use `current`.
    """
    configs = compiled()
    return configs.revision(project.pk, configs.newest_readable(project.pk, project.config_revision))


def design(project: Project, name: str, version: str) -> Design | None:
    """A design of the project by name and version, however old (CFG-05); None if it never existed."""
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


def stored_revision(project: Project, number: int) -> ProjectConfigRevision | None:
    """A revision of the project as it is stored; None if it never existed."""
    return ProjectConfigRevision.objects.filter(project=project, revision=number).first()


def stored_with_design(project: Project, version: str) -> ProjectConfigRevision | None:
    """The newest revision with this version of the project's design (DSN-02); None if it never existed."""
    same = ProjectConfigRevision.objects.filter(project=project, design_version=version)
    return same.order_by("-revision").first()


def warnings(row: ProjectConfigRevision) -> list[Problem]:
    """Requests of a stored configuration without effect: unused options, a missing function, a missing secret."""
    warnings_found = [*project_config.warnings(row.config), *usage_functions.unregistered(row.config)]
    if not row.project.webhook_secret:
        message = "refers to the webhook secret of the project, which is not set: webhooks are not signed"
        warnings_found += [Problem(path, message) for path in _references_to_secret(row)]
    return warnings_found


def problems_today(row: ProjectConfigRevision) -> list[Problem]:
    """The problems that the stored configuration would have as a new one; usually it remains usable."""
    return project_config.check(row.config).problems


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


# --- Storing the next revision ---------------------------------------------------------------------------------------


def store(project: Project, raw: Mapping[str, Any], *, by: str) -> ProjectConfigRevision:
    """Store `raw` as the project's next revision, whatever `$baseRevision` it names.

    Raises InvalidConfig with all problems; then nothing is stored.
    """
    found = project_config.check(raw).problems
    with transaction.atomic():
        locked = lock(project)
        before = stored(locked)
        config, misfits = fit(locked, before, raw)
        if problems := [*found, *misfits]:
            raise InvalidConfig(problems)
        row = add_revision(locked, before, config, by=by)
    project.config_revision = row.revision
    return row


def lock(project: Project) -> Project:
    """Lock the project's row: one configuration at a time. Within a transaction."""
    return Project.objects.select_for_update(no_key=True).get(pk=project.pk)


def fit(
    project: Project, before: ProjectConfigRevision | None, raw: Mapping[str, Any]
) -> tuple[dict[str, Any], list[Problem]]:
    """A configuration with the stored values of masked secrets, and its conflicts with the stored one."""
    old = {} if before is None else before.config
    config, missing = secret_places.with_stored(raw, old)
    misfits = [Problem(path, NOTHING_STORED, Kind.VIOLATION) for path in missing]
    misfits += consistency.changed_scopes(config, old)
    handle = project_config.handle_of(config)
    if handle and Project.objects.filter(handle=handle).exclude(pk=project.pk).exists():
        misfits.append(Problem(("settings", "handle"), f"is another project's: '{handle}'", Kind.VIOLATION))
    config.pop(BASE_REVISION, None)
    return config, misfits


def add_revision(
    locked: Project, before: ProjectConfigRevision | None, config: Mapping[str, Any], *, by: str
) -> ProjectConfigRevision:
    """Store a valid configuration without conflicts; the project is locked.

    The design's version is the one in the configuration, else the last one raised by 0.1 if `components` or
    `designSettings` have changed. Secrets are encrypted.
    """
    row = ProjectConfigRevision.objects.create(
        project=locked,
        revision=locked.config_revision + 1,
        config=secret_places.with_secrets(config, _encrypted),
        design_name=project_config.design_name(config, locked.pk, locked.channel_id),
        design_version=_design_version(config, before),
        created_by=by,
    )
    locked.config_revision = row.revision
    locked.save(update_fields=["config_revision"])
    return row


def with_readable_secrets(stored: Mapping[str, Any]) -> dict[str, Any]:
    """A stored configuration with its secrets decrypted; MASK for one that no key can decrypt."""
    return secret_places.with_secrets(stored, _decrypted)


def with_stored_secrets_readable(config: Mapping[str, Any]) -> dict[str, Any]:
    """A new configuration, with the stored secrets that it keeps decrypted."""
    return secret_places.with_secrets(config, lambda text: _decrypted(text) if isinstance(text, StoredText) else text)


def _encrypted(secret: str) -> str:
    kept = isinstance(secret, StoredText) and encryption.is_encrypted(secret)
    return str(secret) if kept else encryption.encrypt(secret)


def _decrypted(stored: str) -> str:
    try:
        return encryption.decrypt(stored)
    except UnreadableSecret:
        return MASK


def _design_version(config: Mapping[str, Any], before: ProjectConfigRevision | None) -> str:
    named = (config.get("design") or {}).get("version")
    if named:
        return str(named)
    if before is None:
        return "1.0.0"
    if all(before.config.get(part) == config.get(part) for part in ("components", "designSettings")):
        return before.design_version
    major, minor, _ = before.design_version.split(".")
    return f"{major}.{int(minor) + 1}.0"
