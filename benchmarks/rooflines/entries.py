"""Create media library entries by hand: parse a request, check every entry against a JSON Schema, COPY them.

Each can be found by its own id, by the other system's, and by its key.

python -m benchmarks.rooflines.entries DATABASE_URL
"""

import secrets
import sys

import jsonschema_rs
import orjson
import psycopg

from benchmarks import scripts

TEXT = {"type": "string", "minLength": 1, "maxLength": 1000}
AMOUNT = {"type": "number", "minimum": 0}
ASSET = {
    "type": "object",
    "required": ["key", "url", "size", "filename", "mimeType", "width", "height"],
    "additionalProperties": False,
    "properties": {
        "key": {"type": "string", "maxLength": 500, "pattern": r"^[^/\\][^\\\x00-\x1f]*$"},
        "url": {"type": "string", "pattern": "^https?://[^@]+$", "maxLength": 8192},
        "size": AMOUNT,
        "width": AMOUNT,
        "height": AMOUNT,
        "filename": TEXT,
        "mimeType": {"type": "string", "pattern": "^image/[a-z+]+$"},
    },
}
ENTRY = {
    "type": "object",
    "required": ["mediaType", "asset"],
    "additionalProperties": False,
    "properties": {
        "systemName": TEXT,
        "externalId": TEXT,
        "mediaType": {"const": "image"},
        "asset": ASSET,
        "metadata": {
            "type": "object",
            "additionalProperties": False,
            "properties": {"title": TEXT, "caption": TEXT, "source": TEXT, "creator": TEXT},
        },
    },
}
TABLES = (
    """CREATE TABLE IF NOT EXISTS bare_entries (
        id bigserial PRIMARY KEY, media_id text UNIQUE, system_name text, external_id text, title text, asset_key text,
        asset jsonb, metadata jsonb, created_at timestamptz DEFAULT now(), UNIQUE (system_name, external_id)
    )""",
    "CREATE INDEX IF NOT EXISTS bare_entries_key ON bare_entries (asset_key)",
)
COPY = "COPY bare_entries (media_id, system_name, external_id, title, asset_key, asset, metadata) FROM STDIN"


class Importer:
    """One process, one connection."""

    def __init__(self, database_url: str) -> None:
        self._database = psycopg.connect(database_url)
        self._validator = jsonschema_rs.Draft202012Validator(ENTRY)

    def run(self, bodies: list[str]) -> int:
        """Create the entries of all requests; returns their number."""
        return sum(map(self._request, bodies))

    def _request(self, body: str) -> int:
        entries = orjson.loads(body)["mediaLibraryEntries"]
        if not all(self._validator.is_valid(entry) for entry in entries):
            raise ValueError("an entry does not fit the schema")
        with self._database.cursor() as cursor, cursor.copy(COPY) as copy:
            for entry in entries:
                asset, metadata = entry["asset"], entry["metadata"]
                copy.write_row(
                    (
                        secrets.token_urlsafe(9),
                        entry["systemName"],
                        entry["externalId"],
                        metadata["title"],
                        asset["key"],
                        orjson.dumps(asset).decode(),
                        orjson.dumps(metadata).decode(),
                    )
                )
        self._database.commit()
        orjson.dumps({"mediaLibraryEntries": entries})  # the response repeats what was created
        return len(entries)


if __name__ == "__main__":
    scripts.serve(Importer(sys.argv[1]).run)
