"""Amounts of several kinds of work in this one process, for valgrind to count: no server, no Celery, no other process.

Run as a script, `counted_work.py WORK=FEW,MANY …`, within the checkout to be counted: it imports the service of that
checkout, and uses only names that versions far apart share. Counts are dumped after FEW operations and after MANY.
"""

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from itertools import count
from typing import Any

from benchmarks import corpus, django_script
from config.wsgi import application
from imports.worker import Worker
from livingdocs_import.server import gc_tuning

__all__ = ["django_script"]  # which sets Django up

STORED, IN_A_LIST = 50, 25
NUMBERS = count()


def call(method: str, path: str, body: Any = None) -> Any:
    """One request through the WSGI application; the parsed answer."""
    sent, (path, _, query) = b"" if body is None else json.dumps(body).encode(), path.partition("?")
    statuses: list[str] = []
    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "127.0.0.1",
        "HTTP_AUTHORIZATION": f"Bearer {os.environ['COUNTED_TOKEN']}",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(sent)),
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(sent),
    }
    answer = application(environ, lambda status, _headers, _error=None: statuses.append(status))
    received = b"".join(answer)
    getattr(answer, "close", lambda: None)()
    if statuses[0][:1] != "2":
        raise SystemExit(f"{method} {path}: {statuses[0]} {received[:500]!r}")
    return json.loads(received)


def run() -> str:
    """A name for new ids."""
    return f"counted{next(NUMBERS)}"


def stored() -> list[str]:
    """The ids of new entries."""
    made = call("POST", "/api/v1/import/mediaLibrary", {"mediaLibraryEntries": corpus.entries(run(), STORED)})
    return [element["id"] for element in made["mediaLibraryEntries"]]


def one(number: int) -> None:
    """GET one entry, NUMBER times."""
    ids = stored()
    for place in range(number):
        call("GET", f"/api/v1/mediaLibrary/{ids[place % STORED]}")


def lists(number: int) -> None:
    """GET 25 entries, NUMBER times."""
    path = f"/api/v1/mediaLibrary?ids={','.join(stored()[:IN_A_LIST])}"
    for _ in range(number):
        call("GET", path)


def entries(number: int) -> None:
    """Create NUMBER ready-made entries with one POST."""
    call("POST", "/api/v1/import/mediaLibrary", {"mediaLibraryEntries": corpus.entries(run(), number)})


def documents(number: int) -> None:
    """Import NUMBER documents: POST, all the work, the status."""
    _imported("documents", {"systemName": "bench", "documents": corpus.documents(run(), number)})


def images(number: int) -> None:
    """Import NUMBER photographs: POST, all the work, the status."""
    items = corpus.image_items(os.environ["COUNTED_ORIGIN"], run(), number, files=corpus.PHOTOGRAPHS)
    _imported("images", {"systemName": "bench", "images": items})


def _imported(kind: str, batch: dict[str, Any]) -> None:
    job = call("POST", f"/api/v1/import/{kind}", batch)["id"]
    Worker().run_until_idle()
    status = call("GET", f"/api/v1/import/{kind}/status?id={job}")
    if not status["finished"]:
        raise SystemExit(f"the job of {kind} is not finished: {str(status)[:500]}")


WORK: dict[str, Callable[[int], None]] = {
    "images": images,
    "documents": documents,
    "entries": entries,
    "one": one,
    "list": lists,
}


def main(works: list[str]) -> None:
    """Do each work: few operations that do not count, then the two amounts."""
    gc_tuning.relax()  # as in production: a collector that visits all modules counts more than what is looked for
    for work in works:
        name, _, amounts = work.partition("=")
        few, many = map(int, amounts.split(","))
        WORK[name](few)
        control("-i", "on")
        for amount in (few, many):
            control("-d", name)  # and count from zero
            WORK[name](amount)
        control("-d", name)
        control("-i", "off")


def control(*command: str) -> None:
    """Have valgrind count, stop counting, or write down what it has counted."""
    subprocess.run(["callgrind_control", *command, str(os.getpid())], check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    main(sys.argv[1:])
