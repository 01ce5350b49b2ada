"""Operations carried out without a network: what they are resumed with is written down beforehand."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

from livingdocs_import_client.effects import END, Effect, Emit, Pause, Run, Send, Steps, Stream
from livingdocs_import_client.messages import Request, Response
from livingdocs_import_client.retries import Retries
from livingdocs_import_client.service import Service

T = TypeVar("T")
Answer = Response | Exception


def service(retries: Retries | None = None) -> Service:
    return Service("https://import.example.org", "secret", "2026-09", retries or Retries(), clock=lambda: 0.0)


def answer(status: int = 200, body: Any = None, **headers: str) -> Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Response(status, {name.replace("_", "-"): value for name, value in headers.items()}, content)


@dataclass
class Script:
    """The answers, one after the other, the last one for good; and what was asked."""

    answers: list[Answer]
    items: Iterator[object] = field(default_factory=lambda: iter(()))
    requests: list[Request] = field(default_factory=list)
    pauses: list[float] = field(default_factory=list)

    def run(self, steps: Steps[T]) -> T:
        run = Run(steps)
        while (effect := run.effect) is not None:
            self.carry_out(run, effect)
        return run.result

    def collect(self, stream: Stream[T]) -> list[T]:
        run, values = Run(stream), []
        while (effect := run.effect) is not None:
            if isinstance(effect, Emit):
                values.append(effect.value)
                run.resume(None)
            else:
                self.carry_out(run, effect)
        return values

    def carry_out(self, run: Run[Any, Any], effect: Effect) -> None:
        try:
            outcome = self.outcome(effect)
        except Exception as error:
            run.fail(error)
        else:
            run.resume(outcome)

    def outcome(self, effect: Effect) -> object:
        match effect:
            case Send(request):
                self.requests.append(request)
                outcome = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
                if isinstance(outcome, Exception):
                    raise outcome
                return outcome
            case Pause(seconds):
                self.pauses.append(seconds)
                return None
        return next(self.items, END)


def script(*answers: Answer, items: Iterable[object] = ()) -> Script:
    return Script([*answers], iter(items))
