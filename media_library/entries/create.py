"""Create ready-made entries of a client: valid ones are written together, independently of the others (spec 3.6)."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import Any

import orjson
from django.db import Error, IntegrityError, OperationalError, transaction
from django.utils import timezone

from livingdocs_import import errors, ids
from livingdocs_import.db import bulk_copy
from livingdocs_import.db.read_only import read_only
from livingdocs_import.models import Project
from livingdocs_import.project_config import store
from livingdocs_import.validation.limits import MAX_RESPONSE_PROBLEMS, REPORT_BYTES, REPORT_TIMES
from livingdocs_import.validation.problems import Path, Problems
from media_library.delivery import ownership
from media_library.entries import audit_log, references, translated_keys, webhook_events
from media_library.entries.actors import Actor
from media_library.entries.validate import Fault, NewEntry, check, wrong_shape
from media_library.entries.webhook_events import Change, EntryState
from media_library.models import MediaEntry
from media_library.storage import NotStored, StorageFailed, assets

ROUNDS = 20  # rounds lost to parallel requests with the same ids before giving up
LOOK_UPS = 16  # parallel storage look-ups
ASKED_AT_ONCE = 5000  # ids in one query

_COLUMNS = (
    "id", "project", "media_id", "media_type", "base_type", "title", "system_name", "external_id",
    "invalid", "validity_changes_at", "asset", "asset_key", "metadata", "translations", "created_at", "updated_at",
)  # fmt: skip
_IN_JSON = frozenset({"asset", "metadata", "translations"})


@dataclass(slots=True)
class Element:
    """One entry of a request and its outcome."""

    index: int
    raw: Mapping[str, Any]
    outcome: NewEntry | Fault


# --- Before the transaction ------------------------------------------------------------------------------------------


def check_entries(project: Project, raws: Sequence[Mapping[str, Any]], *, sent: int) -> list[Element]:
    """Check each entry by itself, in order (MLI-01); outside a transaction, as it may call the storage (Q-09).

    `sent`: the bytes of the request, which bound the size of the reported problems.
    """
    config, now, make_id = store.current(project), timezone.now(), ids.media_ids().__next__
    elements, room, space = [], MAX_RESPONSE_PROBLEMS, REPORT_BYTES + REPORT_TIMES * sent
    for index, raw in enumerate(raws):
        outcome = check(config, project.pk, raw, now, make_id)
        if isinstance(outcome, Fault) and outcome.problems:
            room -= len(outcome.problems)
            outcome = outcome if room >= 0 else outcome.in_short()
            space -= len(orjson.dumps(outcome.details))
            outcome = outcome if space >= 0 else outcome.unreported()
        elements.append(Element(index, raw, outcome))
    good = [element for element in elements if isinstance(element.outcome, NewEntry)]
    _refuse_keys(good, ownership.keys_of_others(project.pk, _all_keys(good)), ownership.OF_ANOTHER_PROJECT)
    if config.options.require_stored_asset:
        good = [element for element in good if isinstance(element.outcome, NewEntry)]
        _refuse_keys(good, _not_stored(_all_keys(good)), "No file is stored under this key")
    return elements


def _keys(element: Element) -> Iterator[tuple[Path, str]]:
    """The storage keys of an entry's assets, each with its path."""
    yield ("asset", "key"), element.raw["asset"]["key"]
    for index, translation in enumerate(element.raw.get("translations", ())):
        if "asset" in translation:
            yield ("translations", index, "asset", "key"), translation["asset"]["key"]


def _all_keys(elements: Iterable[Element]) -> Iterator[str]:
    return (key for element in elements for _, key in _keys(element))


def _refuse_keys(elements: Sequence[Element], refused: set[str], message: str) -> None:
    if not refused:
        return
    for element in elements:
        problems = Problems()
        for path, key in _keys(element):
            if key in refused:
                problems.add(message, *path)
        if problems:
            element.outcome = wrong_shape(problems)


def _not_stored(keys: Iterable[str]) -> set[str]:
    keys = list(dict.fromkeys(keys))
    with ThreadPoolExecutor(LOOK_UPS) as pool:
        return {key for key, is_there in zip(keys, pool.map(_is_stored, keys), strict=True) if not is_there}


def _is_stored(key: str) -> bool:
    try:
        assets().stat(key)
    except NotStored:
        return False
    except StorageFailed as error:
        raise errors.Unavailable(error.detail) from error
    return True


# --- Inside it -------------------------------------------------------------------------------------------------------


def write_entries(project: Project, elements: Sequence[Element], *, actor: Actor) -> None:
    """Write the valid entries, inside a transaction; those whose ids are taken become faults (MLI-16).

    Only the constraints can prove that an id is free, also against parallel requests. So all entries are written at
    once; on a conflict, those with taken ids are looked up and left out, and the rest is written again.
    """
    waiting = [element for element in elements if isinstance(element.outcome, NewEntry)]
    for _ in range(ROUNDS):
        firsts, duplicates = _without_duplicates(waiting)
        try:
            # Writers with the same ids wait for each other here. A rolled-back savepoint holds no locks.
            with transaction.atomic():
                _insert(project, firsts)
        except (IntegrityError, OperationalError) as error:
            if not _lost_to_another(error):
                raise
            waiting = _refuse_taken(project, waiting)
        else:
            for element, fault in duplicates:
                element.outcome = fault
            _write_what_hangs_on(project, firsts, actor)
            return
    raise errors.Unavailable("too many requests with the same ids at once")


