"""Cut a stream of items into batches that a request can hold; at no time more than one batch is in memory."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from uuid import uuid4

from livingdocs_import_client.errors import ApiError, InvalidRequest, ItemNotJSON, RequestTooLarge
from livingdocs_import_client.items import Item, item_json, without_nones
from livingdocs_import_client.jobs import Kind
from livingdocs_import_client.json_types import JSON, JSONObject
from livingdocs_import_client.messages import encoded
from livingdocs_import_client.problems import Problem

MAX_ITEMS = 5_000
MAX_BYTES = 16 * 1024 * 1024
MAX_KEY = 200  # characters; places in the input are added to it
_TOO_MANY = re.compile(r"must NOT have more than \d+ items")


def new_key() -> str:
    """A random beginning for the Idempotency-Keys of one import."""
    return uuid4().hex


@dataclass(frozen=True, slots=True)
class Route:
    """Where a batch is posted, and under which name a request has its items."""

    path: str
    list_key: str


ENTRIES = Route("import/mediaLibrary", "mediaLibraryEntries")


def route(kind: Kind) -> Route:
    """The route of a kind of jobs."""
    return Route(f"import/{kind}", str(kind))


@dataclass(frozen=True, slots=True)
class Batch:
    """One request: items in JSON, and what is said of all of them.

    `key` is its Idempotency-Key, `places` are those of its items in the whole input. Both are known before it is
    posted, and the same input cut in the same way gives the same batches: a program that has noted a key may post the
    batch again after a crash.
    """

    route: Route
    key: str
    rows: tuple[bytes, ...] = field(repr=False)
    places: tuple[int, ...] = field(repr=False)
    fields: JSONObject = field(default_factory=dict)  # systemName, webhook, context and others

    @property
    def offset(self) -> int:
        """The place of its first item."""
        return self.places[0]

    @property
    def end(self) -> int:
        """The place after its last item: where the next batch begins."""
        return self.places[-1] + 1

    @property
    def count(self) -> int:
        return len(self.rows)

    @property
    def body(self) -> bytes:
        """The request's body, before it is compressed."""
        head = encoded(self.fields)[:-1]
        comma = b"," if self.fields else b""
        return b"".join((head, comma, b'"%b":[' % self.route.list_key.encode(), b",".join(self.rows), b"]}"))

    def halves(self) -> "tuple[Batch, Batch]":
        """The batch as two, with keys derived from its own."""
        middle = len(self.rows) // 2
        return self._part(slice(0, middle), "a"), self._part(slice(middle, None), "b")

    def _part(self, part: slice, name: str) -> "Batch":
        rows, places = self.rows[part], self.places[part]
        return replace(self, key=f"{self.key}{name}", rows=rows, places=places)

    def without(self, indexes: set[int]) -> "Batch":
        """The batch without these of its rows, under the same key: a refused request leaves its key unused."""
        kept = [n for n in range(len(self.rows)) if n not in indexes]
        return replace(self, rows=tuple(self.rows[n] for n in kept), places=tuple(self.places[n] for n in kept))


@dataclass(frozen=True, slots=True)
class RefusedItem:
    """An item that the service did not take, by its place in the whole input; paths begin at the item."""

    place: int
    problems: tuple[Problem, ...]


