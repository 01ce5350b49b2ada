"""A project's configuration (JSON, `v: 2`), read into frozen types; `store` keeps its revisions in the database.

    problems, warnings = check(raw)                           all that is wrong, and what is fine but has no effect
    config = parse(raw, project_id=1, channel_id=1, design_version="1.0.3")
    config.media_type("image").metadata.check({"title": 1}, completeness=True)

Reading takes time (thousands of nodes in a large project) and the result is immutable, so keep it in the memory of
the process under (project, revision). It compares by identity and is not meant to be pickled.

Read are `v`, `design`, `settings` (`handle`, `label`, `languages`, `defaultMediaTypes`, `webhooks`,
`includeServices`, and our own `import` and `mediaLibrary`, see `project_config.settings`), `mediaTypes`,
`contentTypes`, `components`, `mediaCenter`, `newsAgency`. Configurations made for Livingdocs hold much more
(`editorSettings`, `deliveries`, `designSettings`, `metadataGroups`, ...): such keys are stored with the configuration,
and are checked only on the way in: for their names (`known_keys`), and for whether they fit each other (`consistency`).
A stored configuration that fails these checks is used all the same.

`design: {name, version}` names the design, for projects whose documents are sent with a name of their own. Without it
the name is `p:<projectId>:<channelId>` and the version is the caller's, who raises it with each change of the
components.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from livingdocs_import.metadata import MetadataSchema
from livingdocs_import.project_config.consistency import check_consistency
from livingdocs_import.project_config.content_types import (
    NEWS_AGENCY_REPORT,
    ContentType,
    read_content_types,
    read_include_services,
)
from livingdocs_import.project_config.design import Component, Design, Directive, DirectiveType, read_components
from livingdocs_import.project_config.known_keys import refuse_unknown_keys
from livingdocs_import.project_config.media_center import MediaCenter, UsagePurpose, read_media_center
from livingdocs_import.project_config.media_types import (
    BASE_TYPES,
    ExifMapping,
    MediaType,
    read_default_media_types,
    read_media_types,
)
from livingdocs_import.project_config.news_agency import with_reports
from livingdocs_import.project_config.settings import (
    ImageLimits,
    ImageService,
    Languages,
    Options,
    Secret,
    read_languages,
    read_options,
)
from livingdocs_import.project_config.webhooks import Subscription, Webhook, WebhookEvent, Webhooks, read_webhooks
from livingdocs_import.validation.json_reader import InvalidConfig, Node
from livingdocs_import.validation.limits import MAX_CONFIG_BYTES
from livingdocs_import.validation.problems import Problem

__all__ = [
    "BASE_REVISION",
    "BASE_TYPES",
    "NEWS_AGENCY_REPORT",
    "Component",
    "ContentType",
    "Design",
    "Directive",
    "DirectiveType",
    "ExifMapping",
    "Findings",
    "ImageLimits",
    "ImageService",
    "InvalidConfig",
    "Languages",
    "MediaCenter",
    "MediaType",
    "MetadataSchema",
    "Options",
    "Problem",
    "ProjectConfig",
    "Secret",
    "Subscription",
    "UsagePurpose",
    "Webhook",
    "WebhookEvent",
    "Webhooks",
    "check",
    "parse",
    "problems",
    "warnings",
]

BASE_REVISION = "$baseRevision"  # the revision that a configuration was made from: of the way in and out, never stored
DESIGN_NAME = re.compile(r"[^\s.]{1,100}")  # no dot: components are identified as <design>.<component>
DESIGN_VERSION = re.compile(r"[0-9]{1,9}\.[0-9]{1,9}\.[0-9]{1,9}")


@dataclass(frozen=True, slots=True, eq=False)
class ProjectConfig:
    """One revision of a project's configuration."""

    handle: str  # "" when the configuration does not repeat the project's
    label: str
    languages: Languages
    media_types: Mapping[str, MediaType]  # by handle
    default_media_types: Mapping[str, str]  # base type -> handle, as far as configured
    content_types: Mapping[str, ContentType]  # by handle; that of the reports of news agencies, too
    design: Design
    include_services: Mapping[str, MetadataSchema]  # by handle; the schema is that of their parameters
    webhooks: Webhooks
    options: Options
    media_center: MediaCenter

    @property
    def image_service(self) -> ImageService:
        return self.options.image_service

    @property
    def locales(self) -> tuple[str, ...]:
        return self.languages.locales

    @property
    def default_locale(self) -> str | None:
        return self.languages.default_locale

    def media_type(self, handle: str) -> MediaType | None:
        return self.media_types.get(handle)

    def media_types_of(self, base_type: str) -> list[str]:
        """The handles of the media types with this base type."""
        return [handle for handle, media_type in self.media_types.items() if media_type.base_type == base_type]

    def default_media_type(self, base_type: str) -> MediaType | None:
        """The media type of an item that names none: the configured one, else `image`, `video` or `file`.

        None when the project has no media type of this base type.
        """
        return self.media_types.get(self.default_media_types.get(base_type, BASE_TYPES[base_type]))


