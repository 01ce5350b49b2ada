"""Where binaries live: one small port over Django's storages, for a folder and for an S3 bucket.

Keys are decided before the upload (`YYYY/MM/DD/<uuid>.<ext>`, spec 6.1), so that a second try overwrites the first.
"""

import os
import shutil
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import botocore.exceptions
from botocore.config import Config
from django.conf import settings
from django.core.files.storage import FileSystemStorage
from storages.backends.s3 import S3Storage

from livingdocs_import.errors import TransientFailure

KEY_NAMESPACE = uuid.UUID("6b1b9f1e-6d0f-4c51-9d8e-6f3a3f0f9a52")
PIECE = 1 << 18  # bytes read at once when a file is streamed out


class NotStored(Exception):
    """There is no file under this key."""


@dataclass(frozen=True)
class StoredFile:
    """What the storage knows of a file."""

    size: int
    modified_at: datetime
    etag: str


class AssetStore(Protocol):
    """Six verbs; keys are relative, without a leading slash."""

    def put(self, path: Path, key: str, content_type: str) -> None:
        """Store the file at `path` under the key, replacing what was there. The file at `path` may be moved away."""

    def stat(self, key: str) -> StoredFile:
        """Facts about the stored file; NotStored when there is none."""

    def read(self, key: str, start: int, end: int) -> Iterator[bytes]:
        """Pieces of bytes start..end (exclusive); NotStored when there is none."""

    def delete(self, key: str) -> None:
        """Delete; nothing happens when there is nothing."""

    def below(self, folder: str) -> list[str]:
        """All keys under a folder, sorted."""

    def check(self) -> None:
        """Raise when the storage cannot be used at all."""


class StorageFailed(TransientFailure):
    """The storage did not take or give a file; it usually does a little later (F16)."""


class LocalStore:
    """A folder. A file appears under its key at once and whole: it is moved there, or copied beside and moved."""

    def __init__(self, root: Path) -> None:
        self._files = FileSystemStorage(location=root)
        self.root = root

    def _path(self, key: str) -> Path:
        return Path(self._files.path(key))  # refuses to leave the folder

    def put(self, path: Path, key: str, content_type: str) -> None:
        target = self._path(key)
        try:
            try:
                os.replace(path, target)
            except FileNotFoundError:
                target.parent.mkdir(parents=True, exist_ok=True)
                os.replace(path, target)
        except OSError as error:
            if error.errno != 18:  # EXDEV: the temporary folder lies on another file system
                raise StorageFailed("the file could not be stored") from error
            self._copy(path, target)

    def _copy(self, path: Path, target: Path) -> None:
        beside = target.with_name(f".{uuid.uuid4().hex}")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, beside)
            os.replace(beside, target)
        except OSError as error:
            beside.unlink(missing_ok=True)
            raise StorageFailed("the file could not be stored") from error

    def stat(self, key: str) -> StoredFile:
        try:
            facts = self._path(key).stat()
        except (OSError, ValueError) as error:
            raise NotStored(key) from error
        modified = datetime.fromtimestamp(facts.st_mtime).astimezone()
        return StoredFile(facts.st_size, modified, f'"{facts.st_mtime_ns:x}-{facts.st_size:x}"')

    def read(self, key: str, start: int, end: int) -> Iterator[bytes]:
        try:
            file = self._path(key).open("rb")
        except OSError as error:
            raise NotStored(key) from error
        with file:
            file.seek(start)
            left = end - start
            while left > 0 and (piece := file.read(min(PIECE, left))):
                left -= len(piece)
                yield piece

    def delete(self, key: str) -> None:
        self._path(key).unlink(missing_ok=True)

    def below(self, folder: str) -> list[str]:
        root = self._path(folder)
        return sorted(p.relative_to(self.root).as_posix() for p in root.rglob("*") if p.is_file())

    def check(self) -> None:
        self.root.mkdir(parents=True, exist_ok=True)
        if not os.access(self.root, os.W_OK):
            raise StorageFailed(f"{self.root} is not writable")


