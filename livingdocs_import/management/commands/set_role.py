"""Give a user of the admin a role in a project, or take it away."""

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import CommandError

from livingdocs_import.management.operator_command import Example, OperatorCommand
from livingdocs_import.management.projects import project_named
from livingdocs_import.models.membership import RANKS, Membership

NO_ROLE = "none"


class Command(OperatorCommand):
    help = (
        "Give a user of the admin a role in a project, or in all of them: viewer, operator or administrator; `none` "
        "takes it away. Prints the roles that the user has then."
    )
    examples = (
        Example("anna operator --project times", "Anna acts on the jobs of one project, and sees no other"),
        Example("night viewer --all-projects", "the night shift reads all of them, also those to come"),
        Example("anna none --project times", "Anna has left the project"),
    )
    json_keys = "user, project (null: all of them), role"

    def add_own_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("user", help="the user's name")
        parser.add_argument("role", choices=[*(role.value for role in RANKS), NO_ROLE])
        where = parser.add_mutually_exclusive_group(required=True)
        where.add_argument("--project", help="the project's handle")
        where.add_argument("--all-projects", action="store_true", help="all projects, and what belongs to none of them")

    def run(self, *, user: str, role: str, project: str | None, **_: Any) -> None:
        member = _user_named(user)
        chosen = None if project is None else project_named(project)
        if role == NO_ROLE:
            Membership.objects.filter(user=member, project=chosen).delete()
        else:
            Membership.objects.update_or_create(user=member, project=chosen, defaults={"role": role})
        self._show(member)

    def _show(self, member: User) -> None:
        roles = list(Membership.objects.filter(user=member).select_related("project"))
        for one in roles:
            fact = {"user": member.username, "project": one.project and one.project.handle, "role": one.role}
            self.report.fact(fact, f"{member.username} is {one}")
        if member.is_superuser:
            self.report.note(f"{member.username} is a superuser, and sees and may do everything whatever the role")
        elif not roles:
            self.report.note(f"{member.username} has no role, and sees nothing")
        if not member.is_staff:
            self.report.note(f"{member.username} cannot log in to the admin: set “staff status” there")


def _user_named(name: str) -> User:
    """Names of users are not suggested. Raises CommandError."""
    member = User.objects.filter(username=name).first()
    if member is None:
        raise CommandError(f'There is no user "{name}".')
    return member
