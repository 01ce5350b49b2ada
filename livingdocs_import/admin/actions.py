"""Actions of operators: buttons on the page of an object, with a confirmation where something may be lost."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST

from livingdocs_import import errors
from livingdocs_import.admin.pages import ReadOnly
from livingdocs_import.validation.json_reader import InvalidConfig

Thing = TypeVar("Thing", bound=Model)


class ActionFailed(Exception):
    """An action could not be carried out; the arguments say why, one sentence each."""


@dataclass(frozen=True)
class Action(Generic[Thing]):
    """Something an operator may do to an object.

    `permission` of the model is needed. `question`, or what it returns for the object, is asked first; "" where nothing
    can be lost. `fits` says for which objects the action makes sense. `do` gets the object and the operator's name and
    returns what happened, to be read after the object's name; it may raise ActionFailed. `destructive` buttons stand
    out.
    """

    name: str
    label: str
    permission: str
    question: str | Callable[[Thing], str]
    fits: Callable[[Thing], bool]
    do: Callable[[Thing, str], str]
    destructive: bool = False

    def question_about(self, thing: Thing) -> str:
        """What is asked before the action is carried out."""
        return self.question if isinstance(self.question, str) else self.question(thing)


class WithActions(ReadOnly):
    """Pages of objects that only the service writes, with a button for each action that fits."""

    object_actions: ClassVar[Mapping[str, Action[Any]]]

    def get_urls(self) -> list[URLPattern]:
        act = require_POST(self.admin_site.admin_view(self.act_view))
        return [path("act/<str:action>/", act, name=self._url_name("act")), *super().get_urls()]

    def _url_name(self, page: str) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_{page}"

    def act_view(self, request: HttpRequest, action: str) -> HttpResponse:
        """The buttons on a thing's page, and the answer to the question that some of them ask."""
        named = self.object_actions.get(action)
        if named is None or not self.may(request, named.permission):
            raise PermissionDenied
        thing = self.get_object(request, request.POST.get("object", ""))
        if thing is None:
            self.message_user(request, "It does not exist.", messages.WARNING)
            return HttpResponseRedirect(reverse(f"admin:{self._url_name('changelist')}"))
        return self.act(request, named, thing)

    def act(self, request: HttpRequest, action: Action[Any], thing: Model) -> HttpResponse:
        """Carry out the action, if it fits and is confirmed."""
        if not action.fits(thing):
            self.message_user(request, f"{thing}: nothing to do.", messages.WARNING)
        else:
            try:
                if "yes" not in request.POST and (question := action.question_about(thing)):
                    return self.ask(request, action, thing, question)
                self.message_user(request, f"{thing} {action.do(thing, str(request.user))}.", messages.SUCCESS)
                self.trace(request, [thing], action.label)
            except ActionFailed as failed:
                self._say_why(request, thing, failed.args)
            except InvalidConfig as invalid:
                self._say_why(request, thing, ["the project's configuration cannot be used", str(invalid)])
            except errors.Unavailable as away:
                self._say_why(request, thing, [f"try again later: {away}"])
        return HttpResponseRedirect(reverse(f"admin:{self._url_name('change')}", args=[thing.pk]))

    def _say_why(self, request: HttpRequest, thing: Model, sentences: Iterable[str]) -> None:
        for sentence in sentences:
            self.message_user(request, f"{thing}: {sentence}", messages.ERROR)

    def ask(self, request: HttpRequest, action: Action[Any], thing: Model, question: str) -> HttpResponse:
        """Ask for confirmation."""
        context = {
            **self.admin_site.each_context(request),
            "title": f"{action.label} {thing}?",
            "opts": self.opts,
            "action": action,
            "question": question,
            "original": thing,
        }
        return TemplateResponse(request, "admin/ask.html", context)

    def panels(self, request: HttpRequest, obj: Any, /) -> dict[str, Any]:
        """The actions that fit, for `admin/object_actions.html`."""
        return {"object_actions": self._offered(request, obj)}

    def _offered(self, request: HttpRequest, thing: Model) -> Sequence[Action[Any]]:
        return [
            action
            for action in self.object_actions.values()
            if action.fits(thing) and self.may(request, action.permission)
        ]
