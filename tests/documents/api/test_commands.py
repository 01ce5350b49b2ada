"""PATCH documents/{id}/commands: a program edits, publishes and schedules a document, all in one transaction."""

from typing import Any

import pytest
import time_machine

from documents.models import Document, PublicationEvent, PublicationSchedule, Revision
from livingdocs_import.project_config import store
from tests.api_client import CONFIG, Caller, document_item
from tests.newsroom import PICTURE, PUBLISH, Newsroom, newest, paragraph

STYLED = {
    "name": "styled",
    "label": "Styled",
    "html": "<div></div>",
    "directives": [
        {"name": "colours", "type": "style", "properties": ["colour", "size"]},
        {"name": "teaser", "type": "include", "service": "document-teaser"},
        {"name": "other", "type": "include", "service": "elsewhere"},
        {"name": "left", "type": "container"},
        {"name": "right", "type": "container"},
    ],
}
COMPONENTS = [*({"name": each["name"]} for each in CONFIG["components"]), {"name": "styled"}]
EDITABLE = CONFIG | {
    "components": [*CONFIG["components"], STYLED],
    "contentTypes": [CONFIG["contentTypes"][0] | {"components": COMPONENTS}, *CONFIG["contentTypes"][1:]],
    "design": {"name": "living-times", "version": "1.1.0"},
}
CONTENT = [
    {"component": "header", "id": "head", "content": {"title": "A lake"}, "position": "fixed"},
    paragraph("One", id="one"),
    {
        "component": "gallery",
        "id": "gallery",
        "containers": {"images": [{"component": "image", "id": "picture", "content": {"image": PICTURE}}]},
    },
    {"component": "quote", "id": "quote", "content": {"source": {"href": "https://example.org/"}}},
    {"component": "styled", "id": "styled", "content": {"colours": {"colour": "red"}}},
]


@pytest.fixture
def document(newsroom: Newsroom) -> int:
    """A draft's number; it is at version 1."""
    store.store(newsroom.caller.project, EDITABLE, by="test")
    row = newsroom.fine(title="Lakes", content=CONTENT, metadata={"title": "lakes", "description": "d"})
    return int(row["document_id"])


def send(caller: Caller, document: int, *commands: Any, version: str = "2026-07", **fields: Any) -> Any:
    return caller.patch(f"documents/{document}/commands", {"commands": list(commands)} | fields, version)


def done(newsroom: Newsroom, document: int, *commands: Any, **fields: Any) -> None:
    answer = send(newsroom.caller, document, *commands, **fields)
    assert answer.status_code == 204, answer.content


def refused(newsroom: Newsroom, document: int, *commands: Any, status: int = 400, **fields: Any) -> dict[str, Any]:
    """The details of the refusal; nothing of the request has happened."""
    before = snapshot(document)
    answer = send(newsroom.caller, document, *commands, **fields)
    assert answer.status_code == status, answer.content
    assert snapshot(document) == before
    details: dict[str, Any] = answer.json()["error_details"]
    return details


def snapshot(document: int) -> Any:
    row = Document.objects.filter(pk=document).values().first()
    return row, Revision.objects.count(), PublicationEvent.objects.count(), PublicationSchedule.objects.count()


def component(document: int, component_id: str) -> dict[str, Any]:
    return next(each for each in newest(document).content if each["id"] == component_id)


def ids(document: int) -> list[str]:
    return [each["id"] for each in newest(document).content]


def command(operation: str, **fields: Any) -> dict[str, Any]:
    return {"operation": operation, **fields}


def directive(kind: str, component_id: str, name: str, **fields: Any) -> dict[str, Any]:
    return command(f"set{kind}Directive", componentId=component_id, directiveName=name, **fields)


TITLE = command("setTitle", value="Rivers")
PUBLISHED = command("publish")


# --- A request as a whole --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", ["v1", "beta", "2025-03", "2026-07"])
def test_success_has_no_body(newsroom: Newsroom, document: int, version: str) -> None:
    """CMD-01"""
    answer = send(newsroom.caller, document, TITLE, version=version)
    assert (answer.status_code, answer.content) == (204, b"")
    assert "Content-Type" not in answer.headers


