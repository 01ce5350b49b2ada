"""A project's client that calls the API like an integration, over Django's test client."""

import itertools
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.test import Client

from livingdocs_import.models import AccessToken, Project, ProjectConfigRevision
from livingdocs_import.project_config import store
from tests import contract

CONFIG = json.loads(Path("livingdocs_import/demo_config.json").read_text())
_numbers = itertools.count(1)


def make_project(handle: str, config: dict[str, Any] | None = None, **fields: Any) -> Project:
    """A project with the reference configuration (spec A)."""
    project = Project.objects.create(handle=handle, **fields)
    store.store(project, CONFIG if config is None else config, by="test")
    return project


def store_unreadable_config(project: Project) -> None:
    """Make the project's newest revision one that cannot be read, as after a plugin it names was taken away."""
    property_ = {"handle": "x", "type": "acme-plugin-that-was-taken-away"}
    store_unchecked(project, CONFIG | {"mediaTypes": [CONFIG["mediaTypes"][0] | {"metadata": [property_]}]})


def store_unchecked(project: Project, config: dict[str, Any]) -> ProjectConfigRevision:
    """Make a configuration the project's newest, as an earlier release may have, which checked less."""
    project.config_revision += 1
    project.save(update_fields=["config_revision"])
    return ProjectConfigRevision.objects.create(
        project=project, revision=project.config_revision, config=config, design_name="d", design_version="1.0.0"
    )


@dataclass
class Caller:
    """A client with a token; paths are given without the `/api/v1/` in front."""

    project: Project
    scopes: tuple[str, ...] = ("public-api:read", "public-api:write")
    version: str = "v1"
    token: str = field(init=False, default="")
    client: Client = field(default_factory=lambda: Client(raise_request_exception=False))

    def __post_init__(self) -> None:
        _, self.token = AccessToken.objects.issue(self.project, name="tests", scopes=list(self.scopes))

    def with_scopes(self, *scopes: str) -> "Caller":
        return Caller(self.project, scopes)

    def headers(self, headers: dict[str, str]) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"} | headers

    def url(self, path: str, version: str | None = None) -> str:
        return path if path.startswith("/") else f"/api/{version or self.version}/{path}"

    def get(self, path: str, version: str | None = None, **headers: str) -> Any:
        return self.client.get(self.url(path, version), headers=self.headers(headers))

    def post(self, path: str, body: Any, version: str | None = None, **headers: str) -> Any:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        url = self.url(path, version)
        answer = self.client.post(
            url,
            data=content,
            content_type="application/json; charset=utf-8",
            headers=self.headers({name.replace("_", "-"): value for name, value in headers.items()}),
        )
        return contract.with_accepted(answer, url, body)

    def patch(self, path: str, body: Any, version: str | None = None, **headers: str) -> Any:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        url = self.url(path, version)
        answer = self.client.patch(url, data=content, content_type="application/json", headers=self.headers(headers))
        return contract.with_accepted(answer, url, body)

    def import_images(self, *items: dict[str, Any], version: str | None = None, **fields: Any) -> str:
        """Post a batch that must be accepted; its job id."""
        body = {"systemName": "archive", "images": list(items)} | fields
        answer = self.post("import/images", body, version)
        assert answer.status_code == 200, answer.content
        return str(answer.json()["id"])

    def import_media(self, kind: str, *items: dict[str, Any], version: str | None = None, **fields: Any) -> str:
        """Post a batch of images, videos or files that must be accepted; its job id."""
        answer = self.post(f"import/{kind}", {"systemName": "archive", kind: list(items)} | fields, version)
        assert answer.status_code == 200, answer.content
        return str(answer.json()["id"])

    def import_documents(self, *items: dict[str, Any], version: str | None = None, **fields: Any) -> str:
        """Post a batch that must be accepted; its job id."""
        body = {"systemName": "archive", "documents": list(items)} | fields
        answer = self.post("import/documents", body, version)
        assert answer.status_code == 200, answer.content
        return str(answer.json()["id"])

    def status(self, job: str, kind: str = "images", version: str | None = None, extra: str = "") -> dict[str, Any]:
        answer = self.get(f"import/{kind}/status?id={job}{extra}", version)
        assert answer.status_code == 200, answer.content
        body: dict[str, Any] = answer.json()
        return body


def image_item(url: str, **fields: Any) -> dict[str, Any]:
    """The smallest valid item of an image import."""
    number = next(_numbers)
    return {"url": url, "id": f"image-{number}", "fileName": f"Image {number}", "metadata": {}} | fields


def document_item(**fields: Any) -> dict[str, Any]:
    """The smallest valid item of a document import."""
    number = next(_numbers)
    item = {"id": f"article-{number}", "title": f"Article {number}", "contentType": "article", "checksum": "1"}
    return item | fields
