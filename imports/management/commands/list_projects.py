"""List the projects."""

from typing import Any

from imports import monitoring
from livingdocs_import.management.operator_command import Example, OperatorCommand
from livingdocs_import.management.projects import limits_said
from livingdocs_import.management.report import Column, moment, number
from livingdocs_import.models import Project

COLUMNS = (
    Column("PROJECT", "project"),
    Column("LABEL", "label"),
    Column("REVISION", "configRevision", number),
    Column("OPEN JOBS", "openJobs", number),
    Column("DAILY LIMITS", "dailyLimits", limits_said),
    Column("TIME ZONE", "timeZone"),
    Column("SHARE", "importWeight", number),
    Column("MADE (UTC)", "createdAt", moment),
)


class Command(OperatorCommand):
    help = (
        "List the projects: their handle, configuration, open jobs, daily limits, time zone and share of the workers."
    )
    examples = (
        Example("", "all projects"),
        Example("--json", "the same for a program"),
    )
    json_keys = "project, label, configRevision, openJobs, dailyLimits, timeZone, importWeight, createdAt"

    def run(self, **_: Any) -> None:
        open_jobs = monitoring.open_jobs_by_project()
        facts = (
            {
                "project": project.handle,
                "label": project.label,
                "configRevision": project.config_revision,
                "openJobs": open_jobs.get(project.pk, 0),
                "dailyLimits": project.daily_limits,
                "timeZone": project.time_zone,
                "importWeight": project.import_weight,
                "createdAt": project.created_at,
            }
            for project in Project.objects.order_by("handle")
        )
        self.report.table(facts, COLUMNS, none="There are no projects: create_project makes one.")