def test_all_commands_are_one_revision_by_the_client(newsroom: Newsroom, document: int) -> None:
    """CMD-01, CMD-02"""
    done(newsroom, document, TITLE, command("setMetadataProperty", propertyName="title", value="rivers"), PUBLISHED)
    revision = newest(document)
    assert (revision.version, revision.title, revision.metadata["title"]) == (2, "Rivers", "rivers")
    assert (revision.source, revision.author) == ("api", "tests")
    assert newsroom.publication(document)["metadata"]["title"] == "rivers"
    assert [event.event_type for event in PublicationEvent.objects.all()] == ["publish"]


def test_a_command_that_fails_leaves_nothing_of_the_others(newsroom: Newsroom, document: int) -> None:
    """CMD-01"""
    schedule = command("addUnpublishSchedule", date="2099-01-01T00:00:00.000Z")
    details = refused(newsroom, document, TITLE, schedule, command("removeComponent", componentId="nothing"), PUBLISHED)
    assert details == {
        "message": f"Command at index 2 failed: Component 'nothing' does not exist in document '{document}'",
        "commandIndex": 2,
    }


def test_an_unknown_document_is_not_found(newsroom: Newsroom, document: int, herald: Caller) -> None:
    """CMD-02: another project's is unknown, too."""
    details = {"name": "NotFound", "message": "Document Not Found"}
    assert refused(newsroom, document + 1000, TITLE, status=404) == details
    assert refused(newsroom, 10**17, TITLE, status=404) == details
    assert send(herald, document, TITLE).json()["error_details"] == details


def test_commands_are_for_tokens_that_may_write(newsroom: Newsroom, document: int) -> None:
    assert send(newsroom.caller.with_scopes("public-api:read"), document, TITLE).status_code == 403


def test_the_version_rises_by_one_with_every_request(newsroom: Newsroom, document: int) -> None:
    """CMD-03"""
    done(newsroom, document, TITLE, TITLE)
    done(newsroom, document, command("setEmbargo"))
    assert Document.objects.get().version == 3
    done(newsroom, document, TITLE)
    assert newest(document).version == 4


def test_a_stale_version_is_a_conflict(newsroom: Newsroom, document: int) -> None:
    """CMD-03"""
    url = f"documents/{document}/commands"
    assert newsroom.caller.patch(url, {"version": 1, "commands": [TITLE]}).status_code == 204
    answer = newsroom.caller.patch(url, {"version": 1, "commands": [TITLE]})
    assert answer.status_code == 409
    assert answer.json()["error_details"] == {
        "name": "Conflict",
        "message": "The document you tried to update is outdated",
        "expectedVersion": 1,
        "currentVersion": 2,
    }


@pytest.mark.parametrize(
    ("precondition", "is_published", "is_changed", "holds"),
    [
        ({"type": "isPublished", "value": True}, True, False, True),
        ({"type": "isPublished", "value": False}, True, False, False),
        ({"type": "isPublished", "value": True}, False, False, False),
        ({"type": "isPublished", "value": False}, False, False, True),
        ({"type": "isPublishedAndHasNoChanges"}, True, False, True),
        ({"type": "isPublishedAndHasNoChanges"}, True, True, False),
        ({"type": "isPublishedAndHasNoChanges"}, False, False, False),
    ],
)
def test_a_precondition_holds_or_nothing_is_executed(
    newsroom: Newsroom, document: int, precondition: dict[str, Any], is_published: bool, is_changed: bool, holds: bool
) -> None:
    """CMD-04"""
    if is_published:
        done(newsroom, document, PUBLISHED)
    if is_changed:
        done(newsroom, document, TITLE)
    if holds:
        done(newsroom, document, TITLE, preconditions=[precondition])
    else:
        details = refused(newsroom, document, TITLE, preconditions=[precondition], status=409)
        assert details == {"name": "Conflict", "message": f"Precondition failed: '{precondition['type']}'"}