class Batcher:
    """Collects items until a batch is full: so many items, or so many bytes. An item of more bytes goes alone."""

    def __init__(
        self,
        route: Route,
        fields: JSONObject,
        *,
        key: str | None = None,
        start: int = 0,
        max_items: int = MAX_ITEMS,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        if max_items < 1 or max_bytes < 1:
            raise ValueError("max_items and max_bytes must be at least 1")
        if key is not None and not (key.isascii() and key.isprintable() and len(key) <= MAX_KEY):
            raise ValueError(f"a key is printable ASCII of at most {MAX_KEY} characters")
        self._route, self._fields, self._key = route, fields, key or new_key()
        self._max_items, self._max_bytes = max_items, max_bytes
        self._place = start  # of the next item
        self._rows: list[bytes] = []
        self._places: list[int] = []
        self._size = 0

    def add(self, item: object) -> Batch | None:
        """Take the next item; the batch that was full without it, if there is one.

        ItemNotJSON: it cannot be sent, and is passed over.
        """
        place = self._place
        self._place += 1
        try:
            row = encoded(item_json(item))
        except (TypeError, ValueError) as error:
            raise ItemNotJSON(place, Problem(f"{self._route.list_key}.{place}", str(error))) from error
        is_full = len(self._rows) == self._max_items or self._size + len(row) > self._max_bytes
        full = self.end() if is_full else None
        self._rows.append(row)
        self._places.append(place)
        self._size += len(row) + 1
        return full

    def end(self) -> Batch | None:
        """What is left; None if there is nothing."""
        if not self._rows:
            return None
        key = f"{self._key}-{self._places[0]}"
        batch = Batch(self._route, key, tuple(self._rows), tuple(self._places), self._fields)
        self._rows, self._places, self._size = [], [], 0
        return batch


def batch_fields(
    system_name: str, *, webhook: str | None, context: JSONObject | None, more: Mapping[str, JSON]
) -> JSONObject:
    """What a request says of all its items."""
    return without_nones({"systemName": system_name, "webhook": webhook, "context": context, **more})


def batches(
    kind: Kind,
    items: Iterable[Item],
    *,
    system_name: str,
    key: str | None = None,
    start: int = 0,
    webhook: str | None = None,
    context: JSONObject | None = None,
    more: Mapping[str, JSON] = {},
    max_items: int = MAX_ITEMS,
    max_bytes: int = MAX_BYTES,
) -> Iterator[Batch]:
    """Cut `items` into batches to be posted one by one, by a program that notes each before it does so.

    `start` is the place of the first of `items` in the whole input: to go on after a crash, skip as many items and give
    the `key` of before.
    """
    fields = batch_fields(system_name, webhook=webhook, context=context, more=more)
    batcher = Batcher(route(kind), fields, key=key, start=start, max_items=max_items, max_bytes=max_bytes)
    for item in items:
        if full := batcher.add(item):
            yield full
    if rest := batcher.end():
        yield rest


# --- What a refusal says of a batch ----------------------------------------------------------------------------------


def is_too_large(error: ApiError, batch: Batch) -> bool:
    """Whether the batch was refused for its size alone, and its halves may be taken."""
    if batch.count < 2:
        return False
    if isinstance(error, RequestTooLarge):
        return True
    problems = error.problems if isinstance(error, InvalidRequest) else ()
    return any(each.path == batch.route.list_key and _TOO_MANY.match(each.message) for each in problems)


def in_whole_input(error: ApiError, batch: Batch) -> ApiError:
    """The error with the items' places in the whole input: `images.7.url` of a third batch is `images.10007.url`."""
    problems = []
    for problem in error.problems:
        index, rest = _index(problem, batch)
        path = problem.path if index is None else f"{batch.route.list_key}.{batch.places[index]}{rest}"
        problems.append(Problem(path, problem.message))
    return type(error)(error.status, error.title, tuple(problems), retry_after=error.retry_after)


def refused_items(error: ApiError, batch: Batch) -> dict[int, RefusedItem]:
    """The items that a refusal names, by their index in the batch; none if something else is wrong, too."""
    found: dict[int, list[Problem]] = {}
    for problem in error.problems if isinstance(error, InvalidRequest) else ():
        index, rest = _index(problem, batch)
        if index is not None:
            found.setdefault(index, []).append(Problem(rest.removeprefix("."), problem.message))
        elif problem.path:  # without a path it is "and more problems"
            return {}
    return {index: RefusedItem(batch.places[index], tuple(problems)) for index, problems in found.items()}


def _index(problem: Problem, batch: Batch) -> tuple[int | None, str]:
    """The index of the item that a problem is about, and the path below it with its dot: (7, ".url")."""
    found = re.fullmatch(rf"{batch.route.list_key}\.([0-9]{{1,9}})(\..*)?", problem.path, re.DOTALL)
    if found is None or int(found[1]) >= batch.count:
        return None, ""
    return int(found[1]), found[2] or ""
