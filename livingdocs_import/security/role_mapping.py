"""Which values of a claim give which role in which project: `desk=times:operator`."""

from collections.abc import Iterable
from dataclasses import dataclass

ALL_PROJECTS = "*"
ROLES = ("viewer", "operator", "administrator")  # each includes those before it


@dataclass(frozen=True)
class MappedRole:
    """A value of the claim, the handle of a project or ALL_PROJECTS, and a role."""

    value: str
    project: str
    role: str


def parse(entries: Iterable[str]) -> list[MappedRole]:
    """Read `VALUE=PROJECT:ROLE` entries. Raises ValueError with the entry that is none."""
    return [_parsed(entry.strip()) for entry in entries if entry.strip()]


def _parsed(entry: str) -> MappedRole:
    value, equals, granted = entry.rpartition("=")
    project, colon, role = granted.partition(":")
    if not (equals and colon and value and project and role in ROLES):
        raise ValueError(f"{entry!r} is not VALUE=PROJECT:ROLE with a role of {', '.join(ROLES)}")
    return MappedRole(value, project, role)


def roles_by_project(mapping: Iterable[MappedRole], claimed: object) -> dict[str, str]:
    """The highest role that the claim gives in each project of the mapping; "" where it gives none.

    `claimed` is the claim's value, a text or a list of texts; anything else gives nothing.
    """
    values = [claimed] if isinstance(claimed, str) else claimed if isinstance(claimed, list) else []
    found: dict[str, str] = {}
    for each in mapping:
        before = found.setdefault(each.project, "")
        if each.value in values and (not before or ROLES.index(each.role) > ROLES.index(before)):
            found[each.project] = each.role
    return found
