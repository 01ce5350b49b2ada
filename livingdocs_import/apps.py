"""The app's name."""

from django.apps import AppConfig


class LivingdocsImportConfig(AppConfig):
    name = "livingdocs_import"
    verbose_name = "House rules"
