"""Images from elsewhere: checked, fetched side by side, looked into, stored; then a chunk of them becomes entries."""

import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings

from imports.handlers.base import ItemOutcome
from imports.handlers.item_storage_key import stored_stem
from imports.handlers.temporary_files import DISK_FULL, DiskFull, temporary_file
from imports.models import ImportItem, ImportJob
from livingdocs_import.egress.download import Fetched, Fetcher
from livingdocs_import.errors import Failure, PermanentFailure
from livingdocs_import.metadata import metadata_error
from livingdocs_import.project_config import MediaType, ProjectConfig
from livingdocs_import.validation.json_types import JSON, JSONObject
from livingdocs_import.validation.limits import quoted
from livingdocs_import.validation.problems import Problem, shortened
from livingdocs_import.work_queue import shutdown
from media_library.embedded_metadata import extract
from media_library.entries import decision, importing
from media_library.inspect.probe import AssetFacts, AssetLimits, probe
from media_library.models import MediaEntry
from media_library.storage import StorageFailed, assets

log = logging.getLogger(__name__)

COULD_NOT_UPLOAD = "Could not upload image"
INVALID_METADATA = "Invalid metadata"
MAX_REPORTED = 20  # problems of one item, in the answer to every question for the status
EXTENSION = re.compile(r"\.[A-Za-z0-9]{1,5}$")
MAX_FILE_NAME = 1_000  # characters


class Rejected(PermanentFailure):
    """An item that cannot become an entry; `reason` is the documented text for it."""

    def __init__(
        self, reason: str, detail: str, *, cause: str, parameter: str = "", errors: Sequence[JSONObject] = ()
    ) -> None:
        super().__init__(detail, errors=[{**error} for error in errors])
        self.reason = reason
        self.cause, self.parameter = cause, parameter


@dataclass
class PreparedMedia:
    """An item before its transaction: a candidate, a failure, or neither when there was no time for it.

    `stored`: its file went into the storage in this try.
    """

    item: ImportItem
    candidate: importing.MediaCandidate | None = None
    failure: Failure | None = None
    known: MediaEntry | None = None
    media_type: MediaType | None = None
    metadata: dict[str, JSON] = field(default_factory=dict)
    stored: bool = False

    @property
    def begun(self) -> bool:
        return self.candidate is not None or self.failure is not None


def begin(job: ImportJob, items: Sequence[ImportItem]) -> list[PreparedMedia]:
    """What is known of these items before anything is fetched: one query for all."""
    known = importing.known_entries(job.project, job.system_name, [item.external_id for item in items])
    return [PreparedMedia(item, known=known.get(item.external_id)) for item in items]


def prepare(
    job: ImportJob, config: ProjectConfig, prepared: PreparedMedia, fetcher: Fetcher, *, store: bool = True
) -> None:
    """Everything about an item that can be done without the database: cheap checks first, then the network.

    It may run in any thread. An item whose download is cut off because this process is asked to stop counts as not
    begun. Without `store` the file is fetched and looked into, and that is all.
    """
    if shutdown.asked():
        return
    try:
        _check(config, prepared)
        prepared.candidate = _bring_in(job, config, prepared, fetcher, store=store)
    except Failure as failure:
        if not (failure.transient and shutdown.too_late()):  # else this process cut the connection: not begun
            prepared.failure = failure
    except OSError as error:
        prepared.failure = DiskFull() if error.errno in DISK_FULL else _internal_error(job, prepared)
    except Exception:
        # A bug that shows on one item must not fail the others.
        prepared.failure = _internal_error(job, prepared)


def _internal_error(job: ImportJob, prepared: PreparedMedia) -> Rejected:
    log.exception("job %s item %s", job.public_id, prepared.item.position)
    return Rejected(COULD_NOT_UPLOAD, "internal error", cause="internal-error")


def _check(config: ProjectConfig, prepared: PreparedMedia) -> None:
    payload = prepared.item.payload
    handle = payload.get("mediaType")
    media_type = config.media_type(handle) if handle is not None else config.default_media_type("mediaImage")
    if media_type is None or media_type.base_type != "mediaImage":
        raise Rejected(
            f'Unknown mediaType: "{quoted("image" if handle is None else str(handle))}"',
            "mediaType must be the handle of a configured image media type",
            cause="media-type",
        )
    prepared.media_type = media_type
    prepared.metadata = media_type.metadata.normalise(payload["metadata"])
    _refuse(media_type.metadata.check(payload["metadata"], completeness=False))


