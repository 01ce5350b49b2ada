"""A form for the title and metadata of a document, which creates its next revision."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from documents import services
from documents.models import Document, Revision
from documents.revisions.parts import MAX_TITLE
from livingdocs_import import errors
from livingdocs_import.errors import Rejected
from livingdocs_import.validation.strict_json import read_json


class RevisionForm(forms.ModelForm):  # type: ignore[type-arg]
    """Validated like an import. `seen` is the version that was shown: an edit of a stale version is rejected.

    No field except the title has a name of the model: the created row is not the form's instance.
    """

    subject = forms.ModelChoiceField(Document.objects.existing(), widget=forms.HiddenInput)
    seen = forms.IntegerField(widget=forms.HiddenInput)
    title = forms.CharField(max_length=MAX_TITLE, required=False, widget=forms.TextInput(attrs={"class": "vTextField"}))
    text = forms.CharField(
        label="Metadata",
        strip=False,
        widget=forms.Textarea(attrs={"rows": 20, "spellcheck": "false", "class": "code"}),
        help_text="JSON. Saving makes a new revision, which readers see when the document is published.",
    )

    class Meta:
        model = Revision
        fields = ("title",)

    def clean(self) -> dict[str, Any]:
        super().clean()
        if self.errors:
            return self.cleaned_data
        try:
            self.cleaned_data["metadata"] = metadata = _object(self.cleaned_data["text"])
            title, seen = self.cleaned_data["title"], self.cleaned_data["seen"]
            services.check_change(self.cleaned_data["subject"], title=title, metadata=metadata, version=seen)
        except errors.Invalid as invalid:
            self.add_error("text", ValidationError([f"{place}: {what}" for place, what in invalid.details.items()]))
        except Rejected as rejected:
            self.add_error("text" if rejected.errors else None, ValidationError(in_words(rejected)))
        return self.cleaned_data


def _object(text: str) -> dict[str, Any]:
    parsed = read_json(text.encode())
    if not isinstance(parsed, dict):
        raise errors.Invalid({"metadata": "must be a JSON object"})
    return parsed


def in_words(rejected: Rejected) -> list[str]:
    """One sentence per problem."""
    if rejected.errors:
        return [
            f"{error.get('metadataProperty') or error.get('path') or 'document'}: {error['message']}"
            for error in rejected.errors
        ]
    return [rejected.detail if rejected.detail == rejected.reason else f"{rejected.reason}: {rejected.detail}"]
