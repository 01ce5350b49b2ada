"""A .env file says what the environment does not."""

import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
KEY = "b25seSBmb3IgdGVzdHM6IDAxMjM0NTY3ODlhYmNkZWY="
SHOW = """
import json
from config import gunicorn, settings
database = settings.DATABASES["default"]
print(json.dumps({
    "chunk": settings.IMPORT_CHUNK, "key": settings.SECRET_KEY, "database": database.get("HOST") or database["ENGINE"],
    "processes": gunicorn.workers,
}))
"""


def started(folder: Path, given: dict[str, str], *, root: Path = ROOT) -> "subprocess.CompletedProcess[str]":
    bare = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-c", SHOW], cwd=root, capture_output=True, text=True, check=False,
        env=bare | {"DATA_DIR": str(folder), "PYTHONPATH": str(ROOT), "FIELD_ENCRYPTION_KEYS": KEY} | given,
    )  # fmt: skip


def settings_with(folder: Path, env_file: str, **given: str) -> dict[str, object]:
    """Settings of a process that finds this file and this environment."""
    path = folder / "some.env"
    path.write_text(env_file)
    done = started(folder, {"ENV_FILE": str(path)} | given)
    assert done.returncode == 0, done.stderr
    read: dict[str, object] = json.loads(done.stdout)
    return read


def test_what_stands_in_the_file_counts_for_the_service_and_its_web_server(tmp_path: Path) -> None:
    read = settings_with(tmp_path, "# our server\nIMPORT_CHUNK=7\nWEB_CONCURRENCY=3\nSECRET_KEY='a $HOME # b'\n")
    assert (read["chunk"], read["processes"], read["key"]) == (7, 3, "a $HOME # b")


def test_the_environment_wins_even_when_it_is_empty(tmp_path: Path) -> None:
    file = "IMPORT_CHUNK=7\nSECRET_KEY=file\nDATABASE_URL=postgresql://elsewhere/name\n"
    assert settings_with(tmp_path, file)["database"] == "elsewhere"
    read = settings_with(tmp_path, file, IMPORT_CHUNK="9", DATABASE_URL="")
    assert (read["chunk"], read["database"]) == (9, "django.db.backends.sqlite3")


def test_a_secret_may_be_in_a_file_of_its_own(tmp_path: Path) -> None:
    mounted = tmp_path / "secret_key"
    mounted.write_text("mounted\n")
    line = f"SECRET_KEY_FILE={shlex.quote(str(mounted))}\n"
    assert settings_with(tmp_path, line)["key"] == "mounted"
    assert settings_with(tmp_path, line, SECRET_KEY="given")["key"] == "given", "in the other spelling, too"
    assert settings_with(tmp_path, "SECRET_KEY=file\n", SECRET_KEY_FILE=str(mounted))["key"] == "mounted"


def test_a_file_that_is_named_has_to_be_there(tmp_path: Path) -> None:
    done = started(tmp_path, {"ENV_FILE": str(tmp_path / "nowhere.env")})
    assert done.returncode != 0
    assert "nowhere.env" in done.stderr


@pytest.mark.parametrize(("given", "chunk"), [({}, 5), ({"ENV_FILE": ""}, 48), ({"ENV_FILE": "other"}, 6)])
def test_without_a_name_it_is_the_one_beside_manage_py(tmp_path: Path, given: dict[str, str], chunk: int) -> None:
    shutil.copytree(ROOT / "config", tmp_path / "config")
    (tmp_path / ".env").write_text("IMPORT_CHUNK=5\n")
    (tmp_path / "other").write_text("IMPORT_CHUNK=6\n")
    done = started(tmp_path, given, root=tmp_path)
    assert json.loads(done.stdout)["chunk"] == chunk, done.stderr


def test_tests_read_none() -> None:
    assert os.environ["ENV_FILE"] == ""
