"""A command that is killed or interrupted goes on where it stopped, and its memory does not grow with the input."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from devtools.checkout import ROOT
from tests.processes import Running

HEAD = "url,id,fileName,metadata.caption"
MANAGE = (sys.executable, str(ROOT / "manage.py"))
MAX_MEMORY = 200 * 1024 * 1024  # bytes
pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Installation:
    """A database of its own, for processes that can be killed."""

    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        database = f"sqlite:///{self.folder}/db.sqlite3"
        return {"DEBUG": "true", "ENV_FILE": "", "DATA_DIR": str(self.folder), "DATABASE_URL": database}

    def manage(self, *arguments: str) -> None:
        subprocess.run([*MANAGE, *arguments], env={**os.environ, **self.environment}, check=True, capture_output=True)

    def table(self, name: str, rows: int) -> Path:
        """A file of so many rows."""
        path = self.folder / name
        with path.open("w") as file:
            file.write(f"{HEAD}\n")
            for n in range(rows):
                file.write(f"https://pictures.example.org/{n}.jpg,{name}-{n},Picture {n},It sleeps on the sofa\n")
        return path

    def command(self, path: Path, *arguments: str) -> tuple[str, ...]:
        options = ("--project", "times", "--system-name", path.name, "--no-wait")
        return (*MANAGE, "import_images", str(path), *options, *arguments)

    def start(self, path: Path, *arguments: str) -> Running:
        return Running(*self.command(path, *arguments), **self.environment)

    def counted(self, path: Path) -> tuple[int, int, int]:
        """Items, distinct external ids, and jobs of a file."""
        with sqlite3.connect(self.folder / "db.sqlite3") as database:
            found: tuple[int, int, int] = database.execute(
                "SELECT count(*), count(DISTINCT external_id), count(DISTINCT job_id) FROM imports_importitem i "
                "JOIN imports_importjob j ON j.id = i.job_id WHERE j.system_name = ?",
                (path.name,),
            ).fetchone()
        return found


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    made = Installation(tmp_path_factory.mktemp("installation"))
    made.manage("migrate")
    made.manage("create_project", "times", "--config", str(ROOT / "livingdocs_import" / "demo_config.json"))
    return made


@pytest.mark.timeout(900)
@pytest.mark.parametrize(("kills", "rows"), [(2, 2_000), (20, 8_000)])
def test_killed_at_random_moments_each_row_is_one_item_of_one_job(
    installation: Installation, kills: int, rows: int
) -> None:
    path, size = installation.table(f"killed-{kills}.csv", rows), 20
    moments = random.Random(kills)
    for _ in range(kills):
        more = installation.counted(path)[0] + moments.randrange(rows // (4 * kills))
        running = installation.start(path, "--batch-size", str(size))
        running.line("images of project times")
        while installation.counted(path)[0] < more:
            time.sleep(0.002)
        time.sleep(moments.uniform(0.0, 0.02))
        running.stop()
    before = installation.counted(path)[0]
    last = installation.start(path, "--batch-size", str(size))
    last.line(rf"{rows:,} posted to project times in {rows // size:,} jobs")
    last.rest()
    assert last.process.returncode == 0
    assert installation.counted(path) == (rows, rows, rows // size)
    assert before < rows, "all was posted before the last kill: give it more rows"


@pytest.mark.timeout(300)
def test_after_ctrl_c_it_says_how_to_go_on(installation: Installation) -> None:
    path = installation.table("interrupted.csv", 4_000)
    running = installation.start(path, "--batch-size", "20")
    running.line("images of project times")
    while not installation.counted(path)[0]:
        time.sleep(0.002)
    running.signal(signal.SIGINT)
    running.line("the same command goes on from there")
    running.rest()
    assert running.process.returncode == 130
    assert 0 < installation.counted(path)[0] < 4_000
    again = installation.start(path, "--batch-size", "20")
    again.line("going on with")
    again.rest()
    assert installation.counted(path) == (4_000, 4_000, 200)


@pytest.mark.timeout(600)
def test_memory_does_not_grow_with_the_input(installation: Installation) -> None:
    peaks = [peak_memory(installation, installation.table(f"rows-{rows}.csv", rows)) for rows in (20_000, 300_000)]
    assert peaks[1] < MAX_MEMORY
    assert peaks[1] < peaks[0] + 20 * 1024 * 1024
    assert installation.counted(installation.folder / "rows-300000.csv")[:2] == (300_000, 300_000)


# A process begins with the peak of the one that starts it, which is this one with all its tests: so another is between.
MEASURING = """\
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=sys.stderr)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def peak_memory(installation: Installation, path: Path) -> int:
    """The largest resident set of the command, in bytes."""
    command = (sys.executable, "-c", MEASURING, *installation.command(path))
    environment = {**os.environ, **installation.environment}
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return int(done.stdout) * 1024
