"""Chromium as operators use it, driven by chromedriver over the WebDriver protocol.

Tests with the fixture `browser` are skipped where neither is installed; the end of a run names that.
"""

import base64
import contextlib
import json
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from devtools.servers import free_port
from tests.services import note

PHONE, DESK = 390, 1280  # pixels: the widths at which pages are looked at
START_SECONDS = 30.0
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # the key of a reference to an element, by the protocol


class Browser:
    """One window. Widths are those of the page, in CSS pixels."""

    def __init__(self, driver: str, capabilities: dict[str, Any]) -> None:
        self._driver = driver
        session = self._call("POST", "/session", {"capabilities": {"alwaysMatch": capabilities}})
        self._session = f"/session/{session['sessionId']}"

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._driver + path, data, {"Content-Type": "application/json"}, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)["value"]

    def _do(self, command: str, **body: Any) -> Any:
        return self._call("POST", f"{self._session}/{command}", body)

    def open(self, url: str) -> None:
        """Load a page and wait until it is complete."""
        self._do("url", url=url)

    def run(self, script: str, *arguments: Any) -> Any:
        """Run JavaScript in the page; `return` hands on a value."""
        return self._do("execute/sync", script=script, args=arguments)

    def add_cookie(self, name: str, value: str) -> None:
        """For the site of the present page."""
        self._do("cookie", cookie={"name": name, "value": value, "path": "/"})

    def resize(self, width: int, height: int = 900) -> None:
        """Set the size of the page, also below the smallest window."""
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.devtools("Emulation.setDeviceMetricsOverride", **metrics)

    def prefer(self, scheme: str) -> None:
        """Prefer the colour scheme "light" or "dark"."""
        self.devtools("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def devtools(self, method: str, **parameters: Any) -> Any:
        """A command of the Chrome DevTools Protocol."""
        return self._do("goog/cdp/execute", cmd=method, params=parameters)

    def text(self, css: str) -> str:
        """What an element shows."""
        return str(self.run("return document.querySelector(arguments[0]).innerText", css))

    def overflow(self) -> int:
        """By how many pixels the page is wider than the window."""
        return int(self.run("const page = document.documentElement; return page.scrollWidth - page.clientWidth"))

    def wait_until(self, holds: Callable[[], object], seconds: float = 20.0) -> None:
        """Until it holds."""
        deadline = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < deadline, "it does not come to hold"
            time.sleep(0.1)

    def picture(self, path: Path) -> None:
        """Save a picture of the whole page."""
        taken = self.devtools("Page.captureScreenshot", captureBeyondViewport=True, format="png")
        path.write_bytes(base64.b64decode(taken["data"]))

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._call("DELETE", self._session)


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Browser]]:
    """Makes windows with a new profile."""
    driver, program = shutil.which("chromedriver"), shutil.which("chromium") or shutil.which("google-chrome")
    if driver is None or program is None:
        note("missing", "Chromium")
        pytest.skip("Chromium or chromedriver is not installed")
    port = free_port()
    process = subprocess.Popen([driver, f"--port={port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_until_ready(port)
        yield lambda: _window(port, program, tmp_path_factory.mktemp("profile"))
    finally:
        process.terminate()
        process.wait()


def _window(port: int, program: str, profile: Path) -> Browser:
    arguments = ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--hide-scrollbars"]
    options = {"binary": program, "args": [*arguments, f"--user-data-dir={profile}"]}
    return Browser(f"http://127.0.0.1:{port}", {"browserName": "chrome", "goog:chromeOptions": options})


def _wait_until_ready(port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/status", timeout=5):
                return
        except OSError:
            assert time.monotonic() < deadline, "chromedriver does not answer"
            time.sleep(0.1)


@pytest.fixture
def browser(chromium: Callable[[], Browser]) -> Iterator[Browser]:
    """A window of the test's own."""
    window = chromium()
    try:
        yield window
    finally:
        window.close()
