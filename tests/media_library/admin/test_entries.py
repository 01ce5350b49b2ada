"""Entries in the admin: seen with their picture, their links and every change."""

import html
import re
from typing import Any

import pytest

from livingdocs_import.search.lexemes import lexemes
from media_library.housekeeping import follow_entries
from media_library.models import EntryChange, FormerAsset, IndexedEntry, MediaEntry, MediaReference, UsageLogEntry
from media_library.search.find import MAX_FOUND
from tests.api_client import Caller
from tests.media_library.stored_entries import fetch, imported
from tests.operators import operator

LIST = "/admin/media_library/mediaentry/"


def make_entry(times: Caller, **fields: Any) -> MediaEntry:
    asset = fields.pop("asset", {"key": "2026/11/21/a.jpeg", "mimeType": "image/jpeg"})
    fields = {"media_type": "image", "base_type": "mediaImage", "title": "A bridge"} | fields
    return MediaEntry.objects.create(project=times.project, asset=asset, asset_key=asset["key"], **fields)


def page(entry: MediaEntry) -> str:
    return operator().get(f"{LIST}{entry.pk}/change/").content.decode()


def test_the_list_shows_a_small_picture_that_is_loaded_when_it_is_seen(times: Caller) -> None:
    entry = make_entry(times, title='"><script>')
    shown = operator().get(LIST).content.decode()
    picture = shown.partition('<img class="picture"')[2].partition(">")[0]
    assert 'loading="lazy"' in picture
    assert 'src="http://testserver/api/v1/images/script?id=' in picture
    assert "&w=400" in picture
    assert '<span class="title">&quot;&gt;&lt;script&gt;</span>' in shown
    assert f"{LIST}{entry.pk}/change/" in shown


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"revoked": True}, "withdrawn"),
        ({"invalid": True}, "withdrawn"),
        ({"asset": {"key": "a.jpg", "url": "https://cdn.example/a.jpg"}}, "stored elsewhere"),
        ({"asset": {"key": "a.tiff", "mimeType": "image/tiff"}}, "no preview of this format"),
    ],
)
def test_where_there_is_no_picture_to_show_a_word_stands(times: Caller, fields: dict[str, Any], word: str) -> None:
    make_entry(times, **fields)
    shown = operator().get(LIST).content.decode()
    assert f'<span class="no-picture">{word}</span>' in shown
    assert "<img" not in shown
    assert "cdn.example" not in shown


def test_the_uses_of_an_entry_are_on_its_page(times: Caller) -> None:
    entry = make_entry(times)
    assert "Usage log" not in page(entry)
    UsageLogEntry.objects.create(entry=entry, state="pending", purpose="print", document_id=412)
    UsageLogEntry.objects.create(
        entry=entry, state="pending", purpose="web", url="https://example.org/<b>", billing=True
    )
    shown = page(entry).partition("Usage log")[2]
    assert "document 412" in shown
    assert "https://example.org/&lt;b&gt;" in shown
    assert shown.index("web") < shown.index("print")  # the latest first


def test_every_change_is_on_the_page_with_who_and_what(times: Caller) -> None:
    entry = make_entry(times)
    EntryChange.objects.create(entry=entry, version=1, actor="importer", operations=["create"], job="25bzj8j")
    EntryChange.objects.create(
        entry=entry, version=2, actor="api-client", actor_name="night desk", operations=["archive", "<b>"]
    )
    shown = page(entry)
    assert "night desk" in shown
    assert "Archived, &lt;b&gt;" in shown
    assert "night desk (API)" in shown
    assert "25bzj8j" in shown


def test_links_in_both_directions_are_on_the_page(times: Caller, herald: Caller) -> None:
    entry, other = make_entry(times), make_entry(times, title="A river")
    stranger = make_entry(herald, title="A stranger", media_id=other.media_id)
    for source, target, name in ((entry, other.media_id, "related"), (other, entry.media_id, "teaser")):
        MediaReference.objects.create(
            project=times.project, entry=source, target_type="image", target_id=target, property_name=name
        )
    for kind in ("image", "document"):
        MediaReference.objects.create(
            project=times.project, entry=entry, target_type=kind, target_id=f"later-{kind}", property_name="related"
        )
    shown = page(entry)
    incoming, outgoing = shown.partition("Where it is used")[2].split("What it links to")
    assert f'<a href="{LIST}{other.pk}/change/">A river</a>' in outgoing
    assert "image later-image<" in outgoing
    assert outgoing.count("not in the media library") == 1
    assert "document later-document" in outgoing
    assert "teaser" in incoming
    assert f"{LIST}{other.pk}/change/" in incoming
    assert f"{LIST}{stranger.pk}/change/" not in shown