def test_what_is_held_back_or_scheduled_is_no_change(newsroom: Newsroom, document: int) -> None:
    """CMD-04"""
    done(newsroom, document, PUBLISHED)
    done(newsroom, document, command("setEmbargo"))
    done(newsroom, document, TITLE, preconditions=[{"type": "isPublishedAndHasNoChanges"}])


@pytest.mark.parametrize(
    "stale",
    [
        command("setTitle", value="x", oldValue="Rivers"),
        command("setMetadataProperty", propertyName="title", value="x", oldValue="rivers"),
        command("setMetadataProperty", propertyName="title", value="x", oldValue=None),
        command("setComponentStyle", componentId="one", propertyName="lead", value="x", oldValue="y"),
        command("setComponentCondition", componentId="one", conditionName="dateTime", value=None, oldValue={}),
        directive("Editable", "one", "text", value="x", oldValue="Two"),
        directive("Link", "quote", "source", value=None, oldValue={"href": "https://example.com/"}),
        directive("Style", "styled", "colours", propertyName="colour", value="x", oldValue="blue"),
        directive("Include", "styled", "teaser", value=None, oldValue={"params": {}}),
    ],
)
def test_another_old_value_is_a_conflict(newsroom: Newsroom, document: int, stale: dict[str, Any]) -> None:
    """CMD-05"""
    details = refused(newsroom, document, TITLE | {"value": "Lakes"}, stale, status=409)
    assert details == {"name": "Conflict", "message": "Cannot update outdated value"}


def test_the_old_value_that_is_there_is_none(newsroom: Newsroom, document: int) -> None:
    """CMD-05: what is not there is null; commands see what those before them have done."""
    done(
        newsroom,
        document,
        command("setTitle", value="Rivers", oldValue="Lakes"),
        command("setTitle", value="Seas", oldValue="Rivers"),
        command("setMetadataProperty", propertyName="category", value={"id": "w", "path": "/w"}, oldValue=None),
        command("setMetadataProperty", propertyName="category", value=None, oldValue={"path": "/w", "id": "w"}),
        directive("Editable", "one", "text", value="Two", oldValue="One"),
        directive("Style", "styled", "colours", propertyName="size", value=5, oldValue=None),
        directive("Style", "styled", "colours", propertyName="size", value=6, oldValue=5.0),
    )


@pytest.mark.parametrize(
    "commands",
    [
        [PUBLISHED, TITLE],
        [PUBLISHED, command("unpublish")],
        [command("addPublishSchedule", date="2099-01-01T00:00:00.000Z"), PUBLISHED],
        [command("unpublish"), command("unpublish")],
    ],
)
def test_what_publishes_comes_last_and_alone(newsroom: Newsroom, document: int, commands: list[Any]) -> None:
    """CMD-06"""
    details = refused(newsroom, document, *commands)
    assert details == {"commands.0": f"{commands[0]['operation']} must be the last command"}


def test_an_old_date_of_change_is_kept_where_that_is_asked_for(newsroom: Newsroom, document: int) -> None:
    """CMD-07"""
    with time_machine.travel("2026-03-01T00:00:00.000Z", tick=False):
        done(newsroom, document, TITLE)
    with time_machine.travel("2026-04-01T00:00:00.000Z", tick=False):
        done(newsroom, document, command("setTitle", value="Seas"), PUBLISHED, preserveUpdatedAt=True)
    row = Document.objects.get()
    assert row.updated_at.isoformat() == "2026-03-01T00:00:00+00:00"
    assert newsroom.publication(document)["systemdata"]["lastPublicationDate"] == "2026-03-01T00:00:00.000Z"
    for version in ("v1", "2026-01"):
        details = refused(newsroom, document, TITLE, preserveUpdatedAt=True, version=version)
        assert details == {"preserveUpdatedAt": "Additional properties not allowed"}


