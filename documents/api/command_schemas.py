"""The shapes of requests about documents: commands (spec 3.24)."""

from collections.abc import Iterable, Mapping
from typing import Any

from documents.commands.execute import CommandRequest
from documents.commands.operations import LAST, OPERATIONS
from livingdocs_import.api.operations import JSONSchema
from livingdocs_import.api.shapes import alternatives, titled
from livingdocs_import.api.versions import Feature, Version
from livingdocs_import.validation.json_schema import Schema, StringFormat
from livingdocs_import.validation.limits import MAX_ID
from livingdocs_import.validation.problems import Problems
from livingdocs_import.validation.value_types import instant

MAX_COMMANDS = 1_000
UNKNOWN_OPERATION = 'value of tag "operation" must be in oneOf'
NO_CHOICE = "must match exactly one schema in oneOf"
_FORMATS = {
    "date-time": StringFormat(lambda text: instant(text, bare_date=True) is not None, 'must match format "date-time"')
}

_ANY: dict[str, Any] = {}
_TEXT, _ID = {"type": "string"}, {"type": "string", "minLength": 1, "maxLength": MAX_ID}
_OBJECT = {"type": ["object", "null"]}
_STYLE = {"type": ["string", "number", "boolean", "null"]}
_DATE = {"type": "string", "maxLength": 100, "format": "date-time"}
_INCLUDE = {
    "type": ["object", "null"],
    "required": ["params"],
    "additionalProperties": False,
    "properties": {"params": {"type": "object"}, "overrides": {"type": "array"}},
}
_LINK = {
    "type": ["object", "null"],
    "additionalProperties": False,
    "properties": {"href": _ANY, "target": _ANY, "$ref": _ANY, "reference": _ANY},
}
_NEIGHBOURS = ("parentComponentId", "parentContainerName", "previousComponentId", "nextComponentId")
_POSITION = {
    "type": "object",
    "additionalProperties": False,
    "properties": dict.fromkeys(_NEIGHBOURS, _ID),
}


def _command(required: Mapping[str, Any] = {}, optional: Mapping[str, Any] = {}) -> Schema:
    return Schema(
        {
            "type": "object",
            "required": list(required),
            "additionalProperties": False,
            "properties": {"operation": _TEXT, **required, **optional},
        },
        _FORMATS,
    )


def _directive(value: Mapping[str, Any], **more: Any) -> Schema:
    return _command({"componentId": _ID, "directiveName": _ID, **more}, {"value": value, "oldValue": _ANY})


COMMANDS = {
    "setMetadataProperty": _command({"propertyName": _ID}, {"value": _ANY, "oldValue": _ANY}),
    "setTitle": _command({"value": _TEXT}, {"oldValue": _ANY}),
    "insertComponent": _command(
        {"componentName": _ID}, {"componentId": _ID, "content": {"type": "object"}, "position": _POSITION}
    ),
    "removeComponent": _command({"componentId": _ID}),
    "setComponentCondition": _command(
        {"componentId": _ID, "conditionName": {"enum": ["dateTime"]}}, {"value": _OBJECT, "oldValue": _ANY}
    ),
    "setComponentStyle": _command({"componentId": _ID, "propertyName": _ID}, {"value": _STYLE, "oldValue": _ANY}),
    "setEditableDirective": _directive({"type": ["string", "null"]}),
    "setIncludeDirective": _directive(_INCLUDE),
    "setLinkDirective": _directive(_LINK),
    "setStyleDirective": _directive(_STYLE, propertyName=_ID),
    "setEmbargo": _command(optional={"reason": {"type": "string", "maxLength": 1_000}, "until": _DATE}),
    "removeEmbargo": _command(),
    "addPublishSchedule": _command({"date": _DATE}),
    "cancelPublishSchedule": _command(),
    "addUnpublishSchedule": _command({"date": _DATE}),
    "cancelUnpublishSchedule": _command(),
    "publish": _command(),
    "unpublish": _command(),
}
assert COMMANDS.keys() == OPERATIONS.keys()

PRECONDITION = {
    "type": "object",
    "required": ["type"],
    "properties": {"type": {"enum": ["isPublished", "isPublishedAndHasNoChanges"]}},
}
_PRECONDITIONS = {
    "isPublished": Schema(
        {
            "type": "object",
            "required": ["value"],
            "additionalProperties": False,
            "properties": {"type": _TEXT, "value": {"type": "boolean"}},
        }
    ),
    "isPublishedAndHasNoChanges": Schema(
        {"type": "object", "additionalProperties": False, "properties": {"type": _TEXT}}
    ),
}


def _request(extra: Mapping[str, Any]) -> Schema:
    return Schema(
        {
            "type": "object",
            "required": ["commands"],
            "additionalProperties": False,
            "properties": {
                "version": {"type": "integer", "minimum": 0},
                "preconditions": {"type": "array", "maxItems": 10, "items": PRECONDITION},
                "commands": {
                    "type": "array",
                    "minItems": 1,
                    "maxItems": MAX_COMMANDS,
                    "items": {"type": "object", "required": ["operation"]},
                },
                **extra,
            },
        }
    )


_REQUEST = _request({})
_REQUEST_WITH_PRESERVE_UPDATED_AT = _request({"preserveUpdatedAt": {"type": "boolean"}})


def _request_schema(version: Version) -> Schema:
    return _REQUEST_WITH_PRESERVE_UPDATED_AT if version.has(Feature.PRESERVE_UPDATED_AT) else _REQUEST  # (CMD-07)


def command_request(body: Any, version: Version) -> CommandRequest:
    """The checked request with commands, as this version has it; raises Invalid with all problems by path."""
    problems = _request_schema(version).problems(body)
    if not problems:
        _check_commands(body["commands"], problems)
        _check_preconditions(body.get("preconditions", ()), problems)
    problems.refuse()
    return CommandRequest(
        commands=body["commands"],
        preconditions=body.get("preconditions", ()),
        version=body.get("version"),
        preserve_updated_at=body.get("preserveUpdatedAt", False),
    )


def _check_commands(commands: list[dict[str, Any]], problems: Problems) -> None:
    for index, command in enumerate(commands):
        operation = command["operation"]
        if not isinstance(operation, str) or operation not in COMMANDS:
            problems.add(UNKNOWN_OPERATION, "commands", index)
        elif operation in LAST and index < len(commands) - 1:
            problems.add(f"{operation} must be the last command", "commands", index)
        else:
            found = COMMANDS[operation].problems(command)
            if operation == "setIncludeDirective" and any(problem.path[:1] == ("value",) for problem in found):
                problems.add(NO_CHOICE, "commands", index, "value")  # the documented message does not mention null
            for problem in found:
                problems.add(problem.message, "commands", index, *problem.path)
        if problems.is_over:
            break


def _check_preconditions(preconditions: Iterable[dict[str, Any]], problems: Problems) -> None:
    for index, precondition in enumerate(preconditions):
        _PRECONDITIONS[precondition["type"]].check(precondition, problems, "preconditions", index)


def described_commands(version: Version) -> JSONSchema:
    """The same for OpenAPI: with the shape of each command and of each precondition."""
    shape = _request_schema(version).definition
    properties = shape["properties"]
    commands = {name: schema.definition for name, schema in COMMANDS.items()}
    preconditions = {name: schema.definition for name, schema in _PRECONDITIONS.items()}
    described = {
        "commands": properties["commands"] | {"items": alternatives("operation", commands, "Command")},
        "preconditions": properties["preconditions"] | {"items": alternatives("type", preconditions, "Precondition")},
    }
    return titled("DocumentCommands", {**shape, "properties": {**properties, **described}})
