"""The outcomes of imported documents: created, updated, skipped or failed, each by itself."""

import re
from typing import Any

import pytest

from documents.models import Document, ImportLog, Publication, Revision
from livingdocs_import.project_config import store
from tests.api_client import CONFIG, Caller, document_item
from tests.documents.content import living_times
from tests.imports.api.test_accepting_documents import SEED_EXAMPLE
from tests.newsroom import PUBLISH, Newsroom, image, newest, paragraph


def errors(row: dict[str, Any]) -> dict[str, str]:
    """What a failed row says is wrong, by path or metadata property."""
    assert row["state"] == "failed", row
    return {
        error.get("path") or error["metadataProperty"]: error["message"] for error in row["error_details"]["errors"]
    }


# --- Create ----------------------------------------------------------------------------------------------------------


def test_a_new_pair_creates_a_document(newsroom: Newsroom) -> None:
    """DOC-01, DST-03, DST-05"""
    project = newsroom.caller.project
    row = newsroom.one(id="8Sv9Nu0d", checksum="123abc", title="A title", content=[paragraph("Hello")])
    document, log = Document.objects.get(), ImportLog.objects.get()
    assert {name: value for name, value in row.items() if name not in {"created_at", "updated_at"}} == {
        "system_name": "archive",
        "external_id": "8Sv9Nu0d",
        "document_id": document.pk,
        "checksum": "123abc",
        "project_id": project.pk,
        "channel_id": project.channel_id,
        "revision_id": Revision.objects.get().pk,
        "version": 1,
        "id": log.pk,
        "state": "imported",
    }
    assert (document.title, document.content_type, document.document_type) == ("A title", "article", "article")
    revision = newest(document.pk)
    assert (revision.source, revision.author, revision.version) == ("import", "Importer", 1)
    assert len(revision.job) == 10


def test_the_seed_example_is_imported_and_published(newsroom: Newsroom) -> None:
    """DOC-61"""
    (row,) = newsroom.bring(
        *SEED_EXAMPLE["documents"], systemName=SEED_EXAMPLE["systemName"], context=SEED_EXAMPLE["context"]
    )
    assert row["state"] == "published"
    publication = newsroom.publication(row["document_id"])
    assert publication["metadata"] == {"description": "foo"}
    assert publication["systemdata"]["design"] == {"name": "living-times", "version": "1.0.1"}
    assert publication["systemdata"]["firstPublicationDate"] == "1999-03-18T17:27:00.107Z"
    (header,) = publication["content"]
    assert header["content"] == {
        "catchline": "imported catchline", "title": "imported title", "author": "imported author",
    }  # fmt: skip
    assert newest(row["document_id"]).translations == [{"locale": "fr", "metadata": {"description": "foo FR"}}]


def test_nothing_but_the_required_makes_an_empty_document(newsroom: Newsroom) -> None:
    """DOC-04, DOC-58: neither the content type's default content nor any default metadata is filled in."""
    row = newsroom.fine()
    revision = newest(row["document_id"])
    assert (revision.content, revision.metadata, revision.translations) == ([], {}, [])


@pytest.mark.parametrize(
    "name", [{"identifier": "paragraph"}, {"component": "paragraph"}, {"identifier": "living-times.paragraph"}]
)
def test_a_component_goes_by_any_of_its_names(newsroom: Newsroom, name: dict[str, str]) -> None:
    """DOC-05, DOC-06, DOC-07"""
    row = newsroom.fine(content=[name | {"content": {"text": "Hello"}}])
    (component,) = newest(row["document_id"]).content
    assert component["component"] == "paragraph"
    assert component["identifier"] == "living-times.paragraph"


def test_a_component_without_an_id_gets_one(newsroom: Newsroom) -> None:
    """DOC-14"""
    row = newsroom.fine(content=[paragraph("One"), paragraph("Two")])
    ids = [component["id"] for component in newest(row["document_id"]).content]
    assert len(set(ids)) == 2
    assert all(re.fullmatch("doc-[0-9a-z]{10}", each) for each in ids)


