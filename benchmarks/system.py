"""The service as in production, on this machine: PostgreSQL, Redis, and every program of the Procfile."""

import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.client import Client, load
from benchmarks.corpus import FOLDER, ROOT
from benchmarks.metering import Parts
from devtools import servers
from devtools.checkout import documented_variables, procfile
from livingdocs_import.server.orphan_reaper import OrphanReaper, kill_group

SCOPES = ("public-api:read", "public-api:write", "public-api:drafts:read")
# PostgreSQL with durable settings, and memory suited to the machine.
DATABASE_SETTINGS = {"fsync": "on", "shared_buffers": "512MB", "max_wal_size": "4GB"}


@dataclass
class System:
    """Servers that are running, programs that can be started, and a project with a token."""

    database: servers.Service
    redis: servers.Service
    data: Path
    environment: dict[str, str]
    port: int
    tree: Path = ROOT  # the checkout whose programs run
    token: str = ""
    programs: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    reapers: dict[str, OrphanReaper] = field(default_factory=dict)

    @property
    def client(self) -> Client:
        """A new connection with the project's token."""
        return Client(self.port, self.token)

    def make_project(self, handle: str) -> str:
        """A project with the demo's configuration; a token for it."""
        self.manage("create_project", handle, "--config", str(self.tree / "livingdocs_import" / "demo_config.json"))
        scopes = [part for scope in SCOPES for part in ("--scope", scope)]
        return self.manage("create_token", handle, "--name", "benchmarks", *scopes)

    def parts(self, *names: str) -> Parts:
        """The measured parts: the named programs (by default all that run) and both servers."""
        programs = {name: [self.programs[name].pid] for name in names or self.programs}
        return programs | self.servers

    @property
    def servers(self) -> Parts:
        assert self.database.process
        assert self.redis.process
        return {"postgresql": [self.database.process.pid], "redis": [self.redis.process.pid]}

    def manage(self, *command: str) -> str:
        """Run a management command; returns its output."""
        done = subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=self.tree,
            env=self.environment,
            check=True,
            stdout=subprocess.PIPE,
        )
        return done.stdout.decode().strip()

    @contextmanager
    def running(self, *names: str, web: str = "") -> Iterator[None]:
        """Run these lines of the Procfile; `web` is a command that replaces its web server."""
        commands = procfile(self.tree) | ({"web": web} if web else {})
        for name in names:
            self.start(name, commands[name])
        try:
            if "web" in names:
                self.client.wait_until_healthy()
                load([self.client for _ in range(16)], ["/api/v1/health"] * 64)  # every process has had a request
            yield
        finally:
            for name in names:
                self.stop(name)

    def command(self, name: str) -> str:
        """A line of the Procfile."""
        return procfile(self.tree)[name]

    def start(self, name: str, command: str) -> None:
        """Start a program; Python programs run with the current interpreter."""
        program, *arguments = shlex.split(command.replace("/tmp/", f"{self.data}/"))
        run = ["manage.py"] if program == "python" else ["-m", program]
        with (self.data / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, *run, *arguments],
                cwd=self.tree,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.reapers[name] = OrphanReaper(process.pid, grace=10)
        self.programs[name] = process

    def stop(self, name: str) -> None:
        """End a program as production does, with SIGTERM."""
        process = self.programs.pop(name)
        process.terminate()
        process.wait(timeout=60)
        self.reapers.pop(name).dismiss()

    def kill(self, name: str) -> None:
        """Kill a program and its children with SIGKILL."""
        process = self.programs.pop(name)
        kill_group(process.pid)
        process.wait()
        self.reapers.pop(name).dismiss()

    def execute(self, *statements: str) -> None:
        """Run SQL in the database of the service."""
        with psycopg.connect(self.database.url, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)

    def query(self, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
        """The rows that a SELECT finds."""
        with psycopg.connect(self.database.url, autocommit=True) as connection:
            return connection.execute(statement, parameters or None).fetchall()


@contextmanager
def system(*, allowed: Sequence[str] = (), tree: Path = ROOT) -> Iterator[System]:
    """Private servers, an empty database with a project in it, an empty data folder; no program runs yet.

    `allowed`: private addresses that may be fetched from. `tree`: the checkout to measure.
    """
    with ExitStack() as stack:
        database = stack.enter_context(servers.private_postgresql(**DATABASE_SETTINGS))
        redis = stack.enter_context(servers.private_redis())
        data = stack.enter_context(_folder())
        port = servers.free_port()
        ours = {
            name + end for name in documented_variables((tree / ".env.example").read_text()) for end in ("", "_FILE")
        }
        environment = {name: value for name, value in os.environ.items() if name not in ours} | {
            "ENV_FILE": "",
            "SECRET_KEY": "only for benchmarks: 0123456789 abcdefghijklmnopqrstuvwxyz",
            "FIELD_ENCRYPTION_KEYS": "b25seSBmb3IgYmVuY2hlcyAwMTIzNDU2Nzg5YWJjZGU=",
            "DATABASE_URL": database.url,
            "CELERY_BROKER_URL": redis.url,
            "ASSET_STORAGE": f"file://{data}/assets",
            "DATA_DIR": str(data),
            "PUBLIC_URL": f"http://127.0.0.1:{port}",
            "BIND": f"127.0.0.1:{port}",
            "FETCH_ALLOWED_NETWORKS": ",".join(allowed),
        }
        made = System(database, redis, data, environment, port, tree)
        made.manage("migrate", "--verbosity", "0")
        made.manage("collectstatic", "--no-input", "--verbosity", "0")
        made.token = made.make_project("bench")
        yield made


@contextmanager
def _folder() -> Iterator[Path]:
    """On the checkout's disk, where temporary and stored files would be."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="data-", dir=FOLDER))
    try:
        yield folder
    finally:
        subprocess.run(["rm", "-rf", str(folder)], check=True)
