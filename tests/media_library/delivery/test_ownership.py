"""Access to a stored file: its project, unless it is withdrawn, and no other project whatever keys it claims."""

from typing import Any

import pytest

from media_library.asset_urls import asset_id
from media_library.models import FormerAsset, MediaEntry, TranslatedAssetKey
from media_library.storage import assets
from tests.api_client import Caller
from tests.media_library.stored_entries import asset, claimed, fetch, imported, new_key, put, url_of

NO_IMAGE = {"status": 404, "error": "Not Found", "error_details": {"message": "No image found."}}
WITHDRAWN = {
    "status": 403,
    "error": "Forbidden",
    "error_details": {"message": "The requested image is revoked or marked as invalid"},
}


def refused(answer: Any, body: dict[str, Any]) -> bool:
    assert answer.json() == body
    assert answer.status_code == body["status"]
    assert answer["Cache-Control"] == "no-store"
    return True


@pytest.mark.parametrize("extra", ["", "&format=auto", "&w=64", "?format=auto"])
@pytest.mark.parametrize("how", [{"revoked": True}, {"invalid": True}, {"revoked": True, "archived": True}])
def test_a_revoked_or_invalid_image_is_not_served_in_any_form(times: Caller, how: dict[str, bool], extra: str) -> None:
    """PAT-11"""
    assert refused(fetch(url_of(imported(times.project, b"bytes", **how)), extra), WITHDRAWN)


def test_revoking_takes_effect_at_once_for_clients_that_have_the_file(times: Caller) -> None:
    """PAT-11: a conditional request does not get around it."""
    entry = imported(times.project, b"bytes")
    etag = fetch(url_of(entry))["ETag"]
    MediaEntry.objects.filter(pk=entry.pk).update(revoked=True)
    assert refused(fetch(url_of(entry), If_None_Match=etag), WITHDRAWN)
    MediaEntry.objects.filter(pk=entry.pk).update(revoked=False)
    assert fetch(url_of(entry), If_None_Match=etag).status_code == 304


def test_an_archived_image_is_served(times: Caller) -> None:
    assert fetch(url_of(imported(times.project, b"bytes", archived=True))).getvalue() == b"bytes"


@pytest.mark.parametrize("query", ["", "?id=", "?id=x", "?id=%00", "?id=MQ==", "?id=%F0%28%8C", "?key=a", "?id=x&w=a"])
def test_ids_that_name_nothing_find_nothing(db: None, query: str) -> None:
    assert refused(fetch(f"/api/v1/images/slug{query}"), NO_IMAGE)


def test_a_file_that_no_entry_has_is_not_served(times: Caller) -> None:
    key = put(b"orphan", new_key())
    assert refused(fetch(f"/api/v1/images/x?id={asset_id(key, times.project.pk)}"), NO_IMAGE)


def test_an_entry_whose_file_is_gone_finds_nothing(times: Caller) -> None:
    entry = imported(times.project, b"bytes")
    assets().delete(entry.asset_key)
    for extra in ("", "&w=64"):
        assert refused(fetch(url_of(entry), extra), NO_IMAGE)


@pytest.mark.parametrize("project", [0, 999_999, 10**18 - 1])
def test_the_id_must_name_the_right_project(times: Caller, project: int) -> None:
    entry = imported(times.project, b"bytes")
    assert refused(fetch(f"/api/v1/images/x?id={asset_id(entry.asset_key, project)}"), NO_IMAGE)


# --- What an entry has besides its asset ------------------------------------------------------------------------------


def test_a_former_asset_stays_readable_until_the_entry_is_withdrawn(times: Caller) -> None:
    entry = imported(times.project, b"now")
    for content in (b"first", b"second"):
        former = asset(put(content, new_key("png")), "image/png", f"{content.decode()}.png")
        FormerAsset.objects.create(entry=entry, asset=former, asset_key=former["key"])
    for former in entry.former_assets.all():
        answer = fetch(url_of(entry, former.asset_key))
        assert answer.getvalue() == former.asset["filename"].removesuffix(".png").encode()
        assert answer["Content-Type"] == "image/png"
    MediaEntry.objects.update(revoked=True)
    for key in [entry.asset_key, *entry.former_assets.values_list("asset_key", flat=True)]:
        assert refused(fetch(url_of(entry, key)), WITHDRAWN)