def test_after_a_command_an_imported_document_is_touched(newsroom: Newsroom, document: int) -> None:
    """CMD-11"""
    done(newsroom, document, TITLE)
    row = newsroom.one(checksum="2", flags={"onlyOverwriteUntouched": True})
    assert (row["state"], row["reason"]) == ("skipped", "document has manual changes")


# --- Shapes ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "details"),
    [
        ({}, {"commands": "Missing required property: commands"}),
        ({"commands": []}, {"commands": "must NOT have fewer than 1 items"}),
        ({"commands": [{"operation": "x"}] * 1001}, {"commands": "must NOT have more than 1000 items"}),
        ({"commands": [{}]}, {"commands.0.operation": "Missing required property: operation"}),
        (
            {"commands": [TITLE, {"operation": "fly"}]},
            {"commands.1": 'value of tag "operation" must be in oneOf'},
        ),
        ({"commands": [{"operation": 5}]}, {"commands.0": 'value of tag "operation" must be in oneOf'}),
        ({"commands": [TITLE | {"x": 1}]}, {"commands.0.x": "Additional properties not allowed"}),
        (
            {"commands": [directive("Include", "a", "b", value={"overrides": []})]},
            {
                "commands.0.value": "must match exactly one schema in oneOf",
                "commands.0.value.params": "Missing required property: params",
            },
        ),
        (
            {"commands": [command("setComponentCondition", componentId="a", conditionName="brands")]},
            {"commands.0.conditionName": 'No enum match for: "brands"'},
        ),
        (
            {"commands": [command("addPublishSchedule", date="tomorrow")]},
            {"commands.0.date": 'must match format "date-time"'},
        ),
        (
            {"commands": [TITLE], "preconditions": [{"type": "isPublished"}]},
            {"preconditions.0.value": "Missing required property: value"},
        ),
        ({"commands": [TITLE], "version": "1"}, {"version": "Invalid type: expected integer"}),
    ],
)
def test_a_wrong_shape_is_reported_by_its_path(
    newsroom: Newsroom, document: int, body: dict[str, Any], details: dict[str, str]
) -> None:
    """CMD-02, CMD-08"""
    answer = newsroom.caller.patch(f"documents/{document}/commands", body)
    assert (answer.status_code, answer.json()["error_details"]) == (400, details)


# --- Title and metadata ----------------------------------------------------------------------------------------------


def test_metadata_is_set_and_removed(newsroom: Newsroom, document: int) -> None:
    """CMD-02"""
    done(
        newsroom,
        document,
        command("setMetadataProperty", propertyName="title", value="rivers"),
        command("setMetadataProperty", propertyName="description", value=None),
        command("setMetadataProperty", propertyName="author", value={"$ref": "document", "reference": {"id": 12}}),
    )
    author = {"$ref": "document", "reference": {"id": "12"}}
    assert newest(document).metadata == {"title": "rivers", "author": author}
    assert [link["id"] for link in newsroom.draft(document)["references"]][-1] == "12"


def test_metadata_that_does_not_fit_is_refused(newsroom: Newsroom, document: int) -> None:
    """CMD-02"""
    details = refused(newsroom, document, TITLE, command("setMetadataProperty", propertyName="x", value=1))
    assert details == {
        "message": 'Command at index 1 failed: Metadata property "x" does not exist', "commandIndex": 1,
    }  # fmt: skip
    details = refused(newsroom, document, command("setMetadataProperty", propertyName="title", value=5))
    assert details == {
        "message": "Command at index 0 failed: The value of '/title' must be string",
        "commandIndex": 0,
        "errors": [{"metadataProperty": "title", "message": "The value of '/title' must be string"}],
    }


def test_what_is_stored_and_not_configured_any_more_stays(newsroom: Newsroom, document: int) -> None:
    without = [each for each in EDITABLE["contentTypes"][0]["metadata"] if each["handle"] != "description"]
    types = [EDITABLE["contentTypes"][0] | {"metadata": without}, *EDITABLE["contentTypes"][1:]]
    store.store(newsroom.caller.project, EDITABLE | {"contentTypes": types}, by="test")
    done(newsroom, document, command("setMetadataProperty", propertyName="title", value="rivers"))
    assert newest(document).metadata == {"title": "rivers", "description": "d"}


