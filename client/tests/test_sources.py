"""Files on a disk and in a bucket become items that the service can fetch."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from botocore.config import Config

from livingdocs_import_client import Client, files_in_bucket, files_in_folder
from livingdocs_import_client.sources import S3
from tests import images
from tests.origin import Origin

NAMES = ["a.jpg", "b/c d#1.JPG", "b/é.png", "b.txt"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in [*NAMES, ".hidden.jpg", ".git/x.jpg"]:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(images.jpeg())
    (tmp_path / "loop").symlink_to(tmp_path)
    return tmp_path


def test_a_folder_gives_its_images_in_the_order_of_their_names(folder: Path) -> None:
    found = list(files_in_folder(folder, "https://photos.example.org/2026/"))
    assert [(item.id, item.url, item.file_name) for item in found] == [
        ("a.jpg", "https://photos.example.org/2026/a.jpg", "a.jpg"),
        ("b/c d#1.JPG", "https://photos.example.org/2026/b/c%20d%231.JPG", "c d#1.JPG"),
        ("b/é.png", "https://photos.example.org/2026/b/%C3%A9.png", "é.png"),
    ]


def test_other_files_are_asked_for_by_their_suffix(folder: Path) -> None:
    assert [item.id for item in files_in_folder(folder, "http://x", suffixes={".txt"})] == ["b.txt"]
    assert len(list(files_in_folder(folder, "http://x", suffixes=()))) == len(NAMES)


def test_metadata_are_made_of_the_name(folder: Path) -> None:
    found = files_in_folder(folder, "http://x", metadata=lambda name: {"caption": name.upper()})
    assert next(found).metadata == {"caption": "A.JPG"}


def test_a_folder_that_does_not_exist_is_an_error_at_once(tmp_path: Path) -> None:
    with pytest.raises(NotADirectoryError):
        files_in_folder(tmp_path / "nowhere", "http://x")


def test_the_service_fetches_what_lies_in_a_folder(client: Client, origin: Origin, folder: Path) -> None:
    url = origin.serve_folder(f"/{uuid.uuid4().hex}", folder)
    (folder / "b" / "c d#1.JPG").unlink()
    items = files_in_folder(folder, url, suffixes={".jpg"})
    (row,) = client.results(client.import_images(items, system_name=uuid.uuid4().hex), timeout=100)
    assert (row.external_id, row.status) == ("a.jpg", "success")


@pytest.fixture
def bucket(s3_server: str) -> Iterator[tuple[S3, str]]:
    name = f"photos-{uuid.uuid4().hex[:8]}"
    config = Config(s3={"addressing_style": "path"}, signature_version="s3v4")
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "us-east-1"}
    s3 = boto3.client("s3", endpoint_url=s3_server, config=config, **keys)  # type: ignore[call-overload]
    s3.create_bucket(Bucket=name)
    for key in ("2025/old.jpg", "2026/", "2026/é a.jpg", "2026/notes.txt"):
        s3.put_object(Bucket=name, Key=key, Body=images.jpeg(), ContentType="image/jpeg")
    yield s3, name
    s3.close()


def test_a_bucket_gives_addresses_for_everybody(bucket: tuple[S3, str]) -> None:
    (item,) = files_in_bucket(*bucket, prefix="2026/", base_url="https://cdn.example.org")
    assert (item.id, item.url) == ("2026/é a.jpg", "https://cdn.example.org/2026/%C3%A9%20a.jpg")


def test_the_service_fetches_what_lies_in_a_private_bucket(client: Client, bucket: tuple[S3, str]) -> None:
    items = files_in_bucket(*bucket, prefix="2026/", expires=600)
    (row,) = client.results(client.import_images(items, system_name=uuid.uuid4().hex), timeout=100)
    assert (row.external_id, row.status) == ("2026/é a.jpg", "success")
