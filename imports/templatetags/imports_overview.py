"""The overview on pages without an app of their own: the index, the navigation, and a project's page."""

from typing import Any

from django import template
from django.utils import timezone

from imports import monitoring
from imports.admin.overview import overview_context
from imports.monitoring.counts import Counts, counts
from livingdocs_import.admin import rights
from livingdocs_import.db import clock
from livingdocs_import.models import Project

register = template.Library()


@register.inclusion_tag("admin/imports/overview.html", takes_context=True)
def imports_overview(context: Any) -> dict[str, Any]:
    """Whether all is well, and the figures behind the answer."""
    return overview_context(context["request"].user, clock.now())


@register.simple_tag(takes_context=True)
def waiting_for_people(context: Any) -> Counts:
    """Open failures, deliveries that were given up, and operations of the last day, in the projects of the user."""
    seen = ("imports.view_importitem", "livingdocs_import.view_webhookdelivery", "livingdocs_import.view_operation")
    return counts(*(rights.scope(context["request"].user, permission) for permission in seen))


@register.inclusion_tag("admin/imports/allowances.html")
def project_allowances(project: Project) -> dict[str, Any]:
    """The project's use of its daily limits."""
    return {"allowances": monitoring.allowances(project, timezone.now())}
