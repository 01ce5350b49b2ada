"""From the input to checked items: read, map, check, and leave out what is not wanted; as often as it is asked for."""

from collections.abc import Iterator, Sequence

import orjson

from imports.bulk.checking import Check, found_at, in_words, too_large
from imports.bulk.kinds import BulkKind
from imports.bulk.mapping import Mapping, ObjectMapping, TableMapping
from imports.bulk.plan_file import NO_CHOICE, Choice
from imports.bulk.reading.delimited import DelimitedRows
from imports.bulk.reading.ndjson import NDJSONRows
from imports.bulk.rows import Row, RowProblem
from imports.bulk.source import Source


class Pipeline:
    """The rows of a source as items of a kind."""

    def __init__(
        self, source: Source, mapping: Mapping, kind: BulkKind, check: Check, choice: Choice = NO_CHOICE
    ) -> None:
        self.source, self.mapping, self.kind, self.choice = source, mapping, kind, choice
        self._check = check
        self.columns: Sequence[str] = ()  # of a table
        self._reader: DelimitedRows | NDJSONRows | None = None

    @property
    def empty(self) -> int:
        """Lines without anything in them, so far."""
        return self._reader.empty if self._reader else 0

    def rows(self) -> Iterator[Row]:
        """All rows, from the first one on. InputError, at once: the head is not understood."""
        self._reader = reader = self.source.rows()
        if isinstance(reader, NDJSONRows):
            return self._completed(reader, self.mapping.of_objects())
        self.columns = reader.columns
        return self._completed(reader, self.mapping.of_table(reader.columns, self.source.name))

    def _completed(self, rows: DelimitedRows | NDJSONRows, mapping: TableMapping | ObjectMapping) -> Iterator[Row]:
        with self.choice.opened() as chosen:
            for row in rows:
                if not row.problems:
                    mapping.apply(row)
                if not row.problems:
                    self._finish(row, mapping)
                if not row.problems:
                    chosen.apply(row)
                yield row

    def _finish(self, row: Row, mapping: TableMapping | ObjectMapping) -> None:
        """Check the item, and encode it."""
        for path, message in self._check(row.item).items():
            found = found_at(row.item, path)
            row.problems.append(
                RowProblem(f"{in_words(self.kind, path, message)}{found}", path, mapping.column_of(path))
            )
        if not row.problems:
            row.encoded = orjson.dumps(row.item)
            if reason := too_large(len(row.encoded)):
                row.problems.append(RowProblem(reason))
