"""Media library entries, their former assets, their references, and the log of their changes."""

from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Q, QuerySet
from django.utils import timezone

from livingdocs_import import ids
from livingdocs_import.db.json_field import CompactJSON
from livingdocs_import.models import Project
from livingdocs_import.search.lexeme_field import LexemeField


class MediaEntryQuerySet(QuerySet["MediaEntry"]):
    """Reading queries."""

    def of(self, project: Project) -> Self:
        """Always first: entries of other projects do not exist."""
        return self.filter(project=project)


class MediaEntry(models.Model):
    """An image, a video or a file: one asset per locale, metadata, a version that every change raises by one.

    Database defaults fill the missing fields of new entries, which are inserted by the ten thousand.
    """

    class BaseType(models.TextChoices):
        IMAGE = "mediaImage"
        VIDEO = "mediaVideo"
        FILE = "mediaFile"

    # The constraints below begin with it: an index of its own would be redundant.
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="media_entries", db_index=False)
    media_id = models.CharField(max_length=32, default=ids.media_id)  # the `id` that clients see; may be their own
    media_type = models.CharField(max_length=50)  # a handle of the project's configuration
    base_type = models.CharField(max_length=10, choices=BaseType)
    title = models.TextField(blank=True)
    system_name = models.CharField(max_length=200, null=True)  # null: not imported from anywhere
    external_id = models.CharField(max_length=400, null=True)  # null: the other system has no id for it
    version = models.PositiveIntegerField(default=1, db_default=1)
    archived = models.BooleanField(default=False, db_default=False)  # hidden from dashboards, otherwise unchanged
    revoked = models.BooleanField(default=False, db_default=False)  # the binary is not served
    invalid = models.BooleanField(default=False)  # computed from li-invalid and li-datetime-validity (spec 6.4)
    validity_changes_at = models.DateTimeField(null=True)  # null: never changes by time
    revoke_note = models.CharField(max_length=200, blank=True, default="", db_default="")
    asset_deleted = models.BooleanField(default=False, db_default=False)  # by a revocation: irreversible

    # The default locale's asset as clients see it: {key, url?, size, width?, height?, duration?, filename, mimeType}.
    # `url` is stored only if a client gave it; ours are computed from the key when read.
    asset = CompactJSON()
    asset_key = models.CharField(max_length=500)  # asset["key"], to find the owner of a stored file
    # "": we never had the bytes
    asset_sha256 = models.CharField(max_length=64, blank=True, default="", db_default="")
    # validators of the origin for these bytes: conditional re-import
    source_etag = models.CharField(max_length=500, blank=True, default="", db_default="")
    source_last_modified = models.CharField(max_length=100, blank=True, default="", db_default="")
    source_url = models.TextField(blank=True, default="", db_default="")  # the origin of these validators
    embedded = CompactJSON(default=dict, db_default={})  # captions in the file itself, by property: valid for its bytes
    metadata = CompactJSON(default=dict)
    translations = CompactJSON(default=list)  # [{locale, metadata, asset?}]
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[MediaEntryQuerySet] = MediaEntryQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name_plural = "media entries"
        constraints = [
            models.UniqueConstraint(fields=["project", "media_id"], name="one_entry_per_media_id"),
            models.UniqueConstraint(fields=["project", "system_name", "external_id"], name="one_entry_per_external_id"),
            models.CheckConstraint(
                name="external_id_needs_system_name",
                condition=Q(external_id__isnull=True) | Q(system_name__isnull=False),
            ),
        ]
        indexes = [
            # delivery, discards: the owner of this stored file
            models.Index(fields=["asset_key"], name="entry_by_asset_key"),
            # the chore that refreshes validity
            models.Index(
                fields=["validity_changes_at"],
                name="entry_validity_due",
                condition=Q(validity_changes_at__isnull=False),
            ),
            # admin: newest first within a project
            models.Index(fields=["project", "-updated_at"], name="entry_newest"),
            # incomingMediaReferences: the few whose links do not count
            models.Index(fields=["project"], name="entry_revoked", condition=Q(revoked=True)),
            # admin: the few that are archived, and those that are invalid; new entries are neither
            models.Index(fields=["project"], name="entry_archived", condition=Q(archived=True)),
            models.Index(fields=["project"], name="entry_invalid", condition=Q(invalid=True)),
        ]

    def __str__(self) -> str:
        return self.title or self.media_id

    @property
    def servable(self) -> bool:
        """Whether its binaries may be served (spec 6.4)."""
        return not self.revoked and not self.invalid

    @property
    def state(self) -> str:
        """revoked, archived, invalid or active: the most severe that applies."""
        for name in ("revoked", "archived", "invalid"):
            if getattr(self, name):
                return name
        return "active"

    @property
    def keys(self) -> list[str]:
        """The storage keys in use now: the asset's, then its translations'."""
        assets: list[dict[str, Any]] = [self.asset, *(t["asset"] for t in self.translations if t.get("asset"))]
        return [asset["key"] for asset in assets]