# --- Components ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("position", "order"),
    [
        (None, "head one gallery quote styled new"),
        ({}, "head one gallery quote styled new"),
        ({"previousComponentId": "one"}, "head one new gallery quote styled"),
        ({"nextComponentId": "head"}, "new head one gallery quote styled"),
        ({"previousComponentId": "one", "nextComponentId": "gallery"}, "head one new gallery quote styled"),
    ],
)
def test_a_component_is_inserted(newsroom: Newsroom, document: int, position: Any, order: str) -> None:
    """CMD-02"""
    fields = {} if position is None else {"position": position}
    content = {"text": "New <script>alert(1)</script>"}
    done(
        newsroom,
        document,
        command("insertComponent", componentName="paragraph", componentId="new", content=content, **fields),
    )
    assert ids(document) == order.split()
    assert component(document, "new") == {
        "id": "new",
        "component": "paragraph",
        "identifier": "living-times.paragraph",
        "content": {"text": "New "},
    }


def test_a_component_is_inserted_into_a_container(newsroom: Newsroom, document: int) -> None:
    """CMD-02: at the end of one that was empty, beside another, and with an id of ours."""
    into = {"parentComponentId": "gallery", "parentContainerName": "images"}
    done(
        newsroom,
        document,
        command("insertComponent", componentName="image", componentId="a", position=into),
        command("insertComponent", componentName="image", position=into | {"previousComponentId": "picture"}),
        command("insertComponent", componentName="image", componentId="c", position={"nextComponentId": "a"}),
        command(
            "insertComponent",
            componentName="paragraph",
            componentId="d",
            position={"parentComponentId": "styled", "parentContainerName": "right"},
        ),
        directive("Editable", "d", "text", value="Inside"),
    )
    images = [each["id"] for each in component(document, "gallery")["containers"]["images"]]
    assert (images[0], images[2:]) == ("picture", ["c", "a"])
    assert images[1].startswith("doc-")
    (inside,) = component(document, "styled")["containers"]["right"]
    assert inside["content"] == {"text": "Inside"}


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"componentName": "poem"}, 'Unknown component "poem" in design living-times@1.1.0'),
        ({"componentId": "one"}, "Component 'one' already exists in document '{}'"),
        ({"position": {"previousComponentId": "x"}}, "Component 'x' does not exist in document '{}'"),
        ({"position": {"parentComponentId": "x", "parentContainerName": "y"}}, "Component 'x' does not exist in"),
        ({"position": {"parentComponentId": "gallery"}}, "parentContainerName must say which container"),
        (
            {"position": {"previousComponentId": "head", "nextComponentId": "quote"}},
            "Components 'head' and 'quote' are not next to each other",
        ),
        (
            {"position": {"previousComponentId": "one", "nextComponentId": "picture"}},
            "Component 'picture' is not where the new component is to stand",
        ),
        ({"position": {"parentComponentId": "gallery", "parentContainerName": "images"}}, "Invalid content"),
        ({"position": {"parentComponentId": "one", "parentContainerName": "images"}}, "Invalid content"),
        ({"content": {"title": "no such directive"}}, "Invalid content"),
    ],
)
def test_a_component_is_not_inserted_where_it_does_not_belong(
    newsroom: Newsroom, document: int, fields: dict[str, Any], reason: str
) -> None:
    """CMD-02"""
    insert = command("insertComponent", componentName="paragraph") | fields
    details = refused(newsroom, document, TITLE, insert, command("setTitle", value="Seas"))
    assert details["commandIndex"] == 1
    assert details["message"].startswith(f"Command at index 1 failed: {reason.format(document)}")


def test_a_component_is_removed_with_all_that_is_in_it(newsroom: Newsroom, document: int) -> None:
    """CMD-02"""
    done(newsroom, document, command("removeComponent", componentId="gallery"))
    assert ids(document) == ["head", "one", "quote", "styled"]
    assert newsroom.draft(document)["references"] == []


