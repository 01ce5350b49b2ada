"""Media entries whose file is replaced by one from the user's computer: checked as by an import."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.defaultfilters import filesizeformat
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from documents.admin.media_entries import LinkedMediaEntryAdmin, publications_with
from imports.admin.uploads import FIELD, BoundedUpload, is_longer_than, uploaded
from imports.handlers import replacements
from imports.handlers.replacements import Replacement
from imports.handlers.temporary_files import DiskFull, temporary_file
from livingdocs_import import errors
from livingdocs_import.project_config import InvalidConfig, ProjectConfig, store
from media_library.admin.actions import NoteForm
from media_library.entries.actors import Actor
from media_library.models import MediaEntry

admin.site.unregister(MediaEntry)


class ReplaceForm(NoteForm):
    """The file, the version that the user has seen, and why. The file is last: what precedes it is read in any case."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    file = forms.FileField(label="New file", max_length=1_000)
    field_order = ("version", "note", "file")


@admin.register(MediaEntry)
class ReplaceableMediaEntryAdmin(LinkedMediaEntryAdmin):
    change_form_template = "admin/imports/media_entry.html"
    upload_handler = BoundedUpload

    def get_urls(self) -> list[URLPattern]:
        # The form is protected by `_replace`, which must not read it before it knows the limit.
        view = self.admin_site.admin_view(csrf_exempt(self.replace_view))
        return [
            path("<path:object_id>/replace/", view, name="media_library_mediaentry_replace"),
            *super().get_urls(),
        ]

    def panels(self, request: HttpRequest, entry: MediaEntry) -> dict[str, Any]:
        """With the way to a new file, where that is possible."""
        may_replace = self.may(request, "change", entry) and replacements.may_be_replaced(entry)
        return super().panels(request, entry) | {"may_replace": may_replace}

    def replace_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask for a file, and replace that of the entry by it."""
        entry = self.shown_entry(request, object_id)
        if not self.may(request, "change", entry) or not replacements.may_be_replaced(entry):
            raise PermissionDenied
        try:
            config = store.current(entry.project)
        except InvalidConfig as invalid:
            messages.error(request, f"The project's configuration cannot be used: {invalid}")
            return HttpResponseRedirect(_page_of(entry))
        most = replacements.max_bytes(entry, config)
        if is_longer_than(request, most):
            return self._page(request, entry, most, self._too_large(entry, most), status=413)
        try:
            with temporary_file() as (file, place):
                upload = self.upload_handler(file, most)
                request.upload_handlers = [upload]
                return self._replace(request, entry, config, upload, lambda received: uploaded(received, file, place))
        except DiskFull as full:
            return self._page(request, entry, most, self._refused(entry, full.detail), status=507)

    @method_decorator(csrf_protect)
    def _replace(
        self, request: HttpRequest, entry: MediaEntry, config: ProjectConfig, upload: BoundedUpload, received: Any
    ) -> HttpResponse:
        most = replacements.max_bytes(entry, config)
        form = ReplaceForm(request.POST or None, request.FILES or None, **_initial(entry))
        if upload.is_too_large:
            return self._page(request, entry, most, self._too_large(entry, most), status=413)
        if request.method == "POST" and form.is_valid():
            given = form.cleaned_data
            asked = Replacement(given["version"], given["note"], Actor.user(str(request.user)))
            try:
                if given["version"] != entry.version:
                    raise errors.Conflict(f"It was changed meanwhile and has version {entry.version} now.")
                replacements.replace_file(entry, received(given[FIELD]), config, asked)
            except errors.Failure as failure:
                form.add_error(FIELD, failure.detail)
            except errors.ApiError as refused:
                entry.refresh_from_db(fields=["version"])
                form.add_error(None, str(refused.details.get("message", refused)))
            else:
                self.log_change(request, entry, "File replaced")
                messages.success(request, f"{entry} has a new file.")
                return HttpResponseRedirect(_page_of(entry))
        form.data = {**request.POST.dict(), "version": str(entry.version)} if form.is_bound else form.data
        return self._page(request, entry, most, form)

    def _too_large(self, entry: MediaEntry, most: int) -> ReplaceForm:
        return self._refused(entry, f"larger than {filesizeformat(most)}")

    def _refused(self, entry: MediaEntry, why: str) -> ReplaceForm:
        """The form again after a file that was not received whole."""
        form = ReplaceForm({"version": entry.version}, **_initial(entry))
        form.errors.clear()
        form.add_error(FIELD, why)
        return form

    def _page(
        self, request: HttpRequest, entry: MediaEntry, most: int, form: ReplaceForm, status: int = 200
    ) -> HttpResponse:
        number, more = publications_with([entry])
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "entry": entry,
            "title": f"Replace the file of {entry}?",
            "form": form,
            "most": filesizeformat(most),
            "number_of_uses": number,
            "more_uses": more,
        }
        return TemplateResponse(request, "admin/imports/replace_file.html", context, status=status)


def _initial(entry: MediaEntry) -> dict[str, Any]:
    return {"initial": {"version": entry.version}, "label_suffix": ""}


def _page_of(entry: MediaEntry) -> str:
    return reverse("admin:media_library_mediaentry_change", args=[entry.pk])