def test_translated_assets_are_served_with_their_own_type_and_name(times: Caller) -> None:
    keys = {locale: put(locale.encode(), new_key("png")) for locale in ("de", "fr")}
    entry = imported(
        times.project,
        b"default",
        translations=[{"locale": "it", "metadata": {}}]
        + [{"locale": locale, "asset": asset(key, "image/png", f"{locale}.png")} for locale, key in keys.items()],
    )
    for locale, key in keys.items():
        TranslatedAssetKey.objects.create(entry=entry, asset_key=key)
        answer = fetch(url_of(entry, key))
        assert (answer.getvalue(), answer["Content-Type"]) == (locale.encode(), "image/png")
        assert answer["Content-Disposition"] == f'inline; filename="{locale}.png"'


# --- Claims -----------------------------------------------------------------------------------------------------------


def test_a_client_gets_the_file_it_has_brought_itself(times: Caller) -> None:
    entry = claimed(times.project, put(b"brought", "2022/08/25/brought.jpeg"))
    assert fetch(url_of(entry)).getvalue() == b"brought"


def test_claiming_a_key_gives_no_access_to_files_of_another_project(times: Caller, herald: Caller) -> None:
    """THR-5: before or after the import, as asset, translation or former asset."""
    key = new_key()
    early = claimed(herald.project, key)
    entry = imported(times.project, b"secret", key=key)
    late = claimed(herald.project, key)
    other = imported(herald.project, b"own")
    FormerAsset.objects.create(entry=other, asset=asset(key, url="https://x.example.com/a.png"), asset_key=key)
    TranslatedAssetKey.objects.create(entry=other, asset_key=key)
    MediaEntry.objects.filter(pk=other.pk).update(translations=[{"locale": "de", "asset": asset(key, url="//x/a.png")}])
    for claim in (early, late, other):
        assert refused(fetch(url_of(claim, key)), NO_IMAGE)
    assert fetch(url_of(entry)).getvalue() == b"secret"


def test_a_claim_does_not_outlive_or_outrank_the_owners_former_asset(times: Caller, herald: Caller) -> None:
    claim = claimed(herald.project, key := put(b"secret", new_key()))
    entry = imported(times.project, b"now")
    FormerAsset.objects.create(entry=entry, asset=asset(key), asset_key=key)
    assert refused(fetch(url_of(claim)), NO_IMAGE)
    assert fetch(url_of(entry, key)).getvalue() == b"secret"


def test_a_file_without_an_import_belongs_to_the_project_that_named_it_first(times: Caller, herald: Caller) -> None:
    key = put(b"brought", "2022/08/25/shared.jpeg")
    first, second = claimed(herald.project, key), claimed(times.project, key)
    assert fetch(url_of(first)).getvalue() == b"brought"
    assert refused(fetch(url_of(second)), NO_IMAGE)


def test_another_project_cannot_withdraw_a_file_by_revoking_a_claim(times: Caller, herald: Caller) -> None:
    entry = imported(times.project, b"bytes")
    claimed(herald.project, entry.asset_key, revoked=True)
    assert fetch(url_of(entry)).getvalue() == b"bytes"


def test_a_withdrawn_file_does_not_come_back_under_another_entry(times: Caller) -> None:
    """PAT-11: whichever of its entries is revoked."""
    for revoked in (True, False):
        entry = imported(times.project, b"bytes", revoked=revoked)
        other = claimed(times.project, entry.asset_key, revoked=not revoked)
        assert refused(fetch(url_of(entry)), WITHDRAWN)
        assert refused(fetch(url_of(other)), WITHDRAWN)


@pytest.mark.parametrize("spelling", ["2026//03", "./2026/03", "2026/x/../03", "2026/03/../../2026/03"])
def test_another_spelling_of_a_key_is_no_way_in(times: Caller, herald: Caller, spelling: str) -> None:
    """THR-5: on a file system `a/../b` is `b`."""
    entry = imported(times.project, b"secret")
    claim = claimed(herald.project, entry.asset_key.replace("2026/03", spelling, 1))
    assert refused(fetch(url_of(claim)), NO_IMAGE)


def test_renditions_cannot_be_claimed(times: Caller, herald: Caller) -> None:
    """Keys below `v/` are reserved."""
    key = put(b"rendition", f"v/{imported(times.project, b'x').asset_key}/w64-max-q75-webp")
    assert refused(fetch(url_of(claimed(herald.project, key))), NO_IMAGE)


def test_one_statement_decides(times: Caller, django_assert_num_queries: Any) -> None:
    entry = imported(times.project, b"bytes")
    with django_assert_num_queries(1):
        fetch(url_of(entry))
