"""The values of each type of directive, compiled to one check per directive (spec 4.5).

A check gets a value that is not null, adds its problems, and returns the value as it is stored: legacy spellings
rewritten, texts sanitised, assets completed from the media library. Unknown keys are kept.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from documents.content import media_values
from documents.content.component_options import check_styles
from documents.content.findings import Findings
from documents.content.html_scanner import start_tags
from documents.content.media_values import MediaLookup
from documents.content.sanitizer import TooMuchMarkup, sanitiser
from documents.content.value_rules import Rule, an_id, an_object, not_one_of, required, text
from livingdocs_import.metadata import MetadataSchema, sentence
from livingdocs_import.project_config import Directive, DirectiveType
from livingdocs_import.validation.messages import expected, missing
from livingdocs_import.validation.problems import Path

Check = Callable[[Any, Findings, MediaLookup], Any]

LINK_TARGETS = ("_blank", "_self", "_parent", "_top")

_SCRIPT_ADDRESS = re.compile(r"(?:javascript|vbscript|data):", re.IGNORECASE)
_IGNORED_IN_ADDRESSES = re.compile(r"[\x00-\x20\x7f]+")
_TWITTER = re.compile(r"twitter-tweet|//(?:[\w-]+\.)*(?:twitter|x)\.com/", re.IGNORECASE)


def compile_check(directive: Directive, include_services: Mapping[str, MetadataSchema]) -> Check:
    """The check for the values of this directive, which is not a container.

    `include_services` has the parameters of the configured include services, by service.
    """
    match directive.type:
        case DirectiveType.EDITABLE:
            return _editable(directive)
        case DirectiveType.IMAGE | DirectiveType.VIDEO | DirectiveType.AUDIO | DirectiveType.FILE:
            return _medium(directive)
        case DirectiveType.HTML:
            return _html(directive)
        case DirectiveType.LINK:
            return _link(directive)
        case DirectiveType.INCLUDE:
            return _include(directive, include_services)
        case DirectiveType.STYLE:
            return _style(directive)
        case DirectiveType.TOGGLE:
            return _toggle(directive)
        case DirectiveType.CONTAINER:
            raise ValueError(f"{directive.name} is a container: it has children, no value")


def _editable(directive: Directive) -> Check:
    path = ("content", directive.name)
    sanitise = sanitiser(
        plain_text=directive.plain_text, allowed=directive.tag_allowlist, denied=directive.tag_denylist
    )

    def check(value: Any, findings: Findings, entries: MediaLookup) -> Any:
        if not isinstance(value, str):
            findings.add(expected("string"), *path)
            return value
        if "<" not in value:  # for most texts: saves the calls
            return value
        budget = findings.budget
        try:
            cleaned, removed = sanitise(value, budget.spend_markup)
        except TooMuchMarkup as error:
            findings.add(str(error), *path)
            return value
        if cleaned is not value:
            budget.spend_growth(len(value), len(cleaned))
        if "<a " in cleaned:
            budget.spend_links(cleaned.count("<a "))
        if removed:
            findings.add_removal(removed, *path)
        return cleaned

    return check


def _medium(directive: Directive) -> Check:
    kind, path = directive.type, ("content", directive.name)

    def check(value: Any, findings: Findings, entries: MediaLookup) -> Any:
        return media_values.check_medium(kind, path, value, findings, entries)

    return check


def _html(directive: Directive) -> Check:
    """`{html}`, formerly the HTML itself (VAL-12). Two names stand for one kind of embed, the others for any HTML."""
    path = ("content", directive.name)
    embed = _EMBEDS.get(directive.name)

    def rule(html: Any) -> str | None:
        return text(html) or (embed(html) if embed and html.strip() else None)

    def check(value: Any, findings: Findings, entries: MediaLookup) -> Any:
        if isinstance(value, str):
            value = {"html": value}
        elif not isinstance(value, dict):
            findings.add(expected("object"), *path)
            return value
        if value and (message := required("html", value.get("html"), rule)):
            findings.add(message, *path, "html")
        return value

    return check


def _iframe(html: str) -> str | None:
    tags = {tag for tag, _ in start_tags(html)}
    return None if "iframe" in tags and not tags & {"embed", "object", "script"} else "must be an iframe embed"


def _tweet(html: str) -> str | None:
    return None if _TWITTER.search(html) else "must be a Twitter embed"


_EMBEDS: Mapping[str, Rule] = {"iframe": _iframe, "tweet": _tweet}


def _link(directive: Directive) -> Check:
    """`{href, target, $ref: "document", reference: {id}}` or, formerly, the address itself (VAL-12)."""
    path = ("content", directive.name)

    def check(value: Any, findings: Findings, entries: MediaLookup) -> Any:
        if isinstance(value, str):
            value = {"href": value}
        elif not isinstance(value, dict):
            findings.add(expected("object"), *path)
            return value
        findings.budget.spend_links(1)
        href, target = value.get("href"), value.get("target")
        if href is not None and (message := _address(href)):
            findings.add(message, *path, "href")
        if target is not None and target not in LINK_TARGETS:
            findings.add(not_one_of(target), *path, "target")
        if value.get("$ref") is None and value.get("reference") is None:
            return value
        return {**value, "reference": _document_reference(value, path, findings)}

    return check


def _address(href: Any) -> str | None:
    if not isinstance(href, str):
        return expected("string")
    # Browsers ignore spaces and control characters in "java\tscript:", so they must not hide it here.
    is_script = _SCRIPT_ADDRESS.match(_IGNORED_IN_ADDRESSES.sub("", href))
    return "must not be a script or data address" if is_script else None


def _document_reference(value: dict[str, Any], path: Path, findings: Findings) -> Any:
    """The `reference` of a link; ids of documents are stored as strings, numbers are accepted (spec 4.4)."""
    kind, reference = value.get("$ref"), value.get("reference")
    if kind != "document":
        findings.add(missing("$ref") if kind is None else not_one_of(kind), *path, "$ref")
    if not isinstance(reference, dict):
        findings.add(missing("reference") if reference is None else expected("object"), *path, "reference")
        return reference
    found = reference.get("id")
    if isinstance(found, int) and not isinstance(found, bool):
        return {**reference, "id": str(found)}
    if message := required("id", found, an_id):
        findings.add(message, *path, "reference", "id")
    return reference


def _include(directive: Directive, schemas: Mapping[str, MetadataSchema]) -> Check:
    """`{service, params, overrides}`; a missing service is the directive's, if it has only one."""
    path = ("content", directive.name)
    services = frozenset(directive.services)
    default = next(iter(services)) if len(services) == 1 else None

    def rule(service: Any) -> str | None:
        return an_id(service) or (not_one_of(service) if services and service not in services else None)

    def check(value: Any, findings: Findings, entries: MediaLookup) -> Any:
        if not isinstance(value, dict):
            findings.add(expected("object"), *path)
            return value
        if not value:
            return value
        if value.get("service") is None and default is not None:
            value = {**value, "service": default}
        service, params, overrides = value.get("service"), value.get("params"), value.get("overrides")
        if message := required("service", service, rule):
            findings.add(message, *path, "service")
        if overrides is not None:
            _check_overrides(overrides, (*path, "overrides"), findings)
            if params is None:
                findings.add(missing("params"), *path, "params")
        if params is not None and not isinstance(params, dict):
            findings.add(expected("object"), *path, "params")
        elif params:
            schema = schemas.get(service) if isinstance(service, str) else None
            return {**value, "params": _params(params, schema, (*path, "params"), findings)}
        return value

    return check


