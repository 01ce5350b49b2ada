"""What the demo prints about its steps: headings, a bar that moves, tables; and whether a step was right."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager

from rich.markup import escape
from rich.padding import Padding
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
from rich.progress import Progress as Bar
from rich.table import Table
from rich.text import Text

from demo.patience import Reminder, out
from livingdocs_import_client import Progress, Row

COLOURS = {"failed": "red", "skipped": "yellow"}  # everything else is fine: green


def expect(truth: bool, sentence: str) -> None:
    """The demo is a check as well: it fails if a step is wrong."""
    if not truth:
        out.print(f"[bold red]Not as it should be:[/] {escape(sentence)}")
        raise SystemExit(1)


def heading(title: str) -> None:
    """Begin a step."""
    out.print(f"\n[bold]{escape(title)}[/]")


def note(text: str) -> None:
    """A line of a step."""
    out.print(f"   {text}", markup=False)


def table(*columns: str, rows: Iterable[Sequence[str | Text]]) -> None:
    """A table below the heading of a step."""
    made = Table(*columns, box=None, padding=(0, 3, 0, 0), header_style="dim")
    for column in made.columns:
        column.overflow = "fold"
    for row in rows:
        made.add_row(*row)
    out.print(Padding(made, (0, 0, 0, 3)), soft_wrap=False)


def state(row: Row) -> Text:
    """The outcome of an item, in its colour."""
    return Text(row.state, COLOURS.get(row.status, "green"))


@contextmanager
def bar(title: str) -> Iterator[Callable[[Progress], None]]:
    """A bar that moves with the progress it is called with; without a terminal now and then a line."""
    if not out.is_terminal:
        reminder = Reminder()
        yield lambda progress: reminder.remind(f"{title}: {progress}")
        return
    columns = (TextColumn("  "), BarColumn(40), MofNCompleteColumn(), TextColumn("{task.description}"))
    with Bar(*columns, console=out) as shown:
        task = shown.add_task(title, total=None)
        yield lambda progress: shown.update(task, total=progress.total, completed=progress.done)
