"""Check the licences of the images of documents, in the transaction that stores or publishes them (spec 4.8)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from documents.revisions import license_rules
from documents.revisions.license_rules import LicensedImage
from documents.revisions.validate import CheckedParts
from livingdocs_import.errors import Rejected
from livingdocs_import.models import Project
from livingdocs_import.project_config import MediaType, ProjectConfig
from livingdocs_import.validation.limits import MAX_DOCUMENT_PROBLEMS
from livingdocs_import.validation.problems import shortened
from media_library.entries import usage_log

LICENSE_CHECK_FAILED = "License check failed"
PLUGIN = "li-license-profile"


@dataclass(frozen=True, slots=True)
class Candidate:
    """The parts of a document to store; `document_id` is None for a new one."""

    document_id: int | None
    content_type: str
    parts: CheckedParts
    publish: bool


def checked(
    project: Project, config: ProjectConfig, candidates: Sequence[Candidate], now: datetime
) -> list[CheckedParts | Rejected]:
    """For each candidate its parts, with a requested approval if needed; or its rejection."""
    center = config.media_center
    taking_part = {handle: name for handle, kind in config.media_types.items() if (name := profile_property(kind))}
    if not center.gated or not taking_part:
        return [candidate.parts for candidate in candidates]
    wanted = {each.id for one in candidates for each in one.parts.references if each.type == "image"}
    entries = {
        entry.media_id: entry for entry in usage_log.used_entries(project, wanted) if entry.media_type in taking_part
    }
    in_use = usage_log.confirmed_uses(
        [one.document_id for one in candidates if one.document_id], [entry.pk for entry in entries.values()]
    )
    results: list[CheckedParts | Rejected] = []
    for one in candidates:
        images = {
            media_id: LicensedImage(
                profile_of(entry.metadata, taking_part[entry.media_type]), (one.document_id, entry.pk) in in_use
            )
            for media_id in {each.id for each in one.parts.references if each.type == "image"} & entries.keys()
            for entry in (entries[media_id],)
        }
        results.append(_checked(one, images, config, now))
    return results


def _checked(
    one: Candidate, images: dict[str, LicensedImage], config: ProjectConfig, now: datetime
) -> CheckedParts | Rejected:
    center, parts = config.media_center, one.parts
    if center.approval_task in config.content_types[one.content_type].metadata.properties:
        metadata = license_rules.with_request(parts.metadata, parts.references, images, center, now)
        parts = replace(parts, metadata=metadata)
    if not one.publish:
        return parts
    approved = license_rules.approved_in(parts.metadata, center.approval_task)
    faults = license_rules.faults(parts.references, images, center, one.content_type, approved)
    if not faults:
        return parts
    detail = "The licences of its images do not allow the document to be published."
    return Rejected(LICENSE_CHECK_FAILED, detail, cause="conflict", errors=shortened(faults, MAX_DOCUMENT_PROBLEMS))


def profile_property(media_type: MediaType) -> str | None:
    """The property with the licence profile; None if the media type has no licences (LIC-01)."""
    return next((name for name, each in media_type.metadata.properties.items() if each.plugin == PLUGIN), None)


def profile_of(metadata: dict[str, object], name: str) -> str | None:
    """The handle of the profile that an entry has."""
    value = metadata.get(name)
    handle = value.get("handle") if isinstance(value, dict) else None
    return handle if isinstance(handle, str) else None
