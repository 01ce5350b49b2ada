"""Reading a project's configuration: everything that is wrong with it, and what it means when nothing is."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livingdocs_import.project_config import (
    Directive,
    DirectiveType,
    ImageLimits,
    ImageService,
    InvalidConfig,
    ProjectConfig,
    Secret,
    parse,
    problems,
    warnings,
)
from livingdocs_import.validation.limits import MAX_PROBLEMS
from livingdocs_import.validation.problems import json_pointer

DEMO: dict[str, Any] = json.loads(
    (Path(__file__).parents[3] / "livingdocs_import" / "demo_config.json").read_text("utf-8")
)


def read(raw: dict[str, Any]) -> ProjectConfig:
    return parse({"v": 2, **raw}, project_id=3, channel_id=4, design_version="1.0.7")


def found(raw: dict[str, Any]) -> list[tuple[str, str]]:
    return [(json_pointer(problem.path), problem.message) for problem in problems({"v": 2, **raw})]


def component(**more: Any) -> dict[str, Any]:
    return {"components": [{"name": "text", **more}]}


# --- As a whole ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("raw", [None, 1, "config", [], [{"v": 2}]])
def test_a_configuration_is_an_object(raw: Any) -> None:
    assert [(json_pointer(problem.path), problem.message) for problem in problems(raw)] == [("", "must be object")]


@pytest.mark.parametrize("version", [None, 1, "2", True])
def test_only_version_2_is_read(version: Any) -> None:
    assert ("/v", "must be 2") in found({"v": version})


def test_of_an_endless_configuration_a_thousand_problems_are_reported() -> None:
    raw = {"v": 2, "mediaTypes": [1] * 100_000}
    assert len(problems(raw)) == MAX_PROBLEMS
    with pytest.raises(InvalidConfig) as caught:
        read(raw)
    assert len(caught.value.problems) == MAX_PROBLEMS


def test_all_problems_are_named_at_once_and_nothing_is_parsed() -> None:
    raw = {
        "v": 2,
        "mediaTypes": [{"handle": "image", "type": "mediaImage", "metadata": [{"handle": "title", "type": "li-nope"}]}],
        "contentTypes": [{"handle": "article", "documentType": "essay", "components": ["nowhere"]}],
    }
    with pytest.raises(InvalidConfig) as caught:
        parse(raw, project_id=1, channel_id=1, design_version="1.0.0")
    assert [(json_pointer(problem.path), problem.message, problem.kind) for problem in caught.value.problems] == [
        ("/mediaTypes/0/metadata/0/type", "unknown metadata plugin 'li-nope'", "violation"),
        ("/contentTypes/0/documentType", "must be one of article, page, data-record", "schema"),
        ("/contentTypes/0/components/0", "there is no component 'nowhere'", "violation"),
    ]


def test_keys_of_other_parts_of_livingdocs_are_left_alone() -> None:
    raw = {"editorSettings": {"a": 1}, "deliveries": [{}], "$baseRevision": 4, "brands": None, "import": {"a": 1}}
    assert found(raw) == []


def test_what_was_read_cannot_be_changed() -> None:
    config = read(DEMO)
    with pytest.raises(AttributeError):
        config.handle = "other"  # type: ignore[misc]
    with pytest.raises(TypeError):
        config.media_types["x"] = config.media_types["image"]  # type: ignore[index]


@settings(max_examples=60, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-3, 3) | st.floats() | st.text(max_size=4),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
        max_leaves=5,
    ),
    st.data(),
)
def test_no_configuration_makes_the_reader_raise(value: Any, data: st.DataObject) -> None:
    """Any value in any place of a real configuration; reporting it twice says the same."""
    raw = copy.deepcopy(DEMO)
    place: Any = raw
    while True:
        key = data.draw(st.sampled_from(list(place) if isinstance(place, dict) else range(len(place))))
        if not isinstance(place[key], dict | list) or not place[key] or data.draw(st.integers(0, 3)) == 0:
            break
        place = place[key]
    place[key] = value
    assert problems(raw) == problems(raw)
    problems(value)


# --- Names, languages ------------------------------------------------------------------------------------------------


def test_handle_label_and_languages() -> None:
    config = read(DEMO)
    assert (config.handle, config.label) == ("demo", "Living Times")
    assert config.locales == ("de", "en", "fr")
    assert config.default_locale == "de"
    assert config.languages.translation_locales == {"en", "fr"}


def test_languages_may_be_missing() -> None:
    config = read({})
    assert config.locales == ()
    assert config.default_locale is None
    assert config.languages.translation_locales == frozenset()


@pytest.mark.parametrize(
    ("languages", "problem"),
    [
        (
            {"available": [{"locale": "de"}], "defaultLanguage": {"locale": "fr"}},
            ("/settings/languages/defaultLanguage/locale", "'fr' is not among the available languages"),
        ),
        (
            {"available": [{"locale": "de"}, {"locale": "de"}]},
            ("/settings/languages/available/1/locale", "there is already a language 'de'"),
        ),
        (
            {"available": [{"locale": "DE"}]},
            ("/settings/languages/available/0/locale", 'must match pattern "^[a-z][a-zA-Z0-9\\-]+$"'),
        ),
        ({"available": ["de"]}, ("/settings/languages/available/0", "must be object")),
    ],
)
def test_bad_languages_are_named(languages: dict[str, Any], problem: tuple[str, str]) -> None:
    assert found({"settings": {"languages": languages}}) == [problem]


# --- Media types -----------------------------------------------------------------------------------------------------


def test_without_media_types_there_is_one_for_images() -> None:
    """CFG-02"""
    for raw in ({}, {"mediaTypes": []}):
        config = read(raw)
        assert list(config.media_types) == ["image"]
        assert list(config.media_types["image"].metadata.properties) == ["title", "caption", "source", "description"]
        assert config.default_media_type("mediaImage") is config.media_type("image")
        assert config.default_media_type("mediaVideo") is None


def test_each_base_type_in_use_has_its_mandatory_handle() -> None:
    """CFG-01"""
    assert found(
        {"mediaTypes": [{"handle": "photo", "type": "mediaImage"}, {"handle": "video", "type": "mediaVideo"}]}
    ) == [("/mediaTypes", "one media type of type mediaImage must have the handle 'image'")]
    assert found(
        {"mediaTypes": [{"handle": "video", "type": "mediaImage"}, {"handle": "image", "type": "mediaVideo"}]}
    ) == [
        ("/mediaTypes", "one media type of type mediaImage must have the handle 'image'"),
        ("/mediaTypes", "one media type of type mediaVideo must have the handle 'video'"),
    ]


@pytest.mark.parametrize("handle", ["Image", "im", "1mage", "image_1", "i" * 51, "image\n", ""])
def test_handles_obey_the_documented_pattern(handle: str) -> None:
    """CFG-03"""
    for kind, rest in (("mediaTypes", {"type": "mediaImage"}), ("contentTypes", {"documentType": "article"})):
        assert [pointer for pointer, _ in found({kind: [{"handle": handle, **rest}]})] == [f"/{kind}/0/handle"]


def test_handles_are_unique() -> None:
    image = {"handle": "image", "type": "mediaImage"}
    article = {"handle": "article", "documentType": "article"}
    assert found({"mediaTypes": [image, image], "contentTypes": [article, article]}) == [
        ("/mediaTypes/1/handle", "there is already a media type 'image'"),
        ("/contentTypes/1/handle", "there is already a content type 'article'"),
    ]


def test_default_media_types_are_configured_ones_of_their_base_type() -> None:
    raw = {
        "mediaTypes": [
            {"handle": "image", "type": "mediaImage"},
            {"handle": "photo", "type": "mediaImage"},
            {"handle": "video", "type": "mediaVideo"},
        ]
    }
    config = read({**raw, "settings": {"defaultMediaTypes": {"mediaImage": "photo"}}})
    assert config.default_media_type("mediaImage") is config.media_type("photo")
    assert config.default_media_type("mediaVideo") is config.media_type("video")
    assert found({**raw, "settings": {"defaultMediaTypes": {"mediaImage": "video", "mediaAudio": "x"}}}) == [
        (
            "/settings/defaultMediaTypes/mediaAudio",
            "Additional properties not allowed; known are mediaImage, mediaVideo, mediaFile",
        ),
        ("/settings/defaultMediaTypes/mediaImage", "there is no media type 'video' of type mediaImage"),
    ]


def test_embedded_fields_go_to_configured_properties() -> None:
    mapping = {"mappings": [{"field": "Title", "metadataPropertyName": "titel"}]}
    metadata = [{"handle": "title", "type": "li-text"}]
    assert found(
        {
            "mediaTypes": [
                {"handle": "image", "type": "mediaImage", "metadata": metadata, "exifExtraction": mapping},
            ]
        }
    ) == [
        ("/mediaTypes/0/exifExtraction/mappings/0/metadataPropertyName", "there is no metadata property 'titel'"),
    ]
    image = read(DEMO).media_types["image"]
    assert [(each.field, each.metadata_property_name) for each in image.exif_mappings][:2] == [
        ("Title", "title"),
        ("Description", "caption"),
    ]


def test_only_images_have_embedded_fields() -> None:
    raw = {
        "handle": "video",
        "type": "mediaVideo",
        "metadata": [{"handle": "title", "type": "li-text"}],
        "exifExtraction": {"mappings": [{"field": "Title", "metadataPropertyName": "title"}]},
    }
    assert found({"mediaTypes": [raw]}) == [
        ("/mediaTypes/0/exifExtraction", "only images have embedded fields to extract")
    ]


# --- Content types ---------------------------------------------------------------------------------------------------


def test_content_types_name_their_components() -> None:
    raw = {
        "components": [{"name": "title"}, {"name": "text"}],
        "contentTypes": [
            {"handle": "article", "documentType": "article", "components": ["title", {"name": "text"}]},
            {"handle": "page", "documentType": "page"},
            {"handle": "author", "documentType": "data-record", "components": []},
        ],
    }
    config = read(raw)
    assert config.content_types["article"].components == {"title", "text"}
    assert config.content_types["page"].components is None
    assert config.content_types["author"].components == frozenset()


def test_content_types_carry_their_publishing_options() -> None:
    preference = ["metadata.publicationDate", "publishControl.firstPublicationDate"]
    raw = {
        "handle": "article",
        "documentType": "article",
        "displayTitlePattern": "{{metadata.title}}",
        "publishControl": {"visiblePublicationDatePreference": preference, "significantPublicationDate": True},
        "defaultMediaTypes": {"mediaImage": "image"},
    }
    article = read({"contentTypes": [raw]}).content_types["article"]
    assert article.visible_publication_date_preference == tuple(preference)
    assert article.display_title_pattern == "{{metadata.title}}"
    assert article.default_media_types == {"mediaImage": "image"}


def test_include_services_have_parameters() -> None:
    service = read(DEMO).include_services["document-teaser"]
    assert service.references({"article": {"$ref": "document", "reference": {"id": "1"}}})[0].property_name == "article"
    bad = {"handle": "a", "paramsSchema": [{"handle": "b", "type": "li-tree"}]}
    assert found({"settings": {"includeServices": [bad]}}) == [
        (
            "/settings/includeServices/0/paramsSchema/0/type",
            "li-tree cannot be used in the parameters of an include service",
        )
    ]


# --- Design ----------------------------------------------------------------------------------------------------------


def test_a_design_is_named_after_project_and_channel() -> None:
    """CFG-05: the version is the caller's, who keeps the old ones."""
    design = read({}).design
    assert (design.name, design.version) == ("p:3:4", "1.0.7")


