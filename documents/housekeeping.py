"""Chores for documents: run schedules, report components that appear or disappear, update the search."""

from documents import services
from documents.revisions import timed_changes
from documents.search import following
from livingdocs_import.work_queue.chores import chores

MAX_SCHEDULES = 200  # per round
INDEX_SECONDS = 1.0  # per round of three: a backlog leaves most of the time to imports


@chores.chore("schedules_carried_out")
def carry_out_schedules() -> int:
    return services.carry_out_schedules(MAX_SCHEDULES)


chores.chore("publications_changed")(timed_changes.tell_changes)


@chores.chore("publications_indexed", prompt=True)
def follow_publications() -> int:
    return following.follow(INDEX_SECONDS)
