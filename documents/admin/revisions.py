"""Revisions in the admin: their contents and authors. A document is only changed by adding the next one."""

from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from documents import services
from documents.admin.forms import RevisionForm
from documents.admin.outline import MAX_COMPONENTS, outline
from documents.models import Document, Revision
from livingdocs_import.admin import readable
from livingdocs_import.admin.access import OPERATED, Access
from livingdocs_import.admin.pages import ReadOnly
from livingdocs_import.admin.primary_keys import key_of


@admin.register(Revision)
class RevisionAdmin(ReadOnly):
    access = Access("document__project", OPERATED)
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

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> list[Any]:
        if obj is None:
            return ["subject", "seen", "title", "text"]
        return ["document_link", "title", "version", "design", "source", "author", "job", "created_at"]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        return ("document_link", "design") if obj else ()

    @admin.display(description="Revision")
    def revision(self, row: Revision) -> str:
        return f"version {row.version}"

    @admin.display(description="Document")
    def document_link(self, row: Revision) -> SafeString:
        address = reverse("admin:documents_document_change", args=[row.document_id])
        return format_html('<a href="{}">{}</a>', address, row.document)

    @admin.display(description="Design")
    def design(self, row: Revision) -> str:
        return f"{row.design_name} {row.design_version}"

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
        self.message_user(request, f"{obj.document}: version {obj.version} is stored.")
        return HttpResponseRedirect(reverse("admin:documents_document_change", args=[obj.document_id]))

    # --- The page of one revision

    def heading(self, row: Revision) -> str:
        return f"{row.title or row.document}, version {row.version}"

    def panels(self, request: HttpRequest, row: Revision) -> dict[str, Any]:
        return {
            "outline": outline(row.content),
            "max_components": MAX_COMPONENTS,
            "texts": [
                ("Metadata", readable.json_lines(row.metadata)),
                *(
                    (f"Translation {translation['locale']}", readable.json_lines(translation["metadata"]))
                    for translation in row.translations
                ),
            ],
        }