def test_a_panel_says_when_there_is_more_than_it_shows(times: Caller) -> None:
    entry = make_entry(times)
    for version in range(1, 52):
        EntryChange.objects.create(entry=entry, version=version, actor="user", operations=["x"])
    shown = page(entry)
    assert "The last 50; there are more." in shown
    assert shown.count("<strong>x</strong>") == 50


def test_former_assets_and_translations_are_on_the_page(times: Caller) -> None:
    entry = make_entry(times, translations=[{"locale": "fr", "metadata": {"title": "Un pont"}}])
    FormerAsset.objects.create(entry=entry, asset={"key": "2025/old.jpeg"}, asset_key="2025/old.jpeg")
    shown = page(entry)
    assert "Un pont" in shown
    assert "2025/old.jpeg" in shown


def test_the_page_shows_no_secret_of_the_source(times: Caller) -> None:
    entry = make_entry(
        times, source_url="https://u:pw@a.example/x.jpg?sig=s3cret", metadata={"t": "http://b/?k=s3cret"}
    )
    shown = page(entry)
    assert "https://a.example/x.jpg?…" in shown
    assert "s3cret" not in shown


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("state=active", ["plain"]),
        ("state=archived", ["archived"]),
        ("state=revoked", ["revoked"]),
        ("state=invalid", ["invalid"]),
        ("q=id-of-plain", ["plain"]),
        ("q=urn:archived", ["archived"]),
        ("q=title+rev", ["revoked"]),
        ("q=of", ["plain", "archived", "revoked", "invalid"]),
        ("q=of&state=invalid", ["invalid"]),
        ("q=of+rev+arch", []),
        ("q=key-of-revoked.jpeg", ["revoked"]),
        ("q=https://cdn.example/archived.jpeg?sig=2", ["archived"]),
        ("type=video", []),
        ("type=image", ["plain", "archived", "revoked", "invalid"]),
        ("system=dpa&state=active", ["plain"]),
    ],
)
def test_entries_are_found_by_what_one_asks_for(times: Caller, query: str, found: list[str]) -> None:
    for name in ("plain", "archived", "revoked", "invalid"):
        state = {} if name == "plain" else {name: True}
        make_entry(
            times,
            title=f"title of {name}",
            media_id=f"id-of-{name}",
            system_name="dpa",
            external_id=f"urn:{name}",
            asset={"key": f"key-of-{name}.jpeg", "mimeType": "image/jpeg"},
            source_url=f"https://cdn.example/{name}.jpeg?sig=1",
            **state,
        )
    follow_entries()
    shown = operator().get(f"{LIST}?{query}", follow=True).content.decode()
    names = ("plain", "archived", "revoked", "invalid")
    assert [name for name in names if re.search(f"title of {name}</(span|h1)>", shown)] == found


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("q=--", "The search must have a word."),
        (f"q={'+'.join('abcdefghijklmnopqrstuvwxyzäöüßø')}", "The search must NOT have more than 30 words."),
    ],
)
def test_why_nothing_is_found_is_said(times: Caller, query: str, message: str) -> None:
    make_entry(times)
    follow_entries()
    shown = operator().get(f"{LIST}?{query}").content.decode()
    assert message in shown
    assert "A bridge" not in shown


def test_words_are_looked_for_in_the_project_that_the_list_is_narrowed_to(times: Caller, herald: Caller) -> None:
    make_entry(times, title="Bridge of times")
    make_entry(herald, title="Bridge of herald")
    follow_entries()
    client = operator()
    both = client.get(f"{LIST}?q=bridge").content.decode()
    one = client.get(f"{LIST}?q=bridge&project__id__exact={herald.project.pk}").content.decode()
    assert [name in both for name in ("Bridge of times<", "Bridge of herald<")] == [True, True]
    assert [name in one for name in ("Bridge of times<", "Bridge of herald<")] == [False, True]


def test_of_very_many_the_list_says_that_it_has_the_newest(times: Caller) -> None:
    make_entry(times)
    follow_entries()
    row = IndexedEntry.objects.values().get()
    row["lexemes"] = lexemes(times.project.pk, ["bridge"], ())
    copies = (IndexedEntry(**row | {"entry_id": row["entry_id"] + number}) for number in range(1, MAX_FOUND + 1))
    IndexedEntry.objects.bulk_create(copies)
    shown = operator().get(f"{LIST}?q=bridge").content.decode()
    assert "More than 5,000 entries have these words. The newest 5,000 are looked through." in shown


