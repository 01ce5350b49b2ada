"""Commands that a reader pastes into a shell to import something: printed at the end, and on the demo's page.

docs/guides/first-steps.md has the same ones.
"""

from dataclasses import dataclass

from demo.archive import Archive
from demo.service import Service

OWN_FILES = "127.0.0.1:9000"  # where a web server of the reader's own may be: the service may fetch from there
ALLOWED = (OWN_FILES, "[::1]:9000")  # localhost has both addresses
SERVE = "python3 -m http.server 9000 --bind 127.0.0.1"
OWN_FILE, OWN_ID = "http://127.0.0.1:9000/PICTURE.jpg", "own-1"
POST = """JOB=$(curl -s -H "Authorization: Bearer $LIVINGDOCS_IMPORT_TOKEN" -H "Content-Type: application/json" \\
  "$LIVINGDOCS_IMPORT_API/api/v1/import/images" -d '{
    "systemName": "me",
    "images": [{"url": "http://127.0.0.1:9000/PICTURE.jpg", "id": "own-1", "fileName": "My first", "metadata": {}}]
  }' | tee /dev/stderr | python3 -c 'import json, sys; print(json.load(sys.stdin).get("id", ""))')"""
STATUS = """curl -s -H "Authorization: Bearer $LIVINGDOCS_IMPORT_TOKEN" \\
  "$LIVINGDOCS_IMPORT_API/api/v1/import/images/status?id=$JOB\""""


@dataclass(frozen=True)
class Commands:
    """What to paste, one after the other."""

    export: str
    post: str
    status: str
    serve: str
    post_own: str


def commands(service: Service, archive: Archive) -> Commands:
    """The commands for this service and its archive."""
    return Commands(
        export=f"export LIVINGDOCS_IMPORT_API={service.url}\nexport LIVINGDOCS_IMPORT_TOKEN={service.token}",
        post=POST.replace(OWN_FILE, archive.url("/photos/coffee.png")).replace(OWN_ID, "coffee"),
        status=STATUS,
        serve=SERVE,
        post_own=POST,
    )