def test_a_configuration_may_name_its_design() -> None:
    design = read({"design": {"name": "living-times", "version": "1.0.2"}}).design
    assert (design.name, design.version) == ("living-times", "1.0.2")


@pytest.mark.parametrize(
    ("design", "problem"),
    [
        ("living-times", ("/design", "must be object")),
        ({"version": "1.0.2"}, ("/design", "must have required property 'name'")),
        ({"name": "living-times"}, ("/design", "must have required property 'version'")),
        ({"name": "living.times", "version": "1.0.2"}, ("/design/name", 'must match pattern "^[^\\s.]{1,100}$"')),
        (
            {"name": "living-times", "version": "1.0"},
            ("/design/version", 'must match pattern "^[0-9]{1,9}\\.[0-9]{1,9}\\.[0-9]{1,9}$"'),
        ),
        (
            {"name": "a", "version": "1.0.2", "versoin": "1"},
            ("/design/versoin", "Additional properties not allowed; did you mean 'version'?"),
        ),
    ],
)
def test_a_bad_design_is_named(design: Any, problem: tuple[str, str]) -> None:
    assert found({"design": design}) == [problem]


def test_directives_are_declared_or_found_in_the_html() -> None:
    text = read(
        component(
            label={"de": "Text"},
            directives=[
                {"type": "editable", "name": "title", "plainText": True, "minLength": 1, "maxLength": 150},
                {"type": "container", "name": "list", "allowedChildren": ["text"]},
                {"type": "include", "name": "teaser", "services": [{"service": "a"}, {"service": "b"}]},
                {"type": "style", "name": "background", "properties": ["css-background-color"]},
            ],
            html=(
                '<SECTION doc-style="background"><h2 doc-editable="title">Title</h2><a doc-link=link DOC-EDITABLE=more>'
                '<img doc-image="photo"/><video doc-video="clip"></video><audio doc-audio="sound"></audio></a>'
                '<div doc-include="teaser"></div><div doc-html></div><ul doc-container="list"></ul>'
                '<p doc-toggle="on" doc-optional="x" data-doc-editable="no"><a doc-file="pdf"></p>'
            ),
            allowedParents=["text"],
            properties=["lead"],
        )
    ).design.components["text"]
    assert {name: directive.type.value for name, directive in text.directives.items()} == {
        "title": "editable",
        "list": "container",
        "teaser": "include",
        "background": "style",
        "link": "link",
        "more": "editable",
        "photo": "image",
        "clip": "video",
        "sound": "audio",
        "default": "html",
        "on": "toggle",
        "pdf": "file",
    }
    assert text.directives["title"] == Directive(
        DirectiveType.EDITABLE, "title", plain_text=True, min_length=1, max_length=150
    )
    assert text.directives["list"].allowed_children == ("text",)
    assert text.directives["teaser"].services == ("a", "b")
    assert text.directives["background"].properties == ("css-background-color",)
    assert (text.label, text.allowed_parents, text.properties) == ("text", ("text",), ("lead",))


