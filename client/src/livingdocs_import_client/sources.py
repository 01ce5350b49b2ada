"""Files on the local disk or in a bucket as items of an import: the service fetches them by their URL.

Both give one item after the other, however many files there are.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Protocol
from urllib.parse import quote

from livingdocs_import_client.items import MediaItem
from livingdocs_import_client.json_types import JSONObject

IMAGES = frozenset({".avif", ".gif", ".jpeg", ".jpg", ".png", ".svg", ".tif", ".tiff", ".webp"})
VIDEOS = frozenset({".m4v", ".mov", ".mp4", ".webm"})
DAY = 86400
Metadata = Callable[[str], JSONObject]


def files_in_folder(
    folder: str | os.PathLike[str],
    base_url: str,
    *,
    suffixes: Collection[str] = IMAGES,
    metadata: Metadata | None = None,
) -> Iterator[MediaItem]:
    """The files below a folder that a web server serves under `base_url`, in the order of their names.

    `id` is the path below the folder, with slashes; `metadata` is called with it. Hidden files and folders are passed
    over, symbolic links to folders are not followed. `suffixes` are in small letters; without any, every file is taken.
    """
    root = Path(folder)
    if not root.is_dir():
        raise NotADirectoryError(f"{root} is no folder")
    names = (path.relative_to(root).as_posix() for path in _files(root))
    return _items(names, lambda name: _below(base_url, name), suffixes, metadata)


def _files(folder: Path) -> Iterator[Path]:
    """Only one folder's names at each level are in memory."""
    with os.scandir(folder) as found:
        entries = sorted(found, key=lambda entry: entry.name)
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from _files(Path(entry.path))
        elif entry.is_file():
            yield Path(entry.path)


class Paginator(Protocol):
    """What `get_paginator` of boto3 gives."""

    def paginate(self, *, Bucket: str, Prefix: str) -> Iterable[Mapping[str, object]]: ...  # noqa: N803 (boto3's)


class S3(Protocol):
    """What is needed of `boto3.client("s3")`, or of anything that behaves like it."""

    def get_paginator(self, operation_name: str, /) -> Paginator: ...

    def generate_presigned_url(
        self,
        ClientMethod: str,  # noqa: N803
        Params: Mapping[str, str],  # noqa: N803
        ExpiresIn: int,  # noqa: N803
    ) -> str: ...


def files_in_bucket(
    s3: S3,
    bucket: str,
    *,
    prefix: str = "",
    base_url: str | None = None,
    expires: int = DAY,
    suffixes: Collection[str] = IMAGES,
    metadata: Metadata | None = None,
) -> Iterator[MediaItem]:
    """The objects of a bucket, listed by your own S3 client, in the order of their keys.

    `id` is the key. The service fetches a public one from `base_url` and the key, any other by a presigned URL, which
    is good for `expires` seconds: give it as long as the import may take. A presigned URL is another one each time:
    such an input cannot be posted again under the same `key`.
    """

    def url(key: str) -> str:
        if base_url is not None:
            return _below(base_url, key)
        return s3.generate_presigned_url("get_object", {"Bucket": bucket, "Key": key}, expires)

    return _items(_keys(s3, bucket, prefix), url, suffixes, metadata)


def _keys(s3: S3, bucket: str, prefix: str) -> Iterator[str]:
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        contents = page.get("Contents", [])
        for found in contents if isinstance(contents, list) else []:
            key = str(found["Key"])
            if not key.endswith("/"):  # made by consoles, to show a folder
                yield key


def _items(
    names: Iterable[str], url: Callable[[str], str], suffixes: Collection[str], metadata: Metadata | None
) -> Iterator[MediaItem]:
    for name in names:
        path = PurePosixPath(name)
        if not suffixes or path.suffix.lower() in suffixes:
            yield MediaItem(url=url(name), id=name, file_name=path.name, metadata=metadata(name) if metadata else {})


def _below(base_url: str, name: str) -> str:
    return f"{base_url.rstrip('/')}/{quote(name)}"
