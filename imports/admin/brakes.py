"""Brakes on hosts: operators of all projects put them and take them off, as `manage.py brake_host` does."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse

from imports.claiming import host_brakes
from livingdocs_import.admin.access import OPERATED, Access
from livingdocs_import.admin.actions import Action, WithActions, always, by_name
from livingdocs_import.models import HostBrake

MAX_CHANGES = 10  # shown with the list: a brake that was taken off has no page of its own
EXPLANATION = "It binds all projects and all workers. What waits for it is not stuck, and loses no attempt."
LIMITS = ("per_second", "open_from", "open_until")


class HostField(forms.CharField):
    """Any URL of a host, or its name; the value is its `host:port`."""

    def clean(self, value: Any) -> str:
        host = host_brakes.host_of(super().clean(value))
        if not host:
            raise ValidationError("This is not a URL of a host, such as https://pictures.example.org/")
        return host


class HourInput(forms.TimeInput):
    """A field for hours and minutes, by the browser."""

    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M")


class BrakeForm(forms.ModelForm):  # type: ignore[type-arg]
    """The limits of a host, checked as by the command."""

    url = HostField(
        label="Host", max_length=300, help_text="Any URL of it: https://pictures.example.org/", widget=forms.TextInput
    )
    per_second = forms.FloatField(
        label="Requests a second",
        required=False,
        help_text="Over all projects, e.g. 2 or 0.5. Empty: as many as workers make.",
        widget=forms.NumberInput(attrs={"step": "any"}),
    )
    open_from = forms.TimeField(
        label="Only from", required=False, widget=HourInput, help_text="In the time zone of each project."
    )
    open_until = forms.TimeField(
        label="Until", required=False, widget=HourInput, help_text="Before the beginning: over midnight."
    )

    class Meta:
        model = HostBrake
        fields = LIMITS

    def clean_url(self) -> str:
        """A host that has a brake is changed on the page of that one."""
        host: str = self.cleaned_data["url"]
        if HostBrake.objects.filter(host=host).exists():
            raise ValidationError(f"{host} has a brake already: change that one.")
        return host

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors:
            try:
                host_brakes.check(*(cleaned[name] for name in LIMITS))
            except host_brakes.InvalidBrake as error:
                self.add_error(error.field, str(error))
        return cleaned


def _take_off(brake: HostBrake, by: str) -> str:
    return "has no brake any more" if host_brakes.take_off([brake.host]) else "had none"


ACTIONS = by_name(
    Action(
        "take_off",
        "Take the brake off",
        "delete",
        "Workers of all projects ask the host again as fast as they can.",
        always,
        _take_off,
        listed=True,
        history="Brake taken off",
    )
)


@admin.register(HostBrake)
class HostBrakeAdmin(WithActions):
    access = Access("", OPERATED)
    object_actions = ACTIONS
    form = BrakeForm
    change_list_template = "admin/imports/brakes.html"
    change_form_template = "admin/imports/brake.html"
    list_display = ("host", "limits", "created_by", "created_at")
    search_fields = ("host",)
    search_help_text = "Host and port, e.g. pictures.example.org:443"
    ordering = ("host",)

    def get_fieldsets(self, request: HttpRequest, obj: HostBrake | None = None) -> Any:
        """The host is chosen once."""
        fields = ("url", *LIMITS) if obj is None else ("host", *LIMITS, "created_by")
        return [(None, {"fields": fields, "description": EXPLANATION})]

    def get_readonly_fields(self, request: HttpRequest, obj: HostBrake | None = None) -> tuple[str, ...]:
        return ("host", "created_by")

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        if obj is not None:
            form.base_fields.pop("url", None)
        return form

    def save_model(self, request: HttpRequest, obj: HostBrake, form: Any, change: bool) -> None:
        """As the command does it."""
        obj.host = obj.host or form.cleaned_data["url"]
        limits = {name: form.cleaned_data[name] for name in LIMITS}
        obj.pk = host_brakes.put(obj.host, **limits, created_by=str(request.user)).pk

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> Any:
        """What the brake allows from now on, for the history."""
        return f"Braked: {self.limits(form.instance)}"

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, {"changes": last_changes(), **(extra_context or {})})

    @admin.display(description="Limits")
    def limits(self, brake: HostBrake) -> str:
        return host_brakes.in_words(brake)


def last_changes() -> list[LogEntry]:
    """What operators did to brakes, the newest first; also to those that exist no more."""
    kind = ContentType.objects.get_for_model(HostBrake)
    return list(LogEntry.objects.filter(content_type=kind).select_related("user").order_by("-pk")[:MAX_CHANGES])
