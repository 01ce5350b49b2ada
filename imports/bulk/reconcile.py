"""Compare an input with what the service has: rows without an entry, entries without a row, and those that differ."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from imports.bulk.repeated_ids import SeenIds
from imports.bulk.report import Report
from imports.bulk.rows import Row, shown
from imports.bulk.run import BulkImport
from imports.bulk.service import Existing
from livingdocs_import.validation.json_types import JSONObject

MISSING, DIFFERS, SURPLUS = "missing", "differs", "without a row"
IN_WORDS = {
    MISSING: "rows of the input of which the service has nothing",
    DIFFERS: "rows that differ from what the service has",
    SURPLUS: "in the service, and in no row of the input",
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One disagreement. `row`: 0 where there is none; `properties` are those that differ."""

    what: str
    external_id: str
    row: int = 0
    id: str = ""
    properties: tuple[str, ...] = ()

    def __str__(self) -> str:
        place = f"row {self.row:,}, " if self.row else ""
        named = f": {', '.join(self.properties)}" if self.properties else ""
        return f'{place}"{shown(self.external_id)}" {"is " if self.what != DIFFERS else ""}{self.what}{named}'

    def as_json(self) -> JSONObject:
        """The same for programs."""
        return {
            "what": self.what,
            "id": self.external_id,
            "row": self.row or None,
            "entry": self.id or None,
            "properties": list(self.properties),
        }


def reconcile(bulk: BulkImport, on_difference: Callable[[Difference], None]) -> Report:
    """Compare; nothing is posted. Each difference is handed out as soon as it is found."""
    bulk.introduce()
    report = bulk.report
    report.is_comparison = True
    if bulk.options.kind.has_files and not bulk.service.gives_titles:
        bulk.display.say("not compared: fileName (the API does not give it)")
    with SeenIds() as seen:
        for found in _all(bulk, seen):
            report.differences[found.what] += 1
            on_difference(found)
    return report


def _all(bulk: BulkImport, seen: SeenIds) -> Iterator[Difference]:
    yield from _rows(bulk, seen)
    known = bulk.service.all_existing(bulk.options.kind, bulk.options.system_name)
    if known is None:
        bulk.display.say("entries without a row are not looked for: the API has no list of all entries")
        return
    bulk.display.stage("looked for in the input")
    for number, each in enumerate(known, 1):
        if each.external_id not in seen:
            yield Difference(SURPLUS, each.external_id, id=each.id)
        bulk.display.at(number)


def _rows(bulk: BulkImport, seen: SeenIds) -> Iterator[Difference]:
    options = bulk.options
    for batch in bulk.batches("compared"):
        bulk.count(batch, seen)
        name = options.kind.id_property
        seen.add((str(row.item[name]), row.number) for row in batch.rows if not row.goes_on and name in row.item)
        rows = [row for row in batch.posted if name in row.item]
        ids = [str(row.item[name]) for row in rows]
        known = {each.external_id: each for each in bulk.service.existing(options.kind, options.system_name, ids)}
        for row, external_id in zip(rows, ids, strict=True):
            existing = known.get(external_id)
            if existing is None:
                yield Difference(MISSING, external_id, row.number)
            elif properties := differing(row, existing):
                yield Difference(DIFFERS, external_id, row.number, existing.id, properties)


def differing(row: Row, existing: Existing) -> tuple[str, ...]:
    """The properties of a row that the service has otherwise, as far as it says what it has.

    Metadata that the row does not name does not count.
    """
    item, found = row.item, []
    if existing.title is not None and "fileName" in item and item["fileName"] != existing.title:
        found.append("fileName")
    if existing.checksum is not None and item.get("checksum") != existing.checksum:
        found.append("checksum")
    metadata = item.get("metadata")
    if existing.metadata is not None and isinstance(metadata, dict):
        found += [f"metadata.{name}" for name, value in metadata.items() if existing.metadata.get(name) != value]
    return tuple(found)
