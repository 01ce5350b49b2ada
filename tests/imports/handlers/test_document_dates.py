"""publishControl: the dates of a publication, and the embargo against one."""

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine

from documents.models import Document, Publication
from tests.newsroom import PUBLISH, Newsroom

NOW = "2026-03-01T12:00:00.500Z"
OLD, OLDER = "1999-03-20T17:27:00.107Z", "1999-03-18T17:27:00.107Z"
COLUMNS = {
    "firstPublicationDate": "first_publication_date",
    "lastPublicationDate": "last_publication_date",
    "significantPublicationDate": "significant_publication_date",
    "visiblePublicationDateOverride": "visible_publication_date_override",
}


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def dates() -> dict[str, datetime | None]:
    document = Document.objects.get()
    return {name: getattr(document, column) for name, column in COLUMNS.items()}


@pytest.mark.parametrize("name", COLUMNS)
def test_a_date_is_stored_on_publication(newsroom: Newsroom, name: str) -> None:
    """DOC-32, DOC-33, DOC-34, DOC-35"""
    newsroom.fine(publishControl={name: OLD}, flags=PUBLISH)
    assert dates()[name] == moment(OLD)


@pytest.mark.parametrize("name", COLUMNS)
def test_a_date_is_stored_on_publication_of_a_new_revision_too(newsroom: Newsroom, name: str) -> None:
    newsroom.fine(publishControl={name: OLDER}, flags=PUBLISH)
    newsroom.fine(checksum="2", publishControl={name: OLD}, flags=PUBLISH)
    assert dates()[name] == moment(OLD)


def test_without_publication_no_date_has_an_effect(newsroom: Newsroom) -> None:
    """DOC-36"""
    control: dict[str, Any] = dict.fromkeys(COLUMNS, OLD) | {"embargo": {"reason": "not yet"}}
    newsroom.fine(publishControl=control)
    assert set(dates().values()) == {None}
    newsroom.fine(checksum="2", flags=PUBLISH)
    newsroom.fine(checksum="3", publishControl=control)
    assert dates()["significantPublicationDate"] is None
    assert Document.objects.get().embargo is None


def test_the_old_name_of_the_last_date_is_understood(newsroom: Newsroom) -> None:
    """DOC-37"""
    newsroom.fine(publicationDate=OLD, flags=PUBLISH)
    assert dates()["lastPublicationDate"] == moment(OLD)
    newsroom.fine(checksum="2", publicationDate=OLD, publishControl={"lastPublicationDate": OLDER}, flags=PUBLISH)
    assert dates()["lastPublicationDate"] == moment(OLDER)


def test_without_dates_it_is_now(newsroom: Newsroom) -> None:
    with time_machine.travel(NOW, tick=False):
        newsroom.fine(flags=PUBLISH)
    assert dates() == {
        "firstPublicationDate": moment(NOW),
        "lastPublicationDate": moment(NOW),
        "significantPublicationDate": None,
        "visiblePublicationDateOverride": None,
    }
    assert Publication.objects.get().published_at == moment(NOW)


def test_the_first_date_outlives_later_publications(newsroom: Newsroom) -> None:
    """DOC-38"""
    newsroom.fine(publishControl={"firstPublicationDate": OLDER}, flags=PUBLISH)
    with time_machine.travel(NOW, tick=False):
        newsroom.fine(checksum="2", flags=PUBLISH)
    assert dates()["firstPublicationDate"] == moment(OLDER)
    assert dates()["lastPublicationDate"] == moment(NOW)


def test_dates_at_the_edges_of_the_calendar_come_back_as_they_were(newsroom: Newsroom) -> None:
    control = {"firstPublicationDate": "0800-12-25T00:00:00Z", "lastPublicationDate": "9999-12-31T23:59:59.999Z"}
    row = newsroom.fine(publishControl=control, flags=PUBLISH)
    systemdata = newsroom.publication(row["document_id"])["systemdata"]
    assert systemdata["firstPublicationDate"] == "0800-12-25T00:00:00.000Z"
    assert systemdata["lastPublicationDate"] == "9999-12-31T23:59:59.999Z"


@pytest.mark.parametrize("date", ["1999-03-18", "1999-03-18T01:00:00+01:00", "1999-03-18T00:00:00"])
def test_a_date_has_many_spellings(newsroom: Newsroom, date: str) -> None:
    newsroom.fine(publishControl={"firstPublicationDate": date}, flags=PUBLISH)
    assert dates()["firstPublicationDate"] == datetime(1999, 3, 18, tzinfo=UTC)


# --- Embargo ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("embargo", [{}, {"reason": "court order"}, {"until": "2999-01-01T00:00:00Z"}])
def test_an_embargo_keeps_a_document_from_being_published(newsroom: Newsroom, embargo: dict[str, str]) -> None:
    """DOC-57"""
    row = newsroom.fine(publishControl={"embargo": embargo}, flags=PUBLISH)
    assert row["state"] == "imported"
    assert not Publication.objects.exists()
    assert newsroom.fine(checksum="2", flags=PUBLISH)["state"] == "imported", "it holds until it is lifted"


def test_an_embargo_ends_by_itself(newsroom: Newsroom) -> None:
    newsroom.fine(publishControl={"embargo": {"until": "2020-01-01T00:00:00Z"}}, flags=PUBLISH)
    assert Publication.objects.exists()


def test_an_embargo_is_lifted_with_null(newsroom: Newsroom) -> None:
    newsroom.fine(publishControl={"embargo": {"reason": "not yet"}}, flags=PUBLISH)
    row = newsroom.fine(checksum="2", publishControl={"embargo": None}, flags=PUBLISH)
    assert row["state"] == "published"
    assert Document.objects.get().embargo is None


def test_an_embargo_does_not_take_back_what_is_published(newsroom: Newsroom) -> None:
    row = newsroom.fine(metadata={"title": "old"}, flags=PUBLISH)
    newsroom.fine(checksum="2", metadata={"title": "new"}, publishControl={"embargo": {}}, flags=PUBLISH)
    assert newsroom.publication(row["document_id"])["metadata"] == {"title": "old"}
