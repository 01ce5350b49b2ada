"""Forms link the history of what operators did, once there is some."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from tests.api_client import Caller
from tests.operators import operator


@pytest.mark.parametrize("of", ["a user", "a token", "a project"])
def test_no_page_links_an_empty_history(times: Caller, of: str) -> None:
    client = operator()
    rows: dict[str, Any] = {
        "a user": User.objects.get(),
        "a token": times.project.tokens.get(),
        "a project": times.project,
    }
    row = rows[of]
    page, history = (
        reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_{view}", args=[row.pk])
        for view in ("change", "history")
    )
    assert history not in client.get(page).content.decode()
    client.post("/admin/livingdocs_import/accesstoken/act/suspend/", {"object": times.project.tokens.get().pk})
    assert (history in client.get(page).content.decode()) is (of == "a token")
