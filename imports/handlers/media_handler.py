"""Import media: check, download in parallel, inspect and store files; then write a chunk of them as entries.

This is the common part of images, videos and files. The handler of each kind is a subclass with its limits of size and
time, and its inspection.
"""

import logging
import time
from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, ClassVar

from django.conf import settings

from imports.handlers.base import FailureReports, ItemOutcome, planned, planned_failure
from imports.handlers.item_keys import item_key_stem
from imports.handlers.prepared_media import FileFacts, PreparedMedia, file_name
from imports.handlers.temporary_files import DISK_FULL, DiskFull, temporary_file
from imports.models import ImportItem, ImportJob
from livingdocs_import.dry_runs import Overlay, Would
from livingdocs_import.egress.download import DownloadPace, Fetched, Fetcher
from livingdocs_import.egress.evidence import BEGINNING, Exchange
from livingdocs_import.errors import Failure, Rejected
from livingdocs_import.metadata import metadata_error
from livingdocs_import.project_config import MediaType, ProjectConfig
from livingdocs_import.validation.json_types import JSON, JSONObject
from livingdocs_import.validation.limits import MAX_ITEM_PROBLEMS, quoted
from livingdocs_import.validation.nearest import one_of
from livingdocs_import.validation.problems import Problem, shortened
from livingdocs_import.work_queue import shutdown
from media_library.entries import audit_log, decision, importing, planning
from media_library.entries.planning import planned_entries, remember_entry
from media_library.models import MediaEntry
from media_library.storage import StorageFailed, assets

log = logging.getLogger(__name__)

INVALID_METADATA = "Invalid metadata"