def test_a_component_keeps_the_id_it_came_with(newsroom: Newsroom) -> None:
    """DOC-15"""
    row = newsroom.fine(content=[paragraph("One", id="my-own-id")])
    assert newest(row["document_id"]).content[0]["id"] == "my-own-id"


def test_containers_are_checked_and_stored_with_what_is_in_them(newsroom: Newsroom) -> None:
    """DOC-12"""
    gallery = {"component": "gallery", "containers": {"images": [image(id="x")]}}
    row = newsroom.fine(content=[gallery])
    assert newest(row["document_id"]).content[0]["containers"]["images"][0]["id"] == "x"


def test_an_image_may_name_an_entry_that_comes_later(newsroom: Newsroom) -> None:
    """DOC-59"""
    newsroom.fine(content=[image()], metadata={"teaserImage": image()["content"]["image"]}, flags=PUBLISH)


def test_a_title_is_trimmed_and_cut(newsroom: Newsroom) -> None:
    """DOC-53"""
    row = newsroom.fine(title="  ü" + "x" * 2000)
    assert Document.objects.get(pk=row["document_id"]).title == "ü" + "x" * 999


def test_the_old_wrapper_is_opened(newsroom: Newsroom) -> None:
    """DOC-54"""
    livingdoc = {"content": [paragraph("old")], "design": {"name": "living-times", "version": "1.0.1"}}
    row = newsroom.fine(livingdoc=livingdoc)
    assert newest(row["document_id"]).content[0]["content"] == {"text": "old"}
    row = newsroom.fine(livingdoc=livingdoc, content=[paragraph("new")], checksum="2")
    assert newest(row["document_id"]).content[0]["content"] == {"text": "new"}


def test_the_old_spellings_of_html_and_links_are_taken(newsroom: Newsroom) -> None:
    """VAL-12"""
    store.store(newsroom.caller.project, living_times.CONFIG, by="test")
    row = newsroom.fine(
        content=[
            {"component": "embed", "content": {"free-html": "<b>bold</b>"}},
            {"component": "button", "content": {"link": "https://example.com/"}},
        ]
    )
    embed, button = newest(row["document_id"]).content
    assert embed["content"] == {"free-html": {"html": "<b>bold</b>"}}
    assert button["content"] == {"link": {"href": "https://example.com/"}}


# --- Fail ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "path"),
    [
        pytest.param([{"component": "poem"}], "content.0.component", id="DOC-08"),
        pytest.param([{"component": "teaser"}], "content.0", id="DOC-09 not of this content type"),
        pytest.param([{"component": "paragraph", "content": {"txt": "x"}}], "content.0.content.txt", id="DOC-10"),
        pytest.param([paragraph(5)], "content.0.content.text", id="DOC-11"),  # type: ignore[arg-type]
        pytest.param(
            [{"component": "gallery", "containers": {"images": [paragraph("x")]}}],
            "content.0.containers.images.0",
            id="DOC-13",
        ),
        pytest.param(
            [{"component": "image", "content": {"image": image()["content"]["image"] | {"mimeType": "video/mp4"}}}],
            "content.0.content.image.mimeType",
            id="DOC-60",
        ),
        pytest.param([paragraph("x", id="a"), paragraph("y", id="a")], "content.1.id", id="an id twice"),
        pytest.param(["text"], "content.0", id="a string"),
        pytest.param([{"content": {"text": "x"}}], "content.0.component", id="nameless"),
        pytest.param(
            [paragraph("x", conditions={"dateTime": {"gte": "2023-02-30T00:00:00Z"}})],
            "content.0.conditions.dateTime.gte",
            id="a day that does not exist",
        ),
    ],
)
def test_content_that_does_not_fit_fails_with_its_path(newsroom: Newsroom, content: Any, path: str) -> None:
    """DOC-08, DOC-09, DOC-10, DOC-11, DOC-13, DOC-60"""
    row = newsroom.one(content=content)
    assert row["reason"] == "Invalid content"
    assert list(errors(row)) == [path]
    assert not Document.objects.exists()


