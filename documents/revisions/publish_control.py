"""The dates of a publication and the embargo against one (spec 5.5)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from livingdocs_import.validation.value_types import instant


def _date(value: object) -> datetime | None:
    """An ISO 8601 date, with or without a time; ValueError for invalid ones: 2023-02-30, year 10000, a number."""
    moment = instant(value, bare_date=True)
    if moment is None and value is not None:
        raise ValueError('must match format "date-time"')
    return moment


@dataclass(frozen=True, slots=True)
class Embargo:
    """Until then, or until it is lifted, the document must not be published."""

    reason: str = ""
    until: datetime | None = None  # null: until it is lifted

    @classmethod
    def read(cls, value: Mapping[str, Any]) -> Self:
        """`{"reason": "...", "until": "2026-01-01T00:00:00Z"}`, both optional; ValueError for a bad date."""
        return cls(reason=value.get("reason") or "", until=_date(value.get("until")))

    def as_dict(self) -> dict[str, str]:
        """The stored form, which `read` reads."""
        stored = {"reason": self.reason} if self.reason else {}
        return stored if self.until is None else {**stored, "until": self.until.isoformat()}

    def is_active(self, now: datetime) -> bool:
        return self.until is None or now < self.until


@dataclass(frozen=True, slots=True)
class PublishControl:
    """The publication instructions of one item; None: not given. They require `autoPublish` (DOC-36)."""

    first: datetime | None = None
    last: datetime | None = None
    significant: datetime | None = None
    visible_override: datetime | None = None
    embargo: Embargo | None = None
    lifts_embargo: bool = False  # the item says `"embargo": null`

    @classmethod
    def of_item(cls, item: Mapping[str, Any]) -> Self:
        """From `publishControl` and the deprecated `publicationDate`, which `lastPublicationDate` overrides.

        Null equals absent, except for the embargo, which it lifts. ValueError for a bad date (DOC-37, DOC-39).
        """
        control = item.get("publishControl") or {}
        embargo = control.get("embargo")
        return cls(
            first=_date(control.get("firstPublicationDate")),
            last=_date(control.get("lastPublicationDate")) or _date(item.get("publicationDate")),
            significant=_date(control.get("significantPublicationDate")),
            visible_override=_date(control.get("visiblePublicationDateOverride")),
            embargo=None if embargo is None else Embargo.read(embargo),
            lifts_embargo="embargo" in control and embargo is None,
        )


@dataclass(frozen=True, slots=True)
class PublicationDates:
    """The dates of a document; all None before its first publication."""

    first: datetime | None = None
    last: datetime | None = None
    significant: datetime | None = None
    visible_override: datetime | None = None


def publication_dates(current: PublicationDates, control: PublishControl, now: datetime) -> PublicationDates:
    """The dates after publishing with `control` at `now` (DOC-32 to DOC-38).

    Given dates are stored, on a re-import too. By default the last date is now, and the first one stays, or equals the
    last one at the first publication; the other two stay.
    """
    last = control.last or now
    return PublicationDates(
        first=control.first or current.first or last,
        last=last,
        significant=control.significant or current.significant,
        visible_override=control.visible_override or current.visible_override,
    )


def embargo_after(current: Embargo | None, control: PublishControl) -> Embargo | None:
    """The embargo on the document after `control`, which by default does not change it."""
    return None if control.lifts_embargo else control.embargo or current


_VISIBLE_BY_DEFAULT = ("publishControl.visiblePublicationDateOverride", "publishControl.firstPublicationDate")


def visible_date(
    dates: PublicationDates, metadata: Mapping[str, Any], preference: tuple[str, ...] = ()
) -> datetime | None:
    """The date to show to readers: the first of `preference` that is set, else the override, else the first (PUB-04).

    A preference names a date of the publish control or a metadata property: `metadata.publicationDate`.
    """
    known = {
        "publishControl.firstPublicationDate": dates.first,
        "publishControl.lastPublicationDate": dates.last,
        "publishControl.significantPublicationDate": dates.significant,
        "publishControl.visiblePublicationDateOverride": dates.visible_override,
    }
    for name in preference or _VISIBLE_BY_DEFAULT:
        handle = name.removeprefix("metadata.")
        publication_date = known.get(name) if handle == name else instant(metadata.get(handle), bare_date=True)
        if publication_date is not None:
            return publication_date
    return None
