"""Run the whole service as one process tree: `manage.py serve`."""

import argparse
import errno
import os
import socket
import sys
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connections

from livingdocs_import.management.operator_command import Example, OperatorCommand
from livingdocs_import.server.supervisor import Program, Supervisor

GRACE = 30.0  # seconds to finish requests and the current piece of work
BACKLOG = 2048  # connections that may wait while the web server starts
# For development, and as Django's `runserver` has it: time, request line, status, bytes.
PRINT_REQUESTS = ["--access-logfile", "-", "--access-logformat", '%(t)s "%(r)s" %(s)s %(B)s']


class Command(OperatorCommand):
    """Migrates, then keeps web server and worker (including the scheduler) running until stopped."""

    help = "Run web server, worker and scheduler as one supervised process tree. Ctrl-C or SIGTERM ends all of it."
    examples = (
        Example("", "on this machine, at http://127.0.0.1:8000"),
        Example("--bind 0.0.0.0:8080", "for other machines, behind a proxy with TLS"),
    )

    def add_own_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--bind",
            metavar="HOST:PORT",
            type=_host_and_port,
            default="127.0.0.1:8000",
            help="where to listen (default: %(default)s; port 0 takes a free one)",
        )

    def run(self, *, bind: tuple[str, int], **_: Any) -> None:
        """Returns after the signal that ends the service. Raises CommandError if the address is unavailable."""
        with _listen(*bind) as listener:
            address = _address(listener)
            # Responses contain our own address: without PUBLIC_URL it follows --bind.
            os.environ.setdefault("PUBLIC_URL", address)
            # The programs find our modules wherever the command was started.
            path = [str(settings.BASE_DIR), os.environ.get("PYTHONPATH", "")]
            os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, path))
            call_command("migrate", interactive=False, verbosity=0)
            connections.close_all()
            self._say(f"livingdocs-import on {address}, data in {settings.DATA_DIR}. Ctrl-C ends it.")
            Supervisor([_web(listener), _worker()], grace=GRACE, say=self._say).run()

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


def _web(listener: socket.socket) -> Program:
    """gunicorn on our socket. It stays open while gunicorn is restarted, so clients wait instead of being refused."""
    module, _, name = settings.WSGI_APPLICATION.rpartition(".")
    config = settings.BASE_DIR / "config" / "gunicorn.py"
    bind = f"fd://{listener.fileno()}"
    command = [sys.executable, "-m", "gunicorn", "--config", str(config), "--bind", bind]
    command += PRINT_REQUESTS if settings.DEBUG else []
    return Program("web", [*command, f"{module}:{name}"], pass_fds=[listener.fileno()])


def _worker() -> Program:
    return Program("worker", [sys.executable, str(settings.BASE_DIR / "manage.py"), "work"])


def _host_and_port(text: str) -> tuple[str, int]:
    """127.0.0.1:8000, localhost:8000 or [::1]:8000."""
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not HOST:PORT, for example 127.0.0.1:8000 or [::1]:8000")
    return host.removeprefix("[").removesuffix("]"), int(port)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise CommandError(
                f"Port {port} on {host} is taken by another program (perhaps this service is running already). "
                f"Stop that one, or choose another port: --bind {host}:{port + 1} (make serve BIND={host}:{port + 1})"
            ) from error
        raise CommandError(f"Cannot listen on {host}, port {port}: {error.strerror}") from error


def _address(listener: socket.socket) -> str:
    """http://127.0.0.1:8000, for a browser on this machine."""
    host, port = listener.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 (compared, not bound)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
