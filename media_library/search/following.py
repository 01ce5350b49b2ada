"""Index entries by following the log of their changes: imports and patches write nothing for the search.

Every change of an entry is logged in its own transaction (`EntryChange`), under a number that rises. A transaction may
take a low number and commit after one with a higher one; so what was read once is read again when none of the
transactions that were writing to the log by then is left (`db/writers.py`), without a lock. An entry whose
row has the version of the change, or a later one, is left as it is: whatever is done twice does no harm.
"""

from collections.abc import Iterator

from django.db import transaction
from django.db.models import QuerySet, Subquery

from livingdocs_import.db.writers import open_writers
from livingdocs_import.search import rounds
from media_library.models import EntryChange, EntryIndex, IndexedEntry, MediaEntry
from media_library.search import index
from media_library.search.indexed import FORMAT

BATCH = 500  # entries, or changes, of one transaction
_LAST = EntryChange.objects.order_by("-pk").values("pk")[:1]


def follow(seconds: float) -> int:
    """Index what is to be indexed, for so long at most; how many entries were indexed."""
    return rounds.in_turns([("media entries", batches())] if is_behind() else [], seconds)


def is_behind() -> bool:
    """Whether something is to be indexed, or to be read again. Up to date, it is one query."""
    state, last_number = _progress()
    return state is None or not _is_filled(state) or state.complete_up_to < last_number


def has_unread() -> bool:
    """Whether something is to be indexed that no process has looked at."""
    state, last_number = _progress()
    return state is None or not _is_filled(state) or state.read_up_to < last_number


def filled() -> QuerySet[EntryIndex]:
    """One row if all entries that have been there for long are indexed."""
    return EntryIndex.objects.filter(format__gte=FORMAT, filled_up_to=None)


def _progress() -> tuple[EntryIndex | None, int]:
    state = EntryIndex.objects.annotate(last_number=Subquery(_LAST)).first()
    return state, (getattr(state, "last_number", None) or 0)


def _is_filled(state: EntryIndex) -> bool:
    return state.format >= FORMAT and state.filled_up_to is None


def batches(size: int = BATCH) -> Iterator[int]:
    """Do what there is to do, a transaction for each element: the number of entries indexed in it.

    What happened comes before what has been there for long. It ends when nothing is left, or when another process is at
    it.
    """
    EntryIndex.objects.bulk_create([EntryIndex()], ignore_conflicts=True)
    while (done := _batch(size)) is not None:
        yield done


def start_over() -> None:
    """Let all entries be indexed anew."""
    EntryIndex.objects.filter(format=FORMAT).update(filled_up_to=0)


@transaction.atomic
def _batch(size: int) -> int | None:
    """Some entries; None when there is nothing to do."""
    state = EntryIndex.objects.select_for_update(skip_locked=True).first()
    if state is None or state.format > FORMAT:
        return None  # a process of a later version does it
    if state.format < FORMAT and not _begin(state):
        return None
    for step in (_follow_changes, _read_again, _fill):
        if (entries := step(state, size)) is not None:
            index.write(entries)
            return len(entries)
    return None


def _begin(state: EntryIndex) -> bool:
    """Have everything indexed by the present format, as soon as all that was logged before this index can be read."""
    if not state.format:
        _mark(state, _LAST.values_list("pk", flat=True).first() or 0)
        if not _writers_have_ended(state):
            state.save()
            return False
        state.read_up_to = state.complete_up_to = state.marked_up_to or 0
        state.marked_up_to = None
    state.format, state.filled_up_to = FORMAT, 0
    state.save()
    return True


def _follow_changes(state: EntryIndex, size: int) -> list[int] | None:
    rows = list(_changes_after(state.read_up_to)[:size])
    if not rows:
        return None
    state.read_up_to = rows[-1][0]
    state.save()
    return index.outdated([row[1:] for row in rows])


def _read_again(state: EntryIndex, size: int) -> list[int] | None:
    """What was read before transactions with lower numbers had ended."""
    if state.complete_up_to >= state.read_up_to:
        return None
    _mark(state, state.read_up_to)
    if not _writers_have_ended(state):
        state.save()
        return None
    rows = list(_changes_after(state.complete_up_to).filter(pk__lte=state.marked_up_to)[:size])
    if len(rows) == size:
        state.complete_up_to = rows[-1][0]
    else:
        state.complete_up_to, state.marked_up_to = state.marked_up_to or 0, None
    state.save()
    return index.outdated([row[1:] for row in rows])


def _fill(state: EntryIndex, size: int) -> list[int] | None:
    if state.filled_up_to is None:
        return None
    entries = MediaEntry.objects.filter(pk__gt=state.filled_up_to).order_by("pk")
    ids = list(entries.values_list("pk", flat=True)[:size])
    rows = IndexedEntry.objects.filter(pk__gt=state.filled_up_to)
    is_last = len(ids) < size
    (rows if is_last else rows.filter(pk__lte=ids[-1])).delete()  # also those of entries that are gone
    state.filled_up_to = None if is_last else ids[-1]
    state.save()
    return ids or None


# --- Numbers of the log ----------------------------------------------------------------------------------------------


def _changes_after(number: int) -> QuerySet[EntryChange, tuple[int, int, int]]:
    return EntryChange.objects.filter(pk__gt=number).order_by("pk").values_list("pk", "entry", "version")


def _mark(state: EntryIndex, number: int) -> None:
    """Note who is writing to the log, after this number of it was read; unless others are waited for."""
    if state.marked_up_to is None:
        state.marked_up_to, state.writers = number, open_writers(EntryChange)


def _writers_have_ended(state: EntryIndex) -> bool:
    """Whether all up to the mark can be read that ever will."""
    if state.writers and set(state.writers) & set(open_writers(EntryChange)):
        return False
    state.writers = []
    return True
