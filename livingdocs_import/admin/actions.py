"""Actions of operators: buttons on an object's page, choices in the list, confirmation of destructive ones.

Each has the same steps: permission, condition, confirmation, the action itself, history, message.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Concatenate, Generic, TypeVar

from django import forms
from django.contrib import messages
from django.contrib.admin.options import IS_POPUP_VAR
from django.core.exceptions import BadRequest, PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST

from livingdocs_import.admin.background import FAILURES, NOT_ALLOWED, InBackground, reasons
from livingdocs_import.admin.primary_keys import key_of
from livingdocs_import.operations.kinds import ROWS_OF_A_BATCH, RowFailed
from livingdocs_import.operations.steps import MAX_AT_ONCE

Thing = TypeVar("Thing")
MAX_NAMED = 10  # objects in one message


class ActionFailed(RowFailed):
    """An action failed; the arguments are the reasons, one sentence each."""


@dataclass(frozen=True)
class Action(Generic[Thing]):
    """An operation of an operator on an object.

    The model's `permission` is required. `question`, a text or a function of the object, is the confirmation; "" if
    nothing can be lost. `fits` returns whether the action applies to an object. `do` gets the object and the operator's
    name and returns the result, to be read after the object's name; it may raise ActionFailed. `destructive` buttons
    are highlighted. `listed` actions can be chosen in the list, for several objects at once. `history` is the text in
    the object's history; by default the label. `inputs` makes a form on the confirmation page, of the objects and the
    data: `do` gets its cleaned values as keyword arguments; they are texts, numbers or booleans. What a button sends
    for its fields is filled in. `on_page`: a button on an object's page. `rows_of_a_batch`: so many objects of a large
    selection are carried out in one transaction.
    """

    name: str
    label: str
    permission: str
    question: str | Callable[[Thing], str]
    fits: Callable[[Thing], bool]
    do: Callable[Concatenate[Thing, str, ...], str]
    destructive: bool = False
    listed: bool = False
    history: str = ""
    inputs: Callable[[Sequence[Thing], Any], forms.Form] | None = None
    on_page: bool = True
    rows_of_a_batch: int = ROWS_OF_A_BATCH

    def question_about(self, thing: Thing) -> str:
        """The confirmation question."""
        return self.question if isinstance(self.question, str) else self.question(thing)


def always(thing: object) -> bool:
    """For actions that apply to every object."""
    return True


def by_name(*actions: Action[Thing]) -> Mapping[str, Action[Thing]]:
    """The actions by name, for `object_actions`."""
    return {action.name: action for action in actions}


class WithActions(InBackground):
    """Pages with a button for each applicable action, and a list in which some actions can be chosen.

    Up to MAX_AT_ONCE objects are dealt with in the request, more by workers (background.py).
    """

    object_actions: ClassVar[Mapping[str, Action[Any]]]
    ask_template: ClassVar[str] = "admin/ask.html"

    # --- The object of an action; usually a row of this model

    def things(self, request: HttpRequest) -> Sequence[Any]:
        """The existing objects that the fields of a button name, as far as the user may see them."""
        keys = [key_of(text) for text in request.POST.getlist("object")]
        return list(self.get_queryset(request).filter(pk__in=keys).order_by("pk"))

    def fields_of(self, thing: Any) -> Mapping[str, object]:
        """The fields of a button that name the object."""
        return {"object": thing.pk}

    def described(self, thing: Any) -> str:
        """Further details of the object for the question."""
        return ""

    def confirmation(self, action: Action[Any], things: Sequence[Any]) -> str:
        """The text of the button that confirms an action."""
        return f"Yes: {action.label}"

    def consequences(self, action: Action[Any], things: Sequence[Any]) -> dict[str, Any]:
        """What a template of the question shows besides (`ask_template`)."""
        return {}

    # --- Buttons, lists and questions

    def get_urls(self) -> list[URLPattern]:
        act = require_POST(self.admin_site.admin_view(self.act_view))
        return [path("act/<str:action>/", act, name=self._url_name("act")), *super().get_urls()]

    def _url_name(self, page: str) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_{page}"

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """The choices in the list: {name: (function, name, label)}."""
        if IS_POPUP_VAR in request.GET:
            return {}
        return {
            action.name: (_of_list(action), action.name, action.label)
            for action in self.object_actions.values()
            if action.listed and self.may(request, action.permission)
        }

    def act_view(self, request: HttpRequest, action: str) -> HttpResponse:
        """The buttons on an object's page, and the response to a confirmation."""
        named = self.object_actions.get(action)
        if named is None or not self.may(request, named.permission):
            raise PermissionDenied
        things = self.things(request)
        if len(things) > MAX_AT_ONCE:
            raise BadRequest("too many objects for one request")
        if not things:
            self.message_user(request, "It does not exist.", messages.WARNING)
        return self.act(request, named, things) or HttpResponseRedirect(self.page_of(request, things))

    def act(self, request: HttpRequest, action: Action[Any], things: Sequence[Any]) -> HttpResponse | None:
        """Run the action on the objects to which it applies, once confirmed; the others are named and left alone.

        The response is the question, if there is one.
        """
        allowed = [thing for thing in things if self.may(request, action.permission, self.owner(thing))]
        fitting = [thing for thing in allowed if action.fits(thing)]
        forbidden, others = _without(things, allowed), _without(allowed, fitting)
        self._tell(request, {NOT_ALLOWED: forbidden, "nothing to do": others}, messages.WARNING)
        is_confirmed = "yes" in request.POST
        form = action.inputs(fitting, request.POST if is_confirmed else None) if action.inputs and fitting else None
        if not is_confirmed or (form is not None and not form.is_valid()):
            if form is not None and not is_confirmed:
                form.initial.update({name: request.POST[name] for name in form.fields if name in request.POST})
            questions = self._sorted(request, fitting, action.question_about)
            fitting = [thing for asked in questions.values() for thing in asked]
            if any(questions) or (form is not None and fitting):
                return self.ask(request, action, [text for text in questions if text], fitting, form)
        given = {} if form is None or not is_confirmed else form.cleaned_data

        def done(thing: Any) -> str:
            said = action.do(thing, str(request.user), **given)
            owner, history = self.owner(thing), action.history or action.label
            self.trace(request, [owner], history if owner is thing else f"{history}: {self.named(thing)}")
            return said

        self._tell(request, self._sorted(request, fitting, done), messages.SUCCESS)
        return None

    def _sorted(self, request: HttpRequest, things: Iterable[Any], step: Callable[[Any], str]) -> dict[str, list[Any]]:
        """Group the objects by the result of the action; failures are reported."""
        said: dict[str, list[Any]] = {}
        for thing in things:
            try:
                said.setdefault(step(thing), []).append(thing)
            except FAILURES as failed:
                self._say_why(request, thing, reasons(failed))
        return said

    def _say_why(self, request: HttpRequest, thing: Any, sentences: Iterable[str]) -> None:
        for sentence in sentences:
            self.message_user(request, f"{self.named(thing)}: {sentence}", messages.ERROR)

    def _tell(self, request: HttpRequest, things_by_result: Mapping[str, Sequence[Any]], level: int) -> None:
        for result, things in things_by_result.items():
            names = ", ".join(self.named(thing) for thing in things[:MAX_NAMED])
            if len(things) > MAX_NAMED:
                names += f" and {len(things) - MAX_NAMED} more"
            if things:
                colon = ":" if level == messages.WARNING or len(things) > 1 else ""
                self.message_user(request, f"{names}{colon} {result}.", level)

    def page_of(self, request: HttpRequest, things: Sequence[Any]) -> str:
        """Where an action and its question lead: the page of the only object, if it still exists, else the list."""
        owners = {self.owner(thing).pk for thing in things}
        if len(owners) == 1 and self.get_object(request, str(*owners)) is not None:
            return reverse(f"admin:{self._url_name('change')}", args=[*owners])
        return reverse(f"admin:{self._url_name('changelist')}")

    def ask(
        self,
        request: HttpRequest,
        action: Action[Any],
        questions: Sequence[str],
        things: Sequence[Any],
        form: forms.Form | None = None,
    ) -> HttpResponse:
        """Ask for confirmation."""
        context = {
            **self.admin_site.each_context(request),
            "title": f"{action.label} {self.named(things[0])}?" if len(things) == 1 else f"{action.label}?",
            "opts": self.opts,
            "action": action,
            "questions": questions,
            "things": [(self.named(thing), self.described(thing)) for thing in things],
            "fields": [field for thing in things for field in self.fields_of(thing).items()],
            "back": self.page_of(request, things),
            "form": form,
            "confirmation": self.confirmation(action, things),
            **self.consequences(action, things),
        }
        return TemplateResponse(request, self.ask_template, context)

    def panels(self, request: HttpRequest, obj: Any, /) -> dict[str, Any]:
        """The applicable actions, for `admin/object_actions.html`."""
        return self.buttons(request, obj)

    def buttons(self, request: HttpRequest, thing: Any) -> dict[str, Any]:
        """The applicable actions of an object, and the fields that name it."""
        fitting = [
            action
            for action in self.object_actions.values()
            if action.on_page and action.fits(thing) and self.may(request, action.permission, self.owner(thing))
        ]
        return {"object_actions": fitting, "object_fields": self.fields_of(thing)}


def _without(things: Sequence[Any], others: Sequence[Any]) -> list[Any]:
    return [thing for thing in things if thing not in others]


def _of_list(action: Action[Any]) -> Callable[[WithActions, HttpRequest, QuerySet[Any]], HttpResponse | None]:
    """An action in the form of Django's lists."""

    def chosen(admin: WithActions, request: HttpRequest, rows: QuerySet[Any]) -> HttpResponse | None:
        if request.POST.get("select_across") == "1":
            rows = admin.selected(request, rows)
        things = list(rows.order_by("pk")[: MAX_AT_ONCE + 1])
        if len(things) > MAX_AT_ONCE:
            return admin.freeze(request, action, rows)
        return admin.act(request, action, things)

    return chosen
