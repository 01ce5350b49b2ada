"""Documents, their immutable revisions, their publications, and the imports that created them."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import Q, QuerySet
from django.utils import timezone

from livingdocs_import.db.json_field import CompactJSON
from livingdocs_import.models import Project
from livingdocs_import.search.lexeme_field import LexemeField


class DocumentQuerySet(QuerySet["Document"]):
    """Reading queries."""

    def of(self, project: Project) -> Self:
        """Always first: documents of other projects do not exist."""
        return self.filter(project=project)

    def existing(self) -> Self:
        """Without deleted ones."""
        return self.filter(deleted_at__isnull=True)

    def published(self) -> Self:
        """Those that readers see."""
        return self.filter(live_publication_id__isnull=False)


class Document(models.Model):
    """An article, a page or a data record. Its content is in its revisions."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="documents")
    title = models.TextField(blank=True)  # at most 1000 characters (DOC-53)
    content_type = models.CharField(max_length=50)  # never changes (DOC-17)
    document_type = models.CharField(max_length=20)  # article, page, data-record
    version = models.PositiveIntegerField(default=1)
    # Plain numbers, for both tables refer to each other: the newest revision, and the live publication if there is one.
    current_revision_id = models.BigIntegerField()
    live_publication_id = models.BigIntegerField(null=True)  # null: not published
    first_publication_date = models.DateTimeField(null=True)  # null: never published
    last_publication_date = models.DateTimeField(null=True)
    significant_publication_date = models.DateTimeField(null=True)
    visible_publication_date_override = models.DateTimeField(null=True)
    embargo = CompactJSON(null=True)  # {reason?, until?}; null: none
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)
    deleted_at = models.DateTimeField(null=True)  # null: not deleted

    objects: ClassVar[DocumentQuerySet] = DocumentQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="deleted_documents_are_unpublished",
                condition=Q(deleted_at__isnull=True) | Q(live_publication_id__isnull=True),
            )
        ]
        indexes = [
            # latestPublications: what is live, newest first
            models.Index(
                fields=["project", "-last_publication_date", "-id"],
                name="document_live",
                condition=Q(live_publication_id__isnull=False),
            ),
            # admin: newest first within a project
            models.Index(fields=["project", "-updated_at"], name="document_newest"),
        ]

    def __str__(self) -> str:
        return self.title or f"document {self.pk}"


class Revision(models.Model):
    """One state of a document's content and metadata. Never changed, never reused (DST-06)."""

    class Source(models.TextChoices):
        IMPORT = "import"
        ADMIN = "admin"
        API = "api"  # commands

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="revisions", db_index=False)
    version = models.PositiveIntegerField()
    title = models.TextField(blank=True)
    content = CompactJSON(default=list)
    metadata = CompactJSON(default=dict)
    translations = CompactJSON(default=list)  # [{locale, metadata}]
    design_name = models.CharField(max_length=200)
    design_version = models.CharField(max_length=50)
    source = models.CharField(max_length=10, choices=Source)
    author = models.CharField(max_length=200, blank=True)  # "Importer", the admin user, or the API client
    job = models.CharField(max_length=10, blank=True)  # the import job's public id; "": not an import
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["document", "version"], name="one_revision_per_version")]

    def __str__(self) -> str:
        return f"version {self.version} of document {self.document_id}"


class Publication(models.Model):
    """A revision that is, or was, visible to readers."""

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="publications")
    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="publications")
    published_at = models.DateTimeField()
    unpublished_at = models.DateTimeField(null=True)  # null: live
    # When a component appears or disappears next; null: none does, or it is not live.
    changes_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["document"], name="one_live_publication", condition=Q(unpublished_at__isnull=True)
            )
        ]
        indexes = [
            # the chore that reports it
            models.Index(fields=["changes_at"], name="publication_changes_due", condition=Q(changes_at__isnull=False))
        ]

    def __str__(self) -> str:
        return f"publication {self.pk} of document {self.document_id}"


