"""The pages of the admin in a large installation, as a superuser and as a member of a project."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg

from benchmarks import corpus, origin
from benchmarks.client import Client, load
from benchmarks.options import Options
from benchmarks.system import System, system
from devtools import large_installation

GOAL = 300.0  # milliseconds
REQUESTS = 10  # of each page in a run
_SESSIONS = """
from django.contrib.auth.models import User
from django.test import Client
from livingdocs_import.models import Membership, Project, Role
superuser = User.objects.create_superuser("superuser")
member = User.objects.create_user("member", is_staff=True)
Membership.objects.create(user=member, project=Project.objects.get(handle="bench"), role=Role.ADMINISTRATOR)
for user in (superuser, member):
    client = Client()
    client.force_login(user)
    print(client.session.session_key)
"""


@dataclass(frozen=True)
class Reader:
    """Who looks at the pages, and the session of the browser."""

    name: str
    session: str


def run(options: Options) -> Iterator[str]:
    """Lines for people."""
    with origin.serving([b"a picture"]) as archive, system(allowed=[archive.address]) as service:
        began = time.monotonic()
        addresses = fill(service, archive, options.entries)
        yield f"{options.entries:,} items, entries and references; ready after {time.monotonic() - began:,.0f} s"
        yield ""
        names = ("superuser", "member")
        sessions = service.manage("shell", "--verbosity", "0", "-c", _SESSIONS).split()
        readers = [Reader(name, session) for name, session in zip(names, sessions, strict=True)]
        yield from table(service, readers, addresses, options)


def fill(service: System, archive: origin.Origin, number: int) -> list[str]:
    """One of each through the API, and their copies; the addresses of the pages."""
    service.make_project("other")
    client = service.client
    missing = {"url": f"http://{archive.address}/missing", "id": "missing", "fileName": "missing", "metadata": {}}
    client.post("import/images", {"systemName": "bench", "images": [missing], "webhook": missing["url"]})
    made = client.post("import/mediaLibrary", {"mediaLibraryEntries": corpus.entries("one", 1)})
    picture = {"mediaId": made["mediaLibraryEntries"][0]["id"], "originalUrl": missing["url"], "url": missing["url"],
               "width": 1, "height": 1, "mimeType": "image/jpeg", "imageService": "imgix"}  # fmt: skip
    (document,) = corpus.documents("one", 1)
    document |= {"content": [{"component": "image", "content": {"image": picture}}], "flags": {"autoPublish": True}}
    client.post("import/documents", {"systemName": "bench", "documents": [document]})
    for command in (("work", "--until-dry"), ("index_publications",), ("index_entries",)):
        service.manage(*command)
    with psycopg.connect(service.database.url, autocommit=True) as connection:
        for statement in large_installation.statements(number):
            connection.execute(statement.encode())
        connection.execute("VACUUM ANALYZE")
    return large_installation.pages(**large_installation.rows(service.query))


def table(service: System, readers: list[Reader], addresses: list[str], options: Options) -> Iterator[str]:
    """Each page over HTTP, one request at a time."""
    columns = " | ".join(f"{reader.name} p50 ms | p99 ms | goal" for reader in readers)
    yield f"| page | {columns} |"
    yield "|---|" + "--:|--:|---|" * len(readers)
    with service.running("web"):
        clients = [Client(service.port, "", session=reader.session) for reader in readers]
        for address in addresses:
            measured = []
            for client in clients:
                load([client], [address] * 2)
                taken = load([client], [address] * REQUESTS * options.runs)
                verdict = "met" if taken.p99 <= GOAL else "MISSED"
                measured.append(f"{taken.median:.0f} | {taken.p99:.0f} | {verdict}")
            yield f"| {address} | {' | '.join(measured)} |"
