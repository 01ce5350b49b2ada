"""Write imported images, videos and files as entries: a whole chunk in a few statements."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from livingdocs_import import ids
from livingdocs_import.db import bulk_copy, lookups
from livingdocs_import.models import Project
from livingdocs_import.project_config import MediaType
from media_library.entries import audit_log, references, webhook_events
from media_library.entries.actors import IMPORTER
from media_library.entries.decision import Create, Decision, IncomingMedia, KnownEntry, Skip, Stale, Update, decide
from media_library.entries.differences import Difference, differences
from media_library.entries.validity import update_validity
from media_library.entries.webhook_events import Change, EntryState
from media_library.models import FormerAsset, MediaEntry

COLUMNS = [field.name for field in MediaEntry._meta.concrete_fields]
ROW = attrgetter(*(field.attname for field in MediaEntry._meta.concrete_fields))
ORIGIN = ("source_url", "source_etag", "source_last_modified")  # of a candidate and of an entry: conditional re-import


@dataclass(frozen=True)
class MediaCandidate:
    """One item that was downloaded, checked and, unless its bytes were known, stored."""

    incoming: IncomingMedia
    media_type: MediaType
    asset: Mapping[str, Any] | None  # None: the entry has the same bytes
    filename: str
    embedded: Mapping[str, str]  # captions in the file itself, by property
    source_url: str
    source_etag: str
    source_last_modified: str


@dataclass
class CandidateResult:
    """The outcome for a candidate. `entry` is set unless it failed; `again`: the candidate must be retried soon."""

    decision: Decision
    entry: MediaEntry | None = None
    again: bool = False
    took_asset: bool = False  # the stored file now belongs to the entry
    operations: list[str] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)  # of the metadata
    before: EntryState | None = None  # None: the entry is new


def known_entries(project: Project, system_name: str, external_ids: Sequence[str]) -> dict[str, MediaEntry]:
    """The entries with these external ids as they are now, without a lock: for comparing, not for deciding."""
    return _having(MediaEntry.objects.all(), project, system_name, external_ids)


def _having(
    entries: QuerySet[MediaEntry], project: Project, system_name: str, external_ids: Sequence[str]
) -> dict[str, MediaEntry]:
    """By external id. Most imports bring new ones: then no rows are read."""
    keys = lookups.keys(MediaEntry, "external_id", external_ids, project=project.pk, system_name=system_name)
    return {str(entry.external_id): entry for entry in entries.filter(pk__in=keys)} if keys else {}


def import_candidates(
    project: Project, system_name: str, candidates: Sequence[MediaCandidate], *, job: str
) -> list[CandidateResult]:
    """Decide and write, in the order of `candidates`, which have distinct external ids; inside a transaction.

    Rows are locked before they are read. An entry that another transaction creates at the same time violates the unique
    constraint; its candidate comes back as `again`.
    """
    wanted = [candidate.incoming.external_id for candidate in candidates]
    known = _having(MediaEntry.objects.order_by("pk").select_for_update(), project, system_name, wanted)
    now = timezone.now()
    results = [_decide(known.get(candidate.incoming.external_id), candidate) for candidate in candidates]
    pairs = list(zip(candidates, results, strict=True))
    _create(project, [pair for pair in pairs if isinstance(pair[1].decision, Create)], now)
    _update([pair for pair in pairs if isinstance(pair[1].decision, Update)], now)
    _remember_origins([pair for pair in pairs if isinstance(pair[1].decision, Skip)])
    changed = [(result.entry, result) for result in results if result.operations and result.entry is not None]
    made = [(entry.pk, entry.version, result.operations) for entry, result in changed]
    compared = {entry.pk: result.differences for entry, result in changed if result.differences}
    audit_log.write(made, at=now, actor=IMPORTER, job=job, differences=compared)
    changes = (Change(entry.media_id, result.before, EntryState.of(entry)) for entry, result in changed)
    webhook_events.record(project, changes, IMPORTER)
    return results


def known_facts(entry: MediaEntry) -> KnownEntry:
    """The facts that the decision depends on."""
    return KnownEntry(
        media_type=entry.media_type,
        base_type=entry.base_type,
        state=entry.state,
        sha256=entry.asset_sha256,
        metadata=entry.metadata,
        title=entry.title,
    )


def _decide(entry: MediaEntry | None, candidate: MediaCandidate) -> CandidateResult:
    decision = decide(None if entry is None else known_facts(entry), candidate.incoming)
    before = None if entry is None else EntryState.of(entry)
    return CandidateResult(decision, entry=entry, again=isinstance(decision, Stale), before=before)


def _create(project: Project, pairs: Sequence[tuple[MediaCandidate, CandidateResult]], now: datetime) -> None:
    if not pairs:
        return
    # Sorted, so that two workers with the same ids wait for each other instead of deadlocking.
    ordered = sorted(pairs, key=lambda pair: pair[0].incoming.external_id)
    media_ids = ids.media_ids()
    new = [_new_entry(project, next(media_ids), candidate, now) for candidate, _ in ordered]
    stored = _insert(new)
    links = []
    for entry, (candidate, result) in zip(new, ordered, strict=True):
        if entry.pk in stored:
            result.entry, result.operations, result.took_asset = entry, ["create"], True
            links.append((project.pk, entry.pk, references.wanted(candidate.media_type.metadata, entry.metadata, [])))
        else:
            result.again = True
    references.add(links)


def _insert(new: Sequence[MediaEntry]) -> set[int]:
    """Assign primary keys and insert the entries; returns the keys of those not created by others meanwhile."""
    for entry, pk in zip(new, bulk_copy.reserve_ids(MediaEntry, len(new)), strict=True):
        entry.pk = pk
    try:
        with transaction.atomic():
            bulk_copy.insert(MediaEntry, COLUMNS, map(ROW, new))
    except IntegrityError:
        # Rare, and slow: skips rows that exist.
        MediaEntry.objects.bulk_create(new, ignore_conflicts=True)
        return set(MediaEntry.objects.filter(pk__in=[entry.pk for entry in new]).values_list("pk", flat=True))
    return {entry.pk for entry in new}


def _new_entry(project: Project, media_id: str, candidate: MediaCandidate, now: datetime) -> MediaEntry:
    incoming = candidate.incoming
    assert candidate.asset is not None  # decide() creates only from stored bytes
    entry = MediaEntry(
        project=project,
        media_id=media_id,
        media_type=incoming.media_type,
        base_type=incoming.base_type,
        title=incoming.title,
        system_name=incoming.system_name,
        external_id=incoming.external_id,
        asset=dict(candidate.asset),
        asset_key=candidate.asset["key"],
        asset_sha256=incoming.sha256,
        source_url=candidate.source_url,
        source_etag=candidate.source_etag,
        source_last_modified=candidate.source_last_modified,
        embedded=dict(candidate.embedded),
        metadata=dict(incoming.metadata),
        created_at=now,
        updated_at=now,
    )
    update_validity(entry, candidate.media_type)
    return entry


def _update(pairs: Sequence[tuple[MediaCandidate, CandidateResult]], now: datetime) -> None:
    if not pairs:
        return
    former = []
    for candidate, result in pairs:
        entry, decision, incoming = result.entry, result.decision, candidate.incoming
        assert entry is not None
        assert isinstance(decision, Update)
        if decision.asset and candidate.asset is not None:
            former.append(FormerAsset(entry=entry, asset=entry.asset, asset_key=entry.asset_key, replaced_at=now))
            entry.asset, entry.asset_key = dict(candidate.asset), candidate.asset["key"]
            entry.asset_sha256 = incoming.sha256
            result.operations.append("replaceAsset")
            result.took_asset = True
        if decision.metadata:
            result.differences = differences(entry.metadata, incoming.metadata)
            entry.metadata = dict(incoming.metadata)
            result.operations.append("replaceMetadata")
        if decision.title:
            entry.title = incoming.title
            entry.asset = {**entry.asset, "filename": candidate.filename}
            result.operations.append("setTitle")
        entry.embedded = dict(candidate.embedded)
        for name in ORIGIN:
            setattr(entry, name, getattr(candidate, name))
        entry.version += 1
        entry.updated_at = now
        update_validity(entry, candidate.media_type)
    FormerAsset.objects.bulk_create(former)
    MediaEntry.objects.bulk_update(
        [result.entry for _, result in pairs if result.entry is not None],
        ["asset", "asset_key", "asset_sha256", "embedded", "metadata", "title", *ORIGIN, "version", "updated_at",
         "invalid", "validity_changes_at"],
    )  # fmt: skip
    references.replace(
        [(result.entry, candidate.media_type.metadata) for candidate, result in pairs if result.entry is not None]
    )


def _remember_origins(pairs: Sequence[tuple[MediaCandidate, CandidateResult]]) -> None:
    """Record a new address or ETag of the same bytes: no new version, but needed for the next conditional request.

    Without this every later import would download the whole of an archive that has moved.
    """
    moved = []
    for candidate, result in pairs:
        assert result.entry is not None
        if any(getattr(result.entry, name) != getattr(candidate, name) for name in ORIGIN):
            for name in ORIGIN:
                setattr(result.entry, name, getattr(candidate, name))
            moved.append(result.entry)
    MediaEntry.objects.bulk_update(moved, ORIGIN)