@pytest.mark.parametrize(
    ("metadata", "handle", "message"),
    [
        ({"title": 5}, "title", "The value of '/title' must be string"),
        ({"unheard": "x"}, "unheard", "The metadata property 'unheard' is not configured"),
        ({"title": "x" * 501}, "title", "The value of '/title' must NOT have more than 500 characters"),
    ],
)
def test_metadata_that_does_not_fit_fails(newsroom: Newsroom, metadata: Any, handle: str, message: str) -> None:
    """DOC-22, DOC-23, DST-04"""
    row = newsroom.one(id="external-unique-id-345", title="my second document", metadata=metadata)
    assert row == {
        "state": "failed",
        "reason": "Invalid metadata",
        "external_id": "external-unique-id-345",
        "title": "my second document",
        "error_details": {
            "message": "Metadata validation failed.",
            "errors": [{"metadataProperty": handle, "message": message}],
            "cause": "metadata",
        },
    }


@pytest.mark.parametrize(
    ("translations", "path"),
    [
        pytest.param([{"locale": "it", "metadata": {}}], "translations.0.locale", id="DOC-50"),
        pytest.param([{"locale": "de", "metadata": {}}], "translations.0.locale", id="the default locale"),
        pytest.param([{"locale": "fr", "metadata": {"title": "x"}}], "title", id="DOC-51"),
        pytest.param([{"locale": "fr", "metadata": {}}] * 2, "translations.1.locale", id="a locale twice"),
        pytest.param(["fr"], "translations.0", id="a string"),
        pytest.param([{"locale": "fr", "metadata": {"description": 5}}], "description", id="a number"),
    ],
)
def test_translations_that_do_not_fit_fail(newsroom: Newsroom, translations: Any, path: str) -> None:
    """DOC-50, DOC-51"""
    row = newsroom.one(translations=translations)
    assert row["reason"] == "Invalid translations"
    assert list(errors(row)) == [path]


def test_translations_are_stored_from_both_forms(newsroom: Newsroom) -> None:
    """DOC-49"""
    stored = [{"locale": "fr", "metadata": {"description": "bonjour"}}]
    row = newsroom.fine(translations=stored)
    assert newest(row["document_id"]).translations == stored
    row = newsroom.fine(id="b", translations={"fr": {"metadata": {"description": "bonjour"}}})
    assert newest(row["document_id"]).translations == stored


def test_everything_that_is_wrong_is_reported_at_once(newsroom: Newsroom) -> None:
    row = newsroom.one(content=[{"component": "poem"}], metadata={"x": 1}, translations=[{"locale": "it"}])
    assert row["reason"] == "Invalid content"
    assert row["error_details"]["message"] == "Content and metadata and translations validation failed."
    assert list(errors(row)) == ["content.0.component", "x", "translations.0.locale"]


def test_an_unknown_content_type_fails(newsroom: Newsroom) -> None:
    """DOC-16"""
    assert newsroom.one(contentType="poem")["reason"] == 'Unknown contentType "poem"'


def test_a_content_type_never_changes(newsroom: Newsroom) -> None:
    """DOC-17"""
    newsroom.fine()
    assert newsroom.one(contentType="page", checksum="2")["reason"] == "contentType cannot be changed"
    assert Document.objects.get().content_type == "article"


@pytest.mark.parametrize("design", [("living-times", "9.9.9"), ("dying-times", "1.0.1"), ("", "")])
def test_an_unknown_design_fails(newsroom: Newsroom, design: tuple[str, str]) -> None:
    """DOC-20"""
    name, version = design
    row = newsroom.one(design={"name": name, "version": version})
    assert row["reason"] == f'Unknown design "{name}@{version}"'