def test_directives_may_be_keyed_by_name() -> None:
    raw = component(directives={"title": {"type": "editable", "tagDenylist": ["a"]}})
    assert read(raw).design.components["text"].directives == {
        "title": Directive(DirectiveType.EDITABLE, "title", tag_denylist=("a",))
    }


@pytest.mark.parametrize(
    ("parts", "problem"),
    [
        ({"name": None}, ("/components/0", "must have required property 'name'")),
        ({"directives": "title"}, ("/components/0/directives", "must be array")),
        ({"directives": ["title"]}, ("/components/0/directives/0", "must be object")),
        ({"directives": [{"type": "editable"}]}, ("/components/0/directives/0", "must have required property 'name'")),
        ({"directives": [{"name": "title"}]}, ("/components/0/directives/0", "must have required property 'type'")),
        (
            {"directives": [{"name": "a", "type": "editable"}, {"name": "a", "type": "image"}]},
            ("/components/0/directives/1", "there is already a directive 'a'"),
        ),
        (
            {"directives": [{"name": "a", "type": "editable", "plainText": True, "tagAllowlist": []}]},
            ("/components/0/directives/0", "takes only one of plainText, tagAllowlist and tagDenylist"),
        ),
        (
            {"directives": [{"name": "a", "type": "editable", "minLength": 5, "maxLength": 4}]},
            ("/components/0/directives/0/minLength", "must not be above maxLength"),
        ),
        (
            {"directives": [{"name": "a", "type": "container", "allowedChildren": ["text", "other"]}]},
            ("/components/0/directives/0/allowedChildren/1", "there is no component 'other'"),
        ),
        ({"allowedParents": ["other"]}, ("/components/0/allowedParents/0", "there is no component 'other'")),
        ({"allowedParents": [1]}, ("/components/0/allowedParents/0", "must be string")),
        ({"html": 1}, ("/components/0/html", "must be string")),
        (
            {"html": '<p doc-editable="a"><img doc-image="a">'},
            ("/components/0/html", "directive 'a' is editable in one place and image in another"),
        ),
    ],
)
def test_a_bad_component_is_named(parts: dict[str, Any], problem: tuple[str, str]) -> None:
    assert found(component(**parts)) == [problem]


