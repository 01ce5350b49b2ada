"""POST import/mediaLibrary: ready-made entries, each good or bad for itself (spec 3.6)."""

import copy
from typing import Any

import pytest

from media_library.models import EntryChange, MediaEntry, MediaReference, TranslatedAssetKey
from tests.api_client import CONFIG, Caller, make_project

HOST = "https://livingdocs-images-development.s3.amazonaws.com"
JPEG = {"width": 640, "height": 427, "mimeType": "image/jpeg"}


def asset(key: str, **fields: Any) -> dict[str, Any]:
    name = key.rsplit("/", 1)[-1]
    return {"key": key, "url": f"{HOST}/{key}", "size": 34910, "filename": name} | fields


def image(**fields: Any) -> dict[str, Any]:
    """The smallest image entry."""
    return {"mediaType": "image", "asset": asset("2022/08/25/a.jpeg", **JPEG)} | fields


def translated(title: str, translation: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"locale": "fr", "metadata": {"title": title}, "asset": translation}]


PDF, MP4 = (
    {"mimeType": "application/pdf"},
    {"mimeType": "video/mp4", "width": 1280, "height": 720, "duration": 35.241667},
)
SEED = [
    {
        "id": "custom-1", "systemName": "externalSystem", "externalId": "6hedie82", "mediaType": "image",
        "asset": asset("2022/08/25/d6068c02-ca85-421d-948d-ee0e2c15f372.jpeg", **JPEG),
        "metadata": {"title": "An image title"},
        "translations": translated("Un titre d'image", asset("2022/08/25/another-asset.jpeg", **JPEG)),
    },
    {
        "id": "custom-2", "systemName": "externalSystem", "externalId": "ahedie8x", "mediaType": "file",
        "asset": asset("2022/09/30/a1cb173d-e85f-498b-996e-5ce46058e9b9.pdf", **PDF) | {"size": 3028},
        "metadata": {"title": "A simple PDF"},
        "translations": translated("Un simple PDF", asset("2022/09/30/another-asset.pdf", **PDF)),
    },
    {
        "id": "custom-3", "systemName": "externalSystem", "externalId": "srfhediess", "mediaType": "video",
        "asset": asset("2022/09/30/2804fc3d-098d-4f8f-b25c-c6c15583d672.mp4", **MP4) | {"size": 8633462},
        "metadata": {"title": "This is a fire"},
        "translations": translated("C'est un feu", asset("2022/09/30/another-asset.mp4", **MP4)),
    },
]  # fmt: skip


def create(caller: Caller, *entries: Any, version: str = "v1") -> list[dict[str, Any]]:
    """Post entries; the elements of the answer."""
    answer = caller.post("import/mediaLibrary", {"mediaLibraryEntries": list(entries)}, version)
    assert answer.status_code == 200, answer.content
    body = answer.json()
    (key,) = body
    elements: list[dict[str, Any]] = body[key]
    assert len(elements) == len(entries)
    return elements


def fault(caller: Caller, entry: Any) -> tuple[int, str, dict[str, Any]]:
    """The error of the one entry that must not be created."""
    (element,) = create(caller, entry)
    assert element["ok"] is False
    assert not MediaEntry.objects.exists()
    return element["status"], element["error"], element["error_details"]


def test_the_seed_example_creates_all_three(times: Caller) -> None:
    """MLI-32, MLI-01, MLI-02, MLI-03, MLI-04, MLI-17, MLI-24, MLI-28, MLI-31"""
    elements = create(times, *SEED)
    assert [(e["ok"], e["status"], e["id"]) for e in elements] == [(True, 200, f"custom-{n}") for n in (1, 2, 3)]
    for element, sent in zip(elements, SEED, strict=True):
        record = element["record"]
        assert times.get(f"mediaLibrary/{sent['id']}").json() == record
        assert record["version"] == 1
        for name in ("id", "systemName", "externalId", "mediaType", "asset", "metadata", "translations"):
            assert record[name] == sent[name], name


def test_without_an_id_a_random_one_is_made(times: Caller) -> None:
    """MLI-05"""
    first, second = create(times, image(), image())
    assert len(first["id"]) == 12
    assert first["id"].isalnum()
    assert first["id"] != second["id"]


