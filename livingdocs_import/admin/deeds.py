"""What operators do about a thing besides looking at it: buttons on its page, questions where something is at stake."""

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


class Undone(Exception):
    """A deed could not be done; the arguments say why, one sentence each."""


@dataclass(frozen=True)
class Deed(Generic[Thing]):
    """Something an operator does to a thing.

    `permission` is the model's own that it needs. `question`, or what it makes of the thing, is asked first; "" when
    nothing can be lost by it. `fits` says for which things it makes sense. `do` gets the thing and the operator's name
    and returns what happened, in words that go on after the thing's own; it may raise Undone. `grave`: a button that is
    not pressed by the way.
    """

    name: str
    label: str
    permission: str
    question: str | Callable[[Thing], str]
    fits: Callable[[Thing], bool]
    do: Callable[[Thing, str], str]
    grave: bool = False

    def question_about(self, thing: Thing) -> str:
        """What is asked before it is done to this thing."""
        return self.question if isinstance(self.question, str) else self.question(thing)


class WithDeeds(ReadOnly):
    """Pages of things that only the service writes, with buttons for what an operator may have it do."""

    deeds: ClassVar[Mapping[str, Deed[Any]]]

    def get_urls(self) -> list[URLPattern]:
        act = require_POST(self.admin_site.admin_view(self.act_view))
        return [path("act/<str:deed>/", act, name=self._url_name("act")), *super().get_urls()]

    def _url_name(self, page: str) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_{page}"

    def act_view(self, request: HttpRequest, deed: str) -> HttpResponse:
        """The buttons on a thing's page, and the answer to the question that some of them ask."""
        named = self.deeds.get(deed)
        if named is None or not self.may(request, named.permission):
            raise PermissionDenied
        thing = self.get_object(request, request.POST.get("object", ""))
        if thing is None:
            self.message_user(request, "It does not exist.", messages.WARNING)
            return HttpResponseRedirect(reverse(f"admin:{self._url_name('changelist')}"))
        return self.act(request, named, thing)

    def act(self, request: HttpRequest, deed: Deed[Any], thing: Model) -> HttpResponse:
        """Do it, if it fits and once the operator has said yes."""
        if not deed.fits(thing):
            self.message_user(request, f"{thing}: nothing to do.", messages.WARNING)
        else:
            try:
                if "yes" not in request.POST and (question := deed.question_about(thing)):
                    return self.ask(request, deed, thing, question)
                self.message_user(request, f"{thing} {deed.do(thing, str(request.user))}.", messages.SUCCESS)
                self.trace(request, [thing], deed.label)
            except Undone as undone:
                self._say_why(request, thing, undone.args)
            except InvalidConfig as invalid:
                self._say_why(request, thing, ["the project's configuration cannot be used", str(invalid)])
            except errors.Unavailable as away:
                self._say_why(request, thing, [f"try again later: {away}"])
        return HttpResponseRedirect(reverse(f"admin:{self._url_name('change')}", args=[thing.pk]))

    def _say_why(self, request: HttpRequest, thing: Model, sentences: Iterable[str]) -> None:
        for sentence in sentences:
            self.message_user(request, f"{thing}: {sentence}", messages.ERROR)

    def ask(self, request: HttpRequest, deed: Deed[Any], thing: Model, question: str) -> HttpResponse:
        """The question before what somebody would notice."""
        context = {
            **self.admin_site.each_context(request),
            "title": f"{deed.label} {thing}?",
            "opts": self.opts,
            "deed": deed,
            "question": question,
            "original": thing,
        }
        return TemplateResponse(request, "admin/ask.html", context)

    def panels(self, request: HttpRequest, obj: Any, /) -> dict[str, Any]:
        """The deeds that fit, for `admin/deeds.html`."""
        return {"deeds": self._offered(request, obj)}

    def _offered(self, request: HttpRequest, thing: Model) -> Sequence[Deed[Any]]:
        return [deed for deed in self.deeds.values() if deed.fits(thing) and self.may(request, deed.permission)]
