"""Apply commands to a document: pure functions over a draft in memory (spec 3.24)."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson

from documents.content.compiled_design import CompiledComponent, CompiledDesign
from documents.content.edits import EditableContent, EditRefused, Position, set_part, set_value
from documents.revisions.parts import MAX_TITLE
from documents.revisions.publication_effect import PublicationEffect
from documents.revisions.publish_control import Embargo
from livingdocs_import import errors
from livingdocs_import.metadata import MetadataSchema, metadata_error
from livingdocs_import.metadata.metadata_errors import sentence
from livingdocs_import.project_config import DirectiveType
from livingdocs_import.validation.limits import beginning
from livingdocs_import.validation.problems import dotted
from livingdocs_import.validation.value_types import instant

Command = Mapping[str, Any]

_INCLUDE_KEYS = frozenset({"params", "overrides"})
OUTDATED_VALUE = "Cannot update outdated value"
EMBARGO = "Document has an embargo"


class CommandFailed(errors.Invalid):
    """A command that cannot be applied; neither are the others."""

    def __init__(self, index: int, reason: str, problems: list[dict[str, Any]] | None = None) -> None:
        details: dict[str, Any] = {"message": f"Command at index {index} failed: {reason}", "commandIndex": index}
        super().__init__(details | ({"errors": problems} if problems else {}))


class ValueRefused(EditRefused):
    """A command that cannot be applied, with the problems of its value."""

    def __init__(self, reason: str, problems: list[dict[str, Any]]) -> None:
        super().__init__(reason)
        self.problems = problems


@dataclass
class Draft:
    """A document while commands change it, and the changes.

    `design` None: the version of the content's design is no longer known. `plans`: times by kind of schedule; None
    cancels it.
    """

    document_id: int
    title: str
    metadata: dict[str, Any]
    content: EditableContent
    schema: MetadataSchema
    design: CompiledDesign | None
    make_id: Callable[[], str]
    now: datetime
    embargo: Embargo | None = None
    effect: PublicationEffect = PublicationEffect.UNCHANGED
    plans: dict[str, datetime | None] = field(default_factory=dict)
    is_revised: bool = False
    content_changes: dict[str, int] = field(default_factory=dict)  # by component, the command that changed it last
    index: int = 0  # of the current command

    @property
    def changes_content(self) -> bool:
        return bool(self.content_changes)


def apply(draft: Draft, commands: Iterable[Command]) -> None:
    """Apply the commands in order. Raises CommandFailed for the first that cannot be applied; Conflict if it is too
    late."""
    for draft.index, command in enumerate(commands):
        try:
            OPERATIONS[command["operation"]](draft, command)
        except ValueRefused as refused:
            raise CommandFailed(draft.index, str(refused), refused.problems) from refused
        except EditRefused as refused:
            raise CommandFailed(draft.index, str(refused)) from refused


# --- Title and metadata ----------------------------------------------------------------------------------------------


def _set_title(draft: Draft, command: Command) -> None:
    _expect_old(command, draft.title)
    draft.title = command["value"].strip()[:MAX_TITLE]
    draft.is_revised = True


def _set_metadata_property(draft: Draft, command: Command) -> None:
    name, schema = command["propertyName"], draft.schema
    if name not in schema.properties:
        raise EditRefused(f'Metadata property "{beginning(name)}" does not exist')
    given = {name: command.get("value")}
    if problems := [metadata_error(problem) for problem in schema.check(given, completeness=False)]:
        raise ValueRefused(problems[0]["message"], [dict(problem) for problem in problems])
    if "oldValue" in command:
        _expect(schema.normalise({name: command["oldValue"]}).get(name), draft.metadata.get(name))
    draft.metadata = set_value(draft.metadata, name, schema.normalise(given).get(name))
    draft.is_revised = True


# --- Components ------------------------------------------------------------------------------------------------------


def _insert_component(draft: Draft, command: Command) -> None:
    name, at = command["componentName"], command.get("position") or {}
    design = _design(draft)
    if name not in design.components:
        raise EditRefused(f'Unknown component "{beginning(name)}" in design {design.name}@{design.version}')
    component_id = command.get("componentId") or _new_id(draft)
    component = {"id": component_id, "component": name, "content": dict(command.get("content") or {})}
    position = Position(
        parent=at.get("parentComponentId"),
        container=at.get("parentContainerName"),
        previous=at.get("previousComponentId"),
        next=at.get("nextComponentId"),
    )
    draft.content.insert(component, position)
    for changed in filter(None, (component_id, position.parent)):
        _changed(draft, changed)


def _new_id(draft: Draft) -> str:
    while (component_id := draft.make_id()) in draft.content:
        pass
    return component_id


def _remove_component(draft: Draft, command: Command) -> None:
    draft.content.remove(command["componentId"])
    _changed(draft, command["componentId"])


def _set_component_condition(draft: Draft, command: Command) -> None:
    component, name = draft.content.component(command["componentId"]), command["conditionName"]
    _expect_old(command, (component.get("conditions") or {}).get(name))
    set_part(component, "conditions", name, command.get("value"))
    _changed(draft, command["componentId"])


def _set_component_style(draft: Draft, command: Command) -> None:
    component, name = draft.content.component(command["componentId"]), command["propertyName"]
    known = _compiled(draft, component).properties
    if known is not None and name not in known:
        where = f"component '{component['id']}' in document '{draft.document_id}'"
        raise EditRefused(f"Property '{beginning(name)}' does not exist on {where}")
    _expect_old(command, (component.get("styles") or {}).get(name))
    set_part(component, "styles", name, command.get("value"))
    _changed(draft, command["componentId"])


# --- Directives ------------------------------------------------------------------------------------------------------


def _set_editable_directive(draft: Draft, command: Command) -> None:
    _set_directive(draft, command, DirectiveType.EDITABLE, command.get("value"))


def _set_link_directive(draft: Draft, command: Command) -> None:
    _set_directive(draft, command, DirectiveType.LINK, command.get("value"))


def _set_include_directive(draft: Draft, command: Command) -> None:
    """Params replace what was there, overrides included; the service stays (CMD-08)."""
    component, name = _with_directive(draft, command, DirectiveType.INCLUDE)
    before, value = component["content"].get(name) or {}, command.get("value")
    _expect_old(command, {key: found for key, found in before.items() if key in _INCLUDE_KEYS} or None)
    if value is not None:
        value = ({"service": before["service"]} if before.get("service") else {}) | value
        _check_params(draft, component, name, value)
    _put_value(draft, component, name, value)


def _check_params(draft: Draft, component: dict[str, Any], name: str, value: Mapping[str, Any]) -> None:
    design = _design(draft)
    service = value.get("service") or _compiled(draft, component).default_services.get(name)
    schema = design.include_services.get(str(service))
    if schema is not None and (problems := schema.check(value["params"], completeness=True)):
        wrong = {f"params.{dotted(problem.path[:1])}": sentence(problem) for problem in problems}
        raise EditRefused(f"Include validation failed: {orjson.dumps(wrong).decode()}")


def _set_style_directive(draft: Draft, command: Command) -> None:
    component, name = _with_directive(draft, command, DirectiveType.STYLE)
    before, key = component["content"].get(name) or {}, command["propertyName"]
    _expect_old(command, before.get(key))
    _put_value(draft, component, name, set_value(before, key, command.get("value")) or None)


def _set_directive(draft: Draft, command: Command, kind: DirectiveType, value: Any) -> None:
    component, name = _with_directive(draft, command, kind)
    _expect_old(command, component["content"].get(name))
    _put_value(draft, component, name, value)


def _with_directive(draft: Draft, command: Command, kind: DirectiveType) -> tuple[dict[str, Any], str]:
    """The component that the command names, and its directive, which has this type."""
    component, name = draft.content.component(command["componentId"]), command["directiveName"]
    if _compiled(draft, component).types.get(name) is not kind:
        where = f"component '{component['id']}' in document '{draft.document_id}'"
        raise EditRefused(f"Directive '{beginning(name)}' of type '{kind}' does not exist on {where}")
    return component, name


def _put_value(draft: Draft, component: dict[str, Any], name: str, value: Any) -> None:
    component["content"] = set_value(component.get("content") or {}, name, value)
    _changed(draft, component["id"])


# --- Publication -----------------------------------------------------------------------------------------------------


def _set_embargo(draft: Draft, command: Command) -> None:
    draft.embargo = Embargo.read(command)


def _remove_embargo(draft: Draft, command: Command) -> None:
    draft.embargo = None


def _publish(draft: Draft, command: Command) -> None:
    if draft.embargo is not None and draft.embargo.is_active(draft.now):
        raise errors.Conflict(EMBARGO)
    draft.effect = PublicationEffect.PUBLISHED


def _unpublish(draft: Draft, command: Command) -> None:
    draft.effect = PublicationEffect.UNPUBLISHED


PUBLISH, UNPUBLISH = "publish", "unpublish"


def _planned(kind: str) -> Callable[[Draft, Command], None]:
    def plan(draft: Draft, command: Command) -> None:
        moment = instant(command["date"], bare_date=True)
        if moment is None or moment <= draft.now:
            raise EditRefused("The date of a schedule must be in the future")
        draft.plans[kind] = moment

    return plan


def _cancelled(kind: str) -> Callable[[Draft, Command], None]:
    def cancel(draft: Draft, command: Command) -> None:
        draft.plans[kind] = None

    return cancel


OPERATIONS: Mapping[str, Callable[[Draft, Command], None]] = {
    "setTitle": _set_title,
    "setMetadataProperty": _set_metadata_property,
    "insertComponent": _insert_component,
    "removeComponent": _remove_component,
    "setComponentCondition": _set_component_condition,
    "setComponentStyle": _set_component_style,
    "setEditableDirective": _set_editable_directive,
    "setIncludeDirective": _set_include_directive,
    "setLinkDirective": _set_link_directive,
    "setStyleDirective": _set_style_directive,
    "setEmbargo": _set_embargo,
    "removeEmbargo": _remove_embargo,
    "addPublishSchedule": _planned(PUBLISH),
    "cancelPublishSchedule": _cancelled(PUBLISH),
    "addUnpublishSchedule": _planned(UNPUBLISH),
    "cancelUnpublishSchedule": _cancelled(UNPUBLISH),
    "publish": _publish,
    "unpublish": _unpublish,
}
LAST = frozenset({"publish", "unpublish", "addPublishSchedule"})  # at most one, and it is the last


# --- Shared ----------------------------------------------------------------------------------------------------------


def _design(draft: Draft) -> CompiledDesign:
    if draft.design is None:
        raise EditRefused("The design of the document is not configured any more")
    return draft.design


def _compiled(draft: Draft, component: dict[str, Any]) -> CompiledComponent:
    compiled = _design(draft).component_of(component)
    if compiled is None:
        raise EditRefused(f"Component '{component['id']}' is none of the document's design")
    return compiled


def _changed(draft: Draft, component_id: str) -> None:
    draft.content_changes[component_id] = draft.index
    draft.is_revised = True


def _expect_old(command: Command, current: Any) -> None:
    """Conflict if the command expects another value than the present one; null means none."""
    if "oldValue" in command:
        _expect(command["oldValue"], current)


def _expect(old: Any, current: Any) -> None:
    if _canonical(old) != _canonical(current):
        raise errors.Conflict(OUTDATED_VALUE)


def _canonical(value: Any) -> bytes:
    """Equal values as equal bytes: JSON in which 1.0 is 1, and true is not."""
    return orjson.dumps(_whole(value), option=orjson.OPT_SORT_KEYS)


def _whole(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    if isinstance(value, list):
        return [_whole(each) for each in value]
    if isinstance(value, dict):
        return {key: _whole(each) for key, each in value.items()}
    return value


def component_at(content: Any, path: str) -> Iterator[str]:
    """The ids of the components on the way to a place in content: of `content.3.containers.main.0.content.text`."""
    steps, here = iter(path.split(".")[1:]), content
    for step in steps:
        if isinstance(here, list) and step.isdecimal() and int(step) < len(here):
            here = here[int(step)]
            if isinstance(here, dict) and isinstance(here.get("id"), str):
                yield here["id"]
        elif step == "containers" and isinstance(here, dict):
            here = (here.get("containers") or {}).get(next(steps, ""))
        else:
            return
