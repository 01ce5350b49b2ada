"""The search in the header: an id of anything opens its page, words lead to a list; other projects stay out of it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from documents.models import Document
from imports.models import ImportItem, ImportJob
from livingdocs_import.models import AccessToken, WebhookDelivery
from livingdocs_import.webhooks import outbox
from media_library.models import MediaEntry
from media_library.search import index
from tests.api_client import Caller, image_item
from tests.media_library.admin.test_library import make_entry
from tests.newsroom import Newsroom
from tests.operators import member, operator
from tests.origin import Origin

FIND = "/admin/find/"


def find(text: object, client: Client | None = None) -> Any:
    return (client or operator()).get(FIND, {"q": text})


def opened(text: object, client: Client | None = None) -> str:
    """The address that a text leads to; "" if it leads to a list."""
    return str(find(text, client).headers.get("Location", ""))


def address(row: Any) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def shown(text: object, client: Client | None = None) -> list[tuple[str, list[str]]]:
    """Kinds, and what is found of each."""
    groups = find(text, client).context["found"].groups
    return [(group.kind, [result.heading for result in group.results]) for group in groups]


def entry_of(caller: Caller, name: str, **fields: Any) -> MediaEntry:
    """An entry that is indexed, as housekeeping does it."""
    entry = make_entry(caller, name, **fields)
    index.write([entry.pk])
    return entry


def test_the_header_of_each_page_asks(times: Caller) -> None:
    client = operator()
    for path in ("/admin/", "/admin/imports/importjob/", FIND, "/admin/imports/importitem/failures/"):
        assert f'action="{FIND}"' in client.get(path).content.decode(), path
    assert FIND not in Client().get("/admin/login/").content.decode()


def test_an_id_opens_the_page_of_what_has_it(
    newsroom: Newsroom, origin: Origin, run_workers: Callable[[], None]
) -> None:
    caller = newsroom.caller
    caller.import_images(image_item(origin.url("/missing.png"), id="TB-0319"))
    run_workers()
    newsroom.fine(id="a-1")
    document, job = Document.objects.get(), ImportJob.objects.get(kind="images")
    delivery = outbox.notify(caller.project, url="https://a.example/", subject="job x", body={})
    token, entry = AccessToken.objects.get(), entry_of(caller, "bridge")
    by_text = {
        job.public_id: job,
        "TB-0319": job.items.get(),
        "a-1": document,
        document.pk: document,
        entry.media_id: entry,
        entry.asset_key: entry,
        WebhookDelivery.objects.get(pk=delivery.pk).delivery_id: delivery,
        token.jti: token,
        "times": caller.project,
        f" {entry.media_id} ": entry,
    }
    assert {text: opened(text) for text in by_text} == {text: address(row) for text, row in by_text.items()}


def test_an_entry_is_opened_rather_than_its_imports(
    times: Caller, origin: Origin, run_workers: Callable[[], None]
) -> None:
    entry = entry_of(times, "bridge", system_name="archive", external_id="TB-0318")
    times.import_images(image_item(origin.url("/missing.png"), id="TB-0318"))
    run_workers()
    assert opened("TB-0318") == address(entry)


def test_what_several_have_as_their_id_is_a_list(times: Caller, herald: Caller) -> None:
    first = entry_of(times, "bridge", system_name="archive", external_id="7")
    second = entry_of(times, "river", system_name="agency", external_id="7")
    assert opened("7") == ""
    assert shown("7") == [("Media entries", [str(second), str(first)])]
    assert "More than one has this id." in find("7").content.decode()


def test_an_item_that_was_imported_twice_is_a_list_with_the_newest_first(times: Caller) -> None:
    for system in ("archive", "agency"):
        times.import_images(image_item("https://a.example/1.png", id="TB-0319"), systemName=system)
    assert shown("TB-0319") == [("Import items", ["Item TB-0319", "Item TB-0319"])]
    newest = ImportItem.objects.latest("pk")
    assert find("TB-0319").context["found"].groups[0].results[0].url == address(newest)


def test_words_lead_to_entries_that_have_them(times: Caller) -> None:
    entry_of(times, "stone bridge")
    entry_of(times, "river")
    assert opened("bridge") == "", "a word is no id, though only one has it"
    assert shown("bridge") == [("Media entries", ["stone bridge"])]
    assert "These have the words." in find("bridge").content.decode()


def test_a_long_list_leads_to_all(times: Caller) -> None:
    for number in range(12):
        entry_of(times, f"bridge {number}")
    (group,) = find("bridge").context["found"].groups
    assert (len(group.results), group.more) == (10, True)
    assert f'href="{group.list_url}"' in find("bridge").content.decode()
    assert group.list_url == "/admin/media_library/mediaentry/?q=bridge"


def test_what_nothing_has_leads_to_the_lists(times: Caller) -> None:
    page = find("nothing of this kind").content.decode()
    assert "Nothing is called" in page
    assert 'href="/admin/documents/document/?q=nothing+of+this+kind"' in page


@pytest.mark.parametrize("text", ["", " ", "\0", "…", "9" * 19, "9" * 400, "²", "٣", "x" * 5_000, "' OR 1=1 --"])
def test_any_text_is_answered(times: Caller, text: str) -> None:
    assert find(text).status_code == 200


def test_other_projects_have_nothing(times: Caller, herald: Caller, newsroom: Newsroom) -> None:
    entry = entry_of(times, "bridge", system_name="archive", external_id="TB-0318")
    times.import_images(image_item("https://a.example/1.png", id="TB-0319"))
    newsroom.fine(id="a-1")
    client = member(herald="administrator")
    token, job = times.project.tokens.get(), ImportJob.objects.filter(kind="images").get()
    texts = [entry.media_id, "TB-0318", "TB-0319", "a-1", Document.objects.get().pk, job.public_id, token.jti, "bridge"]
    assert [shown(text, client) for text in [*texts, "times", entry.asset_key]] == [[]] * 10
    assert all(opened(text, member(times="viewer")) for text in ("TB-0318", "TB-0319", "a-1", job.public_id))


def test_who_may_not_see_a_list_finds_nothing_of_it(times: Caller) -> None:
    times.import_images(image_item("https://a.example/1.png", id="TB-0319"))
    entry = entry_of(times, "bridge")
    client = operator("media_library.view_mediaentry")
    assert opened(entry.media_id, client) == address(entry)
    assert shown("TB-0319", client) == []


@pytest.mark.parametrize("text", ["TB-0319", "bridge", "7"])
def test_a_search_costs_few_queries(times: Caller, text: str) -> None:
    for number in range(3):
        entry_of(times, f"bridge {number}")
        times.import_images(image_item("https://a.example/1.png", id="TB-0319"), systemName=f"archive-{number}")
    for client in (operator(), member(times="administrator")):
        find(text, client)
        with CaptureQueriesContext(connection) as queries:
            assert find(text, client).status_code == 200
        assert len(queries) <= 20, [query["sql"] for query in queries]
