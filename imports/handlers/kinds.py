"""The handlers of all kinds of jobs, and what of an item they are asked."""

from collections.abc import Mapping

from imports.handlers.base import ContentHandler, DownloadHandler, ItemOutcome, planned_failure
from imports.handlers.documents import DocumentHandler, PreparedDocument
from imports.handlers.files import FileHandler
from imports.handlers.images import ImageHandler
from imports.handlers.prepared_media import PreparedMedia
from imports.handlers.videos import VideoHandler
from imports.models import ImportItem, ImportJob
from livingdocs_import.errors import Failure

DOWNLOADS: Mapping[str, DownloadHandler[PreparedMedia]] = {
    ImportJob.Kind.IMAGES: ImageHandler(),
    ImportJob.Kind.VIDEOS: VideoHandler(),
    ImportJob.Kind.FILES: FileHandler(),
}
CONTENT: Mapping[str, ContentHandler[PreparedDocument]] = {ImportJob.Kind.DOCUMENTS: DocumentHandler()}


def is_downloaded(job: ImportJob, item: ImportItem) -> bool:
    """Whether the item's file is fetched: of a dry run, that of a sample (imports/services.py)."""
    return job.kind in DOWNLOADS and not (job.dry_run and not item.host_key)


def failed(job: ImportJob, item: ImportItem, failure: Failure) -> ItemOutcome:
    """The outcome of an item of any kind after this failure."""
    handler = DOWNLOADS.get(job.kind) or CONTENT[job.kind]
    outcome = handler.failed(job, item, failure)
    return planned_failure(outcome) if job.dry_run else outcome
