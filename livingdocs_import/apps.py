"""The app's name, and where its system checks are found."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class LivingdocsImportConfig(AppConfig):
    name = "livingdocs_import"
    verbose_name = "Projects and clients"

    def ready(self) -> None:
        """Find `checks.py`, the way the admin finds `admin.py`: it needs models, so it cannot be imported above."""
        autodiscover_modules("checks")
