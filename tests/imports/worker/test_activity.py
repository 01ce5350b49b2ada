"""What a worker process reports with its heartbeat about what it does."""

from threading import Thread

import pytest
from django.db import connection

from imports.housekeeping_rounds import Housekeeper
from imports.models import ImportJob
from imports.worker import Worker
from livingdocs_import.models import WorkerProcess
from livingdocs_import.work_queue.activity import activity
from tests.api_client import Caller, document_item, image_item
from tests.images import jpeg
from tests.origin import Origin, Reply


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgres
def test_downloads_are_reported_with_their_job_and_host(times: Caller, origin: Origin) -> None:
    job = times.import_images(*[image_item(origin.reply(f"/{n}", Reply(jpeg(), wait=1.5)), id=f"x{n}") for n in "ab"])
    with activity.fresh():
        worker, housekeeper = Worker(), Housekeeper(lambda: None, imports=True, webhooks=False)

        def run() -> None:
            worker.run_until_idle()
            connection.close()

        thread = Thread(target=run)
        thread.start()
        while len(origin.requests) < 2:
            thread.join(timeout=0.05)
        housekeeper.write_heartbeat()
        process = WorkerProcess.objects.get()
        assert process.doing == f"downloads 2 images from {origin.address}"
        assert process.job == job
        assert (process.memory or 0) > 10_000_000
        thread.join()
        housekeeper.write_heartbeat()
        process.refresh_from_db()
        assert (process.doing, process.job) == ("", "")
        assert process.pace > 0
    assert ImportJob.objects.get().success == 2


def test_a_chunk_of_documents_is_not_reported_once_it_is_written(times: Caller) -> None:
    times.import_documents(document_item())
    with activity.fresh():
        worker = Worker()
        assert worker.run_until_idle()
        assert activity().now().what == ""
        assert activity().pace() > 0
