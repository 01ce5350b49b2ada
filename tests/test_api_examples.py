"""The requests in docs/api.md work as they stand there, one after the other."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from documents.models import Document
from imports import services
from imports.models import ImportJob
from tests.api_client import Caller

EXAMPLE = re.compile(r"^```\n(GET|POST|PATCH) (\S+)\n(.*?)```", re.MULTILINE | re.DOTALL)


def test_the_examples_of_the_documentation_work(times: Caller, run_workers: Callable[[], None]) -> None:
    answers = []
    for method, path, body in EXAMPLE.findall(Path("docs/api.md").read_text()):
        if path in ("import/videos", "import/files"):
            job = send(times, method, path, body)
            assert services.cancel_job(ImportJob.objects.get(public_id=job["id"])), "the host does not exist"
            continue
        if "{document}" in path:  # the one that an example before has imported
            run_workers()
            path = path.replace("{document}", str(Document.objects.get().pk))
        caller = times.with_scopes("public-api:config:write") if path == "projectConfig" else times
        answers.append(send(caller, method, path, body))
    created, one, several, patched, links, job, commanded, events, planned = answers
    assert [element["ok"] for element in created["mediaLibraryEntries"]] == [True, True]
    assert one["id"] == "cat-1"
    assert [entry["id"] for entry in several["mediaLibraryEntries"]] == ["poster-1", "cat-1"]
    assert patched == {"status": 200}
    assert times.get("mediaLibrary/cat-1").json()["metadata"]["caption"] == "On a wall"
    assert [row["id"] for row in links] == ["poster-1"]
    (log,) = times.get(f"import/documents/status?id={job['id']}").json()["logs"]
    assert log["state"] == "published"
    assert commanded is None
    assert times.get(f"documents/{log['document_id']}/latestPublication").json()["metadata"] == {
        "description": "On a roof"
    }
    assert [event["eventType"] for event in events] == ["publish", "update"]
    assert (planned["ok"], planned["plan"]) == (True, True)


def send(caller: Caller, method: str, path: str, body: str) -> Any:
    headers = {"Authorization": f"Bearer {caller.token}"}
    answer = caller.client.generic(method, f"/api/v1/{path}", body, content_type="application/json", headers=headers)
    assert answer.status_code in {200, 204}, (path, answer.content)
    return answer.json() if answer.content else None
