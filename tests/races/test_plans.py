"""Two operators carry out one plan at the same moment: one import comes of it."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from imports import services
from imports.models import ImportJob
from tests.api_client import Caller, document_item

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
SideBySide = Callable[[Sequence[Callable[[], Any]]], list[Any]]


def test_a_plan_is_carried_out_once(times: Caller, run_workers: Callable[[], None], side_by_side: SideBySide) -> None:
    """DRY-17"""
    planned = times.import_documents(document_item(), options={"dryRun": True})
    run_workers()
    job = ImportJob.objects.get(public_id=planned)
    results = side_by_side([lambda: services.carry_out_plan(job)] * 4)
    (real,) = [result for result in results if isinstance(result, ImportJob)]
    refused = [result for result in results if isinstance(result, services.CarriedOut)]
    assert [error.job for error in refused] == [real] * 3
    assert ImportJob.objects.filter(dry_run=False).get() == real
