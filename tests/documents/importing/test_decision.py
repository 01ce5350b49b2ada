"""The decision about one document item: every row of the table (spec 5.1)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from documents.importing.decision import Change, Create, Current, Fail, Skip, Unpublish, Update, decide
from documents.importing.incoming import Flags, Incoming
from documents.revisions.parts import DesignVersion
from documents.revisions.publication_effect import PublicationEffect
from documents.revisions.publish_control import Embargo, PublishControl

NOW = datetime(2024, 5, 1, 12, tzinfo=UTC)
TYPES = {"article", "page"}

NOTHING = None
IMPORTED = Current(content_type="article", checksum="old")
TOUCHED = Current(content_type="article", checksum="old", is_touched=True)
DELETED = Current(content_type="article", checksum="old", is_deleted=True)
REMOVED_TYPE = Current(content_type="gallery", checksum="old")
EMBARGOED = Current(content_type="article", checksum="old", embargo=Embargo(until=NOW + timedelta(days=1)))

IMPORTED_AS, PUBLISHED, UNPUBLISHED = (
    PublicationEffect.UNCHANGED,
    PublicationEffect.PUBLISHED,
    PublicationEffect.UNPUBLISHED,
)


def item(**changes: Any) -> Incoming:
    """A whole item with a new checksum."""
    whole: dict[str, Any] = {
        "external_id": "1",
        "checksum": "new",
        "title": "Title",
        "content_type": "article",
        "content": [],
        "metadata": {},
    }
    return Incoming(**whole | changes)


BARE = Incoming(external_id="1", checksum="new")
SAME = item(checksum="old")
EMBARGO = PublishControl(embargo=Embargo(reason="not before the vote", until=NOW + timedelta(hours=1)))
PAST_EMBARGO = PublishControl(embargo=Embargo(until=NOW))


def unknown_type(handle: str) -> Fail:
    return Fail(f'Unknown contentType "{handle}"', cause="content-type")


CASES: list[tuple[str, Current | None, Incoming, dict[str, bool], Change]] = [
    # step 1a
    ("Q-17 a deleted document stays deleted", DELETED, item(), {}, Fail("Document has been deleted")),
    ("1a before 2", DELETED, BARE, {"unpublish": True}, Fail("Document has been deleted")),
    ("1a before 3", DELETED, item(content_type="x"), {}, Fail("Document has been deleted")),
    ("1a before 4", DELETED, item(), {"never_overwrite": True}, Fail("Document has been deleted")),
    ("1a before 6", DELETED, SAME, {}, Fail("Document has been deleted")),
    # step 2
    ("DOC-41 the reduced form unpublishes", IMPORTED, BARE, {"unpublish": True}, Unpublish()),
    ("DOC-42 nothing to unpublish", NOTHING, BARE, {"unpublish": True}, Fail("Document not found")),
    (
        "Q-07 the reduced form repeats the last checksum",
        IMPORTED,
        Incoming(external_id="1", checksum="old"),
        {"unpublish": True},
        Unpublish(),
    ),
    (
        "a title and a content type are no content",
        IMPORTED,
        item(content=None, metadata=None),
        {"unpublish": True},
        Unpublish(),
    ),
    (
        "nor do they create a document only to unpublish it",
        NOTHING,
        item(content=None, metadata=None),
        {"unpublish": True},
        Fail("Document not found"),
    ),
    ("2 before 3", IMPORTED, Incoming("1", "new", content_type="x"), {"unpublish": True}, Unpublish()),
    ("2 before 4", IMPORTED, BARE, {"unpublish": True, "never_overwrite": True}, Unpublish()),
    ("2 before 5", TOUCHED, BARE, {"unpublish": True, "only_overwrite_untouched": True}, Unpublish()),
    # step 3
    ("DOC-16 unknown type, new", NOTHING, item(content_type="x"), {}, unknown_type("x")),
    (
        "DOC-16 unknown type, known pair",
        IMPORTED,
        item(content_type="x"),
        {},
        unknown_type("x"),
    ),
    (
        "a type that was removed",
        REMOVED_TYPE,
        item(content_type="gallery"),
        {},
        unknown_type("gallery"),
    ),
    ("no type", NOTHING, item(content_type=None), {}, unknown_type("")),
    ("DOC-17 another type", IMPORTED, item(content_type="page"), {}, Fail("contentType cannot be changed")),
    (
        "3 before 4",
        IMPORTED,
        item(content_type="page"),
        {"never_overwrite": True},
        Fail("contentType cannot be changed"),
    ),
    ("3 before 6", IMPORTED, item(content_type="page", checksum="old"), {}, Fail("contentType cannot be changed")),
    # step 4
    ("DOC-43", IMPORTED, item(), {"never_overwrite": True}, Skip("neverOverwrite")),
    (
        "DOC-43 publishing is a change",
        IMPORTED,
        item(),
        {"never_overwrite": True, "auto_publish": True},
        Skip("neverOverwrite"),
    ),
    (
        "DOC-43 unpublishing is one",
        IMPORTED,
        item(),
        {"never_overwrite": True, "unpublish": True},
        Skip("neverOverwrite"),
    ),
    ("DOC-44", NOTHING, item(), {"never_overwrite": True}, Create("article", IMPORTED_AS)),
    (
        "neverOverwrite wins over onlyOverwriteUntouched",
        TOUCHED,
        item(),
        {"never_overwrite": True, "only_overwrite_untouched": True},
        Skip("neverOverwrite"),
    ),
    ("4 before 6", IMPORTED, SAME, {"never_overwrite": True}, Skip("neverOverwrite")),
    # step 5
    ("DOC-45", IMPORTED, item(), {"only_overwrite_untouched": True}, Update(IMPORTED_AS)),
    ("DOC-46", TOUCHED, item(), {"only_overwrite_untouched": True}, Skip("document has manual changes")),
    ("DOC-46 new", NOTHING, item(), {"only_overwrite_untouched": True}, Create("article", IMPORTED_AS)),
    ("touched, and nobody minds", TOUCHED, item(), {}, Update(IMPORTED_AS)),
    ("5 before 6", TOUCHED, SAME, {"only_overwrite_untouched": True}, Skip("document has manual changes")),
    # step 6
    ("DOC-24", IMPORTED, SAME, {}, Skip("checksum unchanged")),
    ("DOC-24 touched", TOUCHED, SAME, {}, Skip("checksum unchanged")),
    ("Q-07 a skip does not publish", IMPORTED, SAME, {"auto_publish": True}, Skip("checksum unchanged")),
    ("DOC-40 but unpublishing happens", IMPORTED, SAME, {"unpublish": True}, Unpublish()),
    ("checksums are compared exactly", IMPORTED, item(checksum="OLD"), {}, Update(IMPORTED_AS)),
    ("checksums are not trimmed", IMPORTED, item(checksum="old "), {}, Update(IMPORTED_AS)),
    ("DOC-62 the failed first attempt left nothing", NOTHING, item(), {}, Create("article", IMPORTED_AS)),
    ("DOC-62 the failed update left the old checksum", IMPORTED, item(), {}, Update(IMPORTED_AS)),
    # steps 9 to 12
    ("DOC-01", NOTHING, item(), {}, Create("article", IMPORTED_AS)),
    ("DOC-02, DOC-25", IMPORTED, item(), {}, Update(IMPORTED_AS)),
    ("DOC-26 new", NOTHING, item(), {"auto_publish": True}, Create("article", PUBLISHED)),
    ("DOC-26 known", IMPORTED, item(), {"auto_publish": True}, Update(PUBLISHED)),
    ("DOC-27, DOC-28", IMPORTED, item(), {}, Update(IMPORTED_AS)),
    ("DOC-40 with content", IMPORTED, item(), {"unpublish": True}, Update(UNPUBLISHED)),
    ("DOC-40 with content, new", NOTHING, item(), {"unpublish": True}, Create("article", UNPUBLISHED)),
    (
        "one part is enough to be content",
        IMPORTED,
        item(content=None, metadata=None, translations=[]),
        {"unpublish": True},
        Update(UNPUBLISHED),
    ),
    (
        "a design too",
        IMPORTED,
        item(content=None, metadata=None, design=DesignVersion("living-times", "1.0.2")),
        {"unpublish": True},
        Update(UNPUBLISHED),
    ),
    # embargo
    (
        "DOC-57 new",
        NOTHING,
        item(publish_control=EMBARGO),
        {"auto_publish": True},
        Create("article", IMPORTED_AS),
    ),
    ("DOC-57 known", IMPORTED, item(publish_control=EMBARGO), {"auto_publish": True}, Update(IMPORTED_AS)),
    ("DOC-57 is over", IMPORTED, item(publish_control=PAST_EMBARGO), {"auto_publish": True}, Update(PUBLISHED)),
    ("DOC-57 from before", EMBARGOED, item(), {"auto_publish": True}, Update(IMPORTED_AS)),
    ("DOC-57 replaced", EMBARGOED, item(publish_control=PAST_EMBARGO), {"auto_publish": True}, Update(PUBLISHED)),
    (
        "DOC-57 lifted",
        EMBARGOED,
        item(publish_control=PublishControl(lifts_embargo=True)),
        {"auto_publish": True},
        Update(PUBLISHED),
    ),
    ("an embargo keeps nobody from unpublishing", EMBARGOED, item(), {"unpublish": True}, Update(UNPUBLISHED)),
    (
        "DOC-57 without an end",
        NOTHING,
        item(publish_control=PublishControl(embargo=Embargo())),
        {"auto_publish": True},
        Create("article", IMPORTED_AS),
    ),
]


@pytest.mark.parametrize(
    ("current", "incoming", "flags", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_the_decision(current: Current | None, incoming: Incoming, flags: dict[str, bool], expected: Change) -> None:
    assert decide(current, incoming, Flags(**flags), content_types=TYPES, now=NOW) == expected


def test_the_state_in_the_log_is_the_ending() -> None:
    """DOC-01, DOC-26, DOC-40"""
    assert [effect.value for effect in PublicationEffect] == ["imported", "published", "unpublished"]
    assert Unpublish().effect.value == "unpublished"
