"""Plugins with single values: texts, choices, flags, integers, times, and lists of them.

Options that only guide the editor (`recommendedMinLength`, `index`, `hideFromForm`, ...) are accepted and never
enforced.
"""

from typing import Any

from livingdocs_import.metadata.registry import ANYWHERE, Behaviour, Completeness, Context, plugin, simple
from livingdocs_import.validation.json_reader import Node
from livingdocs_import.validation.problems import Kind, Problems
from livingdocs_import.validation.storable_json import MAX_INTEGER, MIN_INTEGER
from livingdocs_import.validation.value_types import Expression, Flag, Integer, List, Moment, Text

DOCUMENT, MEDIA = Context.DOCUMENT, Context.MEDIA
ALSO_OF_USES = ANYWHERE | Context.USAGE

HEX_COLOUR = Expression("^#([0-9a-fA-F]{3,4}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8})$")
USER_NEEDS = frozenset({"engage", "update", "educate", "perspective", "divert", "inspire", "connect", "help"})


def limits(options: Node, least: str, most: str) -> tuple[int | None, int | None]:
    """Two counts from the options, the first not above the second."""
    low, high = options.whole(least, least=0), options.whole(most, least=0)
    if low is not None and high is not None and low > high:
        options[least].add_violation(f"must not be above {most}")
    return low, high


def provided(options: Node, kind: type, *, required: bool = False) -> frozenset[Any] | None:
    """The values of `dataProvider.items`. None when the list is elsewhere (`dataSource`): any value is accepted."""
    provider = options.section("dataProvider")
    if "items" not in provider:
        if required:
            options.add_problem("must have a dataProvider with items")
        return None
    handles = set()
    for item in provider.objects("items"):
        value = item["value"]
        if isinstance(value.value, kind) and not isinstance(value.value, bool):
            handles.add(value.value)
        else:
            value.add_problem(f"must be {'string' if kind is str else 'integer'}")
    return frozenset(handles)


def at_least(least: int | None) -> Completeness | None:
    """A rule for the minimum length of a text, in characters."""
    if not least:
        return None

    def complete(value: Any, _label: str, problems: Problems) -> None:
        if isinstance(value, str) and len(value) < least:
            problems.add(f"must NOT have fewer than {least} characters")

    return complete


# --- Texts -----------------------------------------------------------------------------------------------------------


def text(options: Node) -> Behaviour:
    shortest, longest = limits(options, "minLength", "maxLength")
    newlines = options.flag("allowNewlines", default=True)
    return Behaviour(Text(longest, newlines, provided(options, str)), complete=at_least(shortest))


plugin("li-text", ALSO_OF_USES, translatable=True)(text)
plugin("li-system-text", DOCUMENT)(text)

simple(DOCUMENT | MEDIA, Text(), "li-external-id")
simple(MEDIA, Text(), "li-media-handle")
simple(DOCUMENT, Text(choices=USER_NEEDS), "li-user-needs")


@plugin("li-color", ANYWHERE, translatable=True)
def color(_options: Node) -> Behaviour:
    return Behaviour(Text(pattern=HEX_COLOUR))


def enum(options: Node) -> Behaviour:
    return Behaviour(Text(choices=provided(options, str, required=True)))


plugin("li-enum", ALSO_OF_USES)(enum)
plugin("li-system-enum", DOCUMENT)(enum)


@plugin("li-manual-document-status", DOCUMENT)
def manual_document_status(options: Node) -> Behaviour:
    known = {status.text("value") for status in options.objects("statuses")} - {None}
    return Behaviour(Text(choices=frozenset(value for value in known if value) or None))


@plugin("li-unique-id", DOCUMENT)
def unique_id(options: Node) -> Behaviour:
    """Format and uniqueness are checked on publish only; uniqueness by the database."""
    source = options.text("regex")
    message = options.text("regexErrorMessage")
    expression = None
    if source:
        try:
            expression = Expression(source)
        except ValueError:
            options["regex"].add_problem("must be a regular expression")

    def complete(value: Any, label: str, problems: Problems) -> None:
        if expression and isinstance(value, str) and not expression.matches(value):
            problems.add(message or f"{label} does not match the required format", kind=Kind.VIOLATION)

    scope = options.text("uniquenessScope", required=True, longest=200)
    return Behaviour(Text(), complete=complete, unique_in=scope)


# --- Flags and numbers -----------------------------------------------------------------------------------------------

simple(ALSO_OF_USES, Flag(), "li-boolean")
simple(DOCUMENT, Flag(), "li-system-boolean", "li-moderated-collab")


def integer(options: Node) -> Behaviour:
    least, most = options.whole("minValue"), options.whole("maxValue")
    if least is not None and most is not None and least > most:
        options["minValue"].add_violation("must not be above maxValue")
    return Behaviour(
        Integer(
            MIN_INTEGER if least is None else max(least, MIN_INTEGER),
            MAX_INTEGER if most is None else min(most, MAX_INTEGER),
            provided(options, int),
        )
    )


plugin("li-integer", ALSO_OF_USES, translatable=True)(integer)
plugin("li-system-integer", ANYWHERE, translatable=True)(integer)
simple(DOCUMENT, Integer(), "li-system-priority")


# --- Lists -----------------------------------------------------------------------------------------------------------


@plugin("li-numeric-list", ALSO_OF_USES)
def numeric_list(options: Node) -> Behaviour:
    return Behaviour(List(Integer(), options.whole("maxItems", least=0)))


@plugin("li-string-list", ALSO_OF_USES)
def string_list(options: Node) -> Behaviour:
    if "dataProvider" not in options:
        options.add_problem("must have required property 'dataProvider'")
    return Behaviour(List(Text(choices=provided(options, str)), options.whole("maxItems", least=0)))


# --- Moments ---------------------------------------------------------------------------------------------------------

plugin("li-date", ALSO_OF_USES, translatable=True)(lambda _options: Behaviour(Moment(bare_date=True)))
simple(DOCUMENT, Moment(bare_date=True), "li-system-date")
simple(ALSO_OF_USES, Moment(), "li-datetime")
simple(ANYWHERE, Moment(), "li-system-datetime")
simple(DOCUMENT, Moment(), "li-publish-date")
