"""Worker processes: which are alive, and what they run."""

from django.db import models


class WorkerProcess(models.Model):
    """A process that runs imports, webhooks or both, and its latest sign of life (by the database's clock)."""

    host = models.CharField(max_length=200)
    pid = models.PositiveIntegerField()
    imports = models.BooleanField()
    webhooks = models.BooleanField()
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.host} {self.pid}"
