"""gunicorn: the web server of `manage.py serve` and of the Procfile's web. `--bind` on the command line wins."""

import os
from typing import Any

from livingdocs_import.server import gc_tuning
from livingdocs_import.server.limits import ConnectionLimits

wsgi_app = "config.wsgi:application"
bind = os.environ.get("BIND") or f"0.0.0.0:{os.environ.get('PORT', '8000')}"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))  # processes
# Parallel requests in one process. They share Python's GIL: with eight, that costs a fifth of the CPU time.
# Slow storages and renderings may hold half of four (media_library/storage/port.py, delivery/rendition_cache.py).
threads = int(os.environ.get("WEB_THREADS", "4"))
worker_class = "livingdocs_import.server.gunicorn_worker.JSONWorker"  # slow clients hold no threads; errors in JSON
# Per process. Idle, sending and reading connections hold no thread; above the limit, the slowest are closed.
worker_connections = int(os.environ.get("WEB_CONNECTIONS", "1000"))
timeout = 60  # seconds without a heartbeat from a process
graceful_timeout = 25  # seconds to finish requests after SIGTERM
keepalive = 5  # seconds; a proxy in front should close earlier (deploy/nginx.conf)
limit_request_line = 8190  # listings take long queries
forwarder_headers = ""  # SCRIPT_NAME and PATH_INFO are for proxies that mount below a path; not used here
control_socket_disable = True  # an unneeded interface; signals are enough
loglevel = os.environ.get("LOG_LEVEL", "WARNING").lower()
# A heartbeat file on a stalled disk would make gunicorn kill a healthy process.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108


def post_worker_init(worker: Any) -> None:
    """In each process, when the application is loaded."""
    gc_tuning.relax()
    worker.limits = ConnectionLimits(
        patience=float(os.environ.get("WEB_PATIENCE_SECONDS", "10")),
        slowest=int(os.environ.get("WEB_SLOWEST_BYTES_PER_SECOND", "1024")),
        body=int(os.environ.get("API_MAX_BODY_BYTES", 64 * 1024 * 1024)),
    )
