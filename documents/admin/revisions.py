"""Revisions in the admin: their contents and authors, and restoring one. A document is changed by adding the next."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from documents import services
from documents.admin import revision_pages
from documents.admin.forms import RevisionForm, in_words
from documents.models import Document, Revision
from livingdocs_import.admin import readable
from livingdocs_import.admin.access import OPERATED, Access
from livingdocs_import.admin.actions import Action, ActionFailed, WithActions, by_name
from livingdocs_import.admin.pages import ReadOnly
from livingdocs_import.admin.primary_keys import key_of
from livingdocs_import.admin.seen import SeenForm
from livingdocs_import.errors import Rejected
from livingdocs_import.validation.limits import quoted


def _is_old(revision: Revision) -> bool:
    return revision.document.deleted_at is None and revision.pk != revision.document.current_revision_id


def _question(revision: Revision) -> str:
    version = revision.document.version
    return (
        f"Title, content, metadata and translations of revision {revision.version} become revision {version + 1}. "
        f"Nothing is lost: revisions up to {version} stay. Readers see it when the document is published."
    )


def _asked(revisions: Sequence[Revision], data: Any) -> SeenForm:
    return SeenForm(revisions[0].document.version, data)


def _restore(revision: Revision, by: str, *, seen: int) -> str:
    try:
        version = services.restore_revision(revision, by=by, version=seen)
    except Rejected as rejected:
        raise ActionFailed(*in_words(rejected)) from rejected
    return "equals the newest revision: nothing was stored" if version is None else f"is restored as revision {version}"


ACTIONS = by_name(
    Action("restore", "Restore", "add", _question, _is_old, _restore, history="Revision restored", inputs=_asked)
)


@admin.register(Revision)
class RevisionAdmin(WithActions, ReadOnly):
    access = Access("document__project", OPERATED)
    object_actions = ACTIONS
    form = RevisionForm
    change_form_template = "admin/documents/revision.html"
    add_form_template = "admin/change_form.html"
    list_display = ("revision", "document_link", "source", "author", "created_at")
    list_select_related = ("document",)
    search_fields = ("job", "author")
    search_help_text = "The id of an import job, or who made the revision"
    fields = ("subject", "seen", "title", "text")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Revision]:
        rows = super().get_queryset(request)
        return rows.select_related("document__project").defer("content", "metadata", "translations")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.may(request, "add")

    def get_model_perms(self, request: HttpRequest) -> dict[str, bool]:
        """The first page has no link to add a revision: without a document there is nothing to add it to."""
        return super().get_model_perms(request) | {"add": False}

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Nor has the list."""
        return super().changelist_view(request, {"has_add_permission": False} | (extra_context or {}))

    @admin.display(description="Revision")
    def revision(self, row: Revision) -> str:
        return f"revision {row.version}"

    @admin.display(description="Document")
    def document_link(self, row: Revision) -> SafeString:
        address = reverse("admin:documents_document_change", args=[row.document_id])
        return format_html('<a href="{}">{}</a>', address, row.document)

    # --- Adding the next one

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """`?document=` starts with that document's newest revision."""
        documents = Document.objects.existing().filter(self.projects(request, "add").within("project"))
        document = documents.filter(pk=key_of(request.GET.get("document", ""))).first()
        if document is None:
            return {}
        newest = Revision.objects.defer("content").get(pk=document.current_revision_id)
        text = readable.lines(newest.metadata)
        return {"subject": document.pk, "seen": newest.version, "title": newest.title, "text": text}

    def save_form(self, request: HttpRequest, form: Any, change: Any) -> Revision:
        """Store it: the service creates the row, so there is nothing left to save afterwards."""
        data = form.cleaned_data
        document: Document = data["subject"]
        services.change(
            document, title=data["title"], metadata=data["metadata"], version=data["seen"], by=str(request.user)
        )
        return document.revisions.select_related("document").latest("version")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        """Stored already."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: Any) -> None:
        """There are no related objects."""

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        """Back to the document."""
        self.message_user(request, f"{obj.document}: revision {obj.version} is stored.")
        return HttpResponseRedirect(reverse("admin:documents_document_change", args=[obj.document_id]))

    # --- Restoring one

    def named(self, thing: Revision) -> str:
        return f"revision {thing.version} of {quoted(str(thing.document), 80)}"

    def confirmation(self, action: Action[Any], things: Sequence[Revision]) -> str:
        """With its number."""
        return f"Restore as revision {things[0].document.version + 1}"

    def page_of(self, request: HttpRequest, things: Sequence[Any]) -> str:
        """The document's page: it has all revisions."""
        if len(things) != 1:
            return super().page_of(request, things)
        return reverse("admin:documents_document_change", args=[things[0].document_id])

    def trace(self, request: HttpRequest, objects: Iterable[Model], message: str) -> None:
        """In the history of the document."""
        for row in objects:
            assert isinstance(row, Revision)
            super().trace(request, [row.document], f"{message}: {row.version}")

    # --- The page of one revision

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> list[Any]:
        """Of the form; the page of a revision is a template."""
        return ["subject", "seen", "title", "text"] if obj is None else []

    def heading(self, row: Revision) -> str:
        return f"{row.title or row.document}, revision {row.version}"

    def panels(self, request: HttpRequest, row: Revision) -> dict[str, Any]:
        return super().panels(request, row) | revision_pages.neighbours(row) | revision_pages.content(request, row)
