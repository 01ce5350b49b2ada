"""The usage log of a media entry: reading it, and changing it by patches (spec 3.15)."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from livingdocs_import import errors
from livingdocs_import.db import lookups
from livingdocs_import.metadata import metadata_error
from livingdocs_import.models import Project
from livingdocs_import.project_config import MediaCenter, UsagePurpose
from livingdocs_import.validation.limits import quoted
from livingdocs_import.validation.messages import missing
from livingdocs_import.validation.value_types import instant
from media_library.models import MediaEntry, UsageLogEntry
from media_library.selectors import not_found

MAX_LOG = 10_000  # uses of one entry; more are neither listed nor accepted
PENDING, CONFIRMED = UsageLogEntry.State.PENDING, UsageLogEntry.State.CONFIRMED
Patch = Mapping[str, Any]


def usage_log(project: Project, media_id: str) -> list[UsageLogEntry]:
    """The uses of the project's entry with this id, the oldest report first. Raises NotFound (USE-02)."""
    stored = MediaEntry.objects.of(project).filter(media_id=media_id).values_list("pk", flat=True)
    entry = stored.first() if "\0" not in media_id else None
    if entry is None:
        raise not_found(media_id)
    return list(UsageLogEntry.objects.filter(entry=entry).order_by("reporting_date", "pk")[:MAX_LOG])


class UsedEntry(NamedTuple):
    """The fields of an entry that recording its use needs."""

    pk: int
    media_id: str
    media_type: str
    metadata: dict[str, Any]


def used_entries(project: Project, media_ids: Collection[str]) -> list[UsedEntry]:
    """The project's entries with these ids."""
    keys = lookups.keys(MediaEntry, "media_id", sorted(media_ids), project=project.pk)
    return [UsedEntry._make(row) for row in MediaEntry.objects.filter(pk__in=keys).values_list(*UsedEntry._fields)]


def noted_uses(document_ids: Collection[int]) -> set[tuple[int | None, int, str]]:
    """The uses by these documents: document, primary key of the entry, purpose."""
    rows = UsageLogEntry.objects.filter(document_id__in=document_ids)
    return set(rows.values_list("document_id", "entry_id", "purpose"))


def confirmed_uses(document_ids: Collection[int], entries: Collection[int]) -> set[tuple[int | None, int]]:
    """Which of these documents have confirmed uses of these entries, given by their primary keys."""
    if not document_ids or not entries:
        return set()
    rows = UsageLogEntry.objects.filter(document_id__in=document_ids, entry__in=entries, state=CONFIRMED)
    return set(rows.values_list("document_id", "entry_id"))


class UsageChanges:
    """The usage log of one entry while it is patched: the entry is locked, nothing is written yet."""

    def __init__(
        self, entry: MediaEntry, center: MediaCenter, patches: Iterable[Patch], *, by: str, now: datetime
    ) -> None:
        self._entry, self._center, self._by, self._now = entry, center, by[:200], now
        patches = [patch for patch in patches if patch["operation"].endswith("UsageLogEntry")]
        named = {patch["usageLogEntryId"] for patch in patches if "usageLogEntryId" in patch}
        found = UsageLogEntry.objects.filter(entry=entry, public_id__in=[name for name in named if _can_be_an_id(name)])
        self._known = {row.public_id: row for row in found} if named else {}
        self._number = UsageLogEntry.objects.filter(entry=entry).count() if patches else 0
        self._added: list[UsageLogEntry] = []
        self._changed: dict[str, UsageLogEntry] = {}
        self._removed: list[UsageLogEntry] = []

    def add(self, index: int, patch: Patch) -> None:
        """Report a use (PAT-31, PAT-32)."""
        if self._number >= MAX_LOG:
            raise errors.Invalid({"message": f"must NOT have more than {MAX_LOG} uses", "patchIndex": index})
        row = UsageLogEntry(entry=self._entry, state=PENDING, reporting_date=self._now, reported_by=self._by)
        self._take(row, index, patch["value"])
        self._added.append(row)
        self._number += 1

    def update(self, index: int, patch: Patch) -> None:
        """Replace the given fields of a use, if it matches the client's expectations (PAT-33)."""
        row = self._row(index, patch)
        if not _matches(row, patch.get("oldValue", {})):
            raise errors.Conflict("Cannot update outdated value")
        self._take(row, index, patch["value"])
        self._changed[row.public_id] = row

    def remove(self, index: int, patch: Patch) -> None:
        """Take a use out of the log (PAT-34)."""
        row = self._row(index, patch)
        del self._known[row.public_id]
        self._changed.pop(row.public_id, None)
        self._removed.append(row)
        self._number -= 1

    def write(self) -> None:
        """Write all changes, in the transaction that has locked the entry."""
        if self._removed:
            UsageLogEntry.objects.filter(pk__in=[row.pk for row in self._removed]).delete()
        if self._changed:
            fields = ["state", "purpose", "url", "params", "publication_date", "billing"]
            UsageLogEntry.objects.bulk_update(self._changed.values(), fields, batch_size=500)
        UsageLogEntry.objects.bulk_create(self._added)

    def _row(self, index: int, patch: Patch) -> UsageLogEntry:
        name = patch["usageLogEntryId"]
        if name not in self._known:
            missing = errors.NotFound(f"Usage log entry does not exist (id: '{quoted(name)}')")
            missing.details["patchIndex"] = index
            raise missing
        return self._known[name]

    def _take(self, row: UsageLogEntry, index: int, value: Patch) -> None:
        """Change the given fields of a use; raises Invalid if the result is not valid."""
        purpose = self._purpose(index, value.get("purpose", row.purpose))
        row.purpose, row.state = purpose.handle, value.get("state", row.state)
        if "publicationDate" in value:
            row.publication_date = instant(value["publicationDate"])
        if row.state == CONFIRMED and row.publication_date is None:
            path = f"patches.{index}.value.publicationDate"
            raise errors.Invalid({path: missing("publicationDate")})
        row.url = value.get("url", row.url)
        row.params = _checked_params(purpose, value.get("params", row.params), index, confirmed=row.state == CONFIRMED)
        if "billing" in value and row.billing not in (None, value["billing"]):
            raise errors.Conflict("The billing flag of a use cannot be changed once it is set")
        row.billing = value.get("billing", row.billing)

    def _purpose(self, index: int, handle: str) -> UsagePurpose:
        if handle not in self._center.purposes:
            message = f'Usage purpose "{quoted(handle)}" does not exist'
            raise errors.Invalid({"message": message, "patchIndex": index})
        return self._center.purposes[handle]


def _can_be_an_id(name: str) -> bool:
    return name.isascii() and name.isalnum()


def _checked_params(purpose: UsagePurpose, params: Patch, index: int, *, confirmed: bool) -> dict[str, Any]:
    """The parameters as they are stored; those that a purpose requires are mandatory for confirmed uses (USE-04)."""
    problems = purpose.params.check(params, completeness=confirmed)
    if problems:
        raise errors.Invalid(
            {
                "name": "ValidationError",
                "message": "Metadata validation failed.",
                "errors": [metadata_error(problem) for problem in problems],
                "patchIndex": index,
            }
        )
    return purpose.params.normalise(params)


def _matches(row: UsageLogEntry, expected: Patch) -> bool:
    """Whether a use has all given values; times are compared as times (USE-06)."""
    stored = {"purpose": row.purpose, "state": row.state, "url": row.url, "params": row.params, "billing": row.billing}
    for name, value in expected.items():
        if name == "publicationDate":
            if row.publication_date != (None if value is None else instant(value)):
                return False
        elif stored[name] != value:
            return False
    return True
