"""Apps of others, under names that mean something to operators."""

from axes.apps import AppConfig


class FailedLogins(AppConfig):  # type: ignore[misc]
    verbose_name = "Log-ins"
