"""The app's name, where its system checks are found, and what every process says when it starts."""

import logging

from django.apps import AppConfig
from django.conf import settings
from django.utils.module_loading import autodiscover_modules

log = logging.getLogger(__name__)


class LivingdocsImportConfig(AppConfig):
    name = "livingdocs_import"
    verbose_name = "Projects and clients"

    def ready(self) -> None:
        """Find `checks.py`, the way the admin finds `admin.py`: it needs models, so it cannot be imported above."""
        autodiscover_modules("checks")
        # Web server and workers run no checks.
        for sentence in settings.RETIRED_SETTINGS:
            log.warning(sentence)
