"""The app: registration of system checks, and start-up of every process."""

import logging

from django.apps import AppConfig
from django.conf import settings
from django.utils.module_loading import autodiscover_modules

log = logging.getLogger(__name__)


class LivingdocsImportConfig(AppConfig):
    name = "livingdocs_import"
    verbose_name = "Projects and clients"

    def ready(self) -> None:
        """Find each app's `checks.py`, as the admin finds `admin.py`: they need models, so they are not imported above.

        `housekeeping.py` and `probes.py` are found by the processes that need them: most commands do not.
        """
        autodiscover_modules("checks")
        # Web server and workers run no checks.
        for sentence in settings.RETIRED_SETTINGS:
            log.warning(sentence)
