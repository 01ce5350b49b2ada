"""Two revisions of a document side by side: compared component by component, and these word by word.

Components are compared by their ids. Imports that send none give each component a new one: where two revisions have no
id in common, equal components are the same one, and of the others those of one name, in their order.
"""

import json
from bisect import bisect_left
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from documents.admin.readable_values import components, media_id_of, name_of, plain, subject_of, values_of
from livingdocs_import.admin import readable
from livingdocs_import.admin.word_differences import MAX_CHANGED, Allowance, Piece, compare_words, shortened

MAX_CHANGES = 200  # shown changes
_BESIDES_OPTIONS = frozenset({"id", "component", "identifier", "content", "containers"})


@dataclass(frozen=True)
class Compared:
    """What is compared of a revision. `translations`: the metadata by locale."""

    title: str
    content: Any
    metadata: Mapping[str, Any]
    translations: Mapping[str, Mapping[str, Any]]
    design: str


@dataclass(frozen=True)
class Side:
    """One side of a change. `media_id`: of the media entry that it shows; `is_other`: the other side shows another."""

    pieces: Sequence[Piece] = ()
    media_id: str = ""
    is_other: bool = False


@dataclass(frozen=True)
class Change:
    """One change: its place (`lead`, `image 2, new`, `metadata: section`), and both sides."""

    place: str
    old: Side
    new: Side


@dataclass(frozen=True)
class Comparison:
    """The differences of two revisions: the first MAX_CHANGES; `has_more`: there are others."""

    changes: Sequence[Change]
    has_more: bool
    changed: int  # components that were changed, added, removed or moved
    same: int  # components


def compare(old: Compared, new: Compared) -> Comparison:
    """The changes: title and design, then content in the order of the new revision, then metadata and translations."""
    allowance = Allowance()
    before, after = list(_numbered(old.content)), list(_numbered(new.content))
    rows = _rows(before, after)
    changed = [row for row in rows if row.is_changed]
    found = list(islice(_changes(old, new, changed, allowance), MAX_CHANGES + 1))
    return Comparison(
        changes=found[:MAX_CHANGES],
        has_more=len(found) > MAX_CHANGES,
        changed=len(changed),
        same=len(rows) - len(changed),
    )


def media_ids(comparison: Comparison) -> set[str]:
    """The media entries that are shown."""
    return {side.media_id for change in comparison.changes for side in (change.old, change.new) if side.media_id}


def _changes(old: Compared, new: Compared, rows: Iterable["_Row"], allowance: Allowance) -> Iterator[Change]:
    yield from _of_values("title", old.title, new.title, allowance)
    yield from _of_values("design", old.design, new.design, allowance)
    for row in rows:
        yield from _of_row(row, allowance)
    yield from _of_objects("metadata", old.metadata, new.metadata, allowance)
    for locale in {**old.translations, **new.translations}:
        before, after = old.translations.get(locale, {}), new.translations.get(locale, {})
        yield from _of_objects(f"translation {locale}", before, after, allowance)


# --- Components ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Component:
    """One component. `place`: its name, with a number if there are several of that name."""

    place: str
    level: int
    component: Mapping[str, Any]

    @property
    def id(self) -> str:
        return str(self.component.get("id") or "")

    @property
    def options(self) -> Mapping[str, Any]:
        """What it has besides the values of its directives: styles, conditions, and the like."""
        return {key: value for key, value in self.component.items() if key not in _BESIDES_OPTIONS}

    @property
    def own(self) -> tuple[str, Mapping[str, Any], Mapping[str, Any]]:
        """All of it but its id and the components inside it."""
        return name_of(self.component), values_of(self.component), self.options


@dataclass(frozen=True)
class _Row:
    """A component of both revisions, or of one."""

    old: _Component | None
    new: _Component | None
    is_moved: bool

    @property
    def is_changed(self) -> bool:
        return self.old is None or self.new is None or self.is_moved or self.old.own != self.new.own


def _numbered(content: Any) -> Iterator[_Component]:
    found = list(components(content))
    total = Counter(name_of(component) for _, component in found)
    number: Counter[str] = Counter()
    for level, component in found:
        name = name_of(component)
        number[name] += 1
        yield _Component(f"{name} {number[name]}" if total[name] > 1 else name, level, component)


def _rows(before: Sequence[_Component], after: Sequence[_Component]) -> list[_Row]:
    """All components in the order of the new revision; removed ones behind the one that was before them."""
    pairs = _pairs(before, after)
    in_order = _longest_rise(pairs[place] for place in sorted(pairs))
    rows: list[tuple[tuple[int, int], _Row]] = []
    for place, component in enumerate(after):
        partner = pairs.get(place)
        old = None if partner is None else before[partner]
        is_moved = old is not None and (partner not in in_order or old.level != component.level)
        rows.append(((place, -1), _Row(old, component, is_moved)))
    new_place, behind = {old: new for new, old in pairs.items()}, -1
    for place, component in enumerate(before):
        behind = new_place.get(place, behind)
        if place not in new_place:
            rows.append(((behind, place), _Row(component, None, is_moved=False)))
    return [row for _, row in sorted(rows, key=lambda row: row[0])]


