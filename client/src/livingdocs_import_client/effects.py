"""Effects: input, output and waiting as values, so that operations themselves do none of it (sans-IO).

An operation is a generator (`Steps`). It yields an effect, is resumed with the outcome (or with the error that was
raised), and returns its result. An operation that produces several values (`Stream`) yields an `Emit` for each. A
transport carries effects out; one is synchronous, the other one for asyncio.
"""

from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar, cast

from livingdocs_import_client.messages import Request, Response

T = TypeVar("T")
U = TypeVar("U")
E = TypeVar("E")
T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Send:
    """Send the request; resumed with the Response."""

    request: Request


@dataclass(frozen=True, slots=True)
class Pause:
    """Wait so many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Next:
    """Take the next of the caller's items; resumed with it, or with END."""


@dataclass(frozen=True, slots=True)
class Emit(Generic[T_co]):
    """Hand a value to the caller, who may come back much later, or never."""

    value: T_co


class End:
    """There are no more items."""


END = End()
Effect: TypeAlias = Send | Pause | Next
Steps: TypeAlias = Generator[Effect, object, T]
Stream: TypeAlias = Generator[Effect | Emit[T], object, None]


def send(request: Request) -> Steps[Response]:
    """Send a request; the answer, whatever its status."""
    return cast(Response, (yield Send(request)))


def pause(seconds: float) -> Steps[None]:
    """Wait so many seconds."""
    yield Pause(seconds)


def next_item() -> Steps[object]:
    """The next of the caller's items, or END."""
    return (yield Next())


def emit(values: Iterable[T]) -> Stream[T]:
    """Hand out each of the values."""
    for value in values:
        yield Emit(value)


class Run(Generic[E, T]):
    """A running operation: `effect` is the one it waits for, None when it has ended with `result`."""

    def __init__(self, steps: Generator[E, object, T]) -> None:
        self._steps = steps
        self._result: list[T] = []
        self.effect: E | None = None
        self.resume(None)

    @property
    def result(self) -> T:
        return self._result[0]

    def resume(self, outcome: object) -> None:
        """Continue with the outcome of the effect."""
        try:
            self.effect = self._steps.send(outcome)
        except StopIteration as end:
            self.effect = None
            self._result.append(end.value)

    def fail(self, error: Exception) -> None:
        """Continue with the error that the effect raised. The operation handles it, or raises it here."""
        try:
            self.effect = self._steps.throw(error)
        except StopIteration as end:
            self.effect = None
            self._result.append(end.value)

    def close(self) -> None:
        """Stop it: its values are not needed any more."""
        self._steps.close()


def collected(stream: Stream[T], into: list[T]) -> Steps[None]:
    """Consume a stream, appending its values to a list; after an error it has the values before it."""
    run = Run(stream)
    while (effect := run.effect) is not None:
        if isinstance(effect, Emit):
            into.append(effect.value)
            run.resume(None)
        else:
            yield from _passed_on(run, effect)


def expanded(stream: Stream[T], each: Callable[[T], Iterable[U]]) -> Stream[U]:
    """The values that `each` returns for each value of the stream."""
    run = Run(stream)
    while (effect := run.effect) is not None:
        if isinstance(effect, Emit):
            yield from emit(each(effect.value))
            run.resume(None)
        else:
            yield from _passed_on(run, effect)


def _passed_on(run: Run[Effect | Emit[T], None], effect: Effect) -> Steps[None]:
    """Delegate an effect to the caller of this generator, and continue with its outcome."""
    try:
        outcome = yield effect
    except Exception as error:
        run.fail(error)
    else:
        run.resume(outcome)