@pytest.mark.parametrize("bad", ["with space", "umläut", "under_score", "a/b", "", "x" * 33, "a\n", 5, None])
def test_an_id_of_other_characters_or_length_is_refused(times: Caller, bad: Any) -> None:
    """MLI-06, MLI-07"""
    status, error, details = fault(times, image(id=bad))
    assert (status, error) == (400, "ValidationError")
    assert [problem["path"] for problem in details["errors"]] == ["id"]


def test_an_id_of_32_characters_is_taken(times: Caller) -> None:
    assert create(times, image(id="a-Z0" * 8))[0]["ok"]


def test_a_taken_id_is_a_unique_id_violation(times: Caller) -> None:
    """MLI-08, MLI-14"""
    create(times, image(id="custom-1"))
    (element,) = create(times, image(id="custom-1"))
    assert element == {
        "ok": False, "correlation": "id: custom-1", "status": 409, "error": "UniqueIdViolation",
        "error_details": {"message": "id is not unique: 'custom-1'"},
    }  # fmt: skip


def test_a_taken_pair_is_a_unique_id_violation_that_names_who_has_it(times: Caller) -> None:
    """MLI-09"""
    create(times, image(id="first", systemName="s", externalId="external-1"))
    (element,) = create(times, image(id="second", systemName="s", externalId="external-1"))
    assert (element["status"], element["error"]) == (409, "UniqueIdViolation")
    assert element["error_details"] == {"message": "externalId is not unique: 'external-1'", "mediaId": "first"}
    assert create(times, image(systemName="t", externalId="external-1"))[0]["ok"]


def test_an_external_id_needs_a_system_name(times: Caller) -> None:
    """MLI-10"""
    assert fault(times, image(externalId="x")) == (
        400, "ValidationError", {"message": "An asset with an externalId also requires a systemName"},
    )  # fmt: skip


def test_a_system_name_alone_is_accepted(times: Caller) -> None:
    """MLI-11"""
    assert create(times, image(systemName="s"), image(systemName="s"))[1]["record"]["systemName"] == "s"


def test_metadata_of_the_wrong_type_are_reported_in_the_documented_words(times: Caller) -> None:
    """MLI-12, MLI-13"""
    status, error, details = fault(times, image(metadata={"title": 5}))
    assert (status, error) == (400, "ValidationError")
    assert details == {
        "message": "Metadata validation failed.",
        "errors": [{"metadataProperty": "title", "message": "The value of '/title' must be string"}],
    }


def test_a_property_of_another_media_type_is_refused(times: Caller) -> None:
    _, _, details = fault(times, image(metadata={"credit": "of the video"}))
    assert [problem["metadataProperty"] for problem in details["errors"]] == ["credit"]


def test_good_entries_are_stored_although_others_failed(times: Caller) -> None:
    """MLI-15, MLI-16"""
    elements = create(
        times, image(id="a"), image(id="b", metadata={"title": []}), {"mediaType": "image"}, image(id="d")
    )
    assert [element["ok"] for element in elements] == [True, False, False, True]
    assert sorted(MediaEntry.objects.values_list("media_id", flat=True)) == ["a", "d"]


def test_what_has_no_id_is_named_by_what_it_has(times: Caller) -> None:
    """MLI-14"""
    elements = create(times, {"externalId": "e"}, {}, {"id": "i", "externalId": "e"})
    assert [element["correlation"] for element in elements] == ["externalId: e", "index: 1", "id: i"]


def test_an_unknown_media_type_is_an_element_error(times: Caller) -> None:
    """MLI-18"""
    status, _, details = fault(times, image(mediaType="hologram"))
    assert (status, details["errors"][0]["path"]) == (400, "mediaType")


def test_any_configured_media_type_may_be_used(db: None) -> None:
    graphic = {"handle": "infographic", "type": "mediaImage", "metadata": []}
    caller = Caller(make_project("g", CONFIG | {"mediaTypes": [*CONFIG["mediaTypes"], graphic]}))
    assert create(caller, image(mediaType="infographic", metadata={}))[0]["record"]["mediaType"] == "infographic"