def test_a_reason_is_short_even_if_what_was_sent_is_not(newsroom: Newsroom) -> None:
    for sent in ({"contentType": "x" * 5000}, {"design": {"name": "x" * 5000, "version": "1"}}):
        assert len(newsroom.one(**sent)["reason"]) < 310


def test_a_failure_takes_no_neighbour_along(newsroom: Newsroom) -> None:
    items = [
        document_item(content=[paragraph("fine")] if number % 2 else [{"component": "poem"}], flags=PUBLISH)
        for number in range(60)
    ]
    rows = newsroom.bring(*items)
    assert [row["state"] for row in rows] == ["failed", "published"] * 30
    assert [row["external_id"] for row in rows] == [item["id"] for item in items], "JOB-21"
    assert Document.objects.count() == Publication.objects.count() == 30


def test_a_document_that_fails_to_be_published_is_not_there(newsroom: Newsroom) -> None:
    """DOC-29, DOC-31"""
    row = newsroom.one(contentType="page", metadata={"slug": "a"}, flags=PUBLISH)
    assert row["reason"] == "Invalid metadata"
    assert errors(row) == {"title": "The field 'title' is required"}
    assert not Document.objects.exists()
    assert not Revision.objects.exists()
    assert not ImportLog.objects.exists()


def test_what_is_missing_does_not_matter_to_a_draft(newsroom: Newsroom) -> None:
    """DOC-30"""
    assert newsroom.one(contentType="page", metadata={})["state"] == "imported"


def test_a_project_may_want_drafts_to_be_complete(newsroom: Newsroom) -> None:
    """Q-43"""
    config = CONFIG | {"settings": CONFIG["settings"] | {"import": {"completeness": "always"}}}
    store.store(newsroom.caller.project, config, by="test")
    assert newsroom.one(contentType="page", metadata={})["reason"] == "Invalid metadata"


def test_the_lengths_of_texts_count_on_publication_only(newsroom: Newsroom) -> None:
    """VAL-08"""
    store.store(newsroom.caller.project, living_times.CONFIG, by="test")
    content = [{"component": "header", "content": {"title": "x" * 21}}]
    assert newsroom.one(content=content)["state"] == "imported"
    row = newsroom.one(id="b", content=content, flags=PUBLISH)
    assert errors(row) == {"content.0.content.title": "must NOT have more than 20 characters"}


# --- Update and skip -------------------------------------------------------------------------------------------------


def test_a_known_pair_updates_its_document(newsroom: Newsroom) -> None:
    """DOC-02, DOC-25, DST-06, DST-07"""
    before = newsroom.fine(title="Before", content=[paragraph("old")])
    after = newsroom.fine(title="After", content=[paragraph("new")], checksum="2")
    assert (after["document_id"], after["id"]) == (before["document_id"], before["id"])
    assert (before["version"], after["version"]) == (1, 2)
    assert after["revision_id"] > before["revision_id"]
    assert after["checksum"] == "2"
    assert after["created_at"] == before["created_at"]
    assert after["updated_at"] > before["updated_at"]
    assert Document.objects.get().title == "After"
    assert [r.content[0]["content"]["text"] for r in Revision.objects.order_by("pk")] == ["old", "new"]


def test_an_unchanged_checksum_is_skipped(newsroom: Newsroom) -> None:
    """DOC-24, Q-07"""
    before = newsroom.fine(title="Before")
    after = newsroom.one(title="After", flags=PUBLISH)
    assert after == before | {"state": "skipped", "reason": "checksum unchanged"}
    assert Document.objects.get().title == "Before"
    assert Revision.objects.count() == 1
    assert not Publication.objects.exists()


def test_a_failed_attempt_does_not_use_up_the_checksum(newsroom: Newsroom) -> None:
    """DOC-62"""
    newsroom.fine(checksum="1")
    assert newsroom.one(checksum="2", metadata={"x": 1})["state"] == "failed"
    assert newsroom.one(checksum="2", metadata={"title": "x"})["state"] == "imported"


