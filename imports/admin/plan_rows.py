"""Items of a dry run as the page and the table of its plan show them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from imports.models import ImportItem, ImportJob
from imports.plans import Present
from livingdocs_import.admin import readable
from livingdocs_import.dry_runs import Would
from media_library.admin.labels import in_words

TONES = {Would.CREATE: "good", Would.UPDATE: "busy", Would.UPDATE_OR_SKIP: "busy", Would.SKIP: "", Would.FAIL: "bad"}
UNPLANNED = "not planned"
PAGES = {ImportJob.Kind.DOCUMENTS: "documents_document"}  # of what an item becomes; the others become media entries
_METADATA = "metadata."
_NAMES = ("path", "metadataProperty")  # of the place of a problem


@dataclass(frozen=True)
class ShownChange:
    """A property with its values as texts; "": it is not there. `hidden`: the old value may not be shown."""

    label: str
    old: str
    new: str
    hidden: bool = False


@dataclass(frozen=True)
class ShownItem:
    """An item for the template. `link`: the page of its entry or document; "": there is none."""

    item: ImportItem
    row: int  # from 1 on, in the order of the request
    title: str
    would: str
    tone: str
    why: str
    problems: Sequence[str]
    changes: Sequence[ShownChange]
    more: int  # changes that are not kept
    link: str
    present: Present | None
    is_touched: bool
    has_moved: bool


def shown(
    job: ImportJob, items: Iterable[ImportItem], present: Mapping[str, Present], *, old_values: bool
) -> list[ShownItem]:
    """In their order. `old_values`: the user may see the entries, and so what is in them."""
    return [_shown(job, item, present.get(item.external_id), old_values=old_values) for item in items]


def _shown(job: ImportJob, item: ImportItem, present: Present | None, *, old_values: bool) -> ShownItem:
    plan: Mapping[str, Any] = item.result or {}
    is_done = item.would not in ("", Would.FAIL)
    return ShownItem(
        item=item,
        row=item.position + 1,
        title=item.title or item.external_id,
        would=item.would or UNPLANNED,
        tone=TONES[Would(item.would)] if item.would else "",
        why=str(plan.get("why") or item.reason),
        problems=problems(item.details),
        changes=_changes(plan.get("changes", ()), old_values=old_values),
        more=int(plan.get("more", 0)),
        link=_link(job, present),
        present=present,
        is_touched=bool(present and present.by) and _writes(item, present),
        has_moved=is_done and present is not None and present.version > (item.compared_version or 0),
    )


def _writes(item: ImportItem, present: Present | None) -> bool:
    """Whether the import would write over what is there: by plan, or because that has changed since."""
    assert present is not None
    if item.would in (Would.UPDATE, Would.UPDATE_OR_SKIP):
        return True
    return item.would in (Would.CREATE, Would.SKIP) and present.version > (item.compared_version or 0)


def _link(job: ImportJob, present: Present | None) -> str:
    page = PAGES.get(ImportJob.Kind(job.kind), "media_library_mediaentry")
    return reverse(f"admin:{page}_change", args=[present.key]) if present else ""


def problems(details: Mapping[str, Any] | None) -> list[str]:
    """What an item would fail of, each with its place; or what there is to know of one that would not."""
    details = details or {}
    found = [_problem(error) for error in details.get("errors", ()) if isinstance(error, Mapping)]
    message = details.get("message")
    texts = found or ([str(message)] if message else [])
    return [readable.redacted(text) for text in (*texts, *map(str, details.get("warnings", ())))]


def _problem(error: Mapping[str, Any]) -> str:
    place = next((str(error[name]) for name in _NAMES if error.get(name)), "")
    text = str(error.get("message", ""))
    return f"{place}: {text}" if place else text


def _changes(changes: Iterable[Mapping[str, Any]], *, old_values: bool) -> list[ShownChange]:
    """Once each: the title of an entry is often in its metadata, too."""
    return list(dict.fromkeys(_change(change, old_values=old_values) for change in changes))


def _change(change: Mapping[str, Any], *, old_values: bool) -> ShownChange:
    name = str(change["property"])
    return ShownChange(
        label=in_words(name.removeprefix(_METADATA)),
        old=value_text(change["old"]) if old_values else "",
        new=value_text(change["new"]),
        hidden=not old_values and change["old"] is not None,
    )


def without_old_values(result: Mapping[str, Any]) -> dict[str, Any]:
    """A stored plan for users who may not see the entry or document that it was compared with."""
    changes = [{name: change[name] for name in ("property", "new")} for change in result.get("changes", ())]
    return {**result, **({"changes": changes} if changes else {})}


def value_text(value: Any) -> str:
    """A value in a few words; "": there is none."""
    if value is None:
        return ""
    if isinstance(value, Mapping) and ({"width", "size", "mimeType"} & value.keys()):
        return _file(value)
    return readable.redacted(value if isinstance(value, str) else readable.lines(value))


def _file(measures: Mapping[str, Any]) -> str:
    """Width and height, size and type."""
    parts = []
    if measures.get("width") and measures.get("height"):
        parts.append(f"{measures['width']} \N{MULTIPLICATION SIGN} {measures['height']}")
    if measures.get("duration"):
        parts.append(f"{measures['duration']:g} s")
    if measures.get("size"):
        parts.append(readable.size(measures["size"]))
    if measures.get("mimeType"):
        parts.append(str(measures["mimeType"]))
    return ", ".join(parts)
