"""An installation with a million items, entries and references: how it is filled, and the pages of its admin.

A test looks at the queries of each page, a benchmark measures how long each takes.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

FOR_SUPERUSERS = [
    "/admin/livingdocs_import/hostcircuit/",
    "/admin/livingdocs_import/hostbrake/",
    "/admin/axes/accessattempt/",
    "/admin/auth/user/",
    "/admin/auth/group/",
]
_SQL = Path(__file__).with_suffix(".sql")


def statements(number: int) -> Sequence[str]:
    """SQL for PostgreSQL that fills an installation with so many items, entries and references; in one session.

    It copies what must be there: an import of images with a failed item and a webhook that is sent, an entry that the
    search has, and a published document that uses it.
    """
    return _SQL.read_text().replace("{number}", str(number)).split(";\n")


def rows(query: Callable[[str], Sequence[Sequence[Any]]]) -> dict[str, int]:
    """The primary keys that `pages` needs: of rows of which the pages have much to show."""
    found = {
        "project": "SELECT project_id FROM documents_document ORDER BY id",
        "entry": "SELECT id FROM media_library_mediaentry ORDER BY id",
        "document": "SELECT id FROM documents_document ORDER BY id",
        "revision": "SELECT id FROM documents_revision ORDER BY id",
        "job": "SELECT id FROM imports_importjob WHERE public_id = 'j7'",
        "item": "SELECT id FROM imports_importitem WHERE outcome = 'failed' ORDER BY id DESC",
        "delivery": "SELECT id FROM livingdocs_import_webhookdelivery WHERE state = 'given up'",
    }
    return {name: query(f"{select} LIMIT 1")[0][0] for name, select in found.items()}


def pages(*, project: int, entry: int, document: int, revision: int, job: int, item: int, delivery: int) -> list[str]:
    """Addresses of the admin's pages for members of the project; those of one row each are given by primary keys."""
    entries, jobs, items = "media_library/mediaentry/", "imports/importjob/", "imports/importitem/"
    deliveries, documents = "livingdocs_import/webhookdelivery/", "documents/document/"
    of_project = f"?project__id__exact={project}"
    addresses = (
        "",
        "imports/importjob/overview/",
        jobs,
        f"{jobs}{of_project}&state=failures&started=7",
        f"{jobs}?q=j77",
        f"{jobs}{job}/change/",
        items,
        f"{items}?job=j7",
        f"{items}?job=j7&reason=unchanged&p=2",
        f"{items}?q=item-77-1",
        f"{items}{item}/change/",
        f"{items}failures/",
        f"{items}failures/?cause=http-404",
        f"{items}failures/?project={project}&q=item-70",
        f"{items}failures/?job=j7",
        entries,
        f"{entries}?p=40&view=list",
        f"{entries}{of_project}&sort=size",
        f"{entries}?system=system-7&needs=alt&size=large",
        f"{entries}?state=revoked",
        f"{entries}?q=nowhere",
        f"{entries}{entry}/change/",
        "media_library/entrychange/",
        documents,
        f"{documents}{of_project}",
        f"{documents}?q={document}",
        f"{documents}{document}/change/",
        "documents/revision/",
        f"documents/revision/{revision}/change/",
        deliveries,
        f"{deliveries}{of_project}&state__exact=given+up",
        f"{deliveries}?q=j77",
        f"{deliveries}?q=hooks.example",
        f"{deliveries}{delivery}/change/",
        "find/?q=item-77-1",
        "find/?q=nowhere",
        "livingdocs_import/operation/",
        "livingdocs_import/projectreceiver/",
        "livingdocs_import/project/",
        f"livingdocs_import/project/{project}/change/",
        "livingdocs_import/projectconfigrevision/",
        "livingdocs_import/accesstoken/",
    )
    return [f"/admin/{address}" for address in addresses]
