"""A typed client for livingdocs-import: import any number of files, wait, read and patch the media library.

`Client` and `AsyncClient` have the same methods. What an operation does is in generators that do no input or output
(`import_operations`, `library_operations`); the clients only carry out what those ask for.
"""

from livingdocs_import_client.async_client import AsyncClient
from livingdocs_import_client.batches import Batch, RefusedItem, batches
from livingdocs_import_client.client import Client
from livingdocs_import_client.documents import Edition, Link, LinkingDocument, LinkingEntry, PublicationEvent
from livingdocs_import_client.entries import (
    Asset,
    CreatedEntry,
    Entry,
    NewEntry,
    Patch,
    Use,
    archive,
    remove_asset,
    replace_asset,
    revoke_asset,
    set_metadata,
    unrevoke_asset,
)
from livingdocs_import_client.errors import (
    ApiError,
    Conflict,
    ConnectionFailed,
    Forbidden,
    ImportClientError,
    InvalidRequest,
    InvalidSignature,
    ItemNotJSON,
    JobFailed,
    JobLost,
    NotFound,
    RequestTooLarge,
    ServiceFailed,
    SourceFailed,
    TooManyRequests,
    Unauthorized,
    UnexpectedAnswer,
    VersionRetired,
    WaitTimeout,
)
from livingdocs_import_client.items import Document, File, Flags, Image, MediaItem, Video
from livingdocs_import_client.jobs import Job, JobStatus, Kind, Progress, Row
from livingdocs_import_client.problems import Problem
from livingdocs_import_client.retries import NO_RETRIES, Retries
from livingdocs_import_client.sources import files_in_bucket, files_in_folder
from livingdocs_import_client.version import __version__
from livingdocs_import_client.webhooks import Event, JobEnded, WebhookVerifier

__all__ = [
    "NO_RETRIES",
    "ApiError",
    "Asset",
    "AsyncClient",
    "Batch",
    "Client",
    "Conflict",
    "ConnectionFailed",
    "CreatedEntry",
    "Document",
    "Edition",
    "Entry",
    "Event",
    "File",
    "Flags",
    "Forbidden",
    "Image",
    "ImportClientError",
    "InvalidRequest",
    "InvalidSignature",
    "ItemNotJSON",
    "Job",
    "JobEnded",
    "JobFailed",
    "JobLost",
    "JobStatus",
    "Kind",
    "Link",
    "LinkingDocument",
    "LinkingEntry",
    "MediaItem",
    "NewEntry",
    "NotFound",
    "Patch",
    "Problem",
    "Progress",
    "PublicationEvent",
    "RefusedItem",
    "RequestTooLarge",
    "Retries",
    "Row",
    "ServiceFailed",
    "SourceFailed",
    "TooManyRequests",
    "Unauthorized",
    "UnexpectedAnswer",
    "Use",
    "VersionRetired",
    "Video",
    "WaitTimeout",
    "WebhookVerifier",
    "__version__",
    "archive",
    "batches",
    "files_in_bucket",
    "files_in_folder",
    "remove_asset",
    "replace_asset",
    "revoke_asset",
    "set_metadata",
    "unrevoke_asset",
]
