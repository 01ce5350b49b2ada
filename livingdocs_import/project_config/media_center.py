"""Usage purposes of media entries, and the permissions of their licences: `mediaCenter` (spec 4.7, 4.8).

Earlier releases stored it unread. So nothing in it makes a stored configuration unusable: problems are reported for new
revisions, and ignored in stored ones.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from livingdocs_import.metadata import Context, MetadataSchema
from livingdocs_import.metadata.plugins.values import HEX_COLOUR
from livingdocs_import.project_config.content_types import ContentType
from livingdocs_import.validation.json_reader import Node

TASK = "li-task-v2"
COST_CLASSES = ("free", "low", "standard", "high")
BILLING = {"never": False, "always": True}  # the billing of each use by a rule; without one a person decides


@dataclass(frozen=True, slots=True, eq=False)
class UsagePurpose:
    """A usage purpose of media entries. Publishing a document of one of the content types is such a use."""

    handle: str
    content_types: frozenset[str]
    function: str | None  # the handle of a function that adds details to a use (USAGE_LOG_FUNCTIONS)
    params: MetadataSchema


@dataclass(frozen=True, slots=True, eq=False)
class LicenseProfile:
    """The permissions of an image with this profile."""

    handle: str
    approval_required: bool
    rules: Mapping[str, bool | None]  # purpose -> whether a use is billed; None: a person decides


@dataclass(frozen=True, slots=True, eq=False)
class MediaCenter:
    """The purposes and the profiles of a project."""

    purposes: Mapping[str, UsagePurpose]  # by handle
    by_content_type: Mapping[str, UsagePurpose]
    gated: bool  # whether licences prevent the publication of documents
    profiles: Mapping[str, LicenseProfile]  # by handle
    approval_task: str | None  # the metadata property whose task asks for approvals


def read_media_center(config: Node, content_types: Mapping[str, ContentType]) -> MediaCenter:
    """`mediaCenter`, reporting all its problems."""
    # A stored one was not validated: its problems are not reported.
    reader = Node(config.value) if config.takes_unknown_keys else config
    center = reader.section("mediaCenter")
    purposes = _read_purposes(center)
    by_content_type = _by_content_type(center, purposes)
    licenses = center.section("licenseProfiles")
    licenses.only("enabled", "approvalTaskHandle", "profiles")
    profiles = _read_profiles(licenses, purposes)
    task = _read_task(licenses, content_types)
    if task is None and any(profile.approval_required for profile in profiles.values()):
        licenses.required("approvalTaskHandle")
    gated = "licenseProfiles" in center and licenses.flag("enabled", default=True)
    return MediaCenter(purposes, by_content_type, gated, profiles, task)


# --- Purposes --------------------------------------------------------------------------------------------------------


def _read_purposes(center: Node) -> Mapping[str, UsagePurpose]:
    purposes: dict[str, UsagePurpose] = {}
    types: dict[str, str] = {}  # of the parameters of all purposes: they are searched together
    for node in center.objects("usagePurposes"):
        node.only("handle", "label", "internal", "contentType", "recordUsageLogEntry", "paramsSchema")
        handle = node.text("handle", required=True, longest=200)
        _read_label(node)
        node.flag("internal")  # editors must not change such uses; the API may
        params = MetadataSchema.read(node, "paramsSchema", Context.USAGE)
        for property_ in params.properties.values():
            if types.setdefault(property_.handle, property_.plugin) != property_.plugin:
                node["paramsSchema"].add_violation(
                    f"'{property_.handle}' is {types[property_.handle]} in another purpose, and {property_.plugin} here"
                )
        function = node.text("recordUsageLogEntry")
        content_types = frozenset(_read_content_types(node))
        if handle in purposes:
            node["handle"].add_violation(f"there is already a usage purpose '{handle}'")
        elif handle is not None:
            purposes[handle] = UsagePurpose(handle, content_types, function, params)
    return MappingProxyType(purposes)


def _read_label(node: Node) -> None:
    label = node["label"].value
    if isinstance(label, str | Mapping):
        return
    node.required("label")
    if label is not None:
        node["label"].add_problem("must be string or object")


def _read_content_types(node: Node) -> tuple[str, ...]:
    """One handle, or an array of them."""
    if isinstance(node["contentType"].value, str):
        return (node["contentType"].value,)
    return node.texts("contentType") or ()


def _by_content_type(center: Node, purposes: Mapping[str, UsagePurpose]) -> Mapping[str, UsagePurpose]:
    found: dict[str, UsagePurpose] = {}
    for purpose in purposes.values():
        for content_type in sorted(purpose.content_types):
            if content_type in found:
                center["usagePurposes"].add_violation(
                    f"content type '{content_type}' belongs to '{found[content_type].handle}' and '{purpose.handle}'"
                )
            else:
                found[content_type] = purpose
    return MappingProxyType(found)


# --- Licence profiles ------------------------------------------------------------------------------------------------


def _read_task(licenses: Node, content_types: Mapping[str, ContentType]) -> str | None:
    """The property should be in every content type that can hold such images, but these cannot be determined."""
    task = licenses.text("approvalTaskHandle")
    plugins = {
        found.plugin
        for each in content_types.values()
        if (found := each.metadata.properties.get(task or "")) is not None
    }
    if task is not None and plugins != {TASK}:
        licenses["approvalTaskHandle"].add_violation(f"there is no metadata property '{task[:100]}' of type {TASK}")
    return task


def _read_profiles(licenses: Node, purposes: Mapping[str, UsagePurpose]) -> Mapping[str, LicenseProfile]:
    profiles: dict[str, LicenseProfile] = {}
    for node in licenses.objects("profiles"):
        node.only("handle", "label", "color", "approvalRequired", "rules")
        node.required("approvalRequired", "rules")
        handle = node.text("handle", required=True, longest=200)
        _read_label(node)
        color = node.text("color", required=True)
        if color is not None and not HEX_COLOUR.matches(color):
            node["color"].add_problem("must be a colour like #ff8800")
        approval = node.flag("approvalRequired")
        rules = _read_rules(node.section("rules"), purposes)
        if handle in profiles:
            node["handle"].add_violation(f"there is already a licence profile '{handle}'")
        elif handle is not None:
            profiles[handle] = LicenseProfile(handle, approval, rules)
    return MappingProxyType(profiles)


def _read_rules(section: Node, purposes: Mapping[str, UsagePurpose]) -> Mapping[str, bool | None]:
    rules: dict[str, bool | None] = {}
    for purpose, rule in section.entries():
        if not rule.is_object():
            continue
        rule.only("costClass", "billingMode")
        rule.choice("costClass", COST_CLASSES)
        mode = rule.choice("billingMode", BILLING)
        if purpose in purposes:
            rules[purpose] = None if mode is None else BILLING[mode]
        else:
            rule.add_violation(f"there is no usage purpose '{purpose[:100]}'")
    return MappingProxyType(rules)
