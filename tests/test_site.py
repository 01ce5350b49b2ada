"""`make docs` writes the whole documentation as a site, without a warning."""

import re
from pathlib import Path

import pytest

from devtools import site
from livingdocs_import.api.versions import NAMES

METHODS = set(site.METHODS)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    site.main(folder)
    return folder


def test_guides_reference_and_decisions_are_in_it(built: Path) -> None:
    index = (built / "index.html").read_text()
    for page in (
        "guides/first-steps",
        "reference/index",
        "client",
        "changelog",
        "operations",
        "adr/0002-the-row-is-the-queue",
    ):
        assert f"{page}.html" in index
        assert (built / f"{page}.html").exists()


@pytest.mark.parametrize("version", [NAMES[0], NAMES[-1]])
def test_the_reference_has_every_call_of_a_version(built: Path, version: str) -> None:
    shown = (built / "reference" / f"{version}.html").read_text()
    document = dict(site.documents())[version]
    calls = {
        f"{method.upper()} {path}"
        for path, one in document["paths"].items()
        for method in one
        if method in site.METHODS
    }
    assert calls <= set(re.findall(r"<h2>([A-Z]+ [^<]+)<", shown))


def test_a_link_out_of_the_docs_leads_to_the_page_in_the_site() -> None:
    assert site.relinked("[x](../client/README.md)", Path("api.md")) == "[x](client.md)"
    assert site.relinked("[x](../../CHANGELOG.md)", Path("guides/upgrade.md")) == "[x](../changelog.md)"
