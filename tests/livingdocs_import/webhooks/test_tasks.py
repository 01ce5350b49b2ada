"""Celery finds every task by its name, and those of the previous version by their old names."""

import pytest

from config.celery import app


@pytest.mark.parametrize(
    "name",
    [
        "imports.tasks.sweep",
        "imports.tasks.work",
        "livingdocs_import.tasks.deliver_webhooks",  # of the previous version
        "livingdocs_import.webhooks.tasks.deliver_webhooks",
    ],
)
def test_a_worker_knows_the_task(name: str) -> None:
    app.loader.import_default_modules()
    assert name in app.tasks
