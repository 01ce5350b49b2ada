"""Actions of operators: buttons on the page of an object, choices in the list, a question where something may be lost.

Each goes the same way: permission, whether it fits, question, the action itself, history, message.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

from django.contrib import messages
from django.contrib.admin.options import IS_POPUP_VAR
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST

from livingdocs_import import errors
from livingdocs_import.admin.keys import key_of
from livingdocs_import.admin.pages import Listed
from livingdocs_import.validation.json_reader import InvalidConfig

Thing = TypeVar("Thing")
MAX_NAMED = 10  # things in one message


class ActionFailed(Exception):
    """An action could not be carried out; the arguments say why, one sentence each."""


@dataclass(frozen=True)
class Action(Generic[Thing]):
    """Something an operator may do to an object.

    `permission` of the model is needed. `question`, or what it returns for the object, is asked first; "" where nothing
    can be lost. `fits` says for which objects the action makes sense. `do` gets the object and the operator's name and
    returns what happened, to be read after the object's name; it may raise ActionFailed. `destructive` buttons stand
    out. `listed` actions can be chosen in the list, for several objects at once. `history` is what the object's history
    says; the label, where that will do.
    """

    name: str
    label: str
    permission: str
    question: str | Callable[[Thing], str]
    fits: Callable[[Thing], bool]
    do: Callable[[Thing, str], str]
    destructive: bool = False
    listed: bool = False
    history: str = ""

    def question_about(self, thing: Thing) -> str:
        """What is asked before the action is carried out."""
        return self.question if isinstance(self.question, str) else self.question(thing)


def always(thing: object) -> bool:
    """For actions that fit every object."""
    return True


def by_name(*actions: Action[Thing]) -> Mapping[str, Action[Thing]]:
    """The actions as `object_actions` has them."""
    return {action.name: action for action in actions}


class WithActions(Listed):
    """Pages of objects with a button for each action that fits, and a list in which some actions can be chosen."""

    object_actions: ClassVar[Mapping[str, Action[Any]]]

    # --- What an action is about; most are about a row of this model

    def things(self, request: HttpRequest) -> Sequence[Any]:
        """What the fields of a button name, as far as it is there."""
        keys = [key_of(text) for text in request.POST.getlist("object")]
        return list(self.get_queryset(request).filter(pk__in=keys).order_by("pk"))

    def fields_of(self, thing: Any) -> Mapping[str, object]:
        """The fields of a button that name the thing."""
        return {"object": thing.pk}

    def named(self, thing: Any) -> str:
        """The thing in a sentence."""
        return str(thing)

    def described(self, thing: Any) -> str:
        """What a question says of the thing besides its name."""
        return ""

    def owner(self, thing: Any) -> Model:
        """The row of this model whose page and history the thing belongs to."""
        row: Model = thing
        return row

    # --- Buttons, lists and questions

    def get_urls(self) -> list[URLPattern]:
        act = require_POST(self.admin_site.admin_view(self.act_view))
        return [path("act/<str:action>/", act, name=self._url_name("act")), *super().get_urls()]

    def _url_name(self, page: str) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_{page}"

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """What can be chosen in the list: {name: (function, name, label)}."""
        if IS_POPUP_VAR in request.GET:
            return {}
        return {
            action.name: (_of_list(action), action.name, action.label)
            for action in self.object_actions.values()
            if action.listed and self.may(request, action.permission)
        }

    def act_view(self, request: HttpRequest, action: str) -> HttpResponse:
        """The buttons on a thing's page, and the answer to the question that some of them ask."""
        named = self.object_actions.get(action)
        if named is None or not self.may(request, named.permission):
            raise PermissionDenied
        things = self.things(request)
        if not things:
            self.message_user(request, "It does not exist.", messages.WARNING)
        return self.act(request, named, things) or HttpResponseRedirect(self._page_of(request, things))

    def act(self, request: HttpRequest, action: Action[Any], things: Sequence[Any]) -> HttpResponse | None:
        """Carry out the action on the things that it fits, once it is confirmed; the others are named and left alone.

        The answer is the question, if there is one.
        """
        fitting: list[Any] = []
        others: list[Any] = []
        for thing in things:
            (fitting if action.fits(thing) else others).append(thing)
        self._tell(request, {"nothing to do": others}, messages.WARNING)
        if "yes" not in request.POST:
            questions = self._sorted(request, fitting, action.question_about)
            fitting = [thing for asked in questions.values() for thing in asked]
            if any(questions):
                return self.ask(request, action, [text for text in questions if text], fitting)

        def done(thing: Any) -> str:
            said = action.do(thing, str(request.user))
            owner, history = self.owner(thing), action.history or action.label
            self.trace(request, [owner], history if owner is thing else f"{history}: {self.named(thing)}")
            return said

        self._tell(request, self._sorted(request, fitting, done), messages.SUCCESS)
        return None

    def _sorted(self, request: HttpRequest, things: Iterable[Any], step: Callable[[Any], str]) -> dict[str, list[Any]]:
        """The things by what the step said of them; why it could not be taken is told."""
        said: dict[str, list[Any]] = {}
        for thing in things:
            try:
                said.setdefault(step(thing), []).append(thing)
            except ActionFailed as failed:
                self._say_why(request, thing, failed.args)
            except InvalidConfig as invalid:
                self._say_why(request, thing, ["the project's configuration cannot be used", str(invalid)])
            except errors.Unavailable as away:
                self._say_why(request, thing, [f"try again later: {away}"])
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

    def _page_of(self, request: HttpRequest, things: Sequence[Any]) -> str:
        """The page of the only thing, if it is still there, else the list."""
        owners = {self.owner(thing).pk for thing in things}
        if len(owners) == 1 and self.get_object(request, str(*owners)) is not None:
            return reverse(f"admin:{self._url_name('change')}", args=[*owners])
        return reverse(f"admin:{self._url_name('changelist')}")

    def ask(
        self, request: HttpRequest, action: Action[Any], questions: Sequence[str], things: Sequence[Any]
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
            "back": self._page_of(request, things),
        }
        return TemplateResponse(request, "admin/ask.html", context)

    def panels(self, request: HttpRequest, obj: Any, /) -> dict[str, Any]:
        """The actions that fit, for `admin/object_actions.html`."""
        return self.buttons(request, obj)

    def buttons(self, request: HttpRequest, thing: Any) -> dict[str, Any]:
        """The actions that fit a thing, and the fields that name it."""
        fitting = [
            action
            for action in self.object_actions.values()
            if action.fits(thing) and self.may(request, action.permission)
        ]
        return {"object_actions": fitting, "object_fields": self.fields_of(thing)}


def _of_list(action: Action[Any]) -> Callable[[WithActions, HttpRequest, QuerySet[Any]], HttpResponse | None]:
    """An action in the form in which Django's lists have theirs."""

    def chosen(admin: WithActions, request: HttpRequest, rows: QuerySet[Any]) -> HttpResponse | None:
        return admin.act(request, action, list(rows.order_by("pk")))

    return chosen
