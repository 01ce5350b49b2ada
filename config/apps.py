"""Third-party apps, under names for operators."""

from axes.apps import AppConfig


class FailedLogins(AppConfig):  # type: ignore[misc]
    verbose_name = "Log-ins"