class PublicationEvent(models.Model):
    """An event of a document's publication; rows are only ever added.

    The numbers of a project's events rise in the order in which the events become readable: docs/adr/0022.
    """

    class Type(models.TextChoices):
        PUBLISH = "publish"
        UPDATE = "update"  # another revision replaced the live one
        UNPUBLISH = "unpublish"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, db_index=False, db_constraint=False)
    number = models.BigIntegerField()  # its id in the API
    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="publication_events")
    publication = models.ForeignKey(Publication, on_delete=models.CASCADE, related_name="events")
    # Copies of the document's, which never change: a list of events only reads this table.
    content_type = models.CharField(max_length=50)
    document_type = models.CharField(max_length=20)
    event_type = models.CharField(max_length=10, choices=Type)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            # publicationEvents: events after a number
            models.UniqueConstraint(fields=["project", "number"], name="one_publication_event_per_number")
        ]
        indexes = [
            # publicationEvents: events since a time
            models.Index(fields=["project", "created_at", "number"], name="publication_event_moment"),
        ]

    def __str__(self) -> str:
        return f"{self.event_type} of document {self.document_id}"


class PublicationSchedule(models.Model):
    """The planned time to publish or unpublish a document; deleted afterwards. Housekeeping runs it."""

    class Action(models.TextChoices):
        PUBLISH = "publish"
        UNPUBLISH = "unpublish"

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="schedules", db_index=False)
    action = models.CharField(max_length=10, choices=Action)
    due_at = models.DateTimeField()
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.CharField(max_length=200, blank=True)  # the API client
    # Why it was refused at its time, as for an import. Kept until it is cancelled or planned again.
    refused_at = models.DateTimeField(null=True)  # null: not yet
    refusal = CompactJSON(null=True)  # {reason, message, errors?}

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["document", "action"], name="one_publication_schedule_per_action")
        ]
        indexes = [
            # housekeeping: due schedules
            models.Index(fields=["due_at"], name="publication_schedule_due", condition=Q(refused_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.action} document {self.document_id} at {self.due_at}"


class PublicationEventCounter(models.Model):
    """The highest event number of a project. Its row is locked last in a transaction, and briefly."""

    project = models.OneToOneField(Project, on_delete=models.CASCADE, primary_key=True, db_constraint=False)
    last_number = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.last_number} events of project {self.project_id}"


class ImportLog(models.Model):
    """The log of an import: the document of an external id, and its last imported state."""

    class State(models.TextChoices):
        IMPORTED = "imported"
        PUBLISHED = "published"
        UNPUBLISHED = "unpublished"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, db_index=False)
    system_name = models.CharField(max_length=200)
    external_id = models.CharField(max_length=400)
    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="import_logs")
    checksum = models.TextField()
    revision_id = models.BigIntegerField()  # the revision that the last import wrote: "touched" compares with it
    version = models.PositiveIntegerField()
    state = models.CharField(max_length=12, choices=State)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "system_name", "external_id"], name="one_import_log_per_external_id"
            )
        ]
        indexes = [
            # read by the admin's search for the document of an external id
            models.Index(fields=["external_id"], name="import_log_external_id")
        ]

    def __str__(self) -> str:
        return f"{self.system_name}/{self.external_id}"


class DocumentReference(models.Model):
    """One link from a document to another object, of its draft or of its live publication (spec 4.6).

    `target` is text, for the target may not exist yet (REF-26): `media/9fKagDCiN6sb`, `document/12`: references/index.
    `position` is the place in the list of all links of that document and scope: content in document order, then
    metadata (REF-06).
    """

    class Scope(models.TextChoices):
        DRAFT = "draft"
        PUBLICATION = "publication"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, db_index=False, db_constraint=False)
    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="references", db_index=False)
    scope = models.CharField(max_length=11, choices=Scope)
    target = models.CharField(max_length=450)
    # The order of incoming lists: the publication's id, or the revision's for drafts.
    sort_id = models.BigIntegerField()
    position = models.PositiveIntegerField()
    link = CompactJSON()  # as the contract shows it: {id, type, location, componentId, …}

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["document", "scope", "position"], name="one_document_reference_per_position"
            )
        ]
        indexes = [
            # incomingDocumentReferences: links to this target, newest first; a sort_id belongs to one document
            models.Index(fields=["project", "target", "scope", "-sort_id"], name="document_reference_target"),
        ]

    def __str__(self) -> str:
        return f"document {self.document_id} → {self.target}"