def test_broken_html_does_not_break_the_reader() -> None:
    """Python's parser raises on this or skips it, depending on its patch level."""
    assert found(component(html='<p doc-editable="a"><![nonsense[')) in ([], [("/components/0/html", "is not HTML")])


def test_an_unknown_directive_type_is_named() -> None:
    ((pointer, message),) = found(component(directives=[{"name": "a", "type": "hologram"}]))
    assert pointer == "/components/0/directives/0/type"
    assert message.startswith("must be one of editable, image, video,")


def test_component_names_are_unique() -> None:
    assert found({"components": [{"name": "text"}, {"name": "text"}]}) == [
        ("/components/1/name", "there is already a component 'text'")
    ]


# --- Switches ---------------------------------------------------------------------------------------------------------


def test_a_secret_is_not_shown() -> None:
    assert "hush" not in repr(Secret("hush"))


def test_the_switches_have_defaults() -> None:
    options = read({}).options
    assert not options.completeness_always
    assert options.require_media_metadata
    assert not options.revoke_deletes_asset
    assert not options.require_stored_asset
    assert options.import_webhook_secret is None
    assert options.image_limits == ImageLimits(None, None, None)
    assert read({}).image_service == ImageService("imgix", None)


def test_the_switches_are_read() -> None:
    """Q-43, Q-11, Q-23, Q-09"""
    options = read(
        {
            "settings": {
                "import": {"completeness": "always", "requireMediaMetadata": False, "webhookSecret": "hush"},
                "mediaLibrary": {
                    "revokeDeletesAsset": True,
                    "requireStoredAsset": True,
                    "imageLimits": {"maxBytes": 1000, "maxPixels": 2000.0},
                    "imageService": {"name": "cdn", "host": "https://cdn.example.com/"},
                },
            }
        }
    ).options
    assert options.completeness_always
    assert not options.require_media_metadata
    assert options.import_webhook_secret == Secret("hush")
    assert options.revoke_deletes_asset
    assert options.require_stored_asset
    assert options.image_limits == ImageLimits(1000, 2000, None)
    assert options.image_service == ImageService("cdn", "https://cdn.example.com")


