"""Chores for documents: publish and unpublish what is planned, tell of components that begin or end to be shown."""

from documents import services
from documents.revisions import conditional_components
from livingdocs_import.work_queue.chores import chores

MAX_SCHEDULES = 200  # carried out in one round


@chores.chore("schedules_carried_out")
def carry_out_schedules() -> int:
    return services.carry_out_schedules(MAX_SCHEDULES)


chores.chore("publications_changed")(conditional_components.tell_changes)
