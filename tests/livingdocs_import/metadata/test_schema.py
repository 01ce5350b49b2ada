"""A compiled schema: what is missing, unknown, translated, normalised (spec 2.6, 4.3, 5.6)."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livingdocs_import.metadata import Context, MetadataSchema, metadata_error, sentence
from livingdocs_import.metadata.registry import PLUGINS, RETIRED
from livingdocs_import.validation.json_reader import InvalidConfig
from livingdocs_import.validation.problems import json_pointer


def compile_media(*definitions: dict[str, Any]) -> MetadataSchema:
    return MetadataSchema.compile(list(definitions), Context.MEDIA)


PHOTO = compile_media(
    {"handle": "title", "type": "li-text", "config": {"required": True, "translatable": True, "maxLength": 20}},
    {"handle": "source", "type": "li-text", "config": {"required": True, "requiredErrorMessage": "Name the source!"}},
    {"handle": "credit", "type": "li-text", "config": {"minLength": 3}, "ui": {"label": "Credit line"}},
    {"handle": "rating", "type": "li-integer", "config": {"translatable": True}},
    {"handle": "documentLink", "type": "li-document-reference"},
)


def messages(problems: list[Any]) -> dict[str, str]:
    return {problem.path[0]: sentence(problem) for problem in problems}


def test_the_seed_error_reads_as_documented() -> None:
    """VAL-01: the one documented instance (spec 2.6)."""
    (problem,) = PHOTO.check({"title": 1}, completeness=False)
    assert metadata_error(problem) == {"metadataProperty": "title", "message": "The value of '/title' must be string"}


def test_all_problems_are_found_at_once() -> None:
    found = PHOTO.check({"title": 1, "rating": "x", "documentLink": [], "unknown": 1}, completeness=True)
    assert messages(found) == {
        "title": "The value of '/title' must be string",
        "rating": "The value of '/rating' must be integer",
        "documentLink": "The value of '/documentLink' must be object",
        "unknown": "The metadata property 'unknown' is not configured",
        "source": "Name the source!",
    }


@pytest.mark.parametrize("empty", [{}, {"title": None}, {"title": ""}, {"title": " \n"}])
def test_a_required_property_must_not_be_missing_or_blank(empty: dict[str, Any]) -> None:
    """VAL-11"""
    values = {"source": "dpa", **empty}
    assert PHOTO.check(values, completeness=False) == []
    assert messages(PHOTO.check(values, completeness=True)) == {"title": "The field 'title' is required"}


@pytest.mark.parametrize(
    ("plugin", "empty", "filled"),
    [
        ("li-boolean", None, False),
        ("li-integer", None, 0),
        ("li-image", {}, {"mediaId": "a"}),
        ("li-numeric-list", [], [0]),
    ],
)
def test_nothing_is_what_the_plugin_calls_nothing(plugin: str, empty: Any, filled: Any) -> None:
    """VAL-11: false and 0 are values."""
    schema = compile_media({"handle": "prop", "type": plugin, "config": {"required": True}})
    assert messages(schema.check({"prop": empty}, completeness=True)) == {"prop": "The field 'prop' is required"}
    assert schema.check({"prop": filled}, completeness=True) == []


def test_the_message_for_a_required_property_uses_its_label() -> None:
    for label in ("Photographer", {"de": "Fotograf", "en": "Photographer"}):
        schema = compile_media(
            {"handle": "byline", "type": "li-text", "config": {"required": True}, "ui": {"label": label}}
        )
        assert messages(schema.check({}, completeness=True)) == {"byline": "The field 'Photographer' is required"}


def test_minimum_lengths_only_count_for_completeness() -> None:
    values = {"title": "t", "source": "s", "credit": "ab"}
    assert PHOTO.check(values, completeness=False) == []
    assert messages(PHOTO.check(values, completeness=True)) == {
        "credit": "The value of '/credit' must NOT have fewer than 3 characters"
    }
    assert PHOTO.check({"title": "t", "source": "s"}, completeness=True) == []


def test_minimum_references_only_count_for_completeness() -> None:
    schema = compile_media({"handle": "related", "type": "li-document-references", "config": {"min": 2}})
    values = {"related": {"$ref": "documents", "references": [{"id": "1"}]}}
    assert schema.check(values, completeness=False) == []
    assert messages(schema.check(values, completeness=True)) == {
        "related": "The value of '/related/references' must NOT have fewer than 2 items"
    }


@pytest.mark.parametrize(
    ("message", "said"), [("", "Slug does not match the required format"), ("Small letters only", "Small letters only")]
)
def test_the_format_of_a_unique_id_only_counts_for_completeness(message: str, said: str) -> None:
    schema = MetadataSchema.compile(
        [
            {
                "handle": "slug",
                "type": "li-unique-id",
                "config": {"regex": "^[a-z]+$", "regexErrorMessage": message, "uniquenessScope": "page"},
                "ui": {"label": "Slug"},
            }
        ],
        Context.DOCUMENT,
    )
    assert schema.unique == {"slug": "page"}
    assert schema.check({"slug": "Main Page"}, completeness=False) == []
    assert messages(schema.check({"slug": "Main Page"}, completeness=True)) == {"slug": said}
    assert schema.check({"slug": "main"}, completeness=True) == []


def test_recommended_lengths_never_fail() -> None:
    """VAL-07"""
    schema = compile_media(
        {"handle": "lead", "type": "li-text", "config": {"recommendedMinLength": 5, "recommendedMaxLength": 6}}
    )
    assert schema.check({"lead": "a"}, completeness=True) == []
    assert schema.check({"lead": "a" * 99}, completeness=True) == []


# --- Nulls, depth, names ---------------------------------------------------------------------------------------------


def test_null_is_not_set() -> None:
    assert PHOTO.check({"title": None, "rating": None}, completeness=False) == []
    assert PHOTO.normalise({"title": None, "rating": 3}) == {"rating": 3}


def test_a_value_may_be_nested_100_levels_deep_and_no_deeper() -> None:
    schema = MetadataSchema.compile([{"handle": "tags", "type": "li-retresco"}], Context.DOCUMENT)
    value: Any = []
    for _ in range(99):
        value = [value]
    assert schema.check({"tags": value}, completeness=False) == []
    for _ in range(100_000):
        value = {"a": value}
    assert messages(schema.check({"tags": value}, completeness=False)) == {
        "tags": "The value of '/tags' must NOT be nested deeper than 100 levels"
    }


def test_a_strange_property_name_can_be_reported() -> None:
    name = "\ud800" + "x" * 500
    (problem,) = PHOTO.check({name: 1}, completeness=False)
    assert problem.path[0] == name
    assert problem.message == f"The metadata property '\\ud800{'x' * 94}' is not configured"
    assert metadata_error(problem)["metadataProperty"] == f"\\ud800{'x' * 94}"


# --- Translations ----------------------------------------------------------------------------------------------------


def test_only_translatable_properties_may_be_translated() -> None:
    assert PHOTO.translatable == {"title", "rating"}
    found = PHOTO.check_translation("fr", {"title": "Titre", "source": "AFP", "nom": "x"}, completeness=True)
    assert [metadata_error(problem) for problem in found] == [
        {
            "metadataProperty": "source",
            "message": "The metadata property 'source' is not translatable",
            "translationLocale": "fr",
        },
        {
            "metadataProperty": "nom",
            "message": "The metadata property 'nom' is not configured",
            "translationLocale": "fr",
        },
    ]


def test_a_translated_value_obeys_the_same_rules_but_nothing_is_required() -> None:
    assert PHOTO.check_translation("fr", {"title": None, "source": None}, completeness=True) == []
    assert messages(PHOTO.check_translation("fr", {"title": "t" * 21, "rating": "x"}, completeness=False)) == {
        "title": "The value of '/title' must NOT have more than 20 characters",
        "rating": "The value of '/rating' must be integer",
    }


def test_minimum_lengths_count_for_translations_that_are_published() -> None:
    schema = compile_media({"handle": "title", "type": "li-text", "config": {"translatable": True, "minLength": 3}})
    assert schema.check_translation("fr", {"title": "a"}, completeness=False) == []
    (problem,) = schema.check_translation("fr", {"title": "a"}, completeness=True)
    assert (problem.path[0], problem.locale) == ("title", "fr")


# --- Reading ---------------------------------------------------------------------------------------------------------


def test_values_are_normalised_to_what_is_stored() -> None:
    """VAL-10: ids in references are strings, also those of documents."""
    schema = MetadataSchema.compile(
        [
            {"handle": "count", "type": "li-integer"},
            {"handle": "link", "type": "li-document-reference"},
            {"handle": "links", "type": "li-document-references"},
            {"handle": "image", "type": "li-image"},
            {"handle": "tree", "type": "li-tree"},
        ],
        Context.DOCUMENT,
    )
    values = {
        "count": 3.0,
        "link": {"$ref": "document", "reference": {"id": 12, "externalSystem": None}},
        "links": {"$ref": "documents", "references": [{"id": 1}, {"id": "2"}]},
        "image": {"width": 1, "focalPoint": None, "altText": None},
        "tree": [{"id": "a", "type": "group", "items": [{"id": "b", "type": "document", "reference": {"id": 7}}]}],
    }
    assert schema.check(values, completeness=False) == []
    normal = schema.normalise(values)
    assert normal == {
        "count": 3,
        "link": {"$ref": "document", "reference": {"id": "12"}},
        "links": {"$ref": "documents", "references": [{"id": "1"}, {"id": "2"}]},
        "image": {"width": 1, "altText": None},  # null in a member we do not know is not ours to drop
        "tree": [{"id": "a", "type": "group", "items": [{"id": "b", "type": "document", "reference": {"id": "7"}}]}],
    }
    assert type(normal["count"]) is int
    assert schema.normalise(normal) == normal


def test_reads_leave_out_what_is_no_longer_configured() -> None:
    """PUB-07"""
    assert PHOTO.known({"old": 1, "title": "a"}) == {"title": "a"}


def test_a_free_text_property_is_known_as_one() -> None:
    schema = compile_media(
        {"handle": "title", "type": "li-text"},
        {"handle": "section", "type": "li-text", "config": {"dataProvider": {"items": [{"value": "a"}]}}},
        {"handle": "colour", "type": "li-color"},
    )
    assert [handle for handle in ("title", "section", "colour", "nothing") if schema.is_text(handle)] == ["title"]


def test_a_value_found_elsewhere_can_be_tried() -> None:
    assert PHOTO.fits("rating", 3)
    assert not PHOTO.fits("rating", "three")
    assert not PHOTO.fits("nothing", "x")


# --- Any JSON, and worse ---------------------------------------------------------------------------------------------

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()) | st.binary(max_size=2),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
KEYS = ["$ref", "reference", "references", "mediaId", "mimeType", "crops", "focalPoint", "items", "type", "from", "id"]
SHAPES = st.fixed_dictionaries({}, optional=dict.fromkeys([*KEYS, "translations", "to", "locale"], JSON))
OPTIONS = {
    "li-enum": {"dataProvider": {"items": [{"value": "a"}]}},
    "li-system-enum": {"dataProvider": {"items": [{"value": "a"}]}},
    "li-string-list": {"dataProvider": {"items": [{"value": "a"}]}},
    "li-unique-id": {"uniquenessScope": "a", "regex": "^a"},
    "li-text": {"minLength": 1, "maxLength": 3, "allowNewlines": False},
}
EVERY_PLUGIN = {
    context: MetadataSchema.compile(
        [
            {"handle": name, "type": name, "config": OPTIONS.get(name, {})}
            for name, plugin in sorted(PLUGINS.items())
            if context in plugin.contexts and name.startswith("li-") and name not in RETIRED
        ],
        context,
    )
    for context in Context
}


@settings(max_examples=60, deadline=None)
@given(value=JSON | SHAPES | st.lists(SHAPES, max_size=3))
@pytest.mark.parametrize("context", list(Context))
def test_no_value_makes_a_plugin_raise(context: Context, value: Any) -> None:
    schema = EVERY_PLUGIN[context]
    values = dict.fromkeys(schema.properties, value)
    schema.check_translation("fr", values, completeness=True)
    schema.references(values)
    wrong = {problem.path[0] for problem in schema.check(values, completeness=True)}
    right = {handle: each for handle, each in schema.normalise(values).items() if handle not in wrong}
    assert schema.check(right, completeness=True) == []  # what is stored passes again


# --- Definitions -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("definition", "pointer", "message"),
    [
        ({"type": "li-text"}, "/metadata/0", "must have required property 'handle'"),
        ({"handle": "title"}, "/metadata/0", "must have required property 'type'"),
        (
            {"handle": "ab", "type": "li-text"},  # CFG-03
            "/metadata/0/handle",
            'must match pattern "^[a-zA-Z][a-zA-Z0-9\\-_]{2,49}$"',
        ),
        ({"handle": "title\n", "type": "li-text"}, "/metadata/0/handle", None),
        ({"handle": "title", "type": "li-foo"}, "/metadata/0/type", "unknown metadata plugin 'li-foo'"),  # CFG-04
        (
            {"handle": "title", "type": "li-teaser"},
            "/metadata/0/type",
            "li-teaser cannot be used in the metadata of a media type",
        ),
        (
            {"handle": "title", "type": "li-reference"},
            "/metadata/0/type",
            "li-reference is no longer supported; use li-document-reference",
        ),
        (
            {"handle": "title", "type": "li-text", "requried": True},
            "/metadata/0/requried",
            "Additional properties not allowed; known are id, handle, type, config, ui",
        ),
        ({"handle": "title", "type": "li-text", "config": []}, "/metadata/0/config", "must be object"),
        (
            {"handle": "title", "type": "li-text", "config": {"required": "yes"}},
            "/metadata/0/config/required",
            "must be boolean",
        ),
        (
            {"handle": "title", "type": "li-text", "config": {"maxLength": "9"}},
            "/metadata/0/config/maxLength",
            "must be integer",
        ),
        (
            {"handle": "title", "type": "li-text", "config": {"maxLength": -1}},
            "/metadata/0/config/maxLength",
            "must be >= 0",
        ),
        (
            {"handle": "title", "type": "li-text", "config": {"minLength": 9, "maxLength": 3}},
            "/metadata/0/config/minLength",
            "must not be above maxLength",
        ),
        (
            {"handle": "title", "type": "li-integer", "config": {"minValue": 9, "maxValue": 3}},
            "/metadata/0/config/minValue",
            "must not be above maxValue",
        ),
        ({"handle": "kind", "type": "li-enum"}, "/metadata/0/config", "must have a dataProvider with items"),
        (
            {"handle": "kind", "type": "li-enum", "config": {"dataProvider": {"items": [{"value": 1}]}}},
            "/metadata/0/config/dataProvider/items/0/value",
            "must be string",
        ),
        (
            {"handle": "tags", "type": "li-string-list"},
            "/metadata/0/config",
            "must have required property 'dataProvider'",
        ),
        (
            {"handle": "image", "type": "li-image", "config": {"translatable": True}},
            "/metadata/0/config/translatable",
            "li-image cannot be translated",
        ),
    ],
)
def test_a_bad_definition_is_named(definition: dict[str, Any], pointer: str, message: str | None) -> None:
    """CFG-03, CFG-04"""
    with pytest.raises(InvalidConfig) as caught:
        compile_media(definition)
    (problem,) = caught.value.problems
    assert json_pointer(problem.path) == pointer
    assert message is None or problem.message == message


def test_a_bad_regular_expression_is_named() -> None:
    definition = {"handle": "slug", "type": "li-unique-id", "config": {"regex": "(", "uniquenessScope": "a"}}
    with pytest.raises(InvalidConfig) as caught:
        MetadataSchema.compile([definition], Context.DOCUMENT)
    assert [json_pointer(problem.path) for problem in caught.value.problems] == ["/metadata/0/config/regex"]


def test_a_handle_is_defined_once() -> None:
    with pytest.raises(InvalidConfig, match="there is already a property 'title'"):
        compile_media({"handle": "title", "type": "li-text"}, {"handle": "title", "type": "li-integer"})


def test_options_for_the_editor_are_taken() -> None:
    compile_media(
        {
            "id": "1",
            "handle": "title",
            "type": "li-text",
            "config": {"index": True, "hideFromForm": False, "translatable": False},
            "ui": {"component": "liMetaTextareaForm", "config": {"readOnly": True, "rows": 3}},
        }
    )


def test_parameters_of_include_services_may_have_short_names() -> None:
    schema = MetadataSchema.compile([{"handle": "id", "type": "li-text"}], Context.INCLUDE)
    assert schema.check({"id": "x"}, completeness=True) == []
