"""An archive that is searched: documents are published through the API, and housekeeping lets them be found."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from documents.housekeeping import follow_publications
from livingdocs_import.project_config import store
from tests.api_client import CONFIG, document_item
from tests.newsroom import PUBLISH, Newsroom, paragraph

INDEX = {"config": {"index": True}}
METADATA: list[dict[str, Any]] = [
    {"handle": "title", "type": "li-text"},
    {"handle": "kicker", "type": "li-text", **INDEX},
    {"handle": "rating", "type": "li-integer", **INDEX},
    {"handle": "premium", "type": "li-boolean", **INDEX},
    {"handle": "eventDate", "type": "li-date", **INDEX},
    {"handle": "topics", "type": "li-string-list", "config": {"index": True, "dataProvider": {"dataSource": "x"}}},
    {"handle": "stars", "type": "li-numeric-list", **INDEX},
    {"handle": "teaserImage", "type": "li-image", **INDEX},
    {"handle": "author", "type": "li-document-reference", **INDEX},
    {"handle": "category", "type": "li-category"},
    {"handle": "language", "type": "li-language"},
    {"handle": "hidden", "type": "li-system-text", **INDEX},
    {"handle": "notIndexed", "type": "li-integer"},
]
CONTENT_TYPE = next(each for each in CONFIG["contentTypes"] if each["handle"] == "article") | {"metadata": METADATA}
SEARCHED = CONFIG | {
    "contentTypes": [CONTENT_TYPE, *(each for each in CONFIG["contentTypes"] if each["handle"] != "article")]
}


@dataclass
class Archive:
    """Documents by the names that a test gives them."""

    newsroom: Newsroom
    version: str = "2026-07"

    def configure(self, **content_type: Any) -> None:
        """Another configuration of articles."""
        others = [each for each in SEARCHED["contentTypes"] if each["handle"] != "article"]
        config = SEARCHED | {"contentTypes": [CONTENT_TYPE | content_type, *others]}
        store.store(self.newsroom.caller.project, config, by="test")

    def publish(self, name: str, *texts: str, metadata: dict[str, Any] | None = None, **fields: Any) -> int:
        """Import and publish an article, and let it be found; its id."""
        document_id = self.bring(name, *texts, metadata=metadata, **fields)
        follow_publications()
        return document_id

    def bring(self, name: str, *texts: str, metadata: dict[str, Any] | None = None, **fields: Any) -> int:
        """The same, but nothing looks at it yet."""
        item = {
            "id": name,
            "flags": PUBLISH,
            "metadata": metadata or {},
            "content": [paragraph(text) for text in texts],
        }
        (row,) = self.newsroom.bring(
            document_item(**item | {"checksum": json.dumps([texts, metadata, fields])} | fields)
        )
        assert row["state"] != "failed", row
        return int(row["document_id"])

    def answer(self, version: str | None = None, status: int = 200, **query: Any) -> Any:
        """What the search answers."""
        if not isinstance(query.get("filters", ""), str):
            query["filters"] = json.dumps(query["filters"])
        return self.newsroom.read(f"publications/search?{urlencode(query)}", version or self.version, status)

    def find(self, **query: Any) -> list[int]:
        """The ids of a page, in its order."""
        found = self.answer(fields="id", **query)["results"]
        return [row["documentId"] for row in found]

    def refused(self, **query: Any) -> dict[str, str]:
        """What is wrong with a search."""
        details: dict[str, str] = self.answer(status=400, **query)["error_details"]
        return details
