"""Import pictures by hand: 4 threads with http.client, SHA-256, Pillow's header, a file, and one COPY for all rows.

python -m benchmarks.rooflines.images DATABASE_URL FOLDER
"""

import hashlib
import http.client
import io
import os
import sys
import threading
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
from PIL import Image

from benchmarks import scripts

THREADS = 4
TABLE = """CREATE TABLE IF NOT EXISTS bare_media (
    id bigserial PRIMARY KEY, system_name text, external_id text, sha256 text, key text, asset text, metadata text,
    UNIQUE (system_name, external_id)
)"""
COPY = "COPY bare_media (system_name, external_id, sha256, key, asset, metadata) FROM STDIN"


class Importer:
    """One process of the two."""

    def __init__(self, database_url: str, folder: Path) -> None:
        self._database = psycopg.connect(database_url)
        self._folder = folder

    def run(self, items: list[dict[str, Any]]) -> int:
        """Import the items of an API request; returns their number."""
        rows: list[tuple[str, ...]] = []
        threads = [
            threading.Thread(target=self._fetch_all, args=(items[number::THREADS], rows)) for number in range(THREADS)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with self._database.cursor() as cursor, cursor.copy(COPY) as copy:
            for row in rows:
                copy.write_row(row)
        self._database.commit()
        return len(rows)

    def _fetch_all(self, items: list[dict[str, Any]], rows: list[tuple[str, ...]]) -> None:
        connection = http.client.HTTPConnection(urlsplit(items[0]["url"]).netloc) if items else None
        for item in items:
            assert connection
            parts = urlsplit(item["url"])
            connection.request("GET", f"{parts.path}?{parts.query}")
            data = connection.getresponse().read()
            digest = hashlib.sha256(data).hexdigest()
            with Image.open(io.BytesIO(data)) as image:
                width, height = image.size
            key = f"{item['id']}.jpg"
            descriptor = os.open(self._folder / key, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.write(descriptor, data)
            os.close(descriptor)
            asset = f'{{"key": "{key}", "size": {len(data)}, "width": {width}, "height": {height}}}'
            rows.append(("bare", item["id"], digest, key, asset, str(item["metadata"])))


if __name__ == "__main__":
    scripts.serve(Importer(sys.argv[1], Path(sys.argv[2])).run)