def test_a_fixed_component_is_not_removed_nor_what_is_in_it(newsroom: Newsroom, document: int) -> None:
    """CMD-09"""
    details = refused(newsroom, document, command("removeComponent", componentId="head"))
    assert details["message"] == f"Command at index 0 failed: Component 'head' is fixed in document '{document}'"
    content = [CONTENT[2] | {"position": "fixed"}]
    newsroom.fine(content=content, checksum="2")
    details = refused(newsroom, document, command("removeComponent", componentId="picture"))
    assert details["message"].endswith(f"Component 'gallery' is fixed in document '{document}'")


def test_conditions_and_styles_are_set_and_removed(newsroom: Newsroom, document: int) -> None:
    """CMD-02"""
    when = {"gte": "2026-01-01T00:00:00.000Z"}
    condition = command("setComponentCondition", componentId="one", conditionName="dateTime", value=when)
    style = command("setComponentStyle", componentId="one", propertyName="lead", value="paragraph--lead")
    done(newsroom, document, condition, style)
    found = component(document, "one")
    assert (found["conditions"], found["styles"]) == ({"dateTime": when}, {"lead": "paragraph--lead"})
    done(newsroom, document, condition | {"value": None, "oldValue": when}, style | {"value": None})
    assert component(document, "one").keys() == {"id", "component", "identifier", "content"}
    details = refused(newsroom, document, style | {"propertyName": "trail"})
    assert details["message"].endswith(f"Property 'trail' does not exist on component 'one' in document '{document}'")
    details = refused(newsroom, document, condition | {"value": {"gte": "never"}})
    assert details["errors"] == [
        {"path": "content.1.conditions.dateTime.gte", "message": 'must match format "date-time"'}
    ]  # fmt: skip


# --- Directives ------------------------------------------------------------------------------------------------------


def test_directives_are_set_and_emptied(newsroom: Newsroom, document: int) -> None:
    """CMD-02"""
    link = {"href": "https://example.org/2", "target": "_blank"}
    done(
        newsroom,
        document,
        directive("Editable", "one", "text", value="Two <b onclick='x'>bold</b>"),
        directive("Link", "quote", "source", value=link, oldValue={"href": "https://example.org/"}),
        directive("Style", "styled", "colours", propertyName="size", value="large"),
        directive("Style", "styled", "colours", propertyName="colour", value=None),
    )
    assert component(document, "one")["content"] == {"text": "Two <b>bold</b>"}
    assert component(document, "quote")["content"] == {"source": link}
    assert component(document, "styled")["content"] == {"colours": {"size": "large"}}
    done(newsroom, document, directive("Editable", "one", "text"), directive("Link", "quote", "source", value=None))
    assert component(document, "one")["content"] == component(document, "quote")["content"] == {}


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (directive("Editable", "x", "text"), "Component 'x' does not exist in document '{}'"),
        (
            directive("Editable", "one", "d"),
            "Directive 'd' of type 'editable' does not exist on component 'one' in document '{}'",
        ),
        (
            directive("Link", "one", "text"),
            "Directive 'text' of type 'link' does not exist on component 'one' in document '{}'",
        ),
        (directive("Link", "quote", "source", value={"href": "javascript:alert(1)"}), "Invalid content"),
        (directive("Style", "styled", "colours", propertyName="shape", value="round"), "Invalid content"),
    ],
)
def test_a_directive_that_is_not_there_or_does_not_fit(
    newsroom: Newsroom, document: int, wrong: dict[str, Any], message: str
) -> None:
    """CMD-02"""
    details = refused(newsroom, document, wrong, TITLE)
    assert details["message"] == f"Command at index 0 failed: {message.format(document)}"
    assert details["commandIndex"] == 0