class MediaHandler(FailureReports):
    """The handler of one kind of media; it has no state."""

    base_type: ClassVar[str]
    name: ClassVar[str]  # the kind's name in messages

    # --- Differences of the kinds

    @abstractmethod
    def max_bytes(self, config: ProjectConfig) -> int:
        """The maximum size of a file, in bytes."""

    @abstractmethod
    def look_into(self, file: BinaryIO, fetched: Fetched, config: ProjectConfig, media_type: MediaType) -> FileFacts:
        """Facts about the file; raises a Failure if it is of another kind."""

    def pace(self) -> DownloadPace | None:
        """The pace at which a download may exceed the general time limit."""
        return None

    def warnings_of(self, asset: Mapping[str, JSON]) -> Sequence[str]:
        """Warnings for the client about an asset whose file was not inspected again."""
        return ()

    # --- Common

    @property
    def could_not(self) -> str:
        return f"Could not upload {self.name}"

    def max_seconds(self) -> float:
        """The maximum duration of a download, in seconds."""
        pace = self.pace()
        return max(settings.FETCH_TOTAL_SECONDS, pace.total_seconds if pace else 0.0)

    def may_say(self, media_type: MediaType) -> frozenset[str]:
        """The metadata properties that a file may supply itself."""
        return frozenset()

    def begin(self, job: ImportJob, config: ProjectConfig, items: Sequence[ImportItem]) -> list[PreparedMedia]:
        """Load what is known of these items before any download: one query for all."""
        known = importing.known_entries(job.project, job.system_name, [item.external_id for item in items])
        return [PreparedMedia(item, known=known.get(item.external_id)) for item in items]

    def prepare(
        self, job: ImportJob, config: ProjectConfig, prepared: PreparedMedia, fetcher: Fetcher, *, store: bool = True
    ) -> None:
        """Prepare an item as far as possible without the database: cheap checks first, then the network.

        It may run in any thread. An item whose download is cut off because this process has to stop counts as not
        begun. Without `store` the file is only downloaded and inspected.
        """
        if shutdown.asked():
            return
        try:
            media_type = self._check(config, prepared)
            prepared.candidate = self._bring_in(job, config, media_type, prepared, fetcher, store=store)
        except Failure as failure:
            if not (failure.transient and shutdown.too_late()):  # else this process cut the connection: not begun
                prepared.failure = failure
        except OSError as error:
            prepared.failure = DiskFull() if error.errno in DISK_FULL else self._internal_error(job, prepared)
        except Exception:
            # A bug that one item triggers must not fail the others.
            prepared.failure = self._internal_error(job, prepared)

    def _internal_error(self, job: ImportJob, prepared: PreparedMedia) -> Rejected:
        log.exception("job %s item %s", job.public_id, prepared.item.position)
        return Rejected(self.could_not, "internal error", cause="internal-error")

    def _check(self, config: ProjectConfig, prepared: PreparedMedia) -> MediaType:
        payload = prepared.item.payload
        handle = payload.get("mediaType")
        media_type = config.media_type(handle) if handle is not None else config.default_media_type(self.base_type)
        if media_type is None or media_type.base_type != self.base_type:
            known = one_of(config.media_types_of(self.base_type))
            raise Rejected(
                f'Unknown mediaType: "{quoted(self.name if handle is None else str(handle))}"',
                f"mediaType must be the handle of a configured {self.name} media type: {known}",
                cause="media-type",
            )
        prepared.metadata = media_type.metadata.normalise(payload["metadata"])
        _refuse(media_type.metadata.check(payload["metadata"], completeness=False))
        return media_type

    def _bring_in(
        self,
        job: ImportJob,
        config: ProjectConfig,
        media_type: MediaType,
        prepared: PreparedMedia,
        fetcher: Fetcher,
        *,
        store: bool,
    ) -> importing.MediaCandidate:
        url, known = prepared.item.payload["url"], prepared.known
        conditional = known is not None and known.source_url == url and known.asset_sha256 != ""
        with temporary_file() as (file, path):
            exchange = Exchange()
            fetched = fetcher.fetch(
                url,
                file,
                max_bytes=self.max_bytes(config),
                etag=known.source_etag if known and conditional else None,
                last_modified=known.source_last_modified if known and conditional else None,
                pace=self.pace(),
                exchange=exchange,
            )
            prepared.size = fetched.size
            if fetched.status == 304 and known is not None:
                # The bytes are unchanged, and so are their embedded captions.
                prepared.warnings = self.warnings_of(known.asset)
                unchanged = Contents(fetched, known.asset_sha256, dict(known.embedded))
                return _candidate(job, config, media_type, prepared, unchanged)
            with _evidence_of(exchange, file):
                facts = self.look_into(file, fetched, config, media_type)
            prepared.warnings = facts.warnings
            contents = Contents(fetched, fetched.sha256, dict(facts.embedded), facts)
            candidate = _candidate(job, config, media_type, prepared, contents)
            if candidate.asset is not None and store:
                file.flush()
                assets().put(path, candidate.asset["key"], facts.mime_type)
                prepared.stored = True
            return candidate

    def apply(self, job: ImportJob, batch: Sequence[PreparedMedia]) -> list[ItemOutcome]:
        """Write prepared items as entries, inside a transaction; returns one ItemOutcome for each, in order."""
        candidates = [(prepared, prepared.candidate) for prepared in batch if prepared.candidate is not None]
        results = importing.import_candidates(
            job.project, job.system_name, [candidate for _, candidate in candidates], job=job.public_id
        )
        by_item = {prepared.item.pk: result for (prepared, _), result in zip(candidates, results, strict=True)}
        outcomes = (self._outcome(job, prepared, by_item.get(prepared.item.pk)) for prepared in batch)
        return [replace(outcome, bytes=prepared.size) for outcome, prepared in zip(outcomes, batch, strict=True)]

    def plan(
        self,
        job: ImportJob,
        config: ProjectConfig,
        batch: Sequence[PreparedMedia],
        overlay: Overlay,
        *,
        until: float,
    ) -> list[ItemOutcome]:
        """What `apply` would do; of items whose file was not looked at, as far as that is certain without it.

        At least one item is planned, whatever `until` is.
        """
        external_ids = [prepared.item.external_id for prepared in batch]
        entries = importing.known_entries(job.project, job.system_name, external_ids)
        earlier = planned_entries(overlay, external_ids) if job.has_repeats else {}
        touched = audit_log.touched_keys(entries.values())
        outcomes: list[ItemOutcome] = []
        for prepared in batch:
            if outcomes and time.monotonic() > until:
                outcomes.append(ItemOutcome.requeue(prepared.item))
                continue
            external_id = prepared.item.external_id
            prepared.known = entries.get(external_id)
            known = earlier.get(external_id) or (importing.known_facts(prepared.known) if prepared.known else None)
            prepared.is_touched = prepared.known is not None and prepared.known.pk in touched
            outcomes.append(self._planned(job, config, prepared, known, overlay))
        return outcomes

    def _planned(
        self,
        job: ImportJob,
        config: ProjectConfig,
        prepared: PreparedMedia,
        known: decision.KnownEntry | None,
        overlay: Overlay,
    ) -> ItemOutcome:
        item, candidate = prepared.item, prepared.candidate
        try:
            if prepared.failure is not None:
                raise prepared.failure
            incoming = candidate.incoming if candidate else self._without_file(job, config, prepared)
        except Failure as failure:
            return planned_failure(self.failed(job, item, failure))
        file_is_known = candidate is not None and (known is None or known.sha256 != "")
        plan = planning.plan(known, incoming, file_is_known=file_is_known)
        if item.external_id in overlay.coming_again and plan.would is not Would.FAIL:
            remember_entry(overlay, item.external_id, incoming)
        if prepared.known is not None:
            facts: JSONObject = {"mediaId": prepared.known.media_id, "version": prepared.known.version}
            plan = replace(plan, facts=facts).over_changes_by_hand(touched=prepared.is_touched)
            if candidate is not None and candidate.asset is not None and plan.would is Would.UPDATE:
                file_change = planning.file_change(prepared.known.asset, candidate.asset)
                plan = replace(plan, changes=(*plan.changes, file_change))
        details = {"warnings": list(prepared.warnings)} if prepared.warnings else None
        return planned(item, plan, details, cause="conflict" if plan.would is Would.FAIL else "")

    def _without_file(self, job: ImportJob, config: ProjectConfig, prepared: PreparedMedia) -> decision.IncomingMedia:
        """What the item brings if its file is the one that the entry has; Failure when no file could save it."""
        media_type = self._check(config, prepared)
        metadata = _combined(media_type, prepared, prepared.known.embedded if prepared.known else {})
        problems = media_type.metadata.check(metadata, completeness=config.options.require_media_metadata)
        open_ones = self.may_say(media_type) - metadata.keys()
        _refuse([problem for problem in problems if not (problem.path and problem.path[0] in open_ones)])
        return decision.IncomingMedia(
            external_id=prepared.item.external_id,
            system_name=job.system_name,
            media_type=media_type.handle,
            base_type=media_type.base_type,
            sha256="",
            metadata=metadata,
            title=prepared.item.title,
            stored=False,
        )

    def _outcome(
        self, job: ImportJob, prepared: PreparedMedia, result: importing.CandidateResult | None
    ) -> ItemOutcome:
        if result is None:
            assert prepared.failure is not None
            return self.failed(job, prepared.item, prepared.failure)
        if result.again:
            return ItemOutcome.requeue(prepared.item)
        assert prepared.candidate is not None
        item, stored = prepared.item, prepared.candidate.asset is not None and not result.took_asset
        orphaned_keys = left_over(job, item, stored=stored)
        match result.decision:
            case decision.Fail(reason):
                return ItemOutcome(
                    item, ImportItem.Outcome.FAILED, reason=reason, cause="conflict", orphaned_keys=orphaned_keys
                )
            case decision.Skip(reason):
                outcome = ImportItem.Outcome.SKIPPED
            case _:
                outcome, reason = ImportItem.Outcome.SUCCESS, ""
        assert result.entry is not None
        return ItemOutcome(
            item,
            outcome,
            reason=reason,
            details={"warnings": list(prepared.warnings)} if prepared.warnings else None,
            result=snapshot(result.entry),
            orphaned_keys=orphaned_keys,
        )

    def left_over(self, job: ImportJob, item: ImportItem, failure: Failure) -> list[str]:
        return left_over(job, item, stored=isinstance(failure, StorageFailed))


