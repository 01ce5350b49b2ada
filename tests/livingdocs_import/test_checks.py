"""System checks find mistakes before a customer does."""

from typing import Any

import pytest
from django.core import checks
from django.urls import path

from livingdocs_import.api.operations import Operation
from livingdocs_import.api.viewsets import ProjectViewSet

SIGNING_KEY = "MC4CAQAwBQYDK2VwBCIEIG9ubHkgZm9yIHRoaXMgY2hlY2s6IDAxMjM0NTY3ODlh"


class Forgetful(ProjectViewSet):
    """A ViewSet whose author forgot the scopes and the description of an action."""

    scopes = {"list": ()}
    operations = {"list": Operation("listForgetful", "Tests", "List what is forgotten")}

    def list(self) -> None: ...

    def create(self) -> None: ...


urlpatterns = [path("forgetful", Forgetful.as_view({"get": "list", "post": "create"}))]


@pytest.fixture(autouse=True)
def _has_a_key_for_tokens(settings: Any) -> None:
    settings.TOKEN_SIGNING_KEYS = [SIGNING_KEY]


def ids(**options: Any) -> list[str]:
    return [str(message.id) for message in checks.run_checks(**options) if str(message.id).startswith("LI.")]


def test_everything_is_in_order_as_it_is_delivered() -> None:
    assert ids() == []


def test_an_action_without_scopes_or_description_does_not_start(settings: Any) -> None:
    settings.ROOT_URLCONF = __name__
    assert sorted(ids()) == ["LI.E001", "LI.E010"]


@pytest.mark.parametrize(
    ("name", "value", "check"),
    [
        ("FETCH_ALLOWED_NETWORKS", ["somewhere"], "LI.E002"),
        ("ASSET_STORAGE", "ftp://host/", "LI.E003"),
        ("IMPORT_CHUNK", 0, "LI.E004"),
        ("IMPORT_DOCUMENTS_CHUNK", 0, "LI.E004"),
        ("IMPORT_RETRY_SECONDS", [], "LI.E004"),
    ],
)
def test_a_setting_that_makes_no_sense_is_named(settings: Any, name: str, value: Any, check: str) -> None:
    setattr(settings, name, value)
    assert ids() == [check]


def test_an_opened_network_is_pointed_out_before_a_deployment(settings: Any) -> None:
    settings.FETCH_ALLOWED_NETWORKS = ["10.0.0.0/8"]
    assert ids() == []
    assert ids(include_deployment_checks=True) == ["LI.W001"]


@pytest.mark.parametrize("name", ["WORKER_STOP_SECONDS", "FETCH_READ_SECONDS", "WEBHOOK_TIMEOUT_SECONDS"])
def test_time_outs_that_outlast_a_deploy_are_pointed_out(settings: Any, name: str) -> None:
    """FLT-3"""
    setattr(settings, name, 60)
    assert ids() == []
    assert ids(include_deployment_checks=True) == ["LI.W002"]


@pytest.mark.parametrize("url", ["nowhere://127.0.0.1/0", "qpid://127.0.0.1/0", "redis://127.0.0.1:port/0"])
def test_a_broker_that_nothing_here_can_speak_to_is_pointed_out(settings: Any, url: str) -> None:
    """No worker would start. A broker that is merely away is none of a check's business."""
    settings.CELERY_BROKER_URL = url
    assert ids(include_deployment_checks=True) == ["LI.E009"]
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:9/0"
    assert ids(include_deployment_checks=True) == []


def test_a_missing_key_for_tokens_is_pointed_out_before_a_deployment(settings: Any) -> None:
    settings.TOKEN_SIGNING_KEYS = []
    assert ids() == []
    assert ids(include_deployment_checks=True) == ["LI.W004"]
