"""The projects that a user may see or act on, as a condition of queries."""

from dataclasses import dataclass

from django.db.models import Q


@dataclass(frozen=True)
class ProjectScope:
    """All projects, also those to come, and the installation itself (`keys` is None); or those with these keys."""

    keys: frozenset[int] | None

    def __bool__(self) -> bool:
        return self.is_everything or bool(self.keys)

    def __contains__(self, key: object) -> bool:
        return self.keys is None or key in self.keys

    def __or__(self, other: "ProjectScope") -> "ProjectScope":
        return EVERYTHING if self.keys is None or other.keys is None else ProjectScope(self.keys | other.keys)

    @property
    def is_everything(self) -> bool:
        return self.keys is None

    def within(self, path: str) -> Q:
        """The condition on rows whose project has this look-up: `project`, `job__project`; of projects, `pk`.

        "" is for rows of the installation, which belong to no project: they are only in EVERYTHING.
        """
        if self.keys is None:
            return Q()
        return Q(**{f"{path}__in": self.keys}) if path else Q(pk__in=())


EVERYTHING = ProjectScope(None)
NOTHING = ProjectScope(frozenset())
