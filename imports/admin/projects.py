"""The page of a project with its use of the daily limits: the project itself does not depend on imports."""

from django.contrib import admin

from livingdocs_import.admin.projects import ProjectAdmin
from livingdocs_import.models import Project

admin.site.unregister(Project)


@admin.register(Project)
class ImportingProjectAdmin(ProjectAdmin):
    change_form_template = "admin/imports/project.html"