def plan_entries(project: Project, elements: Sequence[Element]) -> None:
    """Make faults of what `write_entries` would make faults of, over a transaction that only reads (DRY-08)."""
    waiting = [element for element in elements if isinstance(element.outcome, NewEntry)]
    with read_only():
        firsts, _ = _without_duplicates(waiting)
        if _are_taken(project, firsts):  # the first round of writing would end with a conflict
            waiting = _refuse_taken(project, waiting)
    for element, fault in _without_duplicates(waiting)[1]:
        element.outcome = fault


def _lost_to_another(error: Error) -> bool:
    """Whether another transaction has one of the ids, or won a deadlock against this one."""
    return isinstance(error, IntegrityError) or getattr(error.__cause__, "sqlstate", None) == "40P01"


def _insert(project: Project, elements: Iterable[Element]) -> None:
    entries = [element.outcome for element in elements if isinstance(element.outcome, NewEntry)]
    if not entries:
        return
    # Sorted, so that two requests with the same ids meet at the first of them.
    entries.sort(key=lambda entry: (entry.external_id or "", entry.media_id))
    for entry, pk in zip(entries, bulk_copy.reserve_ids(MediaEntry, len(entries)), strict=True):
        entry.pk = pk
    bulk_copy.insert(MediaEntry, _COLUMNS, [_row(entry) for entry in entries], in_json=_IN_JSON)


def _row(entry: NewEntry) -> tuple[Any, ...]:
    return (
        entry.pk, entry.project_id, entry.media_id, entry.media_type, entry.configured_type.base_type, entry.title,
        entry.system_name, entry.external_id, entry.invalid, entry.validity_changes_at,
        entry.asset_json, entry.asset["key"], entry.metadata_json, entry.translations_json,
        entry.created_at, entry.created_at,
    )  # fmt: skip


def _write_what_hangs_on(project: Project, elements: Sequence[Element], actor: Actor) -> None:
    entries = [element.outcome for element in elements if isinstance(element.outcome, NewEntry)]
    if not entries:
        return
    references.add(
        (e.project_id, e.pk, references.wanted(e.configured_type.metadata, e.metadata, e.translations)) for e in entries
    )
    translated_keys.add((e.pk, translated_keys.wanted(e.translations)) for e in entries if e.translations)
    audit_log.write(((e.pk, 1, ["create"]) for e in entries), at=entries[0].created_at, actor=actor)
    webhook_events.record(project, (Change(e.media_id, None, EntryState(invalid=e.invalid)) for e in entries), actor)


# --- Uniqueness ------------------------------------------------------------------------------------------------------


def _id_taken(media_id: str) -> Fault:
    return Fault("UniqueIdViolation", {"message": f"id is not unique: '{media_id}'"})


def _pair_taken(external_id: str | None, media_id: str) -> Fault:
    details = {"message": f"externalId is not unique: '{external_id}'", "mediaId": media_id}
    return Fault("UniqueIdViolation", details)


def _without_duplicates(waiting: Iterable[Element]) -> tuple[list[Element], list[tuple[Element, Fault]]]:
    """The first element with each id and each pair; the others get their faults (MLI-30)."""
    firsts, duplicates = [], []
    ids: set[str] = set()
    pairs: dict[tuple[str | None, str], str] = {}
    for element in waiting:
        entry = element.outcome
        assert isinstance(entry, NewEntry)
        pair = (entry.system_name, entry.external_id) if entry.external_id is not None else None
        if entry.media_id in ids:
            duplicates.append((element, _id_taken(entry.media_id)))
        elif pair in pairs:
            duplicates.append((element, _pair_taken(entry.external_id, pairs[pair])))
        else:
            firsts.append(element)
            ids.add(entry.media_id)
            if pair is not None:
                pairs[pair] = entry.media_id
    return firsts, duplicates


def _refuse_taken(project: Project, waiting: Sequence[Element]) -> list[Element]:
    """Add faults to those whose id or pair is taken by now; returns the others."""
    entries = [element.outcome for element in waiting if isinstance(element.outcome, NewEntry)]
    ids = _taken_ids(project, [entry.media_id for entry in entries])
    pairs = _taken_pairs(project, entries)
    left = []
    for element in waiting:
        entry = element.outcome
        assert isinstance(entry, NewEntry)
        if entry.media_id in ids:
            element.outcome = _id_taken(entry.media_id)
        elif (owner := pairs.get((entry.system_name, entry.external_id))) is not None:
            element.outcome = _pair_taken(entry.external_id, owner)
        else:
            left.append(element)
    return left


def _are_taken(project: Project, elements: Iterable[Element]) -> bool:
    """Whether the id or the pair of any of them is taken."""
    entries = [element.outcome for element in elements if isinstance(element.outcome, NewEntry)]
    return bool(_taken_ids(project, [entry.media_id for entry in entries]) or _taken_pairs(project, entries))


def _taken_ids(project: Project, media_ids: Sequence[str]) -> set[str]:
    return {
        media_id
        for chunk in _chunks(media_ids)
        for media_id in MediaEntry.objects.of(project).filter(media_id__in=chunk).values_list("media_id", flat=True)
    }


def _taken_pairs(project: Project, entries: Iterable[NewEntry]) -> dict[tuple[str | None, str | None], str]:
    """The ids of the entries that have these pairs of system name and external id, by pair."""
    by_system: dict[str | None, list[str]] = defaultdict(list)
    for entry in entries:
        if entry.external_id is not None:
            by_system[entry.system_name].append(entry.external_id)
    return {
        (system_name, external_id): media_id
        for system_name, external_ids in by_system.items()
        for chunk in _chunks(external_ids)
        for external_id, media_id in MediaEntry.objects.of(project)
        .filter(system_name=system_name, external_id__in=chunk)
        .values_list("external_id", "media_id")
    }


def _chunks(values: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(values)
    while chunk := list(islice(rest, ASKED_AT_ONCE)):
        yield chunk