@pytest.mark.parametrize(
    ("index", "names"),
    [
        (0, ["key", "url", "size", "width", "height", "filename", "mimeType"]),  # MLI-19
        (1, ["key", "url", "size", "filename", "mimeType"]),  # MLI-20
        (2, ["key", "url", "size", "width", "height", "duration", "filename", "mimeType"]),  # MLI-21
    ],
)
def test_every_part_of_an_asset_is_required(times: Caller, index: int, names: list[str]) -> None:
    """MLI-19, MLI-20, MLI-21"""
    entries = []
    for name in names:
        entry = copy.deepcopy(SEED[index])
        del entry["asset"][name]
        entries.append(entry)
    for name, element in zip(names, create(times, *entries), strict=True):
        (problem,) = element["error_details"]["errors"]
        assert problem == {"path": f"asset.{name}", "message": f"Missing required property: {name}"}


def test_a_file_has_no_width(times: Caller) -> None:
    """MLI-20"""
    _, _, details = fault(times, SEED[1] | {"asset": SEED[1]["asset"] | {"width": 1}})
    assert details["errors"][0]["path"] == "asset.width"


def test_an_entry_without_asset_is_an_element_error(times: Caller) -> None:
    """MLI-22"""
    _, _, details = fault(times, {"mediaType": "image"})
    assert details["errors"] == [{"path": "asset", "message": "Missing required property: asset"}]


def test_metadata_may_be_omitted(times: Caller) -> None:
    """MLI-23"""
    assert create(times, image())[0]["record"]["metadata"] == {}


@pytest.mark.parametrize(
    ("translation", "path"),
    [
        ({"locale": "FR"}, "translations.0.locale"),
        ({"locale": "it"}, "translations.0.locale"),
        ({"locale": "de"}, "translations.0.locale"),
        ({"metadata": {}}, "translations.0.locale"),
        ({"locale": "fr", "more": 1}, "translations.0.more"),
        ({"locale": "fr", "asset": {}}, "translations.0.asset.key"),
    ],
)
def test_a_translation_that_cannot_be_is_an_element_error(times: Caller, translation: Any, path: str) -> None:
    """MLI-25: an invalid locale, one the project does not have, its default one."""
    _, _, details = fault(times, image(translations=[translation]))
    assert path in [problem["path"] for problem in details["errors"]]


def test_a_locale_twice_is_an_element_error(times: Caller) -> None:
    _, _, details = fault(times, image(translations=[{"locale": "fr"}, {"locale": "fr"}]))
    assert details["errors"][0]["path"] == "translations.1.locale"


def test_a_property_that_is_not_translatable_is_an_element_error(times: Caller) -> None:
    _, _, details = fault(times, image(translations=[{"locale": "fr", "metadata": {"source": "x"}}]))
    (problem,) = details["errors"]
    assert (problem["metadataProperty"], problem["translationLocale"]) == ("source", "fr")


def test_an_empty_list_gives_an_empty_list(times: Caller) -> None:
    """MLI-26"""
    assert create(times) == []


@pytest.mark.parametrize(
    ("body", "problems"),
    [
        ({}, {"mediaLibraryEntries": "Missing required property: mediaLibraryEntries"}),
        ({"mediaLibraryEntries": {}}, {"mediaLibraryEntries": "Invalid type: expected array"}),
        ({"mediaLibraryEntries": [5]}, {"mediaLibraryEntries.0": "Invalid type: expected object"}),
        ({"results": []}, {"mediaLibraryEntries": "Missing required property: mediaLibraryEntries",
                           "results": "Additional properties not allowed"}),
    ],
)  # fmt: skip
def test_a_wrong_envelope_is_refused_as_a_whole(times: Caller, body: Any, problems: dict[str, str]) -> None:
    """MLI-27"""
    answer = times.post("import/mediaLibrary", body)
    assert (answer.status_code, answer.json()["error_details"]) == (400, problems)


def test_a_binary_that_is_not_there_is_no_error(times: Caller) -> None:
    """MLI-29"""
    assert create(times, image(asset=asset("nobody/has/it.jpeg", **JPEG)))[0]["ok"]


def test_a_project_may_insist_on_the_binary(db: None) -> None:
    """Q-09"""
    settings = CONFIG["settings"] | {"mediaLibrary": {"requireStoredAsset": True}}
    caller = Caller(make_project("strict", CONFIG | {"settings": settings}))
    _, _, details = fault(caller, image())
    assert details["errors"][0]["path"] == "asset.key"


