"""Find the row that an argument names: by the whole name or by how it alone begins; else name the nearest one."""

from typing import TypeVar

from django.core.management.base import CommandError
from django.db.models import Model, QuerySet

from livingdocs_import.management.report import printable, shortened
from livingdocs_import.validation.nearest import NearestNames

Row = TypeVar("Row", bound=Model)
MIN_BEGINNING = 4  # characters
MAX_NAMED = 5  # rows of an error
MAX_KNOWN = 1_000  # names among which the nearest one is looked for: the newest ones


def row_named(rows: QuerySet[Row], field: str, name: str, *, what: str, listed_by: str, whole: bool = False) -> Row:
    """The row with this name in a field; `whole`: the beginning of a name is none.

    `what` is the kind of the thing in messages, `listed_by` the command that lists all. Raises CommandError.
    """
    if (exact := rows.filter(**{field: name}).first()) is not None:
        return exact
    beginning = name.removesuffix("…")
    if not whole and len(beginning) >= MIN_BEGINNING:
        found = list(rows.filter(**{f"{field}__startswith": beginning}).order_by(field)[: MAX_NAMED + 1])
        if len(found) == 1:
            return found[0]
        if found:
            raise CommandError(f'"{name}" is the beginning of several {what}s: {_listed(found, field)}')
    raise unknown(rows, field, name, what=what, listed_by=listed_by)


def unknown(rows: QuerySet[Row], field: str, name: str, *, what: str, listed_by: str) -> CommandError:
    """The error for a name that there is not."""
    known = rows.exclude(**{field: None}).order_by("-pk").values_list(field, flat=True)[:MAX_KNOWN]
    hint = NearestNames(list(known)).hint(name) or f": {listed_by} shows them"
    return CommandError(f'There is no {what} "{printable(shortened(name))}"{hint}')


def _listed(found: list[Row], field: str) -> str:
    names = [str(getattr(row, field)) for row in found[:MAX_NAMED]]
    return ", ".join(names) + (" and more" if len(found) > MAX_NAMED else "")