def test_one_system_does_not_see_the_ids_of_another(newsroom: Newsroom) -> None:
    first = newsroom.bring(document_item(id="a"), systemName="archive")[0]
    second = newsroom.bring(document_item(id="a"), systemName="wires")[0]
    assert first["document_id"] != second["document_id"]


def test_two_projects_may_use_the_same_id(newsroom: Newsroom, herald: Caller) -> None:
    """AUTH-14, AUTH-15"""
    ours = newsroom.fine(title="Ours")
    job = herald.import_documents(document_item(id="a", title="Theirs"))
    newsroom.run()
    (theirs,) = herald.status(job, "documents")["logs"]
    assert theirs["document_id"] != ours["document_id"]
    assert newsroom.caller.status(job, "documents")["state"] == "lost"


def test_the_same_id_twice_in_a_batch_is_done_in_order(newsroom: Newsroom) -> None:
    """Rulings: the later one acts on the result of the earlier."""
    first, again, second = newsroom.bring(
        document_item(id="a", title="First"),
        document_item(id="a", title="Again"),
        document_item(id="a", title="Second", checksum="2"),
    )
    assert (first["state"], again["state"], second["state"]) == ("imported", "skipped", "imported")
    assert (first["version"], second["version"]) == (1, 2)
    assert Document.objects.get().title == "Second"


def test_a_deleted_document_does_not_come_back(newsroom: Newsroom) -> None:
    """Q-17"""
    row = newsroom.fine()
    Document.objects.update(deleted_at="2026-01-01T00:00:00Z")
    assert newsroom.one(checksum="2")["reason"] == "Document has been deleted"
    assert newsroom.bring({"id": "a", "checksum": "1", "flags": {"unpublish": True}})[0]["state"] == "failed"
    assert newest(row["document_id"]).version == 1


# --- Designs ---------------------------------------------------------------------------------------------------------


def with_design(version: str, *components: str) -> dict[str, Any]:
    kept = [each for each in CONFIG["components"] if each["name"] in components]
    content_types = [{"handle": "article", "documentType": "article", "metadata": []}]
    return CONFIG | {
        "design": {"name": "living-times", "version": version},
        "components": kept,
        "contentTypes": content_types,
    }


def test_without_a_design_the_newest_one_counts(newsroom: Newsroom) -> None:
    """DOC-18"""
    store.store(newsroom.caller.project, with_design("2.0.0", "quote"), by="test")
    row = newsroom.fine(content=[{"component": "quote"}])
    revision = newest(row["document_id"])
    assert (revision.design_name, revision.design_version) == ("living-times", "2.0.0")


def test_old_designs_stay_usable_and_may_be_changed(newsroom: Newsroom) -> None:
    """DOC-19, DOC-21"""
    store.store(newsroom.caller.project, with_design("2.0.0", "quote"), by="test")
    old = {"name": "living-times", "version": "1.0.1"}
    row = newsroom.fine(content=[paragraph("x")], design=old)
    assert newest(row["document_id"]).design_version == "1.0.1"
    row = newsroom.fine(content=[{"component": "quote"}], checksum="2")
    assert newest(row["document_id"]).design_version == "2.0.0"


# --- Details ---------------------------------------------------------------------------------------------------------


def test_removals_from_a_text_are_reported(newsroom: Newsroom) -> None:
    row = newsroom.fine(content=[paragraph("fine"), paragraph('Hi<script>x()</script> <b onclick="y()">you</b>')])
    assert row["details"] == {"removed": [{"path": "content.1.content.text", "removed": ["<script>", "<b onclick>"]}]}
    assert newest(row["document_id"]).content[1]["content"]["text"] == "Hi <b>you</b>"
    assert "details" not in newsroom.fine(id="b", content=[paragraph("fine")])
