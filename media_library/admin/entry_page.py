"""The page of an entry: its picture, its metadata to be edited, where it is used, its history."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from livingdocs_import import errors
from livingdocs_import.admin import readable
from livingdocs_import.models import Project
from livingdocs_import.project_config import InvalidConfig, MediaType, ProjectConfig, store
from media_library import asset_urls
from media_library.admin import crops, history, labels, pictures, renditions
from media_library.admin.cards import TONES
from media_library.admin.metadata_form import MetadataForm
from media_library.entries import references, remote_pictures
from media_library.models import FormerAsset, MediaEntry, MediaReference

MAX_ROWS = 50  # rows of a panel
PICTURE_SECONDS = 86_400  # for which a browser keeps a small picture
TARGET_TYPES = {
    MediaEntry.BaseType.IMAGE: ("image",),
    MediaEntry.BaseType.VIDEO: ("video",),
    MediaEntry.BaseType.FILE: ("file", "audio"),
}


class EntryPage:
    """Mixed into the admin of entries, before its class."""

    admin_site: Any
    opts: Any
    change_form_template: ClassVar[Any]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """GET shows the entry, POST saves its metadata."""
        entry = self.shown_entry(request, object_id)
        form = self._form(request, entry)
        if request.method == "POST":
            if form is None:
                raise PermissionDenied
            if form.is_valid() and self._save(request, entry, form):
                return HttpResponseRedirect(request.path)
        return TemplateResponse(request, self.change_form_template, self.page_context(request, entry, form))

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.picture_view, cacheable=True)
        urls: list[URLPattern] = super().get_urls()  # type: ignore[misc]
        return [path("<path:object_id>/picture/", view, name="media_library_mediaentry_picture"), *urls]

    def picture_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The small picture of a file that is stored elsewhere, for users who may see its entry."""
        found = remote_pictures.stored(self.shown_entry(request, object_id))
        if found is None:
            raise Http404
        headers = {"Cache-Control": f"private, max-age={PICTURE_SECONDS}", "X-Content-Type-Options": "nosniff"}
        return HttpResponse(found, content_type=remote_pictures.MIME_TYPE, headers=headers)

    def shown_entry(self, request: HttpRequest, object_id: str) -> MediaEntry:
        """The entry of a page with its project, if the user may see it."""
        found = self.get_object(request, unquote(object_id))  # type: ignore[attr-defined]
        if found is None:
            raise Http404
        if not self.has_view_permission(request, found):  # type: ignore[attr-defined]
            raise PermissionDenied
        entry: MediaEntry = MediaEntry.objects.select_related("project").get(pk=found.pk)
        return entry

    def _form(self, request: HttpRequest, entry: MediaEntry) -> MetadataForm | None:
        """None for users who may not change it, and where the configuration does not describe it any more."""
        config, media_type = _config(entry)
        may_change = self.may(request, "change", entry)  # type: ignore[attr-defined]
        if config is None or media_type is None or not may_change:
            return None
        return MetadataForm(entry, media_type, config, request.POST if request.method == "POST" else None)

    def _save(self, request: HttpRequest, entry: MediaEntry, form: MetadataForm) -> bool:
        if not form.has_changes:
            messages.info(request, "Nothing was changed.")
            return True
        try:
            is_saved = form.save(str(request.user))
        except (InvalidConfig, errors.Unavailable) as error:
            form.add_error(None, str(error))
            return False
        if is_saved:
            self.log_change(request, entry, "Metadata")  # type: ignore[attr-defined]
            messages.success(request, f"{entry} is saved.")
        return is_saved

    def page_context(self, request: HttpRequest, entry: MediaEntry, form: MetadataForm | None) -> dict[str, Any]:
        """The variables of the template."""
        return {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": entry,
            "title": str(entry),
            "entry": entry,
            "form": form,
            **self.panels(request, entry),
        }

    def panels(self, request: HttpRequest, entry: MediaEntry) -> dict[str, Any]:
        """Each panel gets one row more than it shows, to report that there are more."""
        _, media_type = _config(entry)
        outgoing = entry.references.order_by("property_name", "target_id")[: MAX_ROWS + 1]
        incoming = references.linking_entries(
            entry.project, TARGET_TYPES[MediaEntry.BaseType(entry.base_type)], entry.media_id
        )
        changes = list(entry.changes.all()[: MAX_ROWS + 1])
        named: dict[str, Any] = super().panels(request, entry)  # type: ignore[misc]
        remote = remote_pictures.shown([entry]).get(entry.pk)
        may_change: bool = self.may(request, "change", entry)  # type: ignore[attr-defined]
        return named | {
            "max_rows": MAX_ROWS,
            "tone": TONES[entry.state],
            "type_label": labels.of_type(media_type, entry.media_type),
            "picture": pictures.asset(entry, remote),
            "remote": remote,
            "original_url": "" if pictures.not_shown(entry) else pictures.url(entry),
            "measures": pictures.measures(entry),
            "size": pictures.size(entry),
            "source": readable.url(entry.source_url) if entry.source_url else "",
            "crops": _crops(entry),
            "renditions": renditions.renditions(entry),
            "may_change": may_change,
            "point": _point(entry),
            "facts": _facts(entry, media_type),
            "raw": readable.json_lines({"asset": entry.asset, "metadata": entry.metadata}),
            "translations": [
                (translation.get("locale", ""), readable.json_lines(translation)) for translation in entry.translations
            ],
            "outgoing": with_targets(entry.project, outgoing),
            "incoming": incoming.select_related("entry").order_by("-entry", "property_name", "pk")[: MAX_ROWS + 1],
            "uses": entry.usage_log.order_by("-pk")[: MAX_ROWS + 1],
            "changes": history.shown(changes, media_type),
            "jobs": list(dict.fromkeys(change.job for change in changes if change.job)),
            "formers": [(row, _url_of(entry, row)) for row in entry.former_assets.order_by("-pk")[: MAX_ROWS + 1]],
        }


