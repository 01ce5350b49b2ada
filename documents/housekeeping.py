"""Chores for documents: run schedules, and report components that appear or disappear."""

from documents import services
from documents.revisions import conditional_components
from livingdocs_import.work_queue.chores import chores

MAX_SCHEDULES = 200  # per round


@chores.chore("schedules_carried_out")
def carry_out_schedules() -> int:
    return services.carry_out_schedules(MAX_SCHEDULES)


chores.chore("publications_changed")(conditional_components.tell_changes)
