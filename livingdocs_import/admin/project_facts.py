"""What a few projects are set up with: configuration, API clients, receivers of webhooks and members, in four queries.

Each is shown to users who may see its own page in that project.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Count, F, Q
from django.utils import timezone

from livingdocs_import.admin import rights
from livingdocs_import.admin.memberships import MembersOfProject
from livingdocs_import.models import AccessToken, Membership, Project, ProjectConfigRevision, ProjectReceiver
from livingdocs_import.models.membership import RANKS
from livingdocs_import.models.project_scope import ProjectScope


@dataclass(frozen=True)
class ProjectFacts:
    """None, or "" of `members`: this user may not see it. `revision`: the current one, without its text."""

    project: Project
    revision: ProjectConfigRevision | None
    clients: dict[str, int] | None  # in_use, suspended
    receivers: dict[str, int] | None  # total, off, failing
    members: str
    may_edit: bool  # the configuration
    may_see: dict[str, bool]  # by what: configurations, jobs, failures


def facts(projects: Sequence[Project], user: Any) -> list[ProjectFacts]:
    """Those of each project, in the same order."""
    keys = [project.pk for project in projects]
    configured = rights.scope(user, "livingdocs_import.view_projectconfigrevision")
    edited = rights.scope(user, "livingdocs_import.add_projectconfigrevision")
    with_clients = rights.scope(user, "livingdocs_import.view_accesstoken")
    with_receivers = rights.scope(user, "livingdocs_import.view_webhookdelivery")
    with_jobs, with_items = (rights.scope(user, f"imports.view_{name}") for name in ("importjob", "importitem"))
    revisions, members = _revisions(keys, configured), _members(keys, user)
    clients, receivers = _clients(keys, with_clients), _receivers(keys, with_receivers)
    return [
        ProjectFacts(
            project,
            revisions.get(project.pk),
            clients.get(project.pk, {}) if project.pk in with_clients else None,
            receivers.get(project.pk, {}) if project.pk in with_receivers else None,
            members.get(project.pk, ""),
            may_edit=project.pk in edited,
            may_see={
                "configurations": project.pk in configured,
                "jobs": project.pk in with_jobs,
                "failures": project.pk in with_items,
            },
        )
        for project in projects
    ]


def _revisions(keys: Sequence[int], scope: ProjectScope) -> dict[int, ProjectConfigRevision]:
    newest = ProjectConfigRevision.objects.filter(project__in=keys, revision=F("project__config_revision"))
    seen = newest.filter(scope.within("project")).defer("config").order_by()
    return {row.project_id: row for row in seen}


def _clients(keys: Sequence[int], scope: ProjectScope) -> dict[int, dict[str, int]]:
    suspended = Q(suspended_at__isnull=False)
    lasting = Q(expires_at__isnull=True) | Q(expires_at__gt=timezone.now())
    kept = AccessToken.objects.filter(scope.within("project"), project__in=keys, archived_at__isnull=True)
    groups: Any = kept.order_by().values("project")
    return _by_project(
        groups.annotate(
            in_use=Count("pk", filter=lasting & ~suspended), suspended=Count("pk", filter=lasting & suspended)
        )
    )


def _receivers(keys: Sequence[int], scope: ProjectScope) -> dict[int, dict[str, int]]:
    off = Q(switched_off_at__isnull=False)
    groups: Any = ProjectReceiver.objects.filter(scope.within("project"), project__in=keys).order_by().values("project")
    failing = Q(failing_since__isnull=False) & ~off
    return _by_project(
        groups.annotate(total=Count("pk"), off=Count("pk", filter=off), failing=Count("pk", filter=failing))
    )


def _members(keys: Sequence[int], user: User) -> dict[int, str]:
    """`1 administrator, 2 operators`, of each project in which the user may see its members."""
    scope = rights.scope_of(user, "livingdocs_import.view_membership", MembersOfProject.access, "view")
    rows: Any = Membership.objects.filter(scope.within("project"), project__in=keys).order_by()
    found: dict[int, dict[str, int]] = {}
    for project, role, number in rows.values_list("project", "role").annotate(number=Count("pk")):
        found.setdefault(project, {})[role] = number
    return {key: _in_words(found.get(key, {})) for key in keys if key in scope}


def _in_words(numbers: dict[str, int]) -> str:
    named = [(numbers.get(role, 0), str(role)) for role in reversed(RANKS)]
    return ", ".join(f"{number:,} {role}{'s' if number > 1 else ''}" for number, role in named if number) or "none"


def _by_project(rows: Any) -> dict[int, dict[str, int]]:
    return {row.pop("project"): row for row in rows}