def _url_of(entry: MediaEntry, former: FormerAsset) -> str:
    """The address of a former file in our delivery; "" if it is not served, or was stored elsewhere."""
    if not entry.servable or entry.asset_deleted or "url" in former.asset:
        return ""
    return asset_urls.original_url(former.asset_key, project_id=entry.project_id, title=entry.title)


def _config(entry: MediaEntry) -> tuple[ProjectConfig | None, MediaType | None]:
    """What edits are checked by; the media type that is shown, as far as it can be read."""
    try:
        config = store.current(entry.project)
    except InvalidConfig:
        return None, None
    return config, config.media_type(entry.media_type)


def _facts(entry: MediaEntry, media_type: MediaType | None) -> list[tuple[str, str]]:
    """Metadata for users who may not edit them: labels and texts."""
    return [
        (
            labels.of_handle(media_type, handle),
            readable.redacted(value) if isinstance(value, str) else readable.json_lines(value),
        )
        for handle, value in entry.metadata.items()
    ]


def _point(entry: MediaEntry) -> dict[str, str] | None:
    """The focal point in percent, where the picture shows it; None: the picture has none."""
    if entry.base_type != MediaEntry.BaseType.IMAGE or pictures.not_shown(entry):
        return None
    stored = _stored_point(entry)
    place = {axis: stored.get(axis, 0.5) if stored else 0.5 for axis in ("x", "y")}
    return {axis: f"{100 * value:.4g}%" for axis, value in place.items() if isinstance(value, int | float)}


def _crops(entry: MediaEntry) -> list[crops.Crop]:
    """Around the focal point; none where there is no picture."""
    width, height = entry.asset.get("width"), entry.asset.get("height")
    if not isinstance(width, int) or not isinstance(height, int) or _point(entry) is None:
        return []
    return crops.crops(width, height, _stored_point(entry)) if min(width, height) > 0 else []


def _stored_point(entry: MediaEntry) -> dict[str, Any] | None:
    """That of the first property which has one."""
    points = (value.get("focalPoint") for value in entry.metadata.values() if isinstance(value, dict))
    return next((point for point in points if isinstance(point, dict)), None)


@dataclass(frozen=True)
class EntryLink:
    """A reference with its target. `dangling`: the target does not exist, or not yet."""

    row: MediaReference
    target: MediaEntry | None
    dangling: bool


def with_targets(project: Project, rows: Iterable[MediaReference]) -> list[EntryLink]:
    """References with their targets; documents and other types have type and id only."""
    rows = list(rows)
    targets = MediaEntry.objects.of(project).filter(media_id__in=[row.target_id for row in rows])
    entries = {
        (target_type, entry.media_id): entry
        for entry in targets.only("media_id", "title", "base_type")
        for target_type in TARGET_TYPES[MediaEntry.BaseType(entry.base_type)]
    }
    media = {target_type for target_types in TARGET_TYPES.values() for target_type in target_types}
    return [
        EntryLink(row, target, dangling=target is None and row.target_type in media)
        for row in rows
        for target in [entries.get((row.target_type, row.target_id))]
    ]
