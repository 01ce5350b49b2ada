"""drf-spectacular's hooks for one operation: what the ViewSet declares, and what all endpoints have in common."""

from collections.abc import Iterator, Mapping
from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiCallback, OpenApiExample, OpenApiParameter, OpenApiRequest, OpenApiResponse

from livingdocs_import.api.error_schemas import error_answer
from livingdocs_import.api.operations import (
    JSON_TYPE,
    Answer,
    Example,
    Header,
    Operation,
    Parameter,
    VersionedSchema,
    for_version,
)
from livingdocs_import.api.versions import Version
from livingdocs_import.openapi.known_formats import with_known_formats

SCHEME = "accessToken"
ALWAYS = (400, 410, 414, 431, 500, 503)  # statuses that any endpoint may answer with
WITH_TOKEN, WITH_BODY = (401, 403, 429), (413, 415)
ENTITY_TAG = Header("ETag", "Of this answer, to be sent as `If-None-Match` with the next request.")
IF_NONE_MATCH = Parameter("If-None-Match", "The `ETag` of an answer that the caller has.", place="header")
UNCHANGED = Answer("The caller has the answer already.", headers=(ENTITY_TAG,))
OF_DEPRECATED_VERSIONS = (
    Header("Deprecation", "Since when the version is deprecated (RFC 9745)."),
    Header("Sunset", "When the version is going to be removed, if that is known (RFC 8594)."),
    Header("Warning", "The same in words."),
)


class DeclaredSchema(AutoSchema):
    """`operations` of a ViewSet, as drf-spectacular asks for it. The generator gives each view its version."""

    view: Any  # a ProjectViewSet

    @property
    def operation(self) -> Operation:
        """What the ViewSet declares about this action."""
        declared: Operation = self.view.operations[self.view.action]
        return declared

    @property
    def version(self) -> Version:
        """The API version that is being described."""
        described: Version = self.view.described_version
        return described

    def is_excluded(self) -> bool:
        """A route that this version does not have."""
        return self.view.feature is not None and not self.version.has(self.view.feature)

    def get_operation_id(self) -> str:
        ids = (other for part, other in self.operation.route_ids.items() if part in self.path)
        return next(ids, self.operation.id)

    def get_summary(self) -> str:
        return self.operation.summary

    def get_description(self) -> str:  # type: ignore[override]
        return self.operation.description

    def get_tags(self) -> list[str]:
        return [self.operation.tag]

    def is_deprecated(self) -> bool:
        return self.version.deprecated is not None

    def get_auth(self) -> list[Any]:
        """One of the scopes suffices, and so each is an alternative."""
        return [{SCHEME: [scope]} for scope in self.view.scopes[self.view.action]]

    def get_override_parameters(self) -> list[Any]:
        """Parameters, and headers of answers: to drf-spectacular they are the same."""
        asked = [_parameter(each) for each in self._parameters()]
        sent = [
            OpenApiParameter(
                header.name,
                dict(header.schema),
                OpenApiParameter.HEADER,
                description=header.description,
                response=[str(status)],
            )
            for status, answer in self.answers().items()
            for header in (*answer.headers, *self._headers())
        ]
        return asked + self._once_each(sent)

    def _once_each(self, headers: list[OpenApiParameter]) -> list[OpenApiParameter]:
        """The same header of several answers, once for each."""
        return list({(each.name, *each.response): each for each in headers}.values())  # type: ignore[misc]

    def _parameters(self) -> Iterator[Parameter]:
        for each in self.operation.parameters:
            is_there = each.place != "path" or f"{{{each.name}}}" in self.path
            if is_there and each.available.includes(self.version):
                yield each
        if self._has_entity_tag:
            yield IF_NONE_MATCH

    @property
    def _has_entity_tag(self) -> bool:
        return self.method == "GET" and self.operation.has_entity_tag

    def _headers(self) -> tuple[Header, ...]:
        return OF_DEPRECATED_VERSIONS if self.version.deprecated else ()

    def get_request_serializer(self) -> Any:
        body = self.operation.body
        if body is None:
            return None
        return {JSON_TYPE: OpenApiRequest(self._schema(body.schema), examples=self._examples(body.examples))}

    def get_response_serializers(self) -> Any:
        return {
            (status, *answer.media_types): OpenApiResponse(
                None if answer.schema is None else self._schema(answer.schema) or {"description": "Bytes."},
                answer.description,
                self._examples(answer.examples),
            )
            for status, answer in self.answers().items()
        }

    def answers(self) -> dict[int, Answer]:
        """All answers by status: those that are declared, and those that are common."""
        declared = dict(self.operation.answers)
        if self._has_entity_tag:
            declared[200] = _with_header(declared[200], ENTITY_TAG)
            declared[304] = UNCHANGED
        statuses = {*ALWAYS, *self.operation.errors}
        statuses.update(WITH_TOKEN if self.view.scopes[self.view.action] else ())
        statuses.update({404} if "{" in self.path else ())  # what does not fit the parameter is another path
        statuses.update(WITH_BODY if self.operation.body else ())
        errors = {status: error_answer(status, self.operation.error_examples.get(status, ())) for status in statuses}
        return dict(sorted((errors | declared).items()))

    def get_callbacks(self) -> list[OpenApiCallback]:
        return [
            OpenApiCallback(each.name, each.expression, {"post": dict(each.request)})
            for each in self.operation.callbacks
        ]

    def _schema(self, schema: VersionedSchema) -> Mapping[str, Any]:
        known: Mapping[str, Any] = with_known_formats(for_version(schema, self.version))
        return known

    def _examples(self, examples: tuple[Example, ...]) -> list[OpenApiExample]:
        return [
            OpenApiExample(each.name, each.value, media_type=JSON_TYPE)
            for each in examples
            if each.available.includes(self.version)
        ]

    def _is_list_view(self, serializer: Any = None) -> bool:
        """Never: a schema is that of the whole answer. drf-spectacular would make a list of it by the action's name."""
        return False


def _parameter(parameter: Parameter) -> OpenApiParameter:
    is_list = parameter.schema.get("type") == "array" and parameter.place == "query"
    example = [OpenApiExample("example", parameter.example)] if parameter.example is not None else []
    return OpenApiParameter(
        parameter.name,
        dict(parameter.schema),
        parameter.place,
        required=parameter.required or parameter.place == "path",
        description=parameter.description,
        style="form" if is_list else None,
        explode=False if is_list else None,
        examples=example,
    )


def _with_header(answer: Answer, header: Header) -> Answer:
    return Answer(answer.description, answer.schema, answer.examples, (*answer.headers, header), answer.media_types)