def _refuse(problems: Sequence[Problem]) -> None:
    if problems:
        reported = shortened([metadata_error(problem) for problem in problems], MAX_REPORTED)
        raise Rejected(INVALID_METADATA, "Metadata validation failed.", cause="metadata", errors=reported)


def _bring_in(
    job: ImportJob, config: ProjectConfig, prepared: PreparedMedia, fetcher: Fetcher, *, store: bool
) -> importing.MediaCandidate:
    assert prepared.media_type is not None
    url, known = prepared.item.payload["url"], prepared.known
    conditional = known is not None and known.source_url == url and known.asset_sha256 != ""
    with temporary_file() as (file, path):
        fetched = fetcher.fetch(
            url,
            file,
            max_bytes=_lower(settings.IMAGE_MAX_BYTES, config.options.image_limits.max_bytes),
            etag=known.source_etag if known and conditional else None,
            last_modified=known.source_last_modified if known and conditional else None,
        )
        if fetched.status == 304 and known is not None:
            # The bytes are what they were, and so is what was read out of them.
            return _candidate(config, job, prepared, fetched, known.asset_sha256, dict(known.embedded))
        facts = probe(file, limits=_limits(config))
        embedded = extract.extract(file, facts.mime_type, prepared.media_type.exif_mappings)
        candidate = _candidate(config, job, prepared, fetched, fetched.sha256, embedded, facts)
        if candidate.asset is not None and store:
            file.flush()
            assets().put(path, candidate.asset["key"], facts.mime_type)
            prepared.stored = True
        return candidate


def _complete(config: ProjectConfig, prepared: PreparedMedia, embedded: Mapping[str, str]) -> dict[str, JSON]:
    """Explicit metadata first, then what the file says, then the file name as title (Q-03); all rules hold now."""
    assert prepared.media_type is not None
    schema = prepared.media_type.metadata
    # A caption that does not fit its property is the photographer's mistake, not the client's: left out.
    metadata = {name: value for name, value in embedded.items() if schema.fits(name, value)} | prepared.metadata
    if schema.is_text("title") and "title" not in metadata:
        metadata["title"] = prepared.item.title
    _refuse(schema.check(metadata, completeness=config.options.require_media_metadata))
    return metadata


def _candidate(
    config: ProjectConfig,
    job: ImportJob,
    prepared: PreparedMedia,
    fetched: Fetched,
    sha256: str,
    embedded: dict[str, str],
    facts: AssetFacts | None = None,
) -> importing.MediaCandidate:
    """What is known of an item now; its asset is None when the entry has these bytes already."""
    assert prepared.media_type is not None
    metadata = _complete(config, prepared, embedded)
    asked_with = prepared.known if fetched.status == 304 else None  # a 304 need not repeat it
    asset = None
    extension = (
        facts.extension if facts else Path(prepared.known.asset_key if prepared.known else "").suffix.lstrip(".")
    )
    filename = file_name(prepared.item.title, extension)
    if facts is not None and (prepared.known is None or prepared.known.asset_sha256 != sha256):
        asset = {
            "key": f"{stored_stem(job, prepared.item.position)}.{facts.extension}",
            "size": fetched.size,
            "width": facts.width,
            "height": facts.height,
            "filename": filename,
            "mimeType": facts.mime_type,
        }
    return importing.MediaCandidate(
        incoming=decision.Incoming(
            external_id=prepared.item.external_id,
            system_name=job.system_name,
            media_type=prepared.media_type.handle,
            base_type=prepared.media_type.base_type,
            sha256=sha256,
            metadata=metadata,
            title=prepared.item.title,
            stored=asset is not None,
        ),
        media_type=prepared.media_type,
        asset=asset,
        filename=filename,
        embedded=embedded,
        source_url=prepared.item.payload["url"],
        source_etag=fetched.etag or (asked_with.source_etag if asked_with else ""),
        source_last_modified=fetched.last_modified or (asked_with.source_last_modified if asked_with else ""),
    )


