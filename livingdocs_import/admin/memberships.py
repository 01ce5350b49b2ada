"""Members of projects: on the page of a project for its administrators, on that of a user for superusers."""

from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest

from livingdocs_import.admin.access import CONFIDENTIAL, Access
from livingdocs_import.admin.scoped import ScopedInline
from livingdocs_import.models.membership import RANKS, Membership
from livingdocs_import.models.project import Project

EXPLANATION = " ".join(f"{role.label}." for role in RANKS)


class MemberForm(forms.ModelForm):  # type: ignore[type-arg]
    """A user is typed, not chosen: who else uses the admin is not shown to the administrator of a project."""

    user = forms.ModelChoiceField(
        User.objects.filter(is_active=True, is_staff=True),
        to_field_name="username",
        label="User",
        widget=forms.TextInput(attrs={"autocomplete": "off", "size": 16}),
        error_messages={"invalid_choice": "No user of this name may log in to the admin: a superuser can change that."},
    )
    role = forms.ChoiceField(choices=[(role.value, role.value.capitalize()) for role in RANKS], help_text=EXPLANATION)

    class Meta:
        model = Membership
        fields = ("user", "role")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is not None:
            user: Any = self.fields["user"]
            user.queryset = User.objects.all()  # a user who may no longer log in stays a member until removed
            user.disabled = True
            self.initial["user"] = self.instance.user.get_username()


class OneRoleEach(forms.BaseInlineFormSet):  # type: ignore[type-arg]
    """A second role for the same user and project is a problem of the form: Django does not check it for inlines."""

    def clean(self) -> None:
        super().clean()
        kept = [form for form in self.forms if form.is_valid() and form.cleaned_data.get("role") and not _gone(form)]
        places = [(form.cleaned_data["user"], form.cleaned_data["project"]) for form in kept]
        taken = [place for form, place in zip(kept, places, strict=True) if form.instance.pk is None and _taken(*place)]
        if taken or len(places) != len(set(places)):
            raise forms.ValidationError("A user has one role in a project, and one role in all of them.")


def _gone(form: Any) -> bool:
    return bool(form.cleaned_data.get("DELETE"))


def _taken(user: User, project: Project | None) -> bool:
    return Membership.objects.filter(user=user, project=project).exists()


class MembersOfProject(ScopedInline):
    access = Access("project", CONFIDENTIAL)
    model = Membership
    form = MemberForm
    formset = OneRoleEach
    verbose_name = "member"
    extra = 1

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        return super().get_queryset(request).select_related("user", "project")


class MembershipsOfUser(ScopedInline):
    access = Access("project", CONFIDENTIAL)
    model = Membership
    formset = OneRoleEach
    fields = ("project", "role")
    verbose_name = "role"
    extra = 1

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """The empty choice of the project stands for all of them."""
        formset = super().get_formset(request, obj, **kwargs)
        project: Any = formset.form.base_fields["project"]
        project.empty_label = "All projects"
        project.widget = project.widget.widget  # without links to other pages
        project.widget.attrs.setdefault("aria-label", "Project")
        return formset