@contextmanager
def _evidence_of(exchange: Exchange, file: BinaryIO) -> Iterator[None]:
    """A failure inside this block has the answer that the file came with."""
    try:
        yield
    except Failure as failure:
        file.seek(0)
        failure.evidence = exchange.evidence(file.read(BEGINNING))
        raise


def _refuse(problems: Sequence[Problem]) -> None:
    if problems:
        reported = shortened([metadata_error(problem) for problem in problems], MAX_ITEM_PROBLEMS)
        raise Rejected(INVALID_METADATA, "Metadata validation failed.", cause="metadata", errors=reported)


def _complete(
    config: ProjectConfig, media_type: MediaType, prepared: PreparedMedia, embedded: Mapping[str, str]
) -> dict[str, JSON]:
    """The metadata of an item with a known file; all rules apply now."""
    metadata = _combined(media_type, prepared, embedded)
    _refuse(media_type.metadata.check(metadata, completeness=config.options.require_media_metadata))
    return metadata


def _combined(media_type: MediaType, prepared: PreparedMedia, embedded: Mapping[str, str]) -> dict[str, JSON]:
    """Explicit metadata first, then embedded captions, then the file name as title (Q-03)."""
    schema = media_type.metadata
    # A caption that does not fit its property is left out: the client cannot change it.
    metadata = {name: value for name, value in embedded.items() if schema.fits(name, value)} | prepared.metadata
    if schema.is_text("title") and "title" not in metadata:
        metadata["title"] = prepared.item.title
    return metadata


