"""A newsroom: it imports documents, waits until that is done, and looks at what became of them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from documents.models import Document, Revision
from tests.api_client import Caller, document_item

PICTURE = {
    "mediaId": "9fKagDCiN6sb",
    "originalUrl": "https://assets.example/a.png",
    "url": "https://assets.example/a.png?auto=format",
    "width": 100,
    "height": 80,
    "mimeType": "image/png",
    "imageService": "imgix",
}
PUBLISH = {"autoPublish": True}


def paragraph(text: str, **fields: Any) -> dict[str, Any]:
    return {"component": "paragraph", "content": {"text": text}} | fields


def image(**fields: Any) -> dict[str, Any]:
    return {"component": "image", "content": {"image": PICTURE}} | fields


@dataclass
class Newsroom:
    """Row for row, what the status says of imports into one project."""

    caller: Caller
    run: Callable[[], None]

    def bring(self, *items: dict[str, Any], version: str | None = None, **fields: Any) -> list[dict[str, Any]]:
        """Import the items; the rows of the finished job, in the order of the items."""
        job = self.caller.import_documents(*items, version=version, **fields)
        self.run()
        status = self.caller.status(job, "documents", version)
        assert status["finished"], status
        assert status["state"] == "success", status
        rows: list[dict[str, Any]] = status["logs"]
        return rows

    def one(self, **fields: Any) -> dict[str, Any]:
        """Import one item; its row. Without an `id` it is always the same one."""
        (row,) = self.bring(document_item(**{"id": "a"} | fields))
        return row

    def fine(self, **fields: Any) -> dict[str, Any]:
        """As `one`, but it must not fail."""
        row = self.one(**fields)
        assert row["state"] != "failed", row
        return row

    def read(self, path: str, version: str = "2025-03", status: int = 200) -> Any:
        answer = self.caller.get(path, version)
        assert answer.status_code == status, answer.content
        return answer.json()

    def publication(self, document_id: int, **fields: Any) -> Any:
        return self.read(f"documents/{document_id}/latestPublication", **fields)

    def draft(self, document_id: int, **fields: Any) -> Any:
        return self.read(f"documents/{document_id}/latestDraft", **fields)


def newest(document_id: int) -> Revision:
    """The newest revision of a document, as it is stored."""
    return Revision.objects.get(pk=Document.objects.get(pk=document_id).current_revision_id)
