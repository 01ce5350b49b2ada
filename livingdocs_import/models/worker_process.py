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
    # With the heartbeat, for operators (work_queue/activity.py).
    doing = models.CharField(max_length=200, blank=True, default="", db_default="")  # "": nothing
    job = models.CharField(max_length=10, blank=True, default="", db_default="")  # the job that most of it is for
    pace = models.FloatField(default=0.0, db_default=0.0)  # ended items and sent webhooks, per second
    memory = models.PositiveBigIntegerField(null=True)  # bytes; null: not known

    def __str__(self) -> str:
        return f"{self.host} {self.pid}"