def _params(params: dict[str, Any], schema: MetadataSchema | None, path: Path, findings: Findings) -> dict[str, Any]:
    """The parameters of a configured service follow its definitions, like metadata; those of others are free."""
    if schema is None:
        _check_names(params, path, findings)
        return params
    problems = schema.check(params, completeness=False)
    for problem in problems:
        findings.add(sentence(problem), *path, problem.path[0])
    return params if problems else schema.normalise(params)


def _check_overrides(overrides: Any, path: Path, findings: Findings) -> None:
    """`[{id, content, ...}]`; the overridden content is not known here."""
    if not isinstance(overrides, list):
        findings.add(expected("array"), *path)
        return
    for index, override in enumerate(overrides):
        here = (*path, index)
        if not isinstance(override, dict):
            findings.add(expected("object"), *here)
            continue
        content = override.get("content")
        if message := required("id", override.get("id"), an_id):
            findings.add(message, *here, "id")
        if message := required("content", content, an_object):
            findings.add(message, *here, "content")
        else:
            _check_names(content, (*here, "content"), findings)


def _check_names(values: Any, path: Path, findings: Findings) -> None:
    for name in values:
        if message := an_id(name):
            findings.add(message, *path, name)


def _style(directive: Directive) -> Check:
    path = ("content", directive.name)
    known = None if directive.properties is None else frozenset(directive.properties)

    def check(value: Any, findings: Findings, entries: MediaLookup) -> Any:
        check_styles(value, path, known, findings)
        return value

    return check


def _toggle(directive: Directive) -> Check:
    path = ("content", directive.name)

    def check(value: Any, findings: Findings, entries: MediaLookup) -> Any:
        if not isinstance(value, bool):
            findings.add(expected("boolean"), *path)
        return value

    return check
