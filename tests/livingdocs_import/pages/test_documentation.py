"""The documentation of this version is served as pages, from the front page on, and nothing else is."""

import re
from posixpath import dirname, join, normpath
from urllib.parse import urldefrag

import pytest
from django.conf import settings
from django.test import Client

from livingdocs_import.pages import markdown
from livingdocs_import.pages.documentation import known, read

BASE = "/documentation/"


def shown(path: str = "") -> str:
    response = Client().get(f"{BASE}{path}")
    assert response.status_code == 200, path
    return response.content.decode()


def links(html: str) -> set[str]:
    return set(re.findall(r'<a [^>]*href="([^"]+)"', html))


def test_the_front_door_leads_to_the_first_steps(db: None) -> None:
    assert BASE in links(Client().get("/").content.decode())
    assert f"{BASE}docs/guides/first-steps.md" in links(shown())


def test_the_contents_list_each_document_by_its_title() -> None:
    listed = {link.removeprefix(BASE) for link in links(shown()) if link.startswith(f"{BASE}d")}
    assert "docs/operations.md" in listed
    assert ">Move an archive</a>" in shown()
    assert {
        path.relative_to(settings.BASE_DIR).as_posix() for path in settings.BASE_DIR.glob("docs/guides/*.md")
    } <= listed


@pytest.mark.parametrize("path", sorted(known()))
def test_every_link_of_a_document_holds(path: str) -> None:
    for link in links(read(path).html):
        target, fragment = urldefrag(link)
        if "://" in link:
            continue
        led_to = normpath(join(dirname(path), target)) if target else path
        assert led_to in known(), link
        assert not fragment or f'id="{fragment}"' in read(led_to).html, link


@pytest.mark.parametrize(
    "path", ["SECURITY.md", "config/settings.py", ".env", "docs/../SECURITY.md", "docs/nothing.md", "docs/"]
)
def test_nothing_else_of_the_repository_is_served(path: str) -> None:
    assert Client().get(f"{BASE}{path}").status_code == 404


def test_a_document_needs_no_inline_style_and_has_no_raw_html() -> None:
    text = "# T\n\n<script>x</script>\n\n| a |\n|--:|\n| 1 |\n\n[code](../config/settings.py) [other](b.md#c)"
    made = markdown.document("docs/a.md", text, {"docs/b.md"})
    assert made.title == "T"
    assert "<script>" not in made.html
    assert "style=" not in made.html
    assert links(made.html) == {"b.md#c"}
