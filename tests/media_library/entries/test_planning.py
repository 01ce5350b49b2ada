"""What an import would do to entries, as far as that is certain without the file: the cases of the decision."""

from typing import Any

import pytest

from livingdocs_import.dry_runs import MAX_CHANGES, Change, Plan, Would, shortened
from media_library.entries.decision import IncomingMedia, KnownEntry
from media_library.entries.planning import plan

KNOWN = KnownEntry("image", "mediaImage", "active", "old", {"title": "t"}, "A")


def incoming(**changes: Any) -> IncomingMedia:
    same: dict[str, Any] = {
        "external_id": "x", "system_name": "s", "media_type": "image", "base_type": "mediaImage",
        "sha256": "", "metadata": {"title": "t"}, "title": "A", "stored": False,
    }  # fmt: skip
    return IncomingMedia(**same | changes)


def known(**changes: Any) -> KnownEntry:
    return KnownEntry(**{name: getattr(KNOWN, name) for name in KNOWN.__dataclass_fields__} | changes)


@pytest.mark.parametrize(
    ("entry", "item", "file_is_known", "would", "why"),
    [
        (None, incoming(), False, "create", "no entry has this id"),
        (None, incoming(sha256="new", stored=True), True, "create", "no entry has this id"),
        (KNOWN, incoming(), False, "update or skip", "depends on the file"),
        (known(sha256=""), incoming(), False, "update or skip", "depends on the file"),
        (KNOWN, incoming(sha256="old"), True, "skip", "already exists"),
        (KNOWN, incoming(sha256="new", stored=True), True, "update", "file differs"),
        (KNOWN, incoming(title="B"), False, "update", "title differs"),
        (KNOWN, incoming(metadata={}), False, "update", "metadata differ"),
        (KNOWN, incoming(metadata={}, title="B"), False, "update", "metadata and title differ"),
        (KNOWN, incoming(media_type="other"), False, "fail", "mediaType cannot be changed"),
        (known(state="archived"), incoming(), False, "fail",
         'Media with externalId "x" from system "s" has been archived.'),
    ],
)  # fmt: skip
def test_what_would_become_of_an_item(
    entry: KnownEntry | None, item: IncomingMedia, file_is_known: bool, would: str, why: str
) -> None:
    """DRY-06"""
    found = plan(entry, item, file_is_known=file_is_known)
    assert found is not None
    assert (found.would, found.why) == (would, why)


def test_an_entry_that_has_gone_meanwhile_would_be_created() -> None:
    """An import would fetch and store the file again; a dry run stores none, however often it looks."""
    assert plan(None, incoming(sha256="old"), file_is_known=True).would is Would.CREATE


def test_the_number_and_the_length_of_changes_are_limited() -> None:
    """DRY-02"""
    changes = tuple(Change(f"metadata.p{number}", "x" * 1000, [["y" * 1000]]) for number in range(MAX_CHANGES + 2))
    shown: Any = Plan(Would.UPDATE, "metadata differ", changes).as_dict()
    assert (len(shown["changes"]), shown["more"]) == (MAX_CHANGES, 2)
    assert shown["changes"][0]["old"] == "x" * 300 + "…"
    assert len(shown["changes"][0]["new"]) == 301
    assert shortened({"a": 1}) == {"a": 1}