def test_a_search_that_takes_too_long_is_given_up_with_a_message(times: Caller, settings: Any) -> None:
    make_entry(times)
    follow_entries()
    row = IndexedEntry.objects.values().get()
    copies = (IndexedEntry(**row | {"entry_id": row["entry_id"] + number}) for number in range(1, MAX_FOUND))
    IndexedEntry.objects.bulk_create(copies)
    client, message = operator(), "The search took too long. More words, or a project, make it faster."
    assert message not in client.get(f"{LIST}?q=bridge").content.decode()
    settings.ADMIN_LIST_SECONDS = 0.0
    shown = client.get(f"{LIST}?q=bridge")
    assert (shown.status_code, message in shown.content.decode(), shown.context["cl"].result_count) == (200, True, 0)


def test_within_a_project_the_last_changed_stands_first(times: Caller, herald: Caller) -> None:
    old, new = make_entry(times, title="old"), make_entry(times, title="new")
    old.updated_at = old.updated_at.replace(year=old.updated_at.year + 1)
    old.save()
    client = operator()
    within = client.get(f"{LIST}?project__id__exact={times.project.pk}").content.decode()
    assert within.index(">old<") < within.index(">new<")
    overall = client.get(LIST).content.decode()
    assert overall.index(">new<") < overall.index(">old<")
    assert new.pk > old.pk


@pytest.mark.parametrize("model", ["mediaentry", "entrychange"])
def test_nothing_is_added_or_deleted_by_hand_nor_the_log_changed(times: Caller, model: str) -> None:
    entry = make_entry(times)
    change = EntryChange.objects.create(entry=entry, version=1, actor="user", operations=["x"])
    row = entry if model == "mediaentry" else change
    client = operator()
    base = f"/admin/media_library/{model}/"
    assert client.get(f"{base}{row.pk}/change/").status_code == 200
    assert client.get(f"{base}add/").status_code == 403
    if model == "entrychange":
        assert client.post(f"{base}{row.pk}/change/", {"title": "x"}).status_code == 403
    assert client.post(f"{base}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    assert type(row).objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize(("query", "count"), [("", 2), ("actor__exact=user", 1), ("at=1", 2), ("q=night+desk", 1)])
def test_changes_over_all_entries_are_found_for_audits(times: Caller, query: str, count: int) -> None:
    entry = make_entry(times)
    EntryChange.objects.create(entry=entry, version=1, actor="user", operations=["x"])
    EntryChange.objects.create(entry=entry, version=2, actor="api-client", actor_name="night desk", operations=["y"])
    shown = operator().get(f"/admin/media_library/entrychange/?{query}").content.decode()
    assert f"{count} entry change" in shown


def stored(times: Caller, base_type: str, mime_type: str, **fields: Any) -> MediaEntry:
    media_type = base_type.removeprefix("media").lower()
    return imported(times.project, b"0123456789", mime_type, base_type=base_type, media_type=media_type, **fields)


def page_of(entry: MediaEntry) -> Any:
    return operator().get(f"/admin/media_library/mediaentry/{entry.pk}/change/")


def test_a_video_is_played_on_its_page_from_where_assets_are_served(times: Caller) -> None:
    """A player asks for parts; the policy of the page lets it."""
    entry = stored(times, "mediaVideo", "video/mp4", title="Snow")
    answer = page_of(entry)
    player = answer.content.decode().partition("<video ")[2].partition(">")[0]
    assert "controls" in player
    assert 'preload="metadata"' in player
    url = html.unescape(player.partition('src="')[2].partition('"')[0])
    assert "media-src 'self' http://testserver" in answer["Content-Security-Policy"]
    part = fetch(url, range="bytes=2-4")
    assert (part.status_code, part.getvalue(), part["Content-Range"]) == (206, b"234", "bytes 2-4/10")
    assert (part["Content-Type"], part["X-Content-Type-Options"]) == ("video/mp4", "nosniff")
    assert part["Accept-Ranges"] == "bytes"


def test_a_file_has_a_link_that_opens_it(times: Caller) -> None:
    entry = stored(times, "mediaFile", "application/pdf", title="Report")
    shown = page_of(entry).content.decode()
    link = shown.partition("Open original</a>")[0].rpartition('href="')[2].partition('"')[0]
    answer = fetch(html.unescape(link))
    assert (answer.getvalue(), answer["Content-Type"]) == (b"0123456789", "application/pdf")


@pytest.mark.parametrize("base_type", ["mediaVideo", "mediaFile"])
def test_a_video_or_file_that_is_withdrawn_is_neither_played_nor_opened(times: Caller, base_type: str) -> None:
    shown = page_of(stored(times, base_type, "video/mp4", revoked=True)).content.decode()
    assert '<span class="no-picture">withdrawn</span>' in shown
    assert "<video" not in shown
    assert "Open original" not in shown
