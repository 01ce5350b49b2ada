"""A real S3 server over HTTP with a bucket of the test's own: the fixture `s3` makes it the storage."""

import uuid
from collections.abc import Iterator
from typing import Any

import boto3
import moto
import pytest
from botocore.config import Config
from moto.server import ThreadedMotoServer

from tests.services import note


class Bucket:
    """A bucket as its owner sees it, beside the store that is tested."""

    def __init__(self, endpoint: str, name: str, prefix: str) -> None:
        self.name, self.prefix = name, prefix
        self.client: Any = boto3.client("s3", config=Config(s3={"addressing_style": "path"}))
        self.client.create_bucket(Bucket=name)

    def keys(self) -> list[str]:
        """Every object's full name, the prefix included."""
        return sorted(row["Key"] for row in self.client.list_objects_v2(Bucket=self.name).get("Contents", ()))

    def content(self, key: str) -> bytes:
        body: bytes = self.client.get_object(Bucket=self.name, Key=f"{self.prefix}/{key}")["Body"].read()
        return body

    def upload(self, key: str, content: bytes) -> None:
        """What a client does who brings files into the storage by its own means."""
        self.client.put_object(Bucket=self.name, Key=f"{self.prefix}/{key}", Body=content)


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    note("ran", f"S3 server (moto {moto.__version__})")
    yield f"http://{host}:{port}"
    server.stop()


def use_endpoint(monkeypatch: pytest.MonkeyPatch, endpoint: str) -> None:
    """The environment in which S3Store finds this server and nothing else."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture
def s3(s3_server: str, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Bucket:
    """Switch ASSET_STORAGE to an empty bucket."""
    use_endpoint(monkeypatch, s3_server)
    bucket = Bucket(s3_server, f"assets-{uuid.uuid4().hex[:12]}", "press")
    settings.ASSET_STORAGE = f"s3://{bucket.name}/{bucket.prefix}"
    return bucket
