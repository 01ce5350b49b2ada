"""Stored files in a bucket behind any S3-compatible endpoint."""

import base64
import hashlib
import os
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from storages.backends.s3 import S3Storage
from urllib3.exceptions import HTTPError

from media_library.storage.port import (
    MAX_PAGES,
    PATIENCE,
    NotStored,
    Space,
    StorageFailed,
    StoredFile,
    exactly,
    refuse_when_stuck,
    waiting,
)


class S3Store:
    """A bucket behind any S3-compatible endpoint; credentials and endpoint come from the usual AWS variables.

    It calls the client below Django's S3Storage: its `save` costs a HEAD per file, its `open` reads a whole object.
    """

    def __init__(self, bucket: str, prefix: str, *, virtual_host: bool = False, patience: float = PATIENCE) -> None:
        self.bucket, self.prefix, self.patience = bucket, prefix, patience
        # Uploads run in workers and may take long; reads have waiting users.
        self._writer = _client(bucket, seconds=30, attempts=3, virtual_host=virtual_host)
        self._reader = _client(bucket, seconds=patience, attempts=2, virtual_host=virtual_host)

    def _name(self, key: str) -> str:
        return f"{self.prefix}/{key}" if self.prefix else key

    def put(self, path: Path, key: str, content_type: str) -> None:
        try:
            with path.open("rb") as file:
                size = os.fstat(file.fileno()).st_size
                digest = hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False))
                file.seek(0)
                answer = self._writer.put_object(
                    Bucket=self.bucket,
                    Key=self._name(key),
                    Body=file,
                    ContentLength=size,
                    ContentType=content_type,
                    ContentMD5=base64.b64encode(digest.digest()).decode(),  # damaged on the way: refused
                    Metadata={"md5": digest.hexdigest()},
                )
            # A proxy may answer 200 with a page of its own and store nothing (FLT-17). The ETag is the digest on most
            # servers and proves the upload; otherwise the object itself is checked.
            if answer.get("ETag", "").strip('"') == digest.hexdigest():
                return
            facts = self._writer.head_object(Bucket=self.bucket, Key=self._name(key))
        except (OSError, BotoCoreError, ClientError, HTTPError) as error:
            raise StorageFailed("the file could not be stored") from error
        if facts.get("ContentLength") != size or facts.get("Metadata", {}).get("md5") != digest.hexdigest():
            raise StorageFailed("the file could not be stored")

    def stat(self, key: str) -> StoredFile:
        facts = self._ask("head_object", key)
        try:
            return StoredFile(facts["ContentLength"], facts["LastModified"], facts["ETag"])
        except KeyError as error:  # not an answer of an S3 server
            raise StorageFailed("the storage did not answer") from error

    def read(self, key: str, start: int, end: int) -> Iterator[bytes]:
        if end <= start:
            return iter(())
        answer = self._ask("get_object", key, Range=f"bytes={start}-{end - 1}")
        # A cache may ignore the range, or have a shorter object, and still answer 200 or 206.
        if not answer.get("ContentRange", "").startswith(f"bytes {start}-{end - 1}/"):
            answer["Body"].close()
            raise StorageFailed("the storage gave other bytes than asked for")
        return exactly(answer["Body"], end - start, self.patience, (OSError, BotoCoreError, HTTPError))

    def _ask(self, method: str, key: str, **parameters: str) -> Any:
        try:
            return self._answer(method, Key=self._name(key), **parameters)
        except ClientError as error:
            if error.response["Error"]["Code"] in {"404", "NoSuchKey", "NotFound"}:
                raise NotStored(key) from error
            raise StorageFailed("the storage did not answer") from error

    def _answer(self, method: str, **parameters: Any) -> Any:
        """Ask while a user waits. Raises ClientError for a status that is none of a success."""
        refuse_when_stuck()
        try:
            with waiting(self.patience):
                return getattr(self._reader, method)(Bucket=self.bucket, **parameters)
        except (BotoCoreError, HTTPError) as error:
            raise StorageFailed("the storage did not answer") from error

    def delete(self, key: str) -> None:
        try:
            self._writer.delete_object(Bucket=self.bucket, Key=self._name(key))
        except (BotoCoreError, ClientError, HTTPError) as error:
            raise StorageFailed("the file could not be deleted") from error

    def having(self, stem: str, extensions: Collection[str]) -> list[str]:
        return [key for key in self._beginning_with(f"{stem}.") if key.removeprefix(f"{stem}.") in extensions]

    def below(self, folder: str) -> list[str]:
        return self._beginning_with(f"{folder}/" if folder else "")

    def _beginning_with(self, start: str) -> list[str]:
        cut = len(self.prefix) + 1 if self.prefix else 0
        try:
            pages = self._writer.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=self._name(start))
            return sorted(row["Key"][cut:] for page in pages for row in page.get("Contents", ()))
        except (BotoCoreError, ClientError, HTTPError) as error:
            raise StorageFailed("the storage did not answer") from error

    def directly_in(self, folder: str, most: int, *, after: str = "", patient: bool = False) -> dict[str, StoredFile]:
        found: dict[str, StoredFile] = {}
        cut = len(self.prefix) + 1 if self.prefix else 0
        first = self._name(f"{folder}/{after}")
        for row in self._rows_directly_in(self._name(f"{folder}/"), first, patient=patient):
            if len(found) == most:
                break
            if row["Key"] > first:
                found[row["Key"][cut:]] = StoredFile(row["Size"], row["LastModified"], row["ETag"])
        return found

    def _rows_directly_in(self, prefix: str, after: str, *, patient: bool) -> Iterator[Any]:
        """The rows of files, page by page: a page counts folders, too, and may have nothing else."""
        position, pages = {"StartAfter": after}, 0
        while True:
            if pages == MAX_PAGES and not patient:
                raise StorageFailed("the storage has too much beside these files")
            try:
                page = self._list(patient=patient, Prefix=prefix, Delimiter="/", **position)
            except (BotoCoreError, ClientError, HTTPError) as error:
                raise StorageFailed("the storage did not answer") from error
            yield from page.get("Contents", ())
            if not page.get("IsTruncated"):
                return
            position, pages = {"ContinuationToken": page["NextContinuationToken"]}, pages + 1

    def _list(self, *, patient: bool, **parameters: str) -> Any:
        if patient:
            return self._writer.list_objects_v2(Bucket=self.bucket, **parameters)
        return self._answer("list_objects_v2", **parameters)

    def check(self) -> None:
        try:
            self._reader.head_bucket(Bucket=self.bucket)
        except (BotoCoreError, ClientError, HTTPError) as error:
            raise StorageFailed(f"the bucket {self.bucket} cannot be used: {error}") from error

    def space(self) -> Space | None:
        return None


def _client(bucket: str, *, seconds: float, attempts: int, virtual_host: bool) -> Any:
    """A boto3 client for all threads: S3Storage would create one for each, at 50 ms each."""
    config = Config(
        connect_timeout=5,
        read_timeout=seconds,
        retries={"total_max_attempts": attempts, "mode": "standard"},
        max_pool_connections=64,
        # `http://bucket.minio:9000` does not resolve; `http://minio:9000/bucket` works everywhere except for a few
        # providers: those use `s3://bucket?addressing=virtual`.
        s3={"addressing_style": "virtual" if virtual_host else "path"},
        # Many S3-compatible servers refuse the newer checksum headers.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    return S3Storage(bucket_name=bucket, client_config=config).connection.meta.client
