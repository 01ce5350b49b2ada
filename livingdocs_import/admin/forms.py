"""Forms for operators: a project's limits and secret, a new API client."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from livingdocs_import.api import permissions
from livingdocs_import.models import AccessToken, Project
from livingdocs_import.models.project import MAX_DAILY_LIMIT

LIMITED = {
    "images": "Images",
    "videos": "Videos",
    "files": "Files",
    "documents": "Documents",
    "*": "Every other kind",
}
SCOPES = {
    permissions.READ: "read published documents and the media library",
    permissions.WRITE: "import, and change the media library",
    permissions.DRAFTS: "read drafts as well",
    permissions.CONFIG_READ: "read the project's configuration",
    permissions.CONFIG_WRITE: "change the project's configuration",
}


def limit_field(kind: str) -> str:
    """The form field's name for a kind of the daily limits."""
    return f"limit_{'others' if kind == '*' else kind}"


class ProjectForm(forms.ModelForm):  # type: ignore[type-arg]
    """A project; each daily limit is a number of its own, the webhook secret can be set but is never shown."""

    limit_images = forms.IntegerField(label=LIMITED["images"], min_value=0, max_value=MAX_DAILY_LIMIT, required=False)
    limit_videos = forms.IntegerField(label=LIMITED["videos"], min_value=0, max_value=MAX_DAILY_LIMIT, required=False)
    limit_files = forms.IntegerField(label=LIMITED["files"], min_value=0, max_value=MAX_DAILY_LIMIT, required=False)
    limit_documents = forms.IntegerField(
        label=LIMITED["documents"], min_value=0, max_value=MAX_DAILY_LIMIT, required=False
    )
    limit_others = forms.IntegerField(label=LIMITED["*"], min_value=0, max_value=MAX_DAILY_LIMIT, required=False)
    new_secret = forms.CharField(
        label="New webhook secret",
        max_length=200,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "class": "vTextField"}),
        help_text="Signs the webhooks of import jobs, and those of the configuration that refer to it. It is never "
        "shown; left empty, it stays as it is.",
    )
    remove_secret = forms.BooleanField(
        label="Remove the webhook secret", required=False, help_text="Webhooks are then sent without a signature."
    )

    class Meta:
        model = Project
        fields = ("handle", "label", "time_zone", "import_weight")
        help_texts = {
            "time_zone": "Such as Europe/Zurich. Hosts that may be asked at some hours only are asked by its clock.",
            "import_weight": "Its share of the workers beside other projects: 2 is twice as much as 1.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind in LIMITED:
            self.initial[limit_field(kind)] = self.instance.daily_limits.get(kind)

    def clean(self) -> dict[str, Any]:
        super().clean()
        if self.cleaned_data.get("new_secret") and self.cleaned_data.get("remove_secret"):
            self.add_error("remove_secret", "There is a new secret above: set it, or remove the old one, not both.")
        if limit_field("*") in self.fields:  # they are not offered to all who may change a project
            limits = {kind: self.cleaned_data.get(limit_field(kind)) for kind in LIMITED}
            self.instance.daily_limits = {kind: limit for kind, limit in limits.items() if limit is not None}
        if self.cleaned_data.get("remove_secret"):
            self.instance.webhook_secret = ""
        elif secret := self.cleaned_data.get("new_secret"):
            self.instance.webhook_secret = secret
        return self.cleaned_data


class NewTokenForm(forms.ModelForm):  # type: ignore[type-arg]
    """An API client: its name, scopes and end. Sent twice, the form issues one token."""

    scopes = forms.MultipleChoiceField(
        label="May",
        choices=[(scope, f"{scope}: {meaning}") for scope, meaning in SCOPES.items()],
        widget=forms.CheckboxSelectMultiple,
        initial=[permissions.READ, permissions.WRITE],
        help_text="None of them includes another.",
    )
    new_jti = forms.UUIDField(initial=uuid4, widget=forms.HiddenInput, required=False)

    class Meta:
        model = AccessToken
        fields = ("project", "name", "description", "scopes", "expires_at")
        widgets = {"description": forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"})}

    def clean_expires_at(self) -> datetime | None:
        """A new token must not have ended already; the end of an existing one may be any time."""
        moment: datetime | None = self.cleaned_data["expires_at"]
        if self.instance.pk is None and moment is not None and moment <= timezone.now():
            raise ValidationError("This moment has passed.")
        return moment

    def clean_new_jti(self) -> UUID | None:
        """The id of the token to be issued, chosen when the form was shown."""
        jti: UUID | None = self.cleaned_data["new_jti"]
        if jti is not None and AccessToken.objects.filter(jti=str(jti)).exists():
            raise ValidationError("This form was sent before, and its token was shown then. Open the form again.")
        return jti


class RotationForm(forms.Form):
    """Until when the old token of a rotation remains valid, and when the new one ends.

    Cleaned data: `ends_at` of the old one, `expires_at` of the new one (None: as the old one was to end).
    """

    hours = forms.TypedChoiceField(
        label="The old token works",
        choices=[("24", "24 more hours"), ("168", "7 more days"), ("0", "no longer"), ("until", "until a moment:")],
        coerce=lambda value: None if value == "until" else int(value),
    )
    until = forms.DateTimeField(
        label="Moment (UTC)",
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    expires_at = forms.DateTimeField(
        label="The new token ends (UTC)",
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )

    def clean_expires_at(self) -> datetime | None:
        """A new token must not have ended already."""
        moment: datetime | None = self.cleaned_data["expires_at"]
        if moment is not None and moment <= timezone.now():
            raise ValidationError("This moment has passed.")
        return moment

    def clean(self) -> dict[str, Any]:
        super().clean()
        now, until, hours = timezone.now(), self.cleaned_data.get("until"), self.cleaned_data.get("hours")
        if "hours" not in self.cleaned_data or "until" not in self.cleaned_data:
            return self.cleaned_data
        if hours is not None:
            self.cleaned_data["ends_at"] = now + timedelta(hours=hours)
        elif until is None:
            self.add_error("until", "Choose the moment.")
        elif until <= now:
            self.add_error("until", "This moment has passed.")
        else:
            self.cleaned_data["ends_at"] = until
        return self.cleaned_data
