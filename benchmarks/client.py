"""An API client on one kept-alive connection, and many of them as a load."""

import http.client
import json
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import quantiles
from typing import Any

START_SECONDS = 60.0
JOB_SECONDS = 600.0


class Client:
    """Calls the service on 127.0.0.1:PORT with a token, or as a user of the admin with a session."""

    def __init__(self, port: int, token: str, *, session: str = "") -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        if session:
            self._headers = {"Cookie": f"sessionid={session}"}

    def call(self, method: str, path: str, body: bytes | None = None, *, status: int = 200) -> bytes:
        """The body of the response, which must have this status."""
        try:
            self._connection.request(method, path, body, self._headers)
            response = self._connection.getresponse()
        except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
            # The server closed an idle connection; the next request opens a new one.
            self._connection.close()
            self._connection.request(method, path, body, self._headers)
            response = self._connection.getresponse()
        content = response.read()
        if response.status != status:
            raise SystemExit(f"{method} {path} was answered with {response.status}: {content[:500]!r}")
        return content

    def get(self, path: str) -> Any:
        """Below /api/v1/."""
        return json.loads(self.call("GET", f"/api/v1/{path}"))

    def post(self, path: str, body: Any) -> Any:
        """Below /api/v1/; `body` may be JSON that was made beforehand."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return json.loads(self.call("POST", f"/api/v1/{path}", data))

    def wait_until_healthy(self) -> None:
        """Until the web server answers."""
        until = time.monotonic() + START_SECONDS
        while True:
            try:
                self.get("health")
            except OSError:
                self._connection.close()
                if time.monotonic() > until:
                    raise SystemExit("the web server does not answer") from None
                time.sleep(0.1)
            else:
                return

    def another(self) -> "Client":
        """The same client on a connection of its own, for another thread."""
        return Client(self._connection.port, self._headers["Authorization"].removeprefix("Bearer "))

    def finish(self, kind: str, job: str, *, pause: float = 0.2, within: float = JOB_SECONDS) -> dict[str, Any]:
        """Poll the job's status until it is finished; returns the last response."""
        until = time.monotonic() + within
        while time.monotonic() < until:
            status: dict[str, Any] = self.get(f"import/{kind}/status?id={job}")
            if status["finished"]:
                return status
            time.sleep(pause)
        raise SystemExit(f"job {job} did not finish within {within} s")


@dataclass(frozen=True)
class Latency:
    """The duration of requests, in milliseconds."""

    median: float
    p99: float


def load(clients: Sequence[Client], paths: Sequence[str], *, status: int = 200) -> Latency:
    """GET all the paths, with as many in parallel as there are clients."""
    taken: list[float] = []

    def run(client: Client, mine: Sequence[str]) -> None:
        for path in mine:
            began = time.perf_counter()
            client.call("GET", path, status=status)
            taken.append(1000 * (time.perf_counter() - began))

    threads = [
        threading.Thread(target=run, args=(client, paths[number :: len(clients)]))
        for number, client in enumerate(clients)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    cuts = quantiles(taken, n=100)
    return Latency(cuts[49], cuts[98])
