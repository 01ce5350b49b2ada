"""The list and the pages of projects with what imports make of them: the project itself does not depend on imports."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from imports.claiming import host_brakes
from imports.monitoring import of_projects
from livingdocs_import.admin import project_facts, rights
from livingdocs_import.admin.pages import badge
from livingdocs_import.admin.projects import ProjectAdmin
from livingdocs_import.db import clock
from livingdocs_import.models import Project

admin.site.unregister(Project)


@admin.register(Project)
class ImportingProjectAdmin(ProjectAdmin):
    change_form_template = "admin/imports/project.html"
    change_list_template = "admin/imports/projects.html"
    list_per_page = 20

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """With the figures of the projects on the page: as many queries for twenty as for one."""
        response = super().changelist_view(request, extra_context)
        if isinstance(response, TemplateResponse) and "cl" in (response.context_data or {}):
            assert response.context_data is not None
            listed = list(response.context_data["cl"].result_list)
            figures = of_projects.figures(listed, clock.now())
            facts = project_facts.facts(listed, request.user)
            response.context_data |= {"projects": [(each, figures[each.project.pk]) for each in facts]}
        return response

    def panels(self, request: HttpRequest, project: Project) -> dict[str, Any]:
        """With what it is set up with, and its origins for users who may see its jobs."""
        (facts,) = project_facts.facts([project], request.user)
        brakes = rights.scope(request.user, "livingdocs_import.view_hostbrake")
        return super().panels(request, project) | {
            "facts": facts,
            "origins": _origins(project) if facts.may_see["jobs"] else None,
            "may_see_brakes": brakes.is_everything,
            "may_brake": rights.scope(request.user, "livingdocs_import.add_hostbrake").is_everything,
        }


def _origins(project: Project) -> dict[str, Any]:
    found = of_projects.origins(project, clock.now())
    return {"rows": [_origin(one) for one in found.listed], "more": found.more}


def _origin(origin: of_projects.Origin) -> dict[str, Any]:
    state = badge("answers", "good") if origin.answers else badge("not asked, but for probes", "bad")
    return {
        "host": origin.host,
        "brake": origin.brake,
        "limits": host_brakes.in_words(origin.brake) if origin.brake else "",
        "state": badge("waits for its hours", "busy") if origin.is_braked_now else state,
    }
