"""Translations of a document (spec 5.6)."""

from typing import Any

import pytest

from documents.revisions.translations import CheckedTranslations, check_translations, translation_error
from livingdocs_import.project_config import Languages
from tests.documents.content.living_times import config

ARTICLE = config.content_types["article"].metadata
LANGUAGES = Languages(locales=("de", "fr", "en"), default_locale="de")


def check(value: Any, languages: Languages = LANGUAGES) -> CheckedTranslations:
    return check_translations(value, languages=languages, schema=ARTICLE, completeness=False)


def reported(value: Any) -> list[dict[str, Any]]:
    return [dict(translation_error(problem)) for problem in check(value).problems]


def errors(value: Any) -> dict[str, str]:
    return {error["path"]: error["message"] for error in reported(value)}


@pytest.mark.parametrize(
    "value",
    [
        [{"locale": "fr", "metadata": {"description": "foo FR"}}, {"locale": "en"}],
        [{"locale": "fr", "metadata": {"description": "foo FR", "clip": None}}, {"locale": "en", "metadata": None}],
        {"fr": {"metadata": {"description": "foo FR"}}, "en": {}},
    ],
    ids=["array", "nulls", "object by locale"],
)
def test_translations_for_available_locales_are_stored_as_an_array(value: Any) -> None:
    """DOC-49"""
    checked = check(value)
    assert checked.problems == []
    assert checked.translations == [
        {"locale": "fr", "metadata": {"description": "foo FR"}},
        {"locale": "en", "metadata": {}},
    ]


def test_stored_translations_pass_again_unchanged() -> None:
    checked = check({"fr": {"metadata": {"description": "foo FR"}}})
    assert check(checked.translations) == checked


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ([{"locale": "it"}], {"translations.0.locale": 'The locale "it" is not available'}),
        ([{"locale": "FR"}], {"translations.0.locale": 'The locale "FR" is not available'}),
        ([{"locale": "de"}], {"translations.0.locale": '"de" is the default locale: it has no translation'}),
        ([{"locale": "fr"}, {"locale": "fr"}], {"translations.1.locale": 'The locale "fr" comes twice'}),
        ({"it": {}}, {"translations.it.locale": 'The locale "it" is not available'}),
    ],
)
def test_a_locale_is_available_not_the_default_one_and_comes_once(value: Any, expected: dict[str, str]) -> None:
    """DOC-50"""
    assert errors(value) == expected


def test_a_project_without_languages_has_no_translations() -> None:
    assert [problem.message for problem in check([{"locale": "fr"}], Languages()).problems] == [
        'The locale "fr" is not available'
    ]


def test_the_metadata_of_a_translation_is_translatable_and_valid() -> None:
    """DOC-51"""
    value = [{"locale": "fr", "metadata": {"title": "x", "description": 5, "nobody": 1}}]
    assert reported(value) == [
        {
            "metadataProperty": "title",
            "message": "The metadata property 'title' is not translatable",
            "translationLocale": "fr",
        },
        {
            "metadataProperty": "description",
            "message": "The value of '/description' must be string",
            "translationLocale": "fr",
        },
        {
            "metadataProperty": "nobody",
            "message": "The metadata property 'nobody' is not configured",
            "translationLocale": "fr",
        },
    ]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("fr", {"translations": "Invalid type: expected array"}),
        (5, {"translations": "Invalid type: expected array"}),
        (None, {"translations": "Invalid type: expected array"}),
        (["fr"], {"translations.0": "Invalid type: expected object"}),
        ({"fr": "x"}, {"translations.fr": "Invalid type: expected object"}),
        ([{}], {"translations.0.locale": "Missing required property: locale"}),
        ([{"locale": 1}], {"translations.0.locale": "Invalid type: expected string"}),
        ([{"locale": "fr", "metadata": []}], {"translations.0.metadata": "Invalid type: expected object"}),
        (
            [{"locale": "fr", "asset": {}}, {"metadata": 1, "more": 1}],
            {
                "translations.0.asset": "Additional properties not allowed",
                "translations.1.more": "Additional properties not allowed",
                "translations.1.locale": "Missing required property: locale",
            },
        ),
    ],
)
def test_translations_of_a_wrong_shape_are_problems(value: Any, expected: dict[str, str]) -> None:
    assert errors(value) == expected