class FormerAsset(models.Model):
    """A previous asset of an entry: kept for audits and for purging caches (KEY-01, PAT-09)."""

    entry = models.ForeignKey(MediaEntry, on_delete=models.CASCADE, related_name="former_assets")
    locale = models.CharField(max_length=35, blank=True)  # "": the default locale
    asset = CompactJSON()
    asset_key = models.CharField(max_length=500, db_index=True)
    replaced_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.asset_key


class TranslatedAssetKey(models.Model):
    """The storage key of a translation's asset, so that delivery finds its entry as fast as for the main one."""

    entry = models.ForeignKey(MediaEntry, on_delete=models.CASCADE, related_name="translated_keys", db_index=False)
    asset_key = models.CharField(max_length=500, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["entry", "asset_key"], name="one_row_per_translated_key")]

    def __str__(self) -> str:
        return self.asset_key


class MediaReference(models.Model):
    """One link from an entry's metadata to another object. Ids are text: the target may not exist yet (REF-26)."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, db_index=False)
    entry = models.ForeignKey(MediaEntry, on_delete=models.CASCADE, related_name="references", db_index=False)
    target_type = models.CharField(max_length=20)  # image, video, file, document, list, language-group
    target_id = models.CharField(max_length=200)
    property_name = models.CharField(max_length=50)
    external_system = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["entry", "target_type", "target_id", "property_name", "external_system"],
                name="one_row_per_media_reference",
            )
        ]
        indexes = [
            # incomingMediaReferences: links to this target, newest entry first; counted without reading the rows
            models.Index(fields=["project", "target_id", "-entry", "target_type"], name="media_reference_links_to"),
        ]

    def __str__(self) -> str:
        return f"{self.property_name} → {self.target_type} {self.target_id}"


class UsageLogEntry(models.Model):
    """One use of a media entry: reported by a client, or recorded when a document was published (spec 3.15).

    Document and publication are stored as numbers only: this app does not depend on documents.
    """

    class State(models.TextChoices):
        PENDING = "pending"
        CONFIRMED = "confirmed"

    # The first constraint begins with it.
    entry = models.ForeignKey(MediaEntry, on_delete=models.CASCADE, related_name="usage_log", db_index=False)
    public_id = models.CharField(max_length=12, default=ids.media_id)
    state = models.CharField(max_length=9, choices=State)
    purpose = models.CharField(max_length=200)  # a handle of the project's configuration
    url = models.TextField(null=True)  # null: not given
    params = CompactJSON(default=dict)
    document_id = models.BigIntegerField(null=True)  # null: reported from outside
    publication_id = models.BigIntegerField(null=True)
    publication_date = models.DateTimeField(null=True)
    reporting_date = models.DateTimeField(default=timezone.now)
    billing = models.BooleanField(null=True)  # null: a person decides
    license_profile = models.CharField(max_length=200, blank=True, default="")  # whose rule applied at publication
    reported_by = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        verbose_name_plural = "usage log entries"
        constraints = [
            models.UniqueConstraint(fields=["entry", "public_id"], name="one_usage_per_public_id"),
            models.UniqueConstraint(
                fields=["document_id", "entry", "purpose"],
                condition=Q(document_id__isnull=False),
                name="one_usage_per_document",
            ),
            models.CheckConstraint(
                name="confirmed_usage_has_a_date",
                condition=Q(state="pending") | Q(publication_date__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose}, {self.state}"


class EntryChange(models.Model):
    """The log of one change: actor, time, new version and operations. Purged by age.

    There is no foreign key check: the entry was written or locked in the same transaction, only whole projects are ever
    deleted, and the check would cost as much as the write.
    """

    class Actor(models.TextChoices):
        IMPORTER = "importer"
        API_CLIENT = "api-client"
        USER = "user"
        SCHEDULER = "scheduler"

    entry = models.ForeignKey(MediaEntry, on_delete=models.CASCADE, related_name="changes", db_constraint=False)
    version = models.PositiveIntegerField()
    at = models.DateTimeField(default=timezone.now)
    actor = models.CharField(max_length=10, choices=Actor)
    actor_name = models.CharField(max_length=200, blank=True)
    operations = CompactJSON()  # e.g. ["create"] or ["setMetadataProperty title", "archive"]
    job = models.CharField(max_length=10, blank=True)  # the import job's public id; "": not an import
    # [{property, locale?, old?, new?}], long values shortened; null: not recorded, or none
    differences = CompactJSON(null=True)
    note = models.CharField(max_length=200, null=True)  # why, by who changed it

    class Meta:
        ordering = ["-pk"]
        # purge by age
        indexes = [models.Index(fields=["at"], name="entry_change_age")]

    def __str__(self) -> str:
        return f"version {self.version} by {self.actor} {self.actor_name}".rstrip()


class EntryIndex(models.Model):
    """The progress of indexing all media entries: one row. Writers of IndexedEntry lock it first.

    Numbers are those of EntryChange.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    read_up_to = models.BigIntegerField(default=0)  # read as far as they were committed by then
    complete_up_to = models.BigIntegerField(default=0)  # read, and no open transaction has any of them
    # These are read again when the transactions of `writers` have ended; null: nothing is waited for.
    marked_up_to = models.BigIntegerField(null=True)
    writers = CompactJSON(default=list)
    filled_up_to = models.BigIntegerField(null=True)  # entries up to this one are indexed; null: all are
    format = models.PositiveIntegerField(default=0)  # of what is indexed; 0: nothing yet

    def __str__(self) -> str:
        return f"media entries up to change {self.read_up_to}"


