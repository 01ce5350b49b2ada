"""The form for an entry's metadata: a field for each property of its media type, saved as a patch of the API is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField

from livingdocs_import import errors
from livingdocs_import.metadata import MetadataError
from livingdocs_import.project_config import MediaType, ProjectConfig
from media_library.admin.editors import Editor, editor, translated
from media_library.entries import patch
from media_library.entries.actors import Actor
from media_library.entries.audit_log import MAX_NOTE
from media_library.entries.patch_operations import property_problems, translation_problems
from media_library.models import MediaEntry

CHANGED_MEANWHILE = (
    "It was changed meanwhile and has version {} now. What you have changed is below, beside what is stored now where "
    "both have changed. Saving again overwrites that."
)


@dataclass(frozen=True)
class ShownEditor:
    """A property with its form fields, for the template."""

    editor: Editor
    fields: Sequence[BoundField]
    problems: Sequence[str]
    target: str  # the id of its first field


@dataclass(frozen=True)
class ShownTranslation:
    """The properties of a language, for the template; `number`: of those that have a value."""

    locale: str
    editors: Sequence[ShownEditor]
    number: int
    has_problems: bool


class MetadataForm(forms.Form):
    """Only what was changed since the form was shown is saved: every field knows the value that it was shown with."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    note = forms.CharField(
        label="Note for the history",
        max_length=MAX_NOTE,
        required=False,
        widget=forms.TextInput(attrs={"placeholder": "why, in a few words"}),
    )

    data: Any

    def __init__(self, entry: MediaEntry, media_type: MediaType, config: ProjectConfig, data: Any = None) -> None:
        super().__init__(data, initial={"version": entry.version}, label_suffix="")
        self._entry, self._media_type, self._config = entry, media_type, config
        self.editors = _editors(entry, media_type, config)
        for each in self.editors:
            for suffix, field in each.fields.items():
                self.fields[each.name(suffix)] = field
                self.initial[each.name(suffix)] = each.shown[suffix]
        self._values: dict[tuple[str, str], Any] = {}  # by locale, "" for the default one, and property

    def clean(self) -> dict[str, Any]:
        """Read and check what was changed, by the schema: all problems, at their fields."""
        super().clean()
        changed = set(self.changed_data)
        for each in self.editors:
            if changed & {each.name(suffix) for suffix in each.fields}:
                self._read(each)
        return self.cleaned_data

    def _read(self, each: Editor) -> None:
        handle = each.property.handle
        first = each.name(next(iter(each.fields)))
        try:
            parts = {suffix: self.cleaned_data[each.name(suffix)] for suffix in each.fields}
            value = each.read(parts, _stored(self._entry, each.locale).get(handle))
        except ValidationError as error:
            self.add_error(first, error)
            return
        for problem in self._problems(each, value):
            self.add_error(first, problem["message"])
        self._values[each.locale, handle] = value

    def _problems(self, each: Editor, value: Any) -> list[MetadataError]:
        if each.locale:
            return translation_problems(self._media_type, each.locale, each.property.handle, value)
        return property_problems(self._media_type, self._config, each.property.handle, value)

    def save(self, by: str) -> bool:
        """Patch the entry as an API client would. False: it has become impossible, and the form says why."""
        patches = [
            {"operation": "setTranslatedProperty", "locale": locale, "propertyName": handle, "value": value}
            if locale
            else {"operation": "setMetadataProperty", "propertyName": handle, "value": value}
            for (locale, handle), value in self._values.items()
        ]
        asked = patch.PatchRequest(patches, self.cleaned_data["version"], note=self.cleaned_data["note"])
        try:
            patch.patch_entry(self._entry.project, self._entry.media_id, asked, actor=Actor.user(by))
        except errors.Conflict as conflict:
            self._explain(conflict)
            return False
        except errors.ApiError as refused:
            self.add_error(None, str(refused.details.get("message", refused)))
            return False
        return True

    @property
    def has_changes(self) -> bool:
        """Whether there is anything to save."""
        return bool(self._values)

    def _explain(self, conflict: errors.Conflict) -> None:
        current = MediaEntry.objects.get(pk=self._entry.pk)
        if current.version == self.cleaned_data["version"]:
            self.add_error(None, str(conflict.details.get("message", conflict)))
            return
        self.add_error(None, CHANGED_MEANWHILE.format(current.version))
        for each in self.editors:
            handle = each.property.handle
            stored = list(editor(each.property, _stored(current, each.locale).get(handle)).shown.values())
            if (each.locale, handle) in self._values and self._seen(each) != stored:
                text = " · ".join(filter(None, stored)) or "nothing"
                self.add_error(each.name(next(iter(each.fields))), f"Stored now: {text}")
        self.data = {**self.data.dict(), "version": str(current.version)}

    def _seen(self, each: Editor) -> list[str]:
        """The values that the form was shown with."""
        return [
            each.fields[suffix].to_python(self.data.get(f"initial-{each.name(suffix)}", each.shown[suffix]))
            for suffix in each.fields
        ]

    def shown(self) -> list[ShownEditor]:
        """The properties for the template: fields first, then those in JSON."""
        return self._shown("")

    def translations(self) -> list[ShownTranslation]:
        """The languages for the template, without the default one."""
        locales = dict.fromkeys(each.locale for each in self.editors if each.locale)
        return [
            ShownTranslation(
                locale,
                shown,
                number=sum(any(each.editor.shown.values()) for each in shown),
                has_problems=any(each.problems for each in shown),
            )
            for locale in locales
            for shown in [self._shown(locale)]
        ]

    def _shown(self, locale: str) -> list[ShownEditor]:
        own = (each for each in self.editors if each.locale == locale)
        return [
            ShownEditor(each, fields, [str(text) for field in fields for text in field.errors], fields[0].id_for_label)
            for each in sorted(own, key=lambda each: each.is_json)
            for fields in [[self[each.name(suffix)] for suffix in each.fields]]
        ]


def _editors(entry: MediaEntry, media_type: MediaType, config: ProjectConfig) -> list[Editor]:
    """Those of all properties, then of the translatable ones in each other language."""
    properties = media_type.metadata.properties
    others = [locale for locale in config.locales if locale in config.languages.translation_locales]
    return [editor(each, entry.metadata.get(handle)) for handle, each in properties.items()] + [
        translated(each, locale, _stored(entry, locale).get(handle))
        for locale in others
        for handle, each in properties.items()
        if each.translatable
    ]


def _stored(entry: MediaEntry, locale: str) -> Mapping[str, Any]:
    """The metadata of the entry, or of one of its translations."""
    found: Mapping[str, Any] = entry.metadata
    if locale:
        rows = (row for row in entry.translations if row.get("locale") == locale)
        found = next((row.get("metadata") or {} for row in rows), {})
    return found
