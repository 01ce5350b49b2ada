"""Find the entries that a request names, with their stored text (spec 3.7, 3.9)."""

from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

import orjson
from django.db.models import TextField
from django.db.models.functions import Cast, NullIf

from livingdocs_import import errors
from livingdocs_import.db.prepared import Prepared
from livingdocs_import.models import Project
from livingdocs_import.project_config import MediaType
from livingdocs_import.timestamps import stored_timestamp
from livingdocs_import.validation.messages import missing
from livingdocs_import.validation.parameters import Parameters
from media_library.models import MediaEntry, MediaEntryQuerySet

MAX_IDS = 100  # ids in one request


class StoredEntry(NamedTuple):
    """The fields of an entry in responses, as stored text where possible: it is returned unchanged."""

    project_id: int
    media_id: str
    version: int
    system_name: str | None
    external_id: str | None
    media_type: str
    title: str
    asset_json: str
    metadata_json: str
    translations_json: str
    created_text: str
    updated_text: str | None  # None: as created

    @property
    def created(self) -> str:
        return stored_timestamp(self.created_text)

    @property
    def updated(self) -> str:
        return stored_timestamp(self.updated_text or self.created_text)

    def shown_metadata(self, media_type: MediaType | None) -> Any:
        """Without metadata that is no longer configured; all of it if the media type itself is not."""
        metadata = orjson.loads(self.metadata_json)
        return media_type.metadata.known(metadata) if media_type else metadata


def _as_text(column: str) -> Cast:
    return Cast(column, TextField())


def _with_texts(found: MediaEntryQuerySet) -> MediaEntryQuerySet:
    """The entries with all fields of a StoredEntry."""
    return found.annotate(
        asset_json=_as_text("asset"),
        metadata_json=_as_text("metadata"),
        translations_json=_as_text("translations"),
        created_text=_as_text("created_at"),
        updated_text=Cast(NullIf("updated_at", "created_at"), TextField()),
    )


@cache
def _by_media_id(number: int) -> Prepared:
    """The query for this many ids."""
    return Prepared(
        StoredEntry._fields,
        lambda project, *media_ids: _with_texts(MediaEntry.objects.filter(project_id=project, media_id__in=media_ids)),
        1 + number,
    )


def entry(project: Project, media_id: str) -> StoredEntry:
    """The project's entry with this id; raises NotFound with the documented text (MLG-03, MLG-04)."""
    found = _found(project, [media_id])
    if not found:
        raise not_found(media_id)
    return found[0]


def not_found(media_id: str) -> errors.NotFound:
    """The error with the documented text."""
    return errors.NotFound(f"MediaLibrary Entry does not exist (id: '{media_id}')")


def entries(project: Project, query: Mapping[str, str]) -> list[StoredEntry]:
    """The entries by `ids`, or by `externalId` (alias `externalIds`, comma-separated) with `systemName`.

    In the order of the request, each once; unknown ones are left out (MLL-04, MLL-08). Invalid names a missing or
    surplus parameter.
    """
    given = Parameters(query)
    _check_combination(given)
    ids = _listed(given, "ids")
    external_ids = [query["externalId"]] if "externalId" in query else _listed(given, "externalIds")
    given.refuse()
    if "ids" in query:
        by_id: dict[str | None, StoredEntry] = {stored.media_id: stored for stored in _found(project, ids)}
    else:
        found = MediaEntry.objects.of(project).filter(system_name=query["systemName"], external_id__in=external_ids)
        rows = map(StoredEntry._make, _with_texts(found).values_list(*StoredEntry._fields))
        by_id = {stored.external_id: stored for stored in rows}
    return [by_id[wanted] for wanted in ids or external_ids if wanted in by_id]


def _found(project: Project, media_ids: list[str]) -> list[StoredEntry]:
    possible = [media_id for media_id in media_ids if "\0" not in media_id]
    if not possible:
        return []
    return [StoredEntry._make(row) for row in _by_media_id(len(possible)).rows(project.pk, *possible)]


def _check_combination(given: Parameters) -> None:
    query, problems = given.query, given.problems
    external = {"externalId", "externalIds"} & query.keys()
    if "ids" in query and (external or "systemName" in query):
        problems.add("must NOT be combined with externalId and systemName", "ids")
    if len(external) == 2:
        problems.add("must NOT be combined with externalId", "externalIds")
    if "ids" in query:
        return
    if external and "systemName" not in query:
        problems.add(missing("systemName"), "systemName")
    if "systemName" in query and not external:
        problems.add(missing("externalId"), "externalId")
    if "systemName" not in query and not external:
        problems.add(missing("ids"), "ids")


def _listed(given: Parameters, name: str) -> list[str]:
    """The values of a parameter, each once, in their order."""
    return list(dict.fromkeys(given.listed(name, most=MAX_IDS) or ()))
