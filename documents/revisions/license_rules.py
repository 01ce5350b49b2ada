"""Whether the licences of a document's images allow its publication, and which of them need an approval (spec 4.8)."""

from collections.abc import Container, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from documents.references.extract import ExtractedReference
from livingdocs_import.project_config import MediaCenter
from livingdocs_import.timestamps import timestamp

ASKED = ("requested", "accepted")  # states of an assigned task


class LicensedImage(NamedTuple):
    """An image whose media type has licences."""

    profile: str | None  # its handle, configured or not; None: not assigned
    is_in_use: bool = False  # this document has a confirmed use of it, which is an approval


def faults(
    references: Iterable[ExtractedReference],
    images: Mapping[str, LicensedImage],
    center: MediaCenter,
    content_type: str,
    approved: Container[str],
) -> list[dict[str, str]]:
    """The reasons against publishing the document, with their places."""
    found: dict[tuple[str, ...], dict[str, str]] = {}
    purpose = center.by_content_type.get(content_type)
    for reference in _images_in(references, images):
        code = _code(images[reference.id], center, purpose.handle if purpose else "", reference.id in approved)
        if code is not None:
            place = {"propertyName": reference.property_name, "componentId": reference.component_id}
            fault = {"mediaId": reference.id, "location": reference.location}
            fault |= {name: value for name, value in place.items() if value is not None} | {"code": code}
            found[tuple(fault.values())] = fault
    return list(found.values())


def _images_in(
    references: Iterable[ExtractedReference], images: Mapping[str, LicensedImage]
) -> Iterator[ExtractedReference]:
    return (each for each in references if each.type == "image" and each.id in images)


def _code(image: LicensedImage, center: MediaCenter, purpose: str, is_approved: bool) -> str | None:
    if image.profile is None:
        return "profileMissing"
    profile = center.profiles.get(image.profile)
    if profile is None:
        return "profileUnknown"
    if purpose not in profile.rules:
        return "purposeNotCovered"
    return "approvalRequired" if profile.approval_required and not (is_approved or image.is_in_use) else None


def approved_in(metadata: Mapping[str, Any], task: str | None) -> frozenset[str]:
    """The images that the task lists as approved."""
    names = _object(_object(metadata.get(task or "")).get("data")).get("mediaIds")
    return frozenset(name for name in names if isinstance(name, str)) if isinstance(names, list) else frozenset()


def _object(value: Any) -> dict[str, Any]:
    """The value, if it is an object: clients may store anything in a task."""
    return value if isinstance(value, dict) else {}


def with_request(
    metadata: dict[str, Any],
    references: Iterable[ExtractedReference],
    images: Mapping[str, LicensedImage],
    center: MediaCenter,
    now: datetime,
) -> dict[str, Any]:
    """The metadata with a requested task, if images need an approval that was not requested yet (LIC-07).

    A completed task without images approves all pending ones: their ids are added to it.
    """
    task, approved = center.approval_task or "", approved_in(metadata, center.approval_task)
    waiting = dict.fromkeys(
        each.id
        for each in _images_in(references, images)
        if _waits(images[each.id], center) and each.id not in approved
    )
    value = _object(metadata.get(task))
    if not waiting or value.get("state") in ASKED:
        return metadata
    if value.get("state") == "completed" and not approved:
        return metadata | {task: value | {"data": _object(value.get("data")) | {"mediaIds": list(waiting)}}}
    return metadata | {task: value | {"state": "requested", "requested": {"date": timestamp(now)}}}


def _waits(image: LicensedImage, center: MediaCenter) -> bool:
    profile = center.profiles.get(image.profile or "")
    return profile is not None and profile.approval_required and not image.is_in_use