class UniqueValue(models.Model):
    """A value of a live publication that no other one of the project may have (`li-unique-id`, spec 4.3)."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, db_index=False)
    scope = models.CharField(max_length=200)  # `uniquenessScope` of the property
    value = models.CharField(max_length=400)
    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="unique_values")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "scope", "value"], name="one_document_per_unique_value")
        ]

    def __str__(self) -> str:
        return f"{self.scope}: {self.value}"


# --- Search (docs/adr/0028) ------------------------------------------------------------------------------------------
# Nothing of it holds a document: what is written here must neither wait for imports nor let them wait.


class PublicationIndex(models.Model):
    """The progress of indexing a project's publications. Writers of its rows lock this one first."""

    project = models.OneToOneField(Project, on_delete=models.CASCADE, primary_key=True, db_constraint=False)
    last_number = models.BigIntegerField(default=0)  # of PublicationEvent: those up to it are followed
    # Documents up to this one are indexed by the present rules; null: all are.
    filled_up_to = models.BigIntegerField(null=True, default=0)
    config_revision = models.PositiveIntegerField(default=0)  # of the project when `rules` were last compared
    rules = models.CharField(max_length=64, blank=True)  # a digest of what is indexed, and how

    def __str__(self) -> str:
        return f"publications of project {self.project_id}, up to event {self.last_number}"


class IndexedPublication(models.Model):
    """What a live publication is found and sorted by."""

    document = models.OneToOneField(
        Document, on_delete=models.CASCADE, primary_key=True, related_name="indexed_publication", db_constraint=False
    )
    project = models.ForeignKey(Project, on_delete=models.CASCADE, db_index=False, db_constraint=False)
    content_type = models.CharField(max_length=50)
    sort_date = models.DateTimeField()
    first_publication_date = models.DateTimeField()
    last_publication_date = models.DateTimeField()
    significant_publication_date = models.DateTimeField(null=True)
    visible_publication_date = models.DateTimeField()
    has_embargo = models.BooleanField()
    embargo_until = models.DateTimeField(null=True)  # null: none, or until it is lifted
    lexemes = LexemeField()

    class Meta:
        indexes = [
            # publications/search: the default order, and how many there are without reading the rows
            models.Index(fields=["project", "-sort_date", "-document"], name="indexed_publication_newest"),
            # publications/search: what was published since a moment
            models.Index(fields=["project", "first_publication_date"], name="indexed_publication_first"),
            models.Index(fields=["project", "last_publication_date"], name="indexed_publication_last"),
            # publications/search: the few with an embargo
            models.Index(
                fields=["project", "embargo_until"], name="indexed_publication_embargo", condition=Q(has_embargo=True)
            ),
        ]

    def __str__(self) -> str:
        return f"document {self.document_id} in the search"


class IndexedValue(models.Model):
    """A value of a live publication that ranges and orders are about: a number, a moment or a short text."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, db_index=False, db_constraint=False)
    document = models.ForeignKey(
        Document, on_delete=models.CASCADE, related_name="indexed_values", db_index=False, db_constraint=False
    )
    key = models.CharField(max_length=300)  # metadata.rating, statistics.characterCount
    position = models.PositiveIntegerField(default=0)  # in a list; documents are sorted by the first
    number = models.FloatField(null=True)  # of a moment: milliseconds since 1970
    text = models.CharField(max_length=200, null=True)

    class Meta:
        constraints = [
            # publications/search: what to sort by
            models.UniqueConstraint(fields=["document", "key", "position"], name="one_indexed_value_per_position")
        ]
        indexes = [
            # publications/search: ranges
            models.Index(fields=["project", "key", "number", "document"], name="indexed_value_range")
        ]

    def __str__(self) -> str:
        return f"{self.key} of document {self.document_id}"


class OutdatedPublication(models.Model):
    """A live publication of which something was changed without an event: the search has to look at it again."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, db_constraint=False)
    document = models.ForeignKey(
        Document, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )

    def __str__(self) -> str:
        return f"document {self.document_id}"
