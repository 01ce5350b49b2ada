"""Sessions, users and messages are for the pages of the admin; programs pass them by."""

import pytest
from django.test import Client


@pytest.mark.django_db
def test_a_page_of_the_admin_has_a_session_and_a_user(client: Client) -> None:
    request = client.get("/admin/login/").wsgi_request
    assert hasattr(request, "session")
    assert not request.user.is_authenticated


@pytest.mark.parametrize("path", ["/api/v1/health", "/nothing"])
def test_other_requests_have_neither(client: Client, path: str) -> None:
    client.cookies["sessionid"] = "somebody"
    request = client.get(path).wsgi_request
    assert not hasattr(request, "session")
    assert not hasattr(request, "user")
