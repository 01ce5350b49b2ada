"""gunicorn: the web server, for `manage.py serve` and for the Procfile's web. `--bind` on the command line wins."""

import os
from typing import Any

from livingdocs_import.server import gc_tuning
from livingdocs_import.server.limits import ConnectionLimits

wsgi_app = "config.wsgi:application"
bind = os.environ.get("BIND") or f"0.0.0.0:{os.environ.get('PORT', '8000')}"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))  # processes
# Requests side by side in one process. They take turns at Python: with eight, a fifth of the CPU time goes into that.
# Slow storages and renderings may hold half of four (media_library/storage/port.py, delivery/rendition_cache.py).
threads = int(os.environ.get("WEB_THREADS", "4"))
worker_class = (
    "livingdocs_import.server.gunicorn_worker.JSONWorker"  # threads that no slow client holds; errors in JSON
)
# Of one process. Those that idle, send or read hold no thread; when there are more, the slowest are hung up on.
worker_connections = int(os.environ.get("WEB_CONNECTIONS", "1000"))
timeout = 60  # seconds without a sign of life from a process
graceful_timeout = 25  # seconds to finish requests after SIGTERM
keepalive = 5  # seconds; a proxy in front should hang up earlier (deploy/nginx.conf)
limit_request_line = 8190  # listings take long queries
forwarder_headers = ""  # SCRIPT_NAME and PATH_INFO are for proxies that mount below a path; we are mounted at none
control_socket_disable = True  # one fewer way in; signals are enough
loglevel = os.environ.get("LOG_LEVEL", "WARNING").lower()
# A heartbeat file on a disk can stall with the disk, and then gunicorn kills a healthy process.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108


def post_worker_init(worker: Any) -> None:
    """In each process, when the application is loaded."""
    gc_tuning.relax()
    worker.limits = ConnectionLimits(
        patience=float(os.environ.get("WEB_PATIENCE_SECONDS", "10")),
        slowest=int(os.environ.get("WEB_SLOWEST_BYTES_PER_SECOND", "1024")),
        body=int(os.environ.get("API_MAX_BODY_BYTES", 64 * 1024 * 1024)),
    )
