"""A production installation that follows the README starts, works and stops, with nothing but requirements.txt."""

import json
import re
import subprocess
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
import redis
import requests
from django.db import connection
from psycopg import sql

from devtools.checkout import ROOT, procfile
from devtools.servers import NotAvailable, Service, free_port
from scripts import bootstrap
from tests import images
from tests.api_client import image_item
from tests.origin import Origin, Reply
from tests.services import note
from tests.walks.conftest import wait_until
from tests.walks.installation import HOST, Installation, install, programs_of

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

PHOTOS = ROOT / "demo" / "photos"
PATIENCE = 60  # seconds for an answer, on a machine that is busy with other tests
AS_THE_PROXY = {"Host": HOST, "X-Forwarded-Proto": "https"}  # deploy/nginx.conf
FIND = "import importlib.util, sys; print(*(name for name in sys.argv[1:] if importlib.util.find_spec(name)))"
LIST = "import importlib.metadata; print(*(found.name for found in importlib.metadata.distributions()))"
IMPORT = "import django, importlib, sys; django.setup(); [importlib.import_module(name) for name in sys.argv[1:]]"


@pytest.fixture(scope="module")
def installed() -> Iterator[Installation]:
    """What `make runtime` makes of a copy of this checkout; skips where no packages can be had."""
    with tempfile.TemporaryDirectory(prefix="livingdocs-import-", ignore_cleanup_errors=True) as folder:
        try:
            made = install(Path(folder))
        except NotAvailable as error:
            note("missing", f"an installation of requirements.txt ({error})")
            pytest.skip(f"an installation of requirements.txt was NOT tested: {error}")
        yield made


@pytest.fixture
def installation(installed: Installation) -> Installation:
    """The installation with settings as in production, which nothing answers to yet."""
    installed.configure()
    return installed


@pytest.fixture
def database(db: None, settings: Any) -> Iterator[str]:
    """The URL of an empty PostgreSQL database, for this test alone."""
    ours = connection.settings_dict["NAME"]
    name = f"{ours}_installation"
    server = urlsplit(settings.DATABASE_URL)
    drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    with psycopg.connect(server._replace(path=f"/{ours}").geturl(), autocommit=True) as administrator:
        administrator.execute(drop)
        administrator.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
        yield server._replace(path=f"/{name}").geturl()
        administrator.execute(drop)


@dataclass
class Client:
    """A client of the installation, behind a proxy that speaks TLS."""

    address: str
    token: str
    session: requests.Session = field(default_factory=requests.Session)

    def __post_init__(self) -> None:
        self.session.trust_env = False
        self.session.headers.update(AS_THE_PROXY | {"Authorization": f"Bearer {self.token}"})

    def ready(self) -> bool:
        """Whether `GET /ready` answers 200. It is asked as load balancers do, by address; all it looks at is in use."""
        try:
            answer = requests.get(f"{self.address}/ready", timeout=PATIENCE)
        except requests.ConnectionError:
            return False
        return answer.status_code == 200 and set(answer.json()["checks"].values()) == {"ok"}

    def import_images(self, *items: dict[str, Any], webhook: str) -> str:
        """Post a batch that must be accepted; its job id."""
        batch = {"systemName": "archive", "images": list(items), "webhook": webhook}
        answer = self.session.post(f"{self.address}/api/v1/import/images", json=batch, timeout=PATIENCE)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["id"])

    def status(self, job: str) -> dict[str, Any]:
        answer = self.session.get(f"{self.address}/api/v1/import/images/status?id={job}", timeout=PATIENCE)
        assert answer.status_code == 200, answer.text
        status: dict[str, Any] = answer.json()
        return status

    def file(self, url: str) -> bytes:
        """What is delivered under an address of ours."""
        assert url.startswith(f"https://{HOST}/"), url
        return self.session.get(url.replace(f"https://{HOST}", self.address), timeout=PATIENCE).content


def names(requirements: str) -> set[str]:
    """The packages that a requirement file lists."""
    return set(re.findall(r"^([^\s=]+)==", (ROOT / requirements).read_text(), re.MULTILINE))


