"""What a list of the admin costs does not depend on how much there is."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from livingdocs_import.webhooks import outbox
from media_library.models import EntryChange, MediaEntry
from tests.api_client import Caller, image_item
from tests.operators import operator


@pytest.mark.parametrize(
    "address",
    [
        "/admin/",
        "/admin/imports/importjob/",
        "/admin/imports/importitem/",
        "/admin/media_library/mediaentry/",
        "/admin/media_library/entrychange/",
        "/admin/livingdocs_import/webhookdelivery/",
        "/admin/livingdocs_import/project/",
        "/admin/livingdocs_import/projectconfigrevision/",
        "/admin/livingdocs_import/accesstoken/",
    ],
)
def test_more_rows_do_not_cost_more_queries(times: Caller, herald: Caller, address: str) -> None:
    client = operator()

    def add(caller: Caller) -> None:
        caller.import_images(image_item("http://a.example/1"), webhook="http://a.example/")
        outbox.notify(caller.project, url="https://a.example/", subject="job x", body={}).tries.create(status=500)
        entry = MediaEntry.objects.create(
            project=caller.project, media_type="image", base_type="mediaImage", asset={"key": "a"}, asset_key="a"
        )
        EntryChange.objects.create(entry=entry, version=1, actor="user", operations=["x"])

    add(times)
    client.get(address)  # whatever is read once and remembered
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    for caller in (times, herald, times):
        add(caller)
    with CaptureQueriesContext(connection) as many:
        client.get(address)
    assert len(many) == len(few) <= 20
