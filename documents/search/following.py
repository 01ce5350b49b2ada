"""Index what is published by following its events: the code that writes documents does not depend on the search.

A project's publication events are numbered so that a reader of one number has been able to read all lower ones
(docs/adr/0022). So the search is a reader of events: it keeps the last number that it has dealt with, and looks at the
documents of those after it as they are by then. Whatever it does twice does no harm. What is stored when a project is
first looked at, or when its configuration has other rules, is indexed from the lowest document on.
"""

from collections.abc import Iterator

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q

from documents.models import Document, OutdatedPublication, PublicationEvent, PublicationEventCounter, PublicationIndex
from documents.search import index
from documents.search.properties import rules
from livingdocs_import.models import Project
from livingdocs_import.project_config import InvalidConfig, ProjectConfig, store
from livingdocs_import.search import rounds

BATCH = 100  # documents, or events, of one transaction


def follow(seconds: float) -> int:
    """Index what is to be indexed, for so long at most; how many documents were looked at.

    Projects take turns: one with a large archive to be indexed delays what others publish by a batch.
    """
    return rounds.in_turns(
        ((f"project {project.handle}: its publications", batches(project)) for project in behind()), seconds
    )


def behind() -> list[Project]:
    """The projects in which something is to be done; of a project that is up to date nothing is read but this."""
    return list(Project.objects.filter(_is_behind()).order_by("pk"))


def is_behind(project: Project) -> bool:
    """Whether something is to be done in a project whose configuration can be read."""
    now = Project.objects.filter(_is_behind(), pk=project.pk).first()
    return now is not None and _config(now) is not None


def _is_behind() -> Q:
    return (
        Q(publicationindex__isnull=True)
        | Q(publicationindex__filled_up_to__isnull=False)
        | ~Q(publicationindex__config_revision=F("config_revision"))
        | Q(publicationeventcounter__last_number__gt=F("publicationindex__last_number"))
        | Q(Exists(OutdatedPublication.objects.filter(project=OuterRef("pk"))))
    )


def batches(project: Project, size: int = BATCH) -> Iterator[int]:
    """Do what there is to do in a project, a transaction for each element: the number of documents looked at in it.

    What happened comes before what has been there for long. It ends when nothing is left, when another process is at
    it, or when another process has begun with a newer configuration.
    """
    now = Project.objects.filter(pk=project.pk).first()  # its configuration may have been published since it was read
    config = None if now is None else _config(now)
    if now is None or config is None:
        return  # what cannot be read is not searched
    _begin(now, config)
    while (done := _batch(now, config, size)) is not None:
        yield done


def start_over(project: Project) -> None:
    """Let everything of a project be indexed anew."""
    PublicationIndex.objects.filter(project=project).update(filled_up_to=0)


def _config(project: Project) -> ProjectConfig | None:
    """None when it cannot be read."""
    try:
        return store.readable(project)
    except InvalidConfig:
        return None


@transaction.atomic
def _begin(project: Project, config: ProjectConfig) -> None:
    """Have everything indexed if that is new, or if there are other rules now; never by an older configuration."""
    PublicationIndex.objects.bulk_create(
        [PublicationIndex(project=project, last_number=_last_number(project))], ignore_conflicts=True
    )
    digest = rules(config)
    state = PublicationIndex.objects.filter(project=project, config_revision__lte=project.config_revision)
    state.exclude(rules=digest).update(rules=digest, filled_up_to=0)
    state.exclude(config_revision=project.config_revision).update(config_revision=project.config_revision)


def _last_number(project: Project) -> int:
    """Of the events; what they are about is indexed with all that is there already."""
    counter = PublicationEventCounter.objects.filter(project=project)
    return counter.values_list("last_number", flat=True).first() or 0


@transaction.atomic
def _batch(project: Project, config: ProjectConfig, size: int) -> int | None:
    """Some documents; None when there is nothing to do."""
    state = PublicationIndex.objects.select_for_update(skip_locked=True).filter(project=project).first()
    if state is None or state.rules != rules(config):
        return None
    for step in (_follow_events, _follow_outdated, _fill):
        if (documents := step(project, state, size)) is not None:
            index.write(project, config, documents)
            return len(documents)
    return None


def _follow_events(project: Project, state: PublicationIndex, size: int) -> list[int] | None:
    events = PublicationEvent.objects.filter(project=project, number__gt=state.last_number).order_by("number")
    rows = list(events.values_list("number", "document")[:size])
    if not rows:
        return None
    state.last_number = rows[-1][0]
    state.save(update_fields=["last_number"])
    return [document_id for _, document_id in rows]


def _follow_outdated(project: Project, state: PublicationIndex, size: int) -> list[int] | None:
    rows = list(OutdatedPublication.objects.filter(project=project).values_list("pk", "document")[:size])
    if not rows:
        return None
    OutdatedPublication.objects.filter(pk__in=[pk for pk, _ in rows]).delete()
    return [document_id for _, document_id in rows]


def _fill(project: Project, state: PublicationIndex, size: int) -> list[int] | None:
    if state.filled_up_to is None:
        return None
    documents = Document.objects.of(project).published().filter(pk__gt=state.filled_up_to).order_by("pk")
    ids = list(documents.values_list("pk", flat=True)[:size])
    state.filled_up_to = ids[-1] if ids else None
    state.save(update_fields=["filled_up_to"])
    return ids or None