def normal(name: str) -> str:
    """The name of a package as requirement files spell it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def test_no_package_that_only_tests_need_is_there(installation: Installation) -> None:
    runtime = names(bootstrap.RUNTIME)
    for_tests = names(bootstrap.DEVELOPMENT) - runtime
    python = str(installation.programs / "python")
    found = {normal(name) for name in installation.run(python, "-I", "-c", LIST).stdout.split()}
    assert "django" in found
    assert found <= runtime
    modules = [
        module
        for module, packages in metadata.packages_distributions().items()
        if {normal(package) for package in packages} <= for_tests and module.isidentifier()
    ]
    assert {"pytest", "hypothesis", "moto", "flask"} <= set(modules)
    assert installation.run(python, "-I", "-c", FIND, "django", *modules).stdout.split() == ["django"]


def test_every_module_of_the_service_can_be_imported(installation: Installation) -> None:
    """But for the log-in by OpenID Connect, an extra that is imported only where it is set up."""
    modules = [name for name in installation.modules if not name.startswith("livingdocs_import.oidc.")]
    named = {"config.celery", "imports.tasks", "media_library.storage.s3", "demo.media", "livingdocs_import_client.cli"}
    assert named <= set(modules)
    settings = "DJANGO_SETTINGS_MODULE=config.settings"
    done = installation.run("env", settings, "python", "-c", IMPORT, *modules)
    assert done.returncode == 0, done.stdout


def test_check_deploy_is_silent(installation: Installation) -> None:
    said = installation.manage("check", "--deploy", "--fail-level", "WARNING")
    assert re.fullmatch(r"System check identified no issues \(\d silenced\)\.", said)


def test_every_command_explains_itself(installation: Installation) -> None:
    def explain(command: str) -> str:
        done = installation.run("nice", "python", "manage.py", command, "--help")
        return "" if done.returncode == 0 and f"usage: manage.py {command}" in done.stdout else done.stdout

    commands = installation.commands
    assert {"create_token", "work", "rebuild_references"} <= set(commands)
    with ThreadPoolExecutor(2) as pool:
        said = dict(zip(commands, pool.map(explain, commands), strict=True))
    assert {command: words for command, words in said.items() if words} == {}


def has_sent(beat: subprocess.Popen[bytes], broker: str) -> bool:
    """Whether the process has put a message into the queue of the imports."""
    with redis.Redis.from_url(broker) as queue:
        messages = [json.loads(message) for message in queue.lrange("imports", 0, -1)]
    return any(message["headers"]["origin"].startswith(f"gen{beat.pid}@") for message in messages)


@pytest.mark.postgres
@pytest.mark.django_db
def test_the_procfiles_programs_start_import_images_and_end_when_asked(
    installation: Installation, database: str, redis_server: Service, origin: Origin
) -> None:
    """PostgreSQL is empty, Redis the broker, a folder the storage. SIGTERM finds workers of both kinds at work."""
    port = free_port()
    installation.configure(
        DATABASE_URL=database, CELERY_BROKER_URL=redis_server.url, BIND=f"127.0.0.1:{port}",
        FETCH_ALLOWED_NETWORKS=origin.address,
    )  # fmt: skip
    release = installation.run("sh", "-c", procfile()["release"])
    assert release.returncode == 0, release.stdout
    installation.manage("create_project", "times", "--config", "livingdocs_import/demo_config.json")
    scopes = ["--scope", "public-api:read", "--scope", "public-api:write"]
    token = installation.manage("create_token", "times", "--name", "feed", *scopes)
    client = Client(f"http://127.0.0.1:{port}", token)

    with programs_of(installation) as programs:
        beat = programs.start("beat")  # before its output is read
        programs.start("web")
        wait_until(lambda: programs.all_run() and client.ready(), "the web server can use all that it depends on")
        wait_until(lambda: programs.all_run() and has_sent(beat, redis_server.url), "beat sends")
        for name in procfile().keys() - {"release", "beat", "web"}:
            programs.start(name)

        def well() -> bool:
            return installation.run("python", "manage.py", "status").returncode == 0

        wait_until(lambda: programs.all_run() and well(), "workers of both kinds have been seen")
        import_photos(client, origin)
        occupy(client, origin)
        assert programs.all_run()
        programs.stop()
        assert {name: log for name in programs.running if "Traceback" in (log := installation.log(name))} == {}


def import_photos(client: Client, origin: Origin) -> None:
    """One import: each item succeeds, what was fetched is delivered, the webhook comes."""
    photos = sorted(PHOTOS.glob("*.[jp][pn]g"))
    served = origin.serve_folder("/photos", PHOTOS)
    job = client.import_images(
        *[image_item(f"{served}/{photo.name}", id=photo.name) for photo in photos], webhook=origin.url("/hook")
    )
    wait_until(lambda: bool(client.status(job)["finished"]), "the job is finished")
    rows = client.status(job)["images"]
    assert [row["status"] for row in rows] == ["success"] * len(photos)
    assert client.file(rows[0]["image"]["url"]) == photos[0].read_bytes()
    [hook] = origin.wait_for(1, "/hook", seconds=30)
    assert hook.json()["overview"]["details"]["success"] == len(photos)


def occupy(client: Client, origin: Origin) -> None:
    """A download that takes minutes, and a webhook whose receiver hangs: both have begun."""
    quick = origin.reply("/quick", Reply(images.png()))
    client.import_images(image_item(quick), webhook=origin.reply("/hangs", Reply(wait=300)))
    origin.wait_for(1, "/hangs", seconds=60)
    slow = origin.reply("/slow", Reply(images.png(), piece=1, pause=0.5))
    client.import_images(image_item(slow), webhook=origin.url("/hook"))
    origin.wait_for(1, "/slow", seconds=60)
