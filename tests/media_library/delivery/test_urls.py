"""`originalUrl` and `url` are computed from the key, and lead to the file on a fresh install."""

import base64
from collections.abc import Callable
from typing import Any

import pytest

from media_library.asset_urls import asset_id, original_url, read_asset_id, service_url
from media_library.storage import NotStored
from tests import images
from tests.api_client import Caller, image_item
from tests.media_library.stored_entries import CLIENT_URL, fetch, imported, url_of
from tests.origin import Origin, Reply

KEY = "2019/11/21/a209790e-1549-46d9-b3c7-cefe28c7ea99.jpeg"
DOCUMENTED = "MQkvMjAxOS8xMS8yMS9hMjA5NzkwZS0xNTQ5LTQ2ZDktYjNjNy1jZWZlMjhjN2VhOTkuanBlZwk2NzM="


def test_the_asset_id_is_the_documented_one() -> None:
    """IMG-35: the id in the documentation of import/images."""
    assert asset_id(KEY, 673) == DOCUMENTED
    assert read_asset_id(DOCUMENTED) == (673, KEY)


def test_original_urls_have_the_documented_shape(settings: Any) -> None:
    """IMG-35"""
    settings.PUBLIC_URL = "https://server.livingdocs.io"
    url = original_url(KEY, project_id=673, title="Truck in flood water")
    assert url == f"https://server.livingdocs.io/api/v1/images/truck-in-flood-water?id={DOCUMENTED}"
    assert service_url(url, key=KEY, host="") == f"{url}&format=auto"


def test_an_image_service_gets_the_key_alone() -> None:
    url = original_url(KEY, project_id=1, title="")
    assert (
        service_url(url, key=KEY, host="https://images.example.com") == f"https://images.example.com/{KEY}?auto=format"
    )
    assert service_url(url, key="ü b?.png", host="https://i.example.com").endswith("/%C3%BC%20b%3F.png?auto=format")


def test_a_url_that_a_client_gave_stays_as_it_is() -> None:
    assert service_url(CLIENT_URL, key=KEY, host="") == CLIENT_URL


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Truck in flood water", "truck-in-flood-water"),
        ("Größe 漢字 🙂.png", "groe-png"),
        ("漢字", "image"),
        ("", "image"),
        ("../..\\win.ini", "winini"),
        ("a?b#c/d%2e&id=x", "abcd2eidx"),
        ("x" * 9000, "x" * 80),
        ("photo\u202egnp.exe\r\nSet-Cookie: a=b", "photognpexe-set-cookie-ab"),
    ],
)
def test_slugs_are_short_and_plain(title: str, slug: str) -> None:
    assert original_url(KEY, project_id=1, title=title).split("/")[-1].split("?")[0] == slug


@pytest.mark.parametrize("key", [KEY, "ö/ü~?.png", "a b+c.png", "x" * 500])
@pytest.mark.parametrize("project", [1, 2**62 // 10])
def test_asset_ids_survive_every_spelling(key: str, project: int) -> None:
    url_safe = asset_id(key, project)
    standard = url_safe.replace("-", "+").replace("_", "/")
    for spelling in (url_safe, standard, url_safe.rstrip("="), standard.rstrip("="), standard.replace("+", " ")):
        assert read_asset_id(spelling) == (project, key)


@pytest.mark.parametrize(
    "decoded",
    [
        b"", b"1", b"1\t/a.png", b"2\t/a.png\t1", b"1\ta.png\t1", b"1\t/a.png\t-1", b"1\t/a.png\t1.0", b"1\t/a.png\t",
        b"1\t/a.png\t1\t1", b"1\t/\xff\xfe\t1", b"1\t/a.png\t" + b"9" * 5000, "1\t/a.png\t\u0663".encode(),
        b"1\t/\t1", b"1\t/a.png\t1\n",
    ],
)  # fmt: skip
def test_ids_of_another_form_name_nothing(decoded: bytes) -> None:
    with pytest.raises(NotStored):
        read_asset_id(base64.b64encode(decoded).decode())


@pytest.mark.parametrize("text", ["", "=", "x", "%%%", "ü", "MQ==MQ==", "a" * 100_000, "\0"])
def test_what_is_not_base64_names_nothing(text: str) -> None:
    with pytest.raises(NotStored):
        read_asset_id(text)


def test_both_urls_lead_to_the_file_without_a_token(times: Caller) -> None:
    """IMG-35"""
    entry = imported(times.project, b"not really a jpeg")
    url = url_of(entry)
    for form in (url, service_url(url, key=entry.asset_key, host="")):
        answer = fetch(form)
        assert (answer.status_code, answer.getvalue()) == (200, b"not really a jpeg")
        assert answer["Content-Type"] == "image/jpeg"


def test_what_the_status_of_an_import_names_can_be_fetched(
    times: Caller, origin: Origin, run_workers: Callable[[], None]
) -> None:
    """IMG-35, IMG-36, KEY-01: from the origin's bytes to the reader's browser."""
    photo = images.jpeg(images.picture(640, 427))
    job = times.import_images(image_item(origin.reply("/photo", Reply(photo)), fileName="Truck in flood water"))
    run_workers()
    image = times.status(job)["images"][0]["image"]
    assert image["imageService"] == "imgix"
    original = fetch(image["originalUrl"])
    assert original.getvalue() == photo
    assert original["Content-Type"] == image["mimeType"]
    assert original["Content-Disposition"] == 'inline; filename="Truck in flood water.jpeg"'
    assert fetch(image["url"], Accept="image/webp")["Content-Type"] == "image/webp"
    own, rendition = times.get(f"mediaLibrary/{image['mediaId']}/keys", "2026-03").json()["results"]
    assert rendition.startswith(f"v/{own}/")
    asset = times.get(f"mediaLibrary/{image['mediaId']}").json()["asset"]
    assert asset["key"] == own
    assert fetch(asset["url"]).getvalue() == photo


@pytest.mark.parametrize("extra", ["?format=auto", "?format=auto&w=64", "&utm_source=letter", "&w=&x=%00", "?"])
def test_documented_double_question_marks_and_strange_parameters_do_no_harm(times: Caller, extra: str) -> None:
    """Q-14: old contents hold `?id=…?format=auto`."""
    entry = imported(times.project, b"<svg/>", "image/svg+xml")
    assert fetch(url_of(entry), extra).getvalue() == b"<svg/>"


def test_the_slug_and_the_version_make_no_difference(times: Caller) -> None:
    entry = imported(times.project, b"bytes")
    for path in ("v1/images/other", "beta/images/x", "2026-05/images/%C3%BC"):
        assert fetch(f"/api/{path}?id={asset_id(entry.asset_key, entry.project_id)}").getvalue() == b"bytes"
    assert fetch("/api/2024-01/images/x?id=" + asset_id(entry.asset_key, entry.project_id)).status_code == 404


def test_files_are_found_as_well_as_images(times: Caller) -> None:
    entry = imported(times.project, b"%PDF-1.7", "application/pdf", filename="report.pdf", base_type="mediaFile")
    answer = fetch(url_of(entry), "&w=64&format=auto")
    assert (answer.getvalue(), answer["Content-Type"]) == (b"%PDF-1.7", "application/pdf")


@pytest.mark.parametrize("method", ["post", "patch", "put", "delete"])
def test_other_methods_are_refused_in_the_envelope(times: Caller, method: str) -> None:
    entry = imported(times.project, b"bytes")
    answer = getattr(times.client, method)(url_of(entry))
    assert (answer.status_code, answer.json()["status"]) == (405, 405)
