"""The demo waits for what takes long on this machine, ends with a page to open, and its commands can be pasted."""

import json
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from demo import page, patience
from demo.address import Address
from demo.commands import POST, SERVE, STATUS, Commands
from devtools.checkout import ROOT
from devtools.servers import free_port
from livingdocs_import.server.orphan_reaper import kill_group
from livingdocs_import_client import Progress
from tests.processes import Running

FIRST_STEPS = (ROOT / "docs" / "guides" / "first-steps.md").read_text()
TRY_IT = (ROOT / "README.md").read_text().partition("## Try it")[2].partition("\n## ")[0]
needs_curl = pytest.mark.skipif(not shutil.which("curl"), reason="there is no curl, which readers of the docs need")


def test_what_is_there_at_once_is_not_talked_about(capsys: pytest.CaptureFixture[str]) -> None:
    patience.wait_for("nothing", lambda: True)
    assert capsys.readouterr().out == ""


def test_what_takes_long_is_waited_for_and_named_from_time_to_time() -> None:
    """In a process of its own: rich writes to the terminal that it finds first."""
    code = (
        "from demo.patience import wait_for; import time; began = time.monotonic();"
        "wait_for('the service is starting', lambda: time.monotonic() - began > 1, silence=0.2); print('there')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    *meanwhile, last = done.stdout.splitlines()
    assert 1 <= len(meanwhile) <= 5
    assert all(line.startswith("   … the service is starting (") for line in meanwhile)
    assert last == "there"


def test_what_cannot_come_any_more_is_not_waited_for() -> None:
    def died() -> bool:
        raise SystemExit("The service did not start")

    began = time.monotonic()
    with pytest.raises(SystemExit, match="did not start"):
        patience.wait_for("the service is starting", died)
    assert time.monotonic() - began < 5


# --- Where it listens ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bind", "url"),
    [
        ("127.0.0.1:8010", "http://127.0.0.1:8010"),
        ("192.0.2.7:80", "http://192.0.2.7:80"),
        ("[::1]:8000", "http://[::1]:8000"),
        ("0.0.0.0:8000", "http://127.0.0.1:8000"),
    ],
)
def test_links_lead_to_where_it_listens(bind: str, url: str) -> None:
    address = Address.parse(bind)
    assert (address.text, address.url) == (bind, url)


@pytest.mark.parametrize("bind", ["8000", ":8000", "localhost", "127.0.0.1:http"])
def test_another_address_is_refused_with_an_example(bind: str) -> None:
    with pytest.raises(SystemExit, match=re.escape("for example 127.0.0.1:8000")):
        Address.parse(bind)


# --- The page and the commands ---------------------------------------------------------------------------------------


def test_the_page_shows_names_as_text() -> None:
    shown = page.page("http://h", "<job>", Progress(), [], Commands("a", "b", "c", "d", "e && f"))
    assert "&lt;job&gt;" in shown
    assert "e &amp;&amp; f" in shown
    assert "$" not in re.sub(r"<pre.*?</pre>", "", shown, flags=re.DOTALL)


def test_the_guide_has_the_same_commands() -> None:
    assert re.findall(r"^```sh\n(.*?)\n```", FIRST_STEPS, re.MULTILINE | re.DOTALL) == [POST, STATUS]
    assert SERVE in FIRST_STEPS


def finished(script: str) -> dict[str, object]:
    """Paste commands into a shell, the last of which is asked until the job has ended; its answer then."""
    until = time.monotonic() + 60
    while True:
        done = subprocess.run(["sh", "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
        status: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
        if status["finished"] or time.monotonic() > until:
            return status
        script = "\n".join([script.partition("JOB=")[0], f"JOB={status['id']}", STATUS])


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A demo that has shown everything, and stays up."""
    data = tmp_path_factory.mktemp("demo") / "data"
    command = (sys.executable, "-m", "demo", "--bind", f"127.0.0.1:{free_port()}", "--data", str(data))
    running = Running(*command, PYTHONUNBUFFERED="1", PYTHONPATH=str(ROOT / "client" / "src"))
    try:
        yield running
    finally:
        running.signal(signal.SIGTERM)
        running.process.wait(60)
        running.stop()


@pytest.mark.slow
@pytest.mark.timeout(600)
@needs_curl
def test_it_ends_with_a_page_and_with_commands_that_succeed(demo: Running, tmp_path: Path) -> None:
    opened = demo.line(r"Open +(http://\S+)")[1]
    exports = "\n".join(demo.line(r"^export \S+$")[0] for _ in range(2))
    shown = requests.get(opened, timeout=30).text
    assert exports.splitlines()[0] in shown
    assert len(re.findall("<img|<video", shown)) == 6
    post = next(text for text in re.findall(r"<pre[^>]*>(.*?)</pre>", shown, re.DOTALL) if "coffee" in text)
    script = "\n".join([exports, post.replace("&quot;", '"').replace("&#x27;", "'"), STATUS])
    (row,) = finished(script)["images"]  # type: ignore[misc, attr-defined]
    assert (row["externalId"], row["status"]) == ("coffee", "success")
    demo.signal(signal.SIGINT)
    assert demo.process.wait(60) == 0


# --- By hand ---------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.timeout(600)
@needs_curl
def test_the_readmes_try_it_can_be_pasted_as_a_whole(tmp_path: Path) -> None:
    """With other ports and another folder for its data than those of the reader."""
    pasted = "\n".join(line.removeprefix("    ") for line in TRY_IT.splitlines() if line.startswith("    "))
    web, files = free_port(), free_port()
    replaced = {
        "make setup": ":",
        ".venv/bin/python": sys.executable,
        "make serve": f"{sys.executable} manage.py serve --bind 127.0.0.1:8000",
        "9000": str(files),
        "8000": str(web),
    }
    for old, new in replaced.items():
        assert old in pasted
        pasted = pasted.replace(old, new)
    environment = {"DATA_DIR": str(tmp_path), "ENV_FILE": "", "DATABASE_URL": "", "CELERY_BROKER_URL": ""}
    running = Running("setsid", "sh", "-c", f"{pasted}\nwait", **environment)
    try:
        status = json.loads(running.line(r'{"finished":true.*}$')[0])  # curl ends no line: it may follow the job's id
    finally:
        kill_group(running.process.pid)
        running.stop()
    (row,) = status["images"]
    assert (row["externalId"], row["status"]) == ("cat-1", "success")
