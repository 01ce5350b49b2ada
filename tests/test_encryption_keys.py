"""No process starts without a key for the secrets it stores; on a laptop one is made, once."""

import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHOW = "from config import settings; print(*settings.FIELD_ENCRYPTION_KEYS)"
KEY, OTHER = "b25seSBmb3IgdGVzdHM6IDAxMjM0NTY3ODlhYmNkZWY=", "b25seSBmb3Igd2Fsa3M6IDAxMjM0NTY3ODlhYmNkZWY="
PRODUCTION = {"SECRET_KEY": "x" * 50, "DATABASE_URL": "postgresql://nobody@localhost/nothing"}


def started(folder: Path, **given: str) -> "subprocess.CompletedProcess[str]":
    bare = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    environment = bare | {"ENV_FILE": "", "DATA_DIR": str(folder / "data")} | given
    return subprocess.run(
        [sys.executable, "-c", SHOW], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("name", PRODUCTION)
def test_in_production_nothing_starts_without_a_key(tmp_path: Path, name: str) -> None:
    done = started(tmp_path, **{"SECRET_KEY": "x" * 50, name: PRODUCTION[name]})
    assert done.returncode != 0
    assert "FIELD_ENCRYPTION_KEYS is missing: `openssl rand -base64 32` makes a key." in done.stderr
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("keys", ["short", f"{KEY},{OTHER[:-8]}", "ü" * 44])
def test_what_is_no_key_is_named_by_its_number_and_not_repeated(tmp_path: Path, keys: str) -> None:
    done = started(tmp_path, **PRODUCTION, FIELD_ENCRYPTION_KEYS=keys)
    assert done.returncode != 0
    last = done.stderr.strip().splitlines()[-1]
    assert f"FIELD_ENCRYPTION_KEYS: number {1 + keys.count(',')} is no key" in last
    assert keys not in last


def test_several_keys_are_taken_in_their_order_also_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_text(f"{KEY}\n{OTHER}\n")
    for given in ({"FIELD_ENCRYPTION_KEYS": f"{KEY}, {OTHER}"}, {"FIELD_ENCRYPTION_KEYS_FILE": str(file)}):
        assert started(tmp_path, **PRODUCTION, **given).stdout.split() == [KEY, OTHER]


def test_a_laptop_makes_one_key_and_keeps_it_to_itself(tmp_path: Path) -> None:
    """Also when several processes start at once."""
    with ThreadPoolExecutor() as threads:
        seen = {done.stdout for done in threads.map(lambda _: started(tmp_path), range(3))}
    assert len(seen) == 1
    kept = tmp_path / "data" / "field_encryption_key"
    assert started(tmp_path).stdout.strip() == kept.read_text()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert sorted(path.name for path in kept.parent.iterdir()) == ["field_encryption_key", "secret_key"]