class Findings(NamedTuple):
    """What there is to say of a configuration on the way in, in the order of reading."""

    problems: list[Problem]
    warnings: list[Problem]  # what it asks for that has no effect yet


def check(raw: object) -> Findings:
    """Everything that keeps a configuration from being stored. Never raises, whatever it is given."""
    root = Node(raw)
    if len(json.dumps(raw, separators=(",", ":"))) > MAX_CONFIG_BYTES:
        root.add_problem(f"must NOT have more than {MAX_CONFIG_BYTES} bytes")
        return Findings(root.problems.kept, [])
    config = _read(root, project_id=0, channel_id=0, design_version="1.0.0")
    root.whole(BASE_REVISION, least=0)
    refuse_unknown_keys(root)
    check_consistency(root, config.media_types)
    return Findings(root.problems.kept, root.warnings.kept)


def problems(raw: object) -> list[Problem]:
    """What is wrong with a configuration."""
    return check(raw).problems


def warnings(raw: object) -> list[Problem]:
    """What a configuration asks for that has no effect yet."""
    return check(raw).warnings


def parse(raw: Mapping[str, Any], *, project_id: int, channel_id: int, design_version: str) -> ProjectConfig:
    """Read a stored configuration; raises InvalidConfig with all its problems when it cannot be used.

    Unread keys are no reason: removing an option must not make stored configurations unusable.
    """
    root = Node(raw, takes_unknown_keys=True)
    config = _read(root, project_id=project_id, channel_id=channel_id, design_version=design_version)
    if root.problems:
        raise InvalidConfig(root.problems)
    return config


def _read(root: Node, *, project_id: int, channel_id: int, design_version: str) -> ProjectConfig:
    if not root.is_object():
        root.value = {"v": 2}
    if root.whole("v") != 2:
        root["v"].add_problem("must be 2")
    settings = root.section("settings")
    handle = settings.text("handle") or ""
    components = read_components(root)
    media_types = read_media_types(root)
    name, version = _read_design_name(root)
    content_types = with_reports(root, read_content_types(root, components, media_types))
    return ProjectConfig(
        handle=handle,
        label=settings.text("label") or handle,
        languages=read_languages(settings),
        media_types=media_types,
        default_media_types=read_default_media_types(settings, media_types),
        content_types=content_types,
        design=Design(name or _default_design_name(project_id, channel_id), version or design_version, components),
        include_services=read_include_services(settings),
        webhooks=read_webhooks(settings, content_types),
        options=read_options(settings),
        media_center=read_media_center(root, content_types),
    )


# --- What can be said of a configuration without reading the rest of it ----------------------------------------------


def design_name(config: Mapping[str, Any], project_id: int, channel_id: int) -> str:
    """The name of the design of a configuration that is fine."""
    return str((config.get("design") or {}).get("name") or _default_design_name(project_id, channel_id))


def base_revision(config: Mapping[str, Any]) -> int | None:
    """The revision that the configuration was made from; None without one, and where it is wrong."""
    return Node(config).whole(BASE_REVISION, least=0)


def handle_of(config: Mapping[str, Any]) -> str:
    """`settings.handle`, "" without; the configuration may be wrong."""
    settings = config.get("settings")
    handle = settings.get("handle") if isinstance(settings, Mapping) else None
    return handle if isinstance(handle, str) else ""


def content_type_handles(config: Mapping[str, Any]) -> frozenset[str]:
    """The handles of all content types; the configuration may be wrong."""
    nodes = config.get("contentTypes")
    handles = (each.get("handle") for each in nodes if isinstance(each, Mapping)) if isinstance(nodes, list) else ()
    return frozenset(handle for handle in handles if isinstance(handle, str))


def _default_design_name(project_id: int, channel_id: int) -> str:
    return f"p:{project_id}:{channel_id}"


def _read_design_name(root: Node) -> tuple[str | None, str | None]:
    design = root["design"]
    if design.value is None or not design.is_object():
        return None, None
    design.only("name", "version")
    return (
        design.text("name", required=True, pattern=DESIGN_NAME),
        design.text("version", required=True, pattern=DESIGN_VERSION),
    )