def file_name(title: str, extension: str) -> str:
    """A title as the name of a file: with an extension, its own or the detected one, and cut in front of that."""
    own = EXTENSION.search(title)
    suffix = own[0] if own else f".{extension}"
    stem = title.removesuffix(own[0]) if own else title
    return stem[: MAX_FILE_NAME - len(suffix)] + suffix


def _limits(config: ProjectConfig) -> AssetLimits:
    """The operator's limits, where the project has not set lower ones."""
    own = config.options.image_limits
    return AssetLimits(
        max_pixels=_lower(settings.IMAGE_MAX_PIXELS, own.max_pixels),
        max_frames=_lower(settings.IMAGE_MAX_FRAMES, own.max_frames),
    )


def _lower(operators: int, projects: int | None) -> int:
    return operators if projects is None else min(operators, projects)


def apply(job: ImportJob, batch: Sequence[PreparedMedia]) -> list[ItemOutcome]:
    """Turn what was prepared into entries, inside a transaction; one ItemOutcome for each, in order."""
    candidates = [(prepared, prepared.candidate) for prepared in batch if prepared.candidate is not None]
    results = importing.import_candidates(
        job.project, job.system_name, [candidate for _, candidate in candidates], job=job.public_id
    )
    by_item = {prepared.item.pk: result for (prepared, _), result in zip(candidates, results, strict=True)}
    return [_outcome(job, prepared, by_item.get(prepared.item.pk)) for prepared in batch]


def _outcome(job: ImportJob, prepared: PreparedMedia, result: importing.Result | None) -> ItemOutcome:
    if result is None:
        assert prepared.failure is not None
        return failed(job, prepared.item, prepared.failure)
    if result.again:
        return ItemOutcome.requeue(prepared.item)
    assert prepared.candidate is not None
    orphaned_keys = left_over(job, prepared.item, stored=prepared.candidate.asset is not None and not result.took_asset)
    match result.decision:
        case decision.Fail(reason):
            return ItemOutcome(
                prepared.item, ImportItem.Outcome.FAILED, reason=reason, cause="conflict", orphaned_keys=orphaned_keys
            )
        case decision.Skip(reason):
            outcome = ImportItem.Outcome.SKIPPED
        case _:
            outcome, reason = ImportItem.Outcome.SUCCESS, ""
    assert result.entry is not None
    return ItemOutcome(
        prepared.item, outcome, reason=reason, result=snapshot(result.entry), orphaned_keys=orphaned_keys
    )


def left_over(job: ImportJob, item: ImportItem, *, stored: bool) -> list[str]:
    """The key to be deleted when an item ends: its file if no entry took it, and what earlier tries may have left.

    An earlier try may have met another type of file and so stored it under another extension.
    """
    return [stored_stem(job, item.position)] if stored or item.claim_number > 1 else []


def failed(job: ImportJob, item: ImportItem, failure: Failure) -> ItemOutcome:
    """The documented reason, and besides it what exactly happened (spec 5.7)."""
    reason = failure.reason if isinstance(failure, Rejected) else COULD_NOT_UPLOAD
    details: dict[str, JSON] = {"message": failure.detail}
    if failure.errors:
        details["errors"] = failure.errors
    orphaned_keys = left_over(job, item, stored=isinstance(failure, StorageFailed))
    return ItemOutcome(
        item,
        ImportItem.Outcome.FAILED,
        reason=reason,
        cause=failure.cause,
        details=details | cause_of(failure),
        orphaned_keys=orphaned_keys,
    )


def cause_of(failure: Failure) -> dict[str, str]:
    """The keys that `error_details` has besides the message: the code of the cause, and its parameter if there is one.

    See docs/specification/causes.md.
    """
    return {"cause": failure.cause} | ({"parameter": failure.parameter} if failure.parameter else {})


def snapshot(entry: MediaEntry) -> JSONObject:
    """What the status answer needs of an entry, frozen; URLs are computed from the key when it is read."""
    asset = entry.asset
    kept = {"mediaId": entry.media_id, "key": asset["key"], "mimeType": asset["mimeType"]}
    return kept | {name: asset[name] for name in ("width", "height", "url") if name in asset}
