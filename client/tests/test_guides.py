"""The code in the guides works, guide after guide, as a reader would paste it."""

import os
import re
import subprocess
import sys
from pathlib import Path

from devtools.checkout import ROOT
from running_service import Service
from tests.origin import Origin

GUIDES = ROOT / "docs" / "guides"
BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
PICTURE = "http://127.0.0.1:9000/PICTURE.jpg"


def run(code: str, service: Service, folder: Path) -> list[str]:
    """Run code as a program of its own; the lines that it prints."""
    environment = {**os.environ, **service.environment, "PYTHONPATH": str(ROOT / "client" / "src")}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, (code, done.stderr)
    return done.stdout.splitlines()


def blocks(guide: str) -> list[str]:
    """The Python code of a guide."""
    found: list[str] = BLOCK.findall((GUIDES / guide).read_text())
    return found


def test_first_steps(service: Service, origin: Origin, tmp_path: Path) -> None:
    post, find = blocks("first-steps.md")
    assert PICTURE in post
    assert run(post.replace(PICTURE, origin.url("/cat.jpg")), service, tmp_path)[0].startswith("cat-1 success ")
    (found,) = run(find, service, tmp_path)
    assert " 1 On a roof http" in found


def test_an_archive_is_moved_and_an_image_withdrawn(service: Service, origin: Origin, tmp_path: Path) -> None:
    lines = ["id,url,title,caption"]
    lines += [f"a-{number},{origin.url('/cat.jpg')},Cat {number},On a roof" for number in (1, 2)]
    lines += [f"a-3,{origin.url('/no-cat.jpg')},No cat,Gone", "a-4,nonsense,No URL,Gone"]
    (tmp_path / "archive.csv").write_text("\ufeff" + "\n".join(lines))
    post, explain, map_ids = blocks("move-an-archive.md")
    posted = run(post, service, tmp_path)
    assert posted[0].startswith("refused: ")
    assert any(line.startswith("1 jobs: ") for line in posted)
    assert "3 of 3 (2 imported, 0 skipped, 1 failed)" in posted[-1]
    (job,) = (line.removeprefix("1 jobs: ") for line in posted if line.startswith("1 jobs: "))
    reasons = run(explain.replace("JOB-ID", job), service, tmp_path)
    assert (reasons[0], reasons[1].split()[0]) == ("Counter({'Could not upload image': 1})", "a-3")
    assert [line.split(",")[0] for line in run(map_ids, service, tmp_path)] == ["a-1", "a-2"]
    (withdraw,) = blocks("images-behind-a-cdn.md")
    assert run(withdraw, service, tmp_path)[-1].startswith("purge: ")


def test_an_article_of_a_feed_is_published_and_followed(service: Service, tmp_path: Path) -> None:
    post, follow = blocks("daily-feed.md")
    assert run(post, service, tmp_path)[0].startswith("wire-4711 success ")
    assert any("publish" in line for line in run(follow, service, tmp_path))


def test_a_message_without_a_signature_is_refused(service: Service, tmp_path: Path) -> None:
    (verify,) = blocks("receive-webhooks.md")
    assert run(verify, service, tmp_path) == ["401"]


def test_every_guide_has_been_run() -> None:
    """Those without Python are named here."""
    named = {"first-steps.md", "move-an-archive.md", "images-behind-a-cdn.md", "daily-feed.md", "receive-webhooks.md"}
    assert {path.name for path in GUIDES.glob("*.md") if BLOCK.search(path.read_text())} == named
