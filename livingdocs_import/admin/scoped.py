"""The base of all ModelAdmins: a user sees and changes rows of their projects only (docs/adr/0039)."""

import copy
from typing import Any, ClassVar, NoReturn

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import get_fields_from_path
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest

from livingdocs_import.admin import rights
from livingdocs_import.admin.access import SUPERUSERS, Access
from livingdocs_import.models.project_scope import ProjectScope


class ScopedFilter(admin.RelatedFieldListFilter):
    """A filter by a related row offers those of the projects whose rows the list shows."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> Any:
        """The choices: [(primary key, name)]."""
        return field.get_choices(
            include_blank=False,
            ordering=self.field_admin_ordering(field, request, model_admin),
            limit_choices_to=model_admin.visible(request).within(path_of(field.remote_field.model)),
        )


class Scoped(admin.ModelAdmin):  # type: ignore[type-arg]
    """Declares the `access` to the rows of its model; everything else follows.

    Rows of other projects do not exist for a user: not in lists, filters, choices of forms and actions, and their pages
    are a 404. Query sets of own pages use `get_queryset(request)`, or `projects(request).within(path)`.
    """

    access: ClassVar[Access] = SUPERUSERS

    def projects(self, request: HttpRequest, permission: str = "view") -> ProjectScope:
        """The projects in which the user may "view", "add", "change" or "delete" rows of this model."""
        named = f"{self.opts.app_label}.{permission}_{self.opts.model_name}"
        return rights.scope_of(request.user, named, self.access, permission)

    def visible(self, request: HttpRequest) -> ProjectScope:
        """The projects whose rows the user may see: who may change them may see them."""
        return self.projects(request, "view") | self.projects(request, "change")

    def may(self, request: HttpRequest, permission: str, obj: Any = None) -> bool:
        """Whether the user has this permission: in any project, or in that of the object, a row of this model."""
        allowed = self.projects(request, permission)
        if obj is None or allowed.is_everything:
            return bool(allowed)
        return self.access.project_of(obj) in allowed

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """The rows that the user may see. Derived classes add to `super().get_queryset(request)`."""
        return super().get_queryset(request).filter(self.visible(request).within(self.access.path))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.may(request, "add")

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.may(request, "change", obj)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.may(request, "view", obj) or self.may(request, "change", obj)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.may(request, "delete", obj)

    def get_list_filter(self, request: HttpRequest) -> Any:
        """Related rows are offered by ScopedFilter."""
        named = super().get_list_filter(request)
        return [(each, ScopedFilter) if self._is_relation(each) else each for each in named]

    def _is_relation(self, path: Any) -> bool:
        return isinstance(path, str) and bool(get_fields_from_path(self.model, path)[-1].is_relation)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Choices of related rows are those of projects in which the user may add or change rows of this model."""
        form = super().get_form(request, obj, change=change, **kwargs)
        scope = self.projects(request, "change" if change else "add")
        form.base_fields = {name: within(field, scope) for name, field in form.base_fields.items()}
        return form

    def _get_obj_does_not_exist_redirect(self, *args: Any) -> NoReturn:
        """A row of another project is a 404, as one that does not exist."""
        raise Http404


class ScopedInline(admin.TabularInline):  # type: ignore[type-arg]
    """Rows on the page of another one, their parent: what a user may do depends on the project of that."""

    access: ClassVar[Access] = SUPERUSERS
    template = "admin/scoped_inline.html"

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """Each field has the label of its column: only sighted people see that it stands below it."""
        formset = super().get_formset(request, obj, **kwargs)
        for name, field in formset.form.base_fields.items():
            field.widget.attrs.setdefault("aria-label", field.label or name.capitalize())
        return formset

    def _may(self, request: HttpRequest, permission: str, parent: Any) -> bool:
        named = f"{self.opts.app_label}.{permission}_{self.opts.model_name}"
        allowed = rights.scope_of(request.user, named, self.access, permission)
        return bool(allowed) if parent is None else allowed.is_everything or rights.project_of(parent) in allowed

    def has_add_permission(self, request: HttpRequest, obj: Any) -> bool:  # type: ignore[override]
        return self._may(request, "add", obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, "change", obj)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, "view", obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, "delete", obj)


def path_of(model: type[Model]) -> str:
    """The look-up from a row of a model to its project; "" if it has none, or no page."""
    return (rights.access_to(model) or SUPERUSERS).path


def within(field: forms.Field, scope: ProjectScope) -> forms.Field:
    """A copy of a form's field that offers rows of these projects only; another field as it is."""
    if scope.is_everything or not isinstance(field, forms.ModelChoiceField) or field.queryset is None:
        return field
    limited = copy.deepcopy(field)  # those that a form declares are shared by all requests
    limited.queryset = field.queryset.filter(scope.within(path_of(field.queryset.model)))
    return limited
