"""GET categories, categories/{id} and menus."""

from typing import Any

import pytest

from livingdocs_import.project_config import store
from tests.api_client import CONFIG, Caller, store_unchecked

HOME = {"id": "home", "label": "Home", "path": "/", "metadata": {"adId": "h", "tone": "calm", "empty": None}}
WATER = {"id": "water", "label": "Water", "path": "/water", "parent": "home", "metadata": {"adId": "w-1"}}
LAKES = {"id": "lakes", "label": {"de": "Seen"}, "path": "/water/lakes", "parent": "water", "archived": True}


@pytest.fixture
def caller(times: Caller) -> Caller:
    store.store(times.project, CONFIG | {"categories": [HOME, WATER, LAKES]}, by="test")
    return times


ROWS = [
    {"id": "home", "label": "Home", "path": "/"},
    {"id": "water", "label": "Water", "path": "/water", "parent": "home"},
    {"id": "lakes", "label": {"de": "Seen"}, "path": "/water/lakes", "parent": "water"},
]


def test_the_wrapper_follows_the_version(caller: Caller) -> None:
    """CAT-01"""
    for version in ("v1", "2025-11"):
        assert caller.get("categories", version).json() == ROWS
    for version in ("2026-01", "2026-07"):
        assert caller.get("categories", version).json() == {"results": ROWS}


def test_one_category_has_its_metadata(caller: Caller) -> None:
    """CAT-01"""
    assert caller.get("categories/water").json() == ROWS[1] | {"metadata": {"adId": "w-1"}}
    assert caller.get("categories/lakes", "2026-07").json() == ROWS[2] | {"metadata": {}}


@pytest.mark.parametrize("query", ["inheritMetadata", "inheritMetadata=true"])
def test_metadata_is_inherited_where_it_is_missing_and_overwrites_nothing(caller: Caller, query: str) -> None:
    """CAT-01"""
    metadata = caller.get(f"categories/lakes?{query}").json()["metadata"]
    assert metadata == {"adId": "w-1", "tone": "calm", "empty": None}
    assert caller.get("categories/lakes?inheritMetadata=false").json()["metadata"] == {}


@pytest.mark.parametrize("category_id", ["fire", "x%00y", "0"])
def test_an_unknown_category_is_not_found(caller: Caller, category_id: str) -> None:
    """CAT-01"""
    assert caller.get(f"categories/{category_id}").status_code == 404


def test_too_many_levels_are_refused_and_so_is_a_circle(times: Caller) -> None:
    """CAT-01"""
    ladder: list[dict[str, Any]] = [{"id": "0", "label": "0", "path": "/0"}]
    ladder += [{"id": f"{n}", "label": f"{n}", "path": f"/{n}", "parent": f"{n - 1}"} for n in range(1, 22)]
    circle = [{"id": "a", "label": "a", "path": "/a", "parent": "b"}, {"id": "b", "label": "b", "parent": "a"}]
    store.store(times.project, CONFIG | {"categories": ladder + circle}, by="test")
    assert times.get("categories/20?inheritMetadata").status_code == 200
    for category_id in ("21", "a"):
        assert times.get(f"categories/{category_id}").status_code == 200
        answer = times.get(f"categories/{category_id}?inheritMetadata")
        assert answer.status_code == 400
        assert answer.json()["error_details"] == {"message": "Categories are nested deeper than 20 levels"}


@pytest.mark.parametrize("categories", [None, 5, {}, [1, None, {"label": "no id"}]])
def test_unchecked_categories_do_no_harm(times: Caller, categories: Any) -> None:
    store_unchecked(times.project, CONFIG | {"categories": categories})
    assert times.get("categories").status_code == 200
    assert times.get("categories/x?inheritMetadata").status_code == 404


def test_a_flag_is_a_flag(caller: Caller) -> None:
    details = caller.get("categories/water?inheritMetadata=maybe").json()["error_details"]
    assert details == {"inheritMetadata": "Invalid type: expected boolean"}


def test_there_are_no_menus_and_from_2025_05_on_no_endpoint(times: Caller) -> None:
    """MEN-01"""
    for version in ("v1", "beta", "2025-03"):
        assert times.get("menus?handle=main", version).json() == []
        assert times.get("menus/web?handle=main", version).json() == []
    for version in ("2025-05", "2026-07"):
        assert times.get("menus?handle=main", version).status_code == 404
        assert times.get("menus/web", version).status_code == 404


@pytest.mark.parametrize(("scopes", "token"), [((), "***"), (("public-api:config:read",), "t0p")])
def test_secrets_in_the_metadata_are_shown_as_in_the_configuration(
    times: Caller, scopes: tuple[str, ...], token: str
) -> None:
    """CFG-17"""
    advertising = {"id": "ads", "label": "Ads", "path": "/ads", "metadata": {"token": "t0p", "adId": "a"}}
    below = {"id": "below", "label": "Below", "path": "/ads/below", "parent": "ads"}
    store.store(times.project, CONFIG | {"categories": [advertising, below]}, by="test")
    reader = times.with_scopes("public-api:read", *scopes)
    for path in ("categories/ads", "categories/below?inheritMetadata"):
        assert reader.get(path).json()["metadata"] == {"token": token, "adId": "a"}