class S3Store:
    """A bucket behind any S3-compatible endpoint; credentials and endpoint come from the usual AWS variables."""

    def __init__(self, bucket: str, prefix: str) -> None:
        self._storage = S3Storage(
            bucket_name=bucket,
            location=prefix,
            file_overwrite=True,
            default_acl=None,  # nothing is public by itself (spec 6.1)
            client_config=Config(
                connect_timeout=5,
                read_timeout=30,
                retries={"max_attempts": 3, "mode": "standard"},
                # Many S3-compatible servers refuse the newer checksum headers.
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        )
        self.bucket, self.prefix = bucket, prefix

    @property
    def _client(self) -> Any:
        return self._storage.connection.meta.client

    def _name(self, key: str) -> str:
        return f"{self.prefix}/{key}" if self.prefix else key

    def put(self, path: Path, key: str, content_type: str) -> None:
        size = path.stat().st_size
        try:
            with path.open("rb") as file:
                answer = self._client.put_object(
                    Bucket=self.bucket, Key=self._name(key), Body=file, ContentLength=size, ContentType=content_type
                )
            # A proxy may answer 200 with a page of its own and store nothing (F17): an ETag proves the store.
            if not answer.get("ETag") and self.stat(key).size != size:
                raise StorageFailed("the file could not be stored")
        except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError, NotStored) as error:
            raise StorageFailed("the file could not be stored") from error

    def stat(self, key: str) -> StoredFile:
        try:
            facts = self._client.head_object(Bucket=self.bucket, Key=self._name(key))
        except botocore.exceptions.ClientError as error:
            raise _missing_or_failed(error, key) from error
        except botocore.exceptions.BotoCoreError as error:
            raise StorageFailed("the storage did not answer") from error
        return StoredFile(facts["ContentLength"], facts["LastModified"], facts["ETag"])

    def read(self, key: str, start: int, end: int) -> Iterator[bytes]:
        if end <= start:
            return
        try:
            answer = self._client.get_object(Bucket=self.bucket, Key=self._name(key), Range=f"bytes={start}-{end - 1}")
        except botocore.exceptions.ClientError as error:
            raise _missing_or_failed(error, key) from error
        except botocore.exceptions.BotoCoreError as error:
            raise StorageFailed("the storage did not answer") from error
        yield from answer["Body"].iter_chunks(PIECE)

    def delete(self, key: str) -> None:
        try:
            self._client.delete_object(Bucket=self.bucket, Key=self._name(key))
        except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError) as error:
            raise StorageFailed("the file could not be deleted") from error

    def below(self, folder: str) -> list[str]:
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self.bucket, Prefix=self._name(f"{folder}/")
        )
        cut = len(self.prefix) + 1 if self.prefix else 0
        return sorted(row["Key"][cut:] for page in pages for row in page.get("Contents", ()))

    def check(self) -> None:
        try:
            self._client.head_bucket(Bucket=self.bucket)
        except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError) as error:
            raise StorageFailed(f"the bucket {self.bucket} cannot be used: {error}") from error


def _missing_or_failed(error: botocore.exceptions.ClientError, key: str) -> Exception:
    if error.response["Error"]["Code"] in {"404", "NoSuchKey", "NotFound"}:
        return NotStored(key)
    return StorageFailed("the storage did not answer")


@cache
def _opened(url: str) -> AssetStore:
    parts = urlsplit(url)
    if parts.scheme == "file" and parts.path:
        return LocalStore(Path(parts.path))
    if parts.scheme == "s3" and parts.netloc:
        return S3Store(parts.netloc, parts.path.strip("/"))
    raise ValueError(f"ASSET_STORAGE={url}: expected file:///absolute/dir or s3://bucket/prefix")


def assets() -> AssetStore:
    """The store that ASSET_STORAGE names, opened once per process."""
    return _opened(settings.ASSET_STORAGE)


def key_stem(day: datetime, owner: str) -> str:
    """`YYYY/MM/DD/<uuid>`: the same for the same day and owner, whoever asks and however often (IMG-34)."""
    return f"{day:%Y/%m/%d}/{uuid.uuid5(KEY_NAMESPACE, owner)}"