class IndexedEntry(models.Model):
    """What a media entry is found by, and narrowed down by. Nothing is checked by constraints: that would lock entries.

    It is written after the entry, by housekeeping, so that an import pays nothing for the indexes of the library.
    """

    entry = models.OneToOneField(
        MediaEntry, on_delete=models.CASCADE, primary_key=True, related_name="indexed", db_constraint=False
    )
    project = models.ForeignKey(Project, on_delete=models.CASCADE, db_index=False, db_constraint=False)
    version = models.PositiveIntegerField()  # of the entry that is indexed
    updated_at = models.DateTimeField()
    lexemes = LexemeField()
    # Null: not indexed anew since these columns exist, or (system_name, pixels, size) the entry has none.
    media_type = models.CharField(max_length=50, null=True)
    system_name = models.CharField(max_length=200, null=True)
    pixels = models.BigIntegerField(null=True)  # width times height of the asset
    size = models.BigIntegerField(null=True)  # bytes of the asset
    lacks_alt = models.BooleanField(null=True)  # an image without a text for readers who do not see it

    class Meta:
        indexes = [
            # admin: the newest of very many that are found in a project
            models.Index(fields=["project", "-updated_at", "-entry"], name="indexed_entry_newest"),
            # admin: entries of a type, of a system, without alt text, of a size; newest first, counted up to a bound
            models.Index(fields=["project", "media_type", "-updated_at", "-entry"], name="indexed_entry_type"),
            models.Index(fields=["project", "system_name", "-updated_at", "-entry"], name="indexed_entry_system"),
            models.Index(
                fields=["project", "-updated_at", "-entry"],
                name="indexed_entry_lacks_alt",
                condition=Q(lacks_alt=True),
            ),
            models.Index(fields=["project", "pixels"], name="indexed_entry_pixels"),
            models.Index(fields=["project", "size"], name="indexed_entry_size"),
        ]

    def __str__(self) -> str:
        return f"entry {self.entry_id} in the search"


class RemotePicture(models.Model):
    """The small picture of an entry whose file is stored elsewhere: requested when its tile is shown, made by a worker.

    One row for each entry, however often it is shown. Nothing is checked by constraints: that would lock entries.
    """

    entry = models.OneToOneField(
        MediaEntry, on_delete=models.CASCADE, primary_key=True, related_name="remote_picture", db_constraint=False
    )
    address_digest = models.CharField(max_length=64)  # SHA-256 of the asset's address, hexadecimal
    key = models.CharField(max_length=200, blank=True, default="")  # in the storage; "": there is no picture
    due_at = models.DateTimeField(null=True, default=timezone.now)  # null: no worker is to make it
    attempts = models.PositiveSmallIntegerField(default=0)  # failures in a row
    failure = models.CharField(max_length=300, blank=True, default="")  # why there is no picture; "": no failure
    retry_at = models.DateTimeField(null=True)  # after a failure: not requested again before
    shown_at = models.DateTimeField(default=timezone.now)  # to the day; purged by it

    class Meta:
        indexes = [
            # the worker: what is to be made
            models.Index(fields=["due_at"], name="remote_picture_due", condition=Q(due_at__isnull=False)),
            # discards: the owner of this stored file
            models.Index(fields=["key"], name="remote_picture_key", condition=~Q(key="")),
            # purge by age
            models.Index(fields=["shown_at"], name="remote_picture_age"),
        ]

    def __str__(self) -> str:
        return f"picture of entry {self.entry_id}"


class Discard(models.Model):
    """A stored file that is probably orphaned: housekeeping deletes it, unless an entry owns it by then.

    Written in the transaction that orphans the file, so that a crash cannot leave it behind.
    """

    stem = models.CharField(max_length=500)  # a key, with or without extension: an unfinished item's type is unknown
    is_key = models.BooleanField(default=False)  # a whole key, so there may be renditions
    due_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["due_at"], name="discard_due")]

    def __str__(self) -> str:
        return self.stem