def _pairs(before: Sequence[_Component], after: Sequence[_Component]) -> dict[int, int]:
    """For each component of the new revision that the old one has: its place there. Places count from 0."""
    by_id = {each.id: place for place, each in enumerate(before) if each.id}
    pairs = {place: by_id[each.id] for place, each in enumerate(after) if each.id in by_id}
    if not pairs:
        _pair(pairs, before, after, lambda each: json.dumps(each.own, sort_keys=True))
        _pair(pairs, before, after, lambda each: name_of(each.component))
    return pairs


def _pair(pairs: dict[int, int], before: Sequence[_Component], after: Sequence[_Component], key: Any) -> None:
    """Add the components without a partner that have the same key, in their order."""
    paired = set(pairs.values())
    waiting: defaultdict[str, deque[int]] = defaultdict(deque)
    for place, each in enumerate(before):
        if place not in paired:
            waiting[key(each)].append(place)
    for place, each in enumerate(after):
        if place not in pairs and (places := waiting[key(each)]):
            pairs[place] = places.popleft()


def _longest_rise(numbers: Iterable[int]) -> frozenset[int]:
    """As many of the numbers as stand in rising order: the components that stayed where they were."""
    ends: list[int] = []  # the smallest last number of a rise of each length
    before: dict[int, int | None] = {}
    for number in numbers:
        length = bisect_left(ends, number)
        before[number] = ends[length - 1] if length else None
        ends[length : length + 1] = [number]
    rise: list[int] = []
    last = ends[-1] if ends else None
    while last is not None:
        rise.append(last)
        last = before[last]
    return frozenset(rise)


# --- One component ---------------------------------------------------------------------------------------------------


def _of_row(row: _Row, allowance: Allowance) -> Iterator[Change]:
    if row.new is None:
        assert row.old is not None
        yield Change(f"{row.old.place}, removed", _whole(row.old), Side())
    elif row.old is None:
        yield Change(f"{row.new.place}, new", Side(), _whole(row.new))
    elif row.old.own == row.new.own:
        yield Change(f"{row.new.place}, moved", _whole(row.old, is_changed=False), _whole(row.new, is_changed=False))
    else:
        place = f"{row.new.place}, moved" if row.is_moved else row.new.place
        yield from _of_component(place, row.old, row.new, allowance)


def _of_component(place: str, old: _Component, new: _Component, allowance: Allowance) -> Iterator[Change]:
    yield from _of_values(f"{place}: component", name_of(old.component), name_of(new.component), allowance)
    before, after = values_of(old.component), values_of(new.component)
    names = {**after, **before}
    for name in names:
        where = place if len(names) == 1 or name == name_of(new.component) else f"{place}: {name}"
        yield from _of_values(where, before.get(name), after.get(name), allowance)
    yield from _of_objects(place, old.options, new.options, allowance)


def _whole(component: _Component, *, is_changed: bool = True) -> Side:
    """All texts of a component that only one revision has, or that was moved, and its first picture."""
    values = values_of(component.component).values()
    text = " · ".join(text for value in values if not media_id_of(value) and (text := _text(value)))
    pieces, _ = compare_words(text, "" if is_changed else text, Allowance())
    return Side(pieces, next(filter(None, map(media_id_of, values)), ""), is_changed)


# --- Values ----------------------------------------------------------------------------------------------------------


def _of_objects(place: str, old: Mapping[str, Any], new: Mapping[str, Any], allowance: Allowance) -> Iterator[Change]:
    for name in {**new, **old}:
        yield from _of_values(f"{place}: {name}", old.get(name), new.get(name), allowance)


def _of_values(place: str, old: Any, new: Any, allowance: Allowance) -> Iterator[Change]:
    if old == new and type(old) is type(new):
        return
    if media_id_of(old) != media_id_of(new):
        yield Change(place, _medium(old), _medium(new))
        return
    before, after = _text(old), _text(new)
    if before == after:  # it differs in its tags, or in what a value is not named by
        before, after = _exact(old), _exact(new)
    old_pieces, new_pieces = compare_words(before, after, allowance)
    if before == after:  # only the query of an address differs, which is not shown
        old_pieces, new_pieces = (
            [Piece(shortened(before, MAX_CHANGED), True)],
            [Piece(shortened(after, MAX_CHANGED), True)],
        )
    media_id = media_id_of(new)
    yield Change(place, Side(old_pieces, media_id), Side(new_pieces, media_id))


def _medium(value: Any) -> Side:
    """One side of a value of which the other side shows another media entry, or none."""
    media_id = media_id_of(value)
    return Side(() if media_id or value is None else [Piece(_text(value), True)], media_id, True)


def _text(value: Any) -> str:
    return readable.redacted(plain(value)) if isinstance(value, str) else subject_of(value)


def _exact(value: Any) -> str:
    return readable.redacted(value) if isinstance(value, str) else readable.json_lines(value)
