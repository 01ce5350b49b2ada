"""A TypeScript client that a generator makes of our OpenAPI document compiles, and makes every call of the service."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from livingdocs_import.openapi import documents
from running_service import Service
from tests.contract import resolved

pytestmark = pytest.mark.slow

PACKAGES = ("openapi-typescript@7", "openapi-fetch@0", "typescript@5", "@types/node@20")
VERSION = "2026-09"
HEAD = """
import createClient from "openapi-fetch";
import type { paths } from "./api.js";

const api = createClient<paths>({
    baseUrl: `${process.env.LIVINGDOCS_IMPORT_API}/api/2026-09`,
    headers: { Authorization: `Bearer ${process.env.LIVINGDOCS_IMPORT_TOKEN}` },
});
const show = (id: string, { response }: { response: Response }) => console.log(id, response.status);
"""
IMPORT = """
const posted = await api.POST("/import/images", {
    body: {
        systemName: "typescript",
        images: [{ url: "https://example.org/cat.jpg", id: "cat-1", fileName: "A cat", metadata: {} }],
    },
});
if (posted.error) throw new Error(JSON.stringify(posted.error));
const job: string = posted.data.id;
const status = await api.GET("/import/images/status", { params: { query: { id: job } } });
if (status.error) throw new Error(JSON.stringify(status.error));
console.log(status.data.id === job);
"""


@pytest.fixture(scope="module")
def node_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the generator, the client's runtime and the compiler."""
    if not shutil.which("npm"):
        pytest.skip("npm is not installed: no TypeScript client was generated")
    folder = tmp_path_factory.mktemp("node")
    (folder / "package.json").write_text('{"type": "module", "private": true}')
    install = ["npm", "install", "--silent", "--no-audit", "--no-fund", *PACKAGES]
    done = subprocess.run(install, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"npm cannot install packages here: {done.stderr[:200]}")
    return folder


def test_a_generated_client_is_typed_and_posts_an_import(service: Service, node_project: Path) -> None:
    assert ran(service, node_project, HEAD + IMPORT) == ["true"]


def test_a_generated_client_makes_every_call(service: Service, node_project: Path) -> None:
    """With the examples of the document; each answer has a status that is described."""
    lines = [line.split() for line in ran(service, node_project, HEAD + "\n".join(map(call, operations())))]
    statuses = {operation["operationId"]: operation["responses"] for _, _, operation in operations()}
    assert [name for name, _ in lines] == list(statuses)
    assert [(name, status) for name, status in lines if status not in statuses[name] or status >= "500"] == []
    assert sum(status < "300" for _, status in lines) > len(lines) / 2


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Method, path and description of each call."""
    for path, methods in documents.document(VERSION)["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def call(described: tuple[str, str, dict[str, Any]]) -> str:
    """A line of TypeScript that makes a call, and shows the status."""
    method, path, operation = described
    options: dict[str, Any] = {"parseAs": "text", "params": {"path": {}, "query": {}}}
    for parameter in (resolved(VERSION, each) for each in operation.get("parameters", ())):
        if parameter.get("required") and parameter["in"] in options["params"]:
            options["params"][parameter["in"]][parameter["name"]] = example(parameter)
    if "requestBody" in operation:
        options["body"] = example(resolved(VERSION, operation["requestBody"])["content"]["application/json"])
    options["params"] = {place: given for place, given in options["params"].items() if given}
    return (
        f"show({json.dumps(operation['operationId'])}, await api.{method}({json.dumps(path)}, {json.dumps(options)}));"
    )


def example(described: Any) -> Any:
    """The first example."""
    return resolved(VERSION, next(iter(described["examples"].values())))["value"]


def ran(service: Service, folder: Path, program: str) -> list[str]:
    """Generate the client, compile a program that uses it, and run it; the lines that it prints."""
    document = f"{service.url}/api/{VERSION}/openapi.json"
    run(folder, "npx", "--no-install", "openapi-typescript", document, "-o", "api.ts")
    (folder / "call.ts").write_text(program)
    options = ["--strict", "--module", "nodenext", "--target", "es2022", "--skipLibCheck", "call.ts"]
    run(folder, "npx", "--no-install", "tsc", *options)
    return run(folder, "node", "call.js", **service.environment).splitlines()


def run(folder: Path, *command: str, **environment: str) -> str:
    done = subprocess.run(
        command, cwd=folder, env=os.environ | environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
