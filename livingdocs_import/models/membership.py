"""What users of the admin may do in which projects (docs/adr/0039)."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from livingdocs_import.models.project import Project


class Role(models.TextChoices):
    """What a user may do in a project. Each of the first three includes those before it.

    PERMISSIONS are the rights of a user from before there were roles: Django's permissions of the user and of their
    groups, in all projects.
    """

    VIEWER = "viewer", "Viewer: reads"
    OPERATOR = "operator", "Operator: acts on jobs, webhooks, media and documents"
    ADMINISTRATOR = "administrator", "Administrator: also configurations, API clients, webhooks and members"
    PERMISSIONS = "permissions", "By permissions: what those of the user and of their groups allow"

    def includes(self, other: "Role") -> bool:
        """Whether a user with this role has the rights of the other one."""
        return self in RANKS and other in RANKS and RANKS.index(self) >= RANKS.index(other)


RANKS = [Role.VIEWER, Role.OPERATOR, Role.ADMINISTRATOR]


class Membership(models.Model):
    """The role of a user in a project, or in all of them. A user without any sees nothing, superusers everything."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, null=True, blank=True, related_name="memberships"
    )  # null: all projects, also those to come, and what belongs to none of them
    role = models.CharField(max_length=20, choices=Role.choices)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["project", "user"]
        constraints = [
            models.UniqueConstraint(fields=["user", "project"], name="one_role_in_a_project"),
            models.UniqueConstraint(
                fields=["user"], condition=Q(project__isnull=True), name="one_role_in_all_projects"
            ),
            models.CheckConstraint(name="role_is_known", condition=Q(role__in=Role.values)),
            models.CheckConstraint(
                name="permissions_are_for_all_projects",
                condition=Q(project__isnull=True) | ~Q(role=Role.PERMISSIONS),
                violation_error_message="Permissions are not limited to a project: choose another role, or all.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} in {self.project or 'all projects'}"
