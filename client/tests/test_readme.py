"""What stands in the README works when it is pasted."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from devtools.checkout import ROOT
from readme import BLOCKS, FOLDER, block
from running_service import Service
from tests.origin import Origin

CACHE = ROOT / ".mypy_cache" / "client-readme"
PICTURE = "https://www.python.org/static/img/python-logo.png"


def run(code: str, service: Service) -> list[str]:
    """Run code as a program of its own; the lines that it prints."""
    environment = {**os.environ, **service.environment, "PYTHONPATH": str(FOLDER / "src")}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_ten_lines_import_images_and_a_few_more_patch_them(service: Service, origin: Origin) -> None:
    ten_lines = block("import_images(images")
    assert len(ten_lines.splitlines()) <= 10
    assert PICTURE in ten_lines
    printed = run(ten_lines.replace(PICTURE, origin.url("/cat.jpg")), service)
    assert "3 of 3 (3 imported, 0 skipped, 0 failed)" in printed
    assert [line.split()[:2] for line in printed[-3:]] == [[f"logo-{n}", "success"] for n in range(3)]
    assert run(block("update_entry("), service) == ["2 Logo 0!"]


def test_batches_are_posted_by_hand(service: Service) -> None:
    about, posted = run(block("batches(Kind"), service)
    assert about == "about to post archive-2026-0 for items 0 to 1"
    assert posted.startswith("[Job(kind=<Kind.IMAGES: 'images'>, id=")


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_types_hold_in_all_of_it(tmp_path: Path) -> None:
    for number, text in enumerate(BLOCKS):
        (tmp_path / f"block_{number}.py").write_text(text)
    (tmp_path / "mypy.ini").write_text("[mypy]\nstrict = True\n")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--config-file", "mypy.ini", "--cache-dir", str(CACHE), "."],
        cwd=tmp_path, env=os.environ | {"MYPYPATH": str(FOLDER / "src")}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


def test_the_limits_it_names_are_those_of_the_code() -> None:
    assert "5,000 items or 16 MB" in (FOLDER / "README.md").read_text()
    code = "from livingdocs_import_client.batches import MAX_BYTES, MAX_ITEMS; print([MAX_ITEMS, MAX_BYTES])"
    environment = os.environ | {"PYTHONPATH": str(FOLDER / "src")}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=True)
    assert json.loads(done.stdout) == [5_000, 16 * 1024 * 1024]


def test_the_decision_it_names_is_there() -> None:
    assert (ROOT / "docs/adr/0031-a-client-without-input-and-output.md").exists()
