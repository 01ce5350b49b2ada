"""The requests in docs/api.md work as they stand there, one after the other."""

import re
from pathlib import Path

from tests.cast import Caller

EXAMPLE = re.compile(r"^```\n(GET|POST|PATCH) (\S+)\n(.*?)```", re.MULTILINE | re.DOTALL)


def test_the_examples_of_the_documentation_work(times: Caller) -> None:
    found = EXAMPLE.findall(Path("docs/api.md").read_text())
    assert len(found) == 6
    for method, path, body in found:
        where = f"/api/v1/{path}"
        answer = times.client.generic(
            method, where, body, content_type="application/json", headers={"Authorization": f"Bearer {times.token}"}
        )
        assert answer.status_code == 200, (where, answer.content)
        elements = answer.json().get("mediaLibraryEntries", []) if isinstance(answer.json(), dict) else []
        assert all(element.get("ok", True) for element in elements), elements
    assert times.get("mediaLibrary/cat-1").json()["metadata"]["caption"] == "On a wall"
    assert [row["id"] for row in times.get("mediaLibrary/cat-1/incomingMediaReferences").json()] == ["poster-1"]
