"""Import documents by hand: parse a batch, check each against a JSON Schema, extract the references, COPY.

The COPY goes through a staging table, so that a document that is imported again is updated. Content and metadata are
jsonb, the usual choice.

    python -m benchmarks.rooflines.documents DATABASE_URL
"""

import re
import sys
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import orjson
import psycopg

from benchmarks import scripts

IN_A_TRANSACTION = 500
LINK = re.compile(r'data-li-document-ref="([^"]+)"')
TEXT = {"type": "string", "maxLength": 5000}
IMAGE = {
    "type": "object",
    "required": ["originalUrl", "mimeType", "width", "height"],
    "properties": {
        "mediaId": TEXT,
        "originalUrl": TEXT,
        "url": TEXT,
        "width": {"type": "integer", "minimum": 1},
        "height": {"type": "integer", "minimum": 1},
        "mimeType": {"type": "string", "pattern": "^image/"},
        "imageService": TEXT,
    },
}


def _component(name: str, **directives: Any) -> dict[str, Any]:
    content = {"type": "object", "additionalProperties": False, "properties": directives}
    return {"if": {"properties": {"component": {"const": name}}}, "then": {"properties": {"content": content}}}


DOCUMENT = {
    "type": "object",
    "required": ["id", "title", "contentType", "checksum", "content"],
    "additionalProperties": False,
    "properties": {
        "id": TEXT,
        "title": TEXT,
        "contentType": {"const": "article"},
        "checksum": TEXT,
        "content": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["component"],
                "additionalProperties": False,
                "properties": {
                    "component": {"enum": ["header", "paragraph", "image", "quote"]},
                    "content": {"type": "object"},
                },
                "allOf": [
                    _component("header", catchline=TEXT, title=TEXT, author=TEXT),
                    _component("paragraph", text=TEXT),
                    _component("image", image=IMAGE, caption=TEXT),
                    _component("quote", text=TEXT, author=TEXT),
                ],
            },
        },
        "metadata": {
            "type": "object",
            "additionalProperties": False,
            "properties": {"description": TEXT, "teaserImage": IMAGE, "author": {"type": "object"}},
        },
    },
}
TABLES = (
    """CREATE TABLE IF NOT EXISTS bare_documents (
        id bigserial PRIMARY KEY, external_id text UNIQUE, title text, checksum text, content jsonb, metadata jsonb,
        version int NOT NULL DEFAULT 1
    )""",
    "CREATE TABLE IF NOT EXISTS bare_references (document_id bigint, kind text, target text, place text)",
    "CREATE INDEX IF NOT EXISTS bare_references_target ON bare_references (target, document_id)",
    "CREATE INDEX IF NOT EXISTS bare_references_document ON bare_references (document_id)",
)
STAGE = """CREATE TEMP TABLE IF NOT EXISTS staged (
    external_id text, title text, checksum text, content jsonb, metadata jsonb
) ON COMMIT DELETE ROWS"""
UPSERT = """INSERT INTO bare_documents (external_id, title, checksum, content, metadata) SELECT * FROM staged
    ON CONFLICT (external_id) DO UPDATE SET (title, checksum, content, metadata, version) =
    (excluded.title, excluded.checksum, excluded.content, excluded.metadata, bare_documents.version + 1)
    RETURNING external_id, id"""


class Importer:
    """One process, one connection."""

    def __init__(self, database_url: str) -> None:
        self._database = psycopg.connect(database_url)
        self._validator = jsonschema_rs.Draft202012Validator(DOCUMENT)

    def run(self, bodies: list[str]) -> int:
        """Import the documents of API requests; returns their number."""
        return sum(map(self._import, bodies))

    def _import(self, body: str) -> int:
        documents = orjson.loads(body)["documents"]
        for begin in range(0, len(documents), IN_A_TRANSACTION):
            self._store(documents[begin : begin + IN_A_TRANSACTION])
        return len(documents)

    def _store(self, documents: list[dict[str, Any]]) -> None:
        if not all(self._validator.is_valid(document) for document in documents):
            raise ValueError("a document does not fit the schema")
        with self._database.cursor() as cursor:
            cursor.execute(STAGE)
            with cursor.copy("COPY staged FROM STDIN") as copy:
                for document in documents:
                    content = orjson.dumps(document["content"]).decode()
                    metadata = orjson.dumps(document["metadata"]).decode()
                    copy.write_row((document["id"], document["title"], document["checksum"], content, metadata))
            cursor.execute(UPSERT)
            numbers = dict(cursor)
            cursor.execute("DELETE FROM bare_references WHERE document_id = ANY(%s)", [list(numbers.values())])
            with cursor.copy("COPY bare_references FROM STDIN") as copy:
                for document in documents:
                    for row in references(document):
                        copy.write_row((numbers[document["id"]], *row))
        self._database.commit()


def references(document: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Kind, target and place of all references of a document."""
    for index, component in enumerate(document["content"]):
        for name, value in component["content"].items():
            if isinstance(value, dict):
                yield "image", value["mediaId"], f"{index}.{name}"
            elif "<a " in value:
                for target in LINK.findall(value):
                    yield "document", target, f"{index}.{name}"
    metadata = document["metadata"]
    yield "image", metadata["teaserImage"]["mediaId"], "teaserImage"
    yield "document", metadata["author"]["reference"]["id"], "author"


if __name__ == "__main__":
    scripts.serve(Importer(sys.argv[1]).run)