@pytest.mark.parametrize(
    ("switches", "pointer"),
    [
        ({"import": {"completness": "always"}}, "/settings/import/completness"),
        ({"import": {"completeness": True}}, "/settings/import/completeness"),
        ({"mediaLibrary": {"imageLimits": {"maxBytes": 0}}}, "/settings/mediaLibrary/imageLimits/maxBytes"),
        ({"mediaLibrary": {"imageService": {"host": "cdn"}}}, "/settings/mediaLibrary/imageService/host"),
        (
            {"mediaLibrary": {"imageService": {"urlTemplate": "imgix"}}},
            "/settings/mediaLibrary/imageService/urlTemplate",
        ),
    ],
)
def test_a_misspelt_switch_is_named(switches: dict[str, Any], pointer: str) -> None:
    assert [each for each, _ in found({"settings": switches})] == [pointer]


def test_an_option_that_has_gone_does_no_harm_in_what_is_stored() -> None:
    service = {"name": "cdn", "host": "https://cdn.example.com", "urlTemplate": "imgix"}
    assert read({"settings": {"mediaLibrary": {"imageService": service}}}).image_service.name == "cdn"
    with pytest.raises(InvalidConfig, match="/v: must be 2"):
        parse(
            {"settings": {"mediaLibrary": {"imageService": service}}},
            project_id=1, channel_id=1, design_version="1.0.0",
        )  # fmt: skip


def test_what_has_no_effect_yet_is_warned_of_and_kept() -> None:
    hook = {"handle": "hook", "url": "https://example.com/hook", "events": ["document.build.draft"]}
    article = {"handle": "article", "documentType": "article", "displayTitlePattern": "{{metadata.title}}"}
    raw = {
        "v": 2,
        "settings": {"webhooks": {"configurations": [hook]}},
        "contentTypes": [article, article | {"handle": "page", "defaultMediaTypes": {"mediaImage": "image"}}],
    }
    assert problems(raw) == []
    assert {json_pointer(warning.path) for warning in warnings(raw)} == {
        "/settings/webhooks/configurations/0/events/0/name",
        "/contentTypes/0/displayTitlePattern",
        "/contentTypes/1/displayTitlePattern",
        "/contentTypes/1/defaultMediaTypes",
    }
    assert all(warning.message.startswith("has no effect yet: ") for warning in warnings(raw))
    assert warnings(None) == []


# --- The demo --------------------------------------------------------------------------------------------------------


def test_the_demo_configuration_is_valid() -> None:
    assert problems(DEMO) == []


def test_the_demo_configuration_takes_what_the_documentation_shows() -> None:
    """The examples of the five import pages."""
    config = read(DEMO)
    assert (config.design.name, config.design.version) == ("living-times", "1.0.1")
    article = config.content_types["article"]
    assert article.metadata.check({"description": "foo"}, completeness=True) == []
    assert article.metadata.check_translation("fr", {"description": "foo FR"}, completeness=True) == []
    assert article.components is not None
    assert article.components >= {"header", "paragraph", "image"}
    assert set(config.design.components["header"].directives) == {"catchline", "title", "author"}
    assert set(config.design.components["image"].directives) == {"image", "caption"}
    for handle, metadata in (
        ("image", {"caption": "foo"}),
        ("image", {"title": "An image title"}),
        ("video", {"title": "sample video", "credit": "LC"}),
        ("file", {"title": "Annual Report 2023", "description": "Financial report for fiscal year 2023"}),
    ):
        media_type = config.media_types[handle]
        assert media_type.metadata.check(metadata, completeness=True) == []
        assert "title" in media_type.metadata.translatable
        assert media_type.asset_translatable