@dataclass(frozen=True)
class Contents:
    """What a download has brought. Without `facts` the bytes are those that the entry has, and were not sent again."""

    fetched: Fetched
    sha256: str
    embedded: dict[str, str]
    facts: FileFacts | None = None


def _candidate(
    job: ImportJob, config: ProjectConfig, media_type: MediaType, prepared: PreparedMedia, contents: Contents
) -> importing.MediaCandidate:
    """What is known of an item now; its asset is None when the entry has these bytes already."""
    fetched, sha256, facts = contents.fetched, contents.sha256, contents.facts
    metadata = _complete(config, media_type, prepared, contents.embedded)
    asked_with = prepared.known if fetched.status == 304 else None  # a 304 need not repeat it
    asset = None
    extension = (
        facts.extension if facts else Path(prepared.known.asset_key if prepared.known else "").suffix.lstrip(".")
    )
    filename = file_name(prepared.item.title, extension)
    if facts is not None and (prepared.known is None or prepared.known.asset_sha256 != sha256):
        asset = {
            "key": f"{item_key_stem(job, prepared.item.position)}.{facts.extension}",
            "size": fetched.size,
            **facts.measures,
            "filename": filename,
            "mimeType": facts.mime_type,
        }
    return importing.MediaCandidate(
        incoming=decision.IncomingMedia(
            external_id=prepared.item.external_id,
            system_name=job.system_name,
            media_type=media_type.handle,
            base_type=media_type.base_type,
            sha256=sha256,
            metadata=metadata,
            title=prepared.item.title,
            stored=asset is not None,
        ),
        media_type=media_type,
        asset=asset,
        filename=filename,
        embedded=contents.embedded,
        source_url=prepared.item.payload["url"],
        source_etag=fetched.etag or (asked_with.source_etag if asked_with else ""),
        source_last_modified=fetched.last_modified or (asked_with.source_last_modified if asked_with else ""),
    )


def left_over(job: ImportJob, item: ImportItem, *, stored: bool) -> list[str]:
    """The keys to delete when an item ends: its file if no entry took it, and those of earlier attempts.

    An earlier attempt may have got another type of file and so stored it under another extension.
    """
    return [item_key_stem(job, item.position)] if stored or item.claim_number > 1 else []


def snapshot(entry: MediaEntry) -> JSONObject:
    """The part of an entry in status responses, frozen; URLs are computed from the key on each read."""
    asset = entry.asset
    kept = {"mediaId": entry.media_id, "key": asset["key"], "mimeType": asset["mimeType"]}
    return kept | {name: asset[name] for name in ("width", "height", "url") if name in asset}
