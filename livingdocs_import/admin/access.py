"""Who may do what with the rows of a model, by the roles of memberships: pure decisions."""

from collections.abc import Mapping
from dataclasses import dataclass

from livingdocs_import.models.membership import Role
from livingdocs_import.models.project_scope import EVERYTHING, ProjectScope

Roles = Mapping[int | None, str]  # of a user, by project; those under None are for all projects

# The least role for each of Django's permissions; a permission that is missing is for superusers only.
OPERATED = {"view": Role.VIEWER, "add": Role.OPERATOR, "change": Role.OPERATOR, "delete": Role.OPERATOR}
ADMINISTERED = dict.fromkeys(("add", "change", "delete"), Role.ADMINISTRATOR) | {"view": Role.VIEWER}
CONFIDENTIAL = dict.fromkeys(("view", "add", "change", "delete"), Role.ADMINISTRATOR)


@dataclass(frozen=True)
class Access:
    """What a ModelAdmin declares about the rows of its model.

    `path`: the look-up from a row to its project (`project`, `job__project`; `pk` of a project); "" for rows of the
    installation, for which a role in all projects is needed. `least`: the least role for each permission.
    `everywhere`: permissions that need that role in all projects, such as adding a project.
    """

    path: str
    least: Mapping[str, Role]
    everywhere: frozenset[str] = frozenset()

    @property
    def is_for_superusers(self) -> bool:
        return not self.least

    def scope(self, permission: str, roles: Roles) -> ProjectScope:
        """The projects in which these roles give the permission: "view", "add", "change" or "delete"."""
        least = self.least.get(permission)
        given = {project for project, role in roles.items() if least is not None and Role(role).includes(least)}
        if None in given:
            return EVERYTHING
        if not self.path or permission in self.everywhere:
            return ProjectScope(frozenset())
        return ProjectScope(frozenset(project for project in given if project is not None))

    def project_of(self, row: object) -> int | None:
        """The primary key of the project that a row belongs to; None: to none."""
        if not self.path:
            return None
        *relations, last = self.path.split("__")
        for name in relations:
            row = getattr(row, name)
        key: int | None = getattr(row, last if last == "pk" else f"{last}_id")
        return key


SUPERUSERS = Access("", {})