def test_within_a_request_the_first_one_wins(times: Caller) -> None:
    """MLI-30"""
    pair = {"systemName": "s", "externalId": "e"}
    elements = create(times, image(id="a", **pair), image(id="a"), image(id="b", **pair), image(id="c"))
    assert [element["ok"] for element in elements] == [True, False, False, True]
    assert elements[1]["error_details"]["message"] == "id is not unique: 'a'"
    assert elements[2]["error_details"]["message"] == "externalId is not unique: 'e'"


def test_from_2026_01_on_the_answer_is_called_results(times: Caller) -> None:
    """MLI-33"""
    body = {"mediaLibraryEntries": [image()]}
    assert list(times.post("import/mediaLibrary", body, "2026-01").json()) == ["results"]
    assert list(times.post("import/mediaLibrary", body, "2025-11").json()) == ["mediaLibraryEntries"]


def test_ids_belong_to_their_project(times: Caller, herald: Caller) -> None:
    """AUTH-15, Q-32"""
    assert create(times, image(id="a"))[0]["ok"]
    assert create(herald, image(id="a"))[0]["ok"]
    assert times.get("mediaLibrary/a").json()["createdAt"] != ""


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *[("key", key) for key in ("/a.png", "a/../b.png", "..", "a\\b.png", "a\u0007.png", "v/a.png", "a//b.png")],
        *[("key", key) for key in ("", "x" * 501)],
        *[("url", url) for url in ("javascript:alert(1)", "https://u:p@host/a.png", "https://host/\n.png", "nothing", "ftp://host/a.png",
                                   "https://host/a.exe", "data:image/png;base64,x")],
        *[("size", size) for size in (-1, "5", True, 2**63 - 1, None)],
        *[("mimeType", mime) for mime in ("video/mp4", "image", "image/", "image/png\r\nX: y", "IMAGE")],
        *[("filename", filename) for filename in ("", "a\nb", "a\x85b", 5)],
        ("width", -5), ("height", "1"),
    ],
)  # fmt: skip
def test_a_part_of_an_asset_that_makes_no_sense_is_named(times: Caller, name: str, value: Any) -> None:
    _, _, details = fault(times, image(asset=asset("2022/08/25/a.jpeg", **JPEG) | {name: value}))
    assert {problem["path"] for problem in details["errors"]} == {f"asset.{name}"}


def test_metadata_may_not_be_nested_without_end(times: Caller) -> None:
    deep: Any = "x"
    for _ in range(200):
        deep = {"a": deep}
    assert (
        times.post("import/mediaLibrary", {"mediaLibraryEntries": [image(metadata={"title": deep})]}).status_code == 400
    )


def test_everything_about_an_entry_is_written_with_it(times: Caller) -> None:
    """The trace, the references, and the keys of translated assets."""
    create(times, SEED[0] | {"metadata": {"title": "t", "documentLink": {"$ref": "document", "reference": {"id": 3}}}})
    assert EntryChange.objects.values_list("actor", "actor_name", "version", "operations").get() == (
        "api-client", "tests", 1, ["create"],
    )  # fmt: skip
    assert MediaReference.objects.values_list("target_type", "target_id").get() == ("document", "3")
    assert TranslatedAssetKey.objects.get().asset_key == "2022/08/25/another-asset.jpeg"


def test_two_thousand_entries_are_written_by_a_handful_of_statements(
    times: Caller, django_assert_max_num_queries: Any
) -> None:
    create(times, image())
    with django_assert_max_num_queries(100):
        elements = create(times, *[image(id=f"e-{n}", systemName="s", externalId=str(n)) for n in range(2_000)])
    assert all(element["ok"] for element in elements)


def test_the_same_key_creates_once(times: Caller) -> None:
    """Rulings: Idempotency-Key on an import that answers at once."""
    body = {"mediaLibraryEntries": [image()]}
    first, second = (times.post("import/mediaLibrary", body, **{"Idempotency-Key": "k"}).json() for _ in range(2))
    assert first == second
    assert MediaEntry.objects.count() == 1
