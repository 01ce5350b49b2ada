"""GET mediaLibrary/serve-image/{key}: the origin for image services."""

import pytest

from tests.api_client import Caller
from tests.media_library.delivery.test_ownership import NO_IMAGE, WITHDRAWN, refused
from tests.media_library.stored_entries import claimed, imported, new_key, put

DATED = "2025-03"


def test_it_gives_the_original_bytes_with_an_image_type(times: Caller) -> None:
    """SRV-01"""
    entry = imported(times.project, b"bytes", "image/png")
    for path in (entry.asset_key, f"{entry.asset_key}?w=64&auto=format"):
        answer = times.get(f"mediaLibrary/serve-image/{path}", DATED)
        assert (answer.status_code, answer.getvalue(), answer["Content-Type"]) == (200, b"bytes", "image/png")


def test_an_answer_to_a_token_is_not_for_shared_caches(times: Caller) -> None:
    entry = imported(times.project, b"bytes")
    answer = times.get(f"mediaLibrary/serve-image/{entry.asset_key}", DATED)
    assert answer["Cache-Control"].startswith("private, ")
    assert times.get(f"mediaLibrary/serve-image/{entry.asset_key}", DATED, Range="bytes=1-2").getvalue() == b"yt"


@pytest.mark.parametrize("how", [{"revoked": True}, {"invalid": True}])
def test_a_revoked_or_invalid_image_is_forbidden_in_the_documented_words(times: Caller, how: dict[str, bool]) -> None:
    """SRV-02"""
    entry = imported(times.project, b"bytes", **how)
    assert refused(times.get(f"mediaLibrary/serve-image/{entry.asset_key}", DATED), WITHDRAWN)


@pytest.mark.parametrize("key", ["2026/03/14/unknown.png", "a", "a//b", "../x", "v/a/b", "%00", "%FF", "ü", "x" * 900])
def test_an_unknown_key_is_not_found_in_the_documented_words(times: Caller, key: str) -> None:
    """SRV-03"""
    assert refused(times.get(f"mediaLibrary/serve-image/{key}", DATED), NO_IMAGE)


def test_a_file_that_is_no_image_is_not_found(times: Caller) -> None:
    entry = imported(times.project, b"%PDF", "application/pdf", base_type="mediaFile")
    assert refused(times.get(f"mediaLibrary/serve-image/{entry.asset_key}", DATED), NO_IMAGE)


def test_other_projects_find_nothing(times: Caller, herald: Caller) -> None:
    """AUTH-14"""
    entry = imported(times.project, b"bytes")
    claimed(herald.project, entry.asset_key)
    assert refused(herald.get(f"mediaLibrary/serve-image/{entry.asset_key}", DATED), NO_IMAGE)


def test_it_needs_a_token_that_may_read(times: Caller) -> None:
    entry = imported(times.project, b"bytes")
    path = f"mediaLibrary/serve-image/{entry.asset_key}"
    assert times.client.get(times.url(path, DATED)).status_code == 401
    assert times.with_scopes("public-api:write").get(path, DATED).status_code == 403
    assert times.with_scopes("public-api:read").get(path, DATED).status_code == 200


def test_it_appeared_with_the_dated_versions(times: Caller) -> None:
    entry = imported(times.project, b"bytes")
    for version, status in (("v1", 404), ("beta", 404), (DATED, 200), ("2026-05", 200)):
        assert times.get(f"mediaLibrary/serve-image/{entry.asset_key}", version).status_code == status


def test_a_client_can_serve_what_it_has_brought(times: Caller) -> None:
    entry = claimed(times.project, put(b"brought", new_key()))
    assert times.get(f"mediaLibrary/serve-image/{entry.asset_key}", DATED).getvalue() == b"brought"
