"""The list of causes is closed: what the code can say stands in docs/specification/causes.md."""

import re
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

from documents.revisions import validate
from imports import worker
from imports.cause_explanations import explanation
from livingdocs_import.egress.errors import http_cause
from livingdocs_import.errors import Failure

PAGE = Path(__file__).parents[3] / "docs" / "specification" / "causes.md"
IMPORTED = (validate, worker)  # for their failures, which are part of the family
SOURCES = ("livingdocs_import", "media_library", "documents", "imports")


def documented() -> set[str]:
    cells = re.findall(r"^\| (.+?) \|", PAGE.read_text(), re.MULTILINE)
    return {code for cell in cells for code in re.findall(r"`([a-z0-9-]+)`", cell)}


def family(of: type[Failure]) -> Iterator[type[Failure]]:
    yield of
    for child in of.__subclasses__():
        yield from family(child)


def test_every_cause_of_a_failure_is_documented() -> None:
    causes = {failure.cause for failure in family(Failure)}
    root = PAGE.parents[2]
    for folder in SOURCES:
        for path in (root / folder).rglob("*.py"):
            causes |= set(re.findall(r'cause ?= ?"([a-z0-9-]+)"', path.read_text()))
    assert causes - documented() == set()


def test_every_documented_cause_is_one_that_the_code_knows() -> None:
    said = {failure.cause for failure in family(Failure)} | {http_cause(status) for status in (404, 799)}
    text = "".join(path.read_text() for folder in SOURCES for path in (PAGE.parents[2] / folder).rglob("*.py"))
    assert {code for code in documented() - said if f'"{code}"' not in text} == set()


def test_every_cause_of_a_failed_item_is_explained_to_operators() -> None:
    codes = documented() - {"host-busy", "other"} | {f"http-{status.value}" for status in HTTPStatus}
    for code in codes | {""}:
        words = explanation(code)
        assert words.title != f"Failed with {code}", "it has no words of its own"
        assert words.meaning.endswith(".")
        assert words.help.endswith(".")


def test_a_cause_of_another_version_is_named_by_its_code() -> None:
    assert explanation("moon-phase").title == "Failed with moon-phase"
    assert explanation("http-799").title == "The origin answered: unknown status (799)"


def test_statuses_have_their_own_code() -> None:
    assert http_cause(404) == "http-404"
    assert http_cause(799) == "http-other"
    assert all(http_cause(status) == f"http-{status.value}" for status in HTTPStatus)
