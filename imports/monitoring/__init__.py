"""What operators see of the service: the overview, and whether all is well.

`overview` takes a snapshot, by `queues`, `processes`, `deliveries`, `job_progress`, `failing` and `day`; `facts` are
its values and limits, `assessment` decides about them; `counts` are the numbers of the navigation, `of_projects` those
of the pages of projects; `measuring` is the chore that samples queues and counts throughput.
"""

from imports.monitoring.assessment import Assessment, Concern, assess
from imports.monitoring.day import allowances
from imports.monitoring.facts import DAY, Queue, Sweeps, Workers
from imports.monitoring.job_progress import JOB_STATES, in_work, jobs, open_jobs_by_project, reasons
from imports.monitoring.overview import Overview, Scopes, overview

__all__ = [
    "DAY",
    "JOB_STATES",
    "Assessment",
    "Concern",
    "Overview",
    "Queue",
    "Scopes",
    "Sweeps",
    "Workers",
    "allowances",
    "assess",
    "in_work",
    "jobs",
    "open_jobs_by_project",
    "overview",
    "reasons",
]
