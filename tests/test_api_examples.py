"""The requests in docs/api.md work as they stand there, one after the other."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.cast import Caller

EXAMPLE = re.compile(r"^```\n(GET|POST|PATCH) (\S+)\n(.*?)```", re.MULTILINE | re.DOTALL)


def test_the_examples_of_the_documentation_work(times: Caller, run_workers: Callable[[], None]) -> None:
    answers = [send(times, *example) for example in EXAMPLE.findall(Path("docs/api.md").read_text())]
    created, one, several, patched, links, job, events = answers
    assert [element["ok"] for element in created["mediaLibraryEntries"]] == [True, True]
    assert one["id"] == "cat-1"
    assert [entry["id"] for entry in several["mediaLibraryEntries"]] == ["poster-1", "cat-1"]
    assert patched == {"status": 200}
    assert times.get("mediaLibrary/cat-1").json()["metadata"]["caption"] == "On a wall"
    assert [row["id"] for row in links] == ["poster-1"]
    assert events == []
    run_workers()
    (log,) = times.get(f"import/documents/status?id={job['id']}").json()["logs"]
    assert log["state"] == "published"


def send(caller: Caller, method: str, path: str, body: str) -> Any:
    headers = {"Authorization": f"Bearer {caller.token}"}
    answer = caller.client.generic(method, f"/api/v1/{path}", body, content_type="application/json", headers=headers)
    assert answer.status_code == 200, (path, answer.content)
    return answer.json()