def test_params_of_an_include_drop_its_overrides(newsroom: Newsroom, document: int) -> None:
    """CMD-08"""
    params, overrides = {"article": {"$ref": "document", "reference": {"id": "7"}}}, [{"id": "a", "content": {}}]
    done(newsroom, document, directive("Include", "styled", "teaser", value={"params": params, "overrides": overrides}))
    stored = {"service": "document-teaser", "params": params, "overrides": overrides}
    assert component(document, "styled")["content"]["teaser"] == stored
    others = params | {"layout": "small"}
    old = {"params": params, "overrides": overrides}
    done(newsroom, document, directive("Include", "styled", "teaser", value={"params": others}, oldValue=old))
    assert component(document, "styled")["content"]["teaser"] == {"service": "document-teaser", "params": others}


def test_params_obey_the_definitions_of_their_service(newsroom: Newsroom, document: int) -> None:
    """CMD-02"""
    details = refused(newsroom, document, directive("Include", "styled", "teaser", value={"params": {"layout": "x"}}))
    assert details["message"].startswith('Command at index 0 failed: Include validation failed: {"params.layout":')
    assert "params.article" in details["message"]
    done(newsroom, document, directive("Include", "styled", "other", value={"params": {"anything": 1}}))


# --- Publication -----------------------------------------------------------------------------------------------------


def test_publishing_and_unpublishing(newsroom: Newsroom, document: int) -> None:
    """CMD-02"""
    done(newsroom, document, PUBLISHED)
    done(newsroom, document, PUBLISHED)
    done(newsroom, document, command("unpublish"))
    done(newsroom, document, command("unpublish"))
    newsroom.publication(document, status=404)
    assert [event.event_type for event in PublicationEvent.objects.order_by("number")] == [
        "publish", "update", "unpublish",
    ]  # fmt: skip


def test_what_is_missing_keeps_a_document_from_being_published(newsroom: Newsroom) -> None:
    """CMD-02"""
    page = int(newsroom.fine(contentType="page", metadata={})["document_id"])
    details = refused(newsroom, page, TITLE, PUBLISHED)
    assert details["message"] == "Command at index 1 failed: Invalid metadata"
    assert details["commandIndex"] == 1
    assert {error["metadataProperty"] for error in details["errors"]} == {"title", "slug"}


def test_a_value_that_another_document_has_is_refused(newsroom: Newsroom) -> None:
    fields = {"contentType": "page", "metadata": {"title": "t", "slug": "a"}}
    newsroom.bring(document_item(flags=PUBLISH) | fields)
    page = int(newsroom.fine(**fields)["document_id"])
    details = refused(newsroom, page, PUBLISHED)
    assert details["errors"] == [{"metadataProperty": "slug", "message": "The value of '/slug' must be unique"}]


def test_an_embargo_prevents_publication(newsroom: Newsroom, document: int) -> None:
    """CMD-10"""
    embargo = command("setEmbargo", reason="court order", until="2099-01-01T00:00:00.000Z")
    assert refused(newsroom, document, embargo, PUBLISHED, status=409)["message"] == "Document has an embargo"
    done(newsroom, document, embargo)
    assert refused(newsroom, document, PUBLISHED, status=409)["message"] == "Document has an embargo"
    done(newsroom, document, command("setEmbargo", until="2001-01-01T00:00:00.000Z"), PUBLISHED)
    done(newsroom, document, command("setEmbargo"))
    assert refused(newsroom, document, PUBLISHED, status=409)["message"] == "Document has an embargo"
    done(newsroom, document, command("removeEmbargo"), PUBLISHED)


def test_a_design_that_is_not_known_any_more_keeps_content_as_it_is(newsroom: Newsroom, document: int) -> None:
    Revision.objects.update(design_name="gone")
    details = refused(newsroom, document, directive("Editable", "one", "text", value="x"))
    assert details["message"] == "Command at index 0 failed: The design of the document is not configured any more"
    done(newsroom, document, command("setEmbargo"))


def test_a_thousand_commands_are_taken(newsroom: Newsroom, document: int) -> None:
    insert = command("insertComponent", componentName="paragraph", content={"text": "x"})
    done(newsroom, document, *[insert] * 1000)
    assert len(newest(document).content) == 1005
