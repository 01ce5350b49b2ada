"""gunicorn: the web server, for `manage.py serve` and for the Procfile's web. `--bind` on the command line wins."""

import os
from typing import Any

from livingdocs_import import collector

wsgi_app = "config.wsgi:application"
bind = os.environ.get("BIND") or f"0.0.0.0:{os.environ.get('PORT', '8000')}"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))  # processes
# Requests side by side in one process. They take turns at Python: with eight, a fifth of the CPU time goes into that.
# Slow storages and renderings may hold half of four (media_library/storage/port.py, kept_renditions.py).
threads = int(os.environ.get("WEB_THREADS", "4"))
worker_class = "livingdocs_import.web_worker.JSONWorker"  # threads; errors in JSON
worker_connections = 1000  # far above threads: idle kept-alive connections count, too
timeout = 60  # seconds without a sign of life from a process
graceful_timeout = 25  # seconds to finish requests after SIGTERM
keepalive = 5  # seconds
limit_request_line = 8190  # listings take long queries
forwarder_headers = ""  # SCRIPT_NAME and PATH_INFO are for proxies that mount below a path; we are mounted at none
control_socket_disable = True  # one fewer way in; signals are enough
loglevel = os.environ.get("LOG_LEVEL", "WARNING").lower()
# A heartbeat file on a disk can stall with the disk, and then gunicorn kills a healthy process.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108


def post_worker_init(worker: Any) -> None:
    """In each process, when the application is loaded."""
    collector.relax()
