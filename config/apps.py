"""Third-party apps, under names for operators, and without what only the web server needs."""

from collections.abc import Sequence
from typing import Any

from axes.apps import AppConfig
from django.contrib.admin import autodiscover
from django.contrib.admin.apps import SimpleAdminConfig
from django.contrib.admin.checks import check_admin_app, check_dependencies
from django.core import checks


class Admin(SimpleAdminConfig):
    """The admin, whose classes are imported with the URLs or for their checks: workers and commands do without them."""

    default = False

    def ready(self) -> None:
        """Instead of Django's checks, which would find no classes in a process that has imported no URLs."""
        checks.register(check_dependencies, checks.Tags.admin)
        checks.register(check_all_of_the_admin, checks.Tags.admin)


def check_all_of_the_admin(app_configs: Any, **options: Any) -> Sequence[checks.CheckMessage]:
    """Django's checks of all classes of the admin."""
    autodiscover()
    found: Sequence[checks.CheckMessage] = check_admin_app(app_configs, **options)
    return found


class FailedLogins(AppConfig):  # type: ignore[misc]
    verbose_name = "Log-ins"
