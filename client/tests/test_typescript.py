"""A TypeScript client that a generator makes of our OpenAPI document compiles, and calls the service."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from running_service import Service

pytestmark = pytest.mark.slow

PACKAGES = ("openapi-typescript@7", "openapi-fetch@0", "typescript@5", "@types/node@20")
PROGRAM = """
import createClient from "openapi-fetch";
import type { paths } from "./api.js";

const api = createClient<paths>({
    baseUrl: `${process.env.LIVINGDOCS_IMPORT_API}/api/2026-09`,
    headers: { Authorization: `Bearer ${process.env.LIVINGDOCS_IMPORT_TOKEN}` },
});

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


@pytest.fixture
def node_project(tmp_path: Path) -> Path:
    """A folder with the generator, the client's runtime and the compiler."""
    if not shutil.which("npm"):
        pytest.skip("npm is not installed: no TypeScript client was generated")
    (tmp_path / "package.json").write_text('{"type": "module", "private": true}')
    install = ["npm", "install", "--silent", "--no-audit", "--no-fund", *PACKAGES]
    done = subprocess.run(install, cwd=tmp_path, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"npm cannot install packages here: {done.stderr[:200]}")
    return tmp_path


def test_a_generated_client_compiles_and_posts_an_import(service: Service, node_project: Path) -> None:
    document = f"{service.url}/api/2026-09/openapi.json"
    run(node_project, "npx", "--no-install", "openapi-typescript", document, "-o", "api.ts")
    (node_project / "call.ts").write_text(PROGRAM)
    options = ["--strict", "--module", "nodenext", "--target", "es2022", "--skipLibCheck", "call.ts"]
    run(node_project, "npx", "--no-install", "tsc", *options)
    assert run(node_project, "node", "call.js", **service.environment).strip() == "true"


def run(folder: Path, *command: str, **environment: str) -> str:
    done = subprocess.run(
        command, cwd=folder, env=os.environ | environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
