"""Actions of an operator on entries: archive and back, revoke and back."""

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from livingdocs_import import errors
from livingdocs_import.admin.actions import Action, ActionFailed, always, by_name
from livingdocs_import.project_config import store
from media_library.admin import renditions
from media_library.admin.editors import editor
from media_library.admin.facets import media_types
from media_library.entries import patch
from media_library.entries.actors import Actor
from media_library.entries.audit_log import MAX_NOTE
from media_library.models import MediaEntry


class NoteForm(forms.Form):
    """Why."""

    note = forms.CharField(
        label="Reason, kept in the history",
        max_length=MAX_NOTE,
        required=False,
        widget=forms.TextInput(attrs={"placeholder": "in a few words"}),
    )


def _note_form(_: Sequence[MediaEntry], data: Any) -> forms.Form:
    return NoteForm(data, label_suffix="")


class PropertyForm(NoteForm):
    """A property and its new value. The choices are those that the entries' media types have in common."""

    choice = forms.ChoiceField(label="Property")
    value = forms.CharField(
        label="New value; blank removes the property",
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    field_order = ("choice", "value", "note")

    def __init__(self, *args: Any, choices: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["choice"].choices = choices  # type: ignore[attr-defined]

    @classmethod
    def for_things(cls, entries: Sequence[MediaEntry], data: Any) -> forms.Form:
        """With the properties that one field can hold, by their labels."""
        handles = {(entry.project_id, entry.media_type): entry for entry in entries}
        common: dict[str, str] | None = None
        for entry in handles.values():
            own = _settable(entry)
            common = own if common is None else {name: label for name, label in common.items() if name in own}
        return cls(data, label_suffix="", choices=sorted((common or {}).items(), key=itemgetter(1)))


def _settable(entry: MediaEntry) -> dict[str, str]:
    """Handles and labels of the properties of an entry that have one form field each."""
    media_type = media_types(entry.project).get(entry.media_type)
    editors = [editor(each, None) for each in media_type.metadata.properties.values()] if media_type else []
    return {each.property.handle: each.label for each in editors if not each.is_json and len(each.fields) == 1}


def _patch(entry: MediaEntry, by: str, operation: dict[str, Any], note: str = "") -> None:
    """Apply a patch as for an API client, with a new version and an audit log entry."""
    try:
        asked = patch.PatchRequest([operation], note=note)
        patch.patch_entry(entry.project, entry.media_id, asked, actor=Actor.user(by))
    except errors.ApiError as refused:
        raise ActionFailed(str(refused.details.get("message", refused))) from refused


def _what_revoking_means(entry: MediaEntry) -> str:
    means = (
        "Its files are refused from now on, also where it is published already, "
        "and what it links to does not count any more."
    )
    if store.current(entry.project).options.revoke_deletes_asset:
        return f"{means} As the project is configured they are deleted as well: this cannot be undone."
    return f"{means} It can be unrevoked."


def _revoke(entry: MediaEntry, by: str, note: str = "") -> str:
    _patch(entry, by, {"operation": "revokeAsset", "note": note}, note)
    return "is revoked"


def _doing(operation: str, result: str) -> Callable[..., str]:
    def do(entry: MediaEntry, by: str, note: str = "") -> str:
        _patch(entry, by, {"operation": operation}, note)
        return result

    return do


def _set_property(entry: MediaEntry, by: str, choice: str = "", value: str = "", note: str = "") -> str:
    """Set one property to what is typed, read as on the entry's page; entries without the property are refused."""
    media_type = store.current(entry.project).media_type(entry.media_type)
    property_ = media_type.metadata.properties.get(choice) if media_type else None
    if property_ is None:
        raise ActionFailed(f"its media type has no property {choice}")
    stored = entry.metadata.get(choice)
    try:
        new = editor(property_, stored).read({"": value}, stored)
    except ValidationError as error:
        raise ActionFailed(*error.messages) from error
    _patch(entry, by, {"operation": "setMetadataProperty", "propertyName": choice, "value": new}, note)
    return "is changed"


ACTIONS = by_name(
    Action(
        "set_property",
        "Set a property",
        "change",
        "",
        always,
        _set_property,
        listed=True,
        inputs=PropertyForm.for_things,
        on_page=False,
    ),
    Action(
        "archive",
        "Archive",
        "change",
        "It is not offered to editors any more. Publications keep it, and its file is served as before.",
        lambda entry: not entry.archived,
        _doing("archive", "is archived"),
        listed=True,
        inputs=_note_form,
    ),
    Action(
        "unarchive",
        "Take out of the archive",
        "change",
        "",
        lambda entry: entry.archived,
        _doing("unarchive", "is not archived any more"),
        listed=True,
    ),
    Action(
        "revoke",
        "Revoke",
        "change",
        _what_revoking_means,
        lambda entry: not entry.revoked,
        _revoke,
        destructive=True,
        listed=True,
        inputs=_note_form,
    ),
    Action(
        "unrevoke",
        "Unrevoke",
        "change",
        "",
        lambda entry: entry.revoked and not entry.asset_deleted,
        _doing("unrevokeAsset", "may be used again"),
    ),
    Action(
        "remove_renditions",
        "Remove all renditions",
        "change",
        "They are deleted, and made anew when they are next requested. Copies in caches stay until they expire.",
        renditions.may_have,
        renditions.remove,
        on_page=False,
    ),
)
