"""Bodies of Livingdocs' documentation fit our documents, except for those that are listed here, with the reasons."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.contract import operation, problems, resolved

BODIES = json.loads((Path(__file__).resolve().parents[2] / "data" / "documented_bodies.json").read_text())
ABBREVIATED = "the documentation abbreviates `record` to {}"
ROWS = "rows have `status` and `title` in every version here, for older programs (IMG-42)"
OBJECT = "the quota is answered with an array in every version, as the customer's documents have it (QUO-02)"
# By operation and status, which of the bodies (in their order) do not fit, and why.
REASONS: dict[tuple[str, str, str], tuple[set[int], str]] = {
    ("GET", "import/images/status", "200"): ({0, 3}, ROWS),
    ("GET", "import/videos/status", "200"): ({0}, ROWS),
    ("GET", "import/files/status", "200"): ({0}, ROWS),
    ("POST", "import/images", "429"): ({0}, OBJECT),
    ("POST", "import/videos", "429"): ({0}, OBJECT),
    ("POST", "import/files", "429"): ({0}, OBJECT),
    ("POST", "import/documents", "429"): ({0}, OBJECT),
    ("POST", "import/mediaLibrary", "200"): ({0, 2, 4}, ABBREVIATED),
}


def name(body: dict[str, Any]) -> tuple[str, str, str]:
    return body["method"], body["path"], body["status"]


def wrong(body: dict[str, Any], version: str) -> list[str]:
    path = "/" + body["path"].replace("{documentId}", "1").replace("{", "").replace("}", "")
    found = operation(version, body["method"], path)
    if found is None:
        return ["no such path"]
    _, described = found
    if body["status"] == "request":
        content = described["requestBody"]["content"]
    else:
        content = resolved(version, described["responses"][body["status"]])["content"]
    return list(problems(version, content["application/json"]["schema"], body["body"]))


@pytest.mark.parametrize("key", sorted({name(body) for body in BODIES}), ids=" ".join)
def test_documented_bodies_fit_except_for_a_reason(key: tuple[str, str, str]) -> None:
    bodies = [body for body in BODIES if name(body) == key]
    found = {number for number, body in enumerate(bodies) if any(wrong(body, version) for version in body["versions"])}
    assert found == REASONS.get(key, (set(), ""))[0]


def test_no_reason_is_left_over() -> None:
    assert REASONS.keys() <= {name(body) for body in BODIES}
