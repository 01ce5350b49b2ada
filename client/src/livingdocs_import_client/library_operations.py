"""Read and patch entries, documents, references and events: as steps that a transport carries out."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice

from livingdocs_import_client.documents import (
    Edition,
    LinkingDocument,
    LinkingEntry,
    PublicationEvent,
    edition_in,
    event_in,
    linking_document_in,
    linking_entry_in,
)
from livingdocs_import_client.effects import Steps, Stream, emit
from livingdocs_import_client.entries import Entry, Patch, Use, entry_in, use_in
from livingdocs_import_client.errors import Conflict, UnexpectedAnswer
from livingdocs_import_client.items import without_nones
from livingdocs_import_client.json_types import JSONObject
from livingdocs_import_client.reading import as_list, as_object
from livingdocs_import_client.service import Service, rows_in, step

IDS_AT_ONCE = 100  # of entries in one request
EVENTS_AT_ONCE = 1_000
TRIES = 5  # to patch an entry that others patch at the same time

# --- Entries ---------------------------------------------------------------------------------------------------------


def entry(service: Service, media_id: str) -> Steps[Entry]:
    """One entry. NotFound."""
    answer = yield from service.get(f"mediaLibrary/{step(media_id)}")
    return entry_in(as_object(answer, "entry"))


def entries(service: Service, media_ids: Iterable[str]) -> Stream[Entry]:
    """The entries with these ids; what does not exist is left out."""
    for ids in _chunks(media_ids):
        yield from _entries(service, {"ids": ",".join(ids)})


def entries_by_external_id(service: Service, system_name: str, external_ids: Iterable[str]) -> Stream[Entry]:
    """The entries that a system knows under these ids; what does not exist is left out."""
    for ids in _chunks(external_ids):
        indexed = {f"externalIds[{n}]": external_id for n, external_id in enumerate(ids)}  # they may have commas
        yield from _entries(service, {**indexed, "systemName": system_name})


def _entries(service: Service, query: Mapping[str, str]) -> Stream[Entry]:
    answer = yield from service.get("mediaLibrary", query)
    yield from emit(map(entry_in, rows_in(answer, "mediaLibraryEntries")))


def _chunks(ids: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(ids)
    while chunk := list(islice(rest, IDS_AT_ONCE)):
        yield chunk


def patch_entry(
    service: Service, media_id: str, patches: Sequence[Patch], version: int | None, *, preserve_updated_at: bool
) -> Steps[None]:
    """Carry out all patches, or none. Conflict: `version` is not the entry's any more, or its state does not fit."""
    body = without_nones(
        {"version": version, "patches": patches, "preserveUpdatedAt": True if preserve_updated_at else None}
    )
    yield from service.patch(f"mediaLibrary/{step(media_id)}", body)


def update_entry(service: Service, media_id: str, change: Callable[[Entry], Iterable[Patch]]) -> Steps[Entry]:
    """Read an entry and apply the patches that `change` returns; again after a conflict with another client.

    Returns the updated entry. Conflict: there were TRIES conflicts, or the state of the entry does not fit.
    """
    known = yield from entry(service, media_id)
    for left in reversed(range(TRIES)):
        patches = [*change(known)]
        if not patches:
            break
        try:
            yield from patch_entry(service, media_id, patches, known.version, preserve_updated_at=False)
        except Conflict:
            now = yield from entry(service, media_id)
            if now.version == known.version or not left:
                raise
            known = now
        else:
            return (yield from entry(service, media_id))
    return known


def entry_keys(service: Service, media_id: str) -> Steps[list[str]]:
    """The storage keys of all files that a cache may hold of an entry."""
    answer = as_object((yield from service.get(f"mediaLibrary/{step(media_id)}/keys")), "keys")
    return [str(key) for key in as_list(answer.get("results"), "results")]


def usage_log(service: Service, media_id: str) -> Steps[list[Use]]:
    """The usage log of an entry."""
    answer = yield from service.get(f"mediaLibrary/{step(media_id)}/usageLog")
    return [use_in(row) for row in rows_in(answer)]


# --- References ------------------------------------------------------------------------------------------------------


def linking_entries(service: Service, target: str | int) -> Stream[LinkingEntry]:
    """The entries that link to an entry (its id, a string) or to a document (its number)."""
    return service.pages(f"{_target(target)}/incomingMediaReferences", linking_entry_in)


def linking_documents(service: Service, target: str | int, *, drafts: bool) -> Stream[LinkingDocument]:
    """The published documents that link to an entry or a document; with `drafts`, the drafts that link to one."""
    if drafts and isinstance(target, str):
        raise ValueError("drafts are known to link to documents only: the target is the number of one")
    place = f"drafts/{target}" if drafts else _target(target)
    return service.pages(f"{place}/incomingDocumentReferences", linking_document_in)


def _target(target: str | int) -> str:
    return f"mediaLibrary/{step(target)}" if isinstance(target, str) else f"documents/{target}"


# --- Documents -------------------------------------------------------------------------------------------------------


def publication(service: Service, document_id: int) -> Steps[Edition]:
    """The latest publication of a document. NotFound."""
    answer = yield from service.get(f"documents/{document_id}/latestPublication")
    return edition_in(as_object(answer, "publication"))


def publications(service: Service, query: Mapping[str, str]) -> Stream[Edition]:
    """Publications, newest first."""
    return service.pages("documents/latestPublications", edition_in, query)


def draft(service: Service, document_id: int) -> Steps[Edition]:
    """The newest revision of a document, published or not. NotFound."""
    answer = yield from service.get(f"documents/{document_id}/latestDraft")
    return edition_in(as_object(answer, "draft"))


def command_document(
    service: Service,
    document_id: int,
    commands: Sequence[JSONObject],
    version: int | None,
    preconditions: Sequence[JSONObject],
) -> Steps[None]:
    """Carry out all commands, or none. Conflict: the version or a precondition does not hold."""
    body = without_nones({"version": version, "preconditions": preconditions or None, "commands": commands})
    yield from service.patch(f"documents/{document_id}/commands", body)


def publication_events(service: Service, after: int) -> Stream[PublicationEvent]:
    """The events of publications after the event with this number, up to now."""
    count = EVENTS_AT_ONCE
    while count == EVENTS_AT_ONCE:
        answer = yield from service.get("publicationEvents", {"after": str(after), "limit": str(EVENTS_AT_ONCE)})
        events = [event_in(row) for row in rows_in(answer)]
        count = len(events)
        yield from emit(events)
        if events and events[-1].id <= after:
            raise UnexpectedAnswer("events do not rise")
        after = events[-1].id if events else after
