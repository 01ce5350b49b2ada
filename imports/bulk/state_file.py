"""The state of a bulk import, in a file beside the input: what was posted, so that an interrupted import can go on.

A line is a JSON object. The first one names the import; then each batch has a line before its POST (`key`) and one
after it (`jobs`). Each line is written and synced before the next step. One that was cut off by a crash is dropped.
"""

import fcntl
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import orjson

from imports.bulk.batching import Batch
from imports.bulk.kinds import ENTRIES
from imports.bulk.service import Accepted, PostedJob
from livingdocs_import.validation.json_types import JSON, JSONObject

VERSION = 1
MARGIN = timedelta(hours=1)  # of the time for which a service keeps keys
BEGINNING = b'{"state":'  # of the first line
IN_WORDS = {
    "input": "the input",
    "mapping": "the mapping of its columns",
    "kind": "the kind",
    "service": "the service or project",
    "systemName": "--system-name",
    "batchSize": "--batch-size",
    "dryRun": "--dry-run",
    "probe": "--probe",
    "webhook": "--webhook",
    "plan": "the plan, or what of it is carried out",
    "format": "--format, --encoding, --delimiter or --sheet",
}

CHANGED = (
    "the input or its plan has changed since. Restore it and run the same command again: nothing is posted a second "
    "time. What was posted goes on"
)


class StateError(Exception):
    """The state file does not fit this import; the message says what to do."""


@dataclass
class BatchState:
    """What is known of a batch. `accepted` is None while it is not known whether its POST has arrived."""

    number: int
    key: str
    digest: str
    first_row: int
    last_row: int
    at: datetime
    accepted: Accepted | None = None


class StateFile:
    """The state file, locked: two commands cannot carry out one import at the same time."""

    def __init__(self, path: Path) -> None:
        """StateError: another command has it, or it cannot be read or written."""
        self.path = path
        self.batches: dict[int, BatchState] = {}
        self.header: JSONObject = {}
        try:
            self._file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b")
        except OSError as error:
            raise StateError(f"{path}: {error.strerror}; another place for the state: --state FILE") from None
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._file.close()
            raise StateError(f"{path}: another command is carrying out this import") from None
        try:
            self._read()
        except StateError:
            self._file.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    # --- What it says

    @property
    def is_new(self) -> bool:
        return not self.header

    @property
    def jobs(self) -> list[PostedJob]:
        """The jobs of all batches, in the order of the rows."""
        known = (self.batches[number] for number in sorted(self.batches))
        return [job for batch in known if batch.accepted is not None for job in batch.accepted.jobs]

    @property
    def posted_up_to(self) -> int:
        """The number of the last row of which it is known that it was posted; 0: of none."""
        return max((batch.last_row for batch in self.batches.values() if batch.accepted is not None), default=0)

    def begin(self, identity: Mapping[str, JSON], name: str, at: datetime) -> None:
        """Begin a new import, or go on with this one. StateError: the file belongs to another one."""
        if self.is_new:
            self.header = {
                "state": VERSION,
                **identity,
                "name": name,
                "key": secrets.token_hex(12),
                "at": at.isoformat(),
            }
            self._append(self.header)
            _sync_folder(self.path)
        elif changed := [words for key, words in IN_WORDS.items() if self.header.get(key) != identity.get(key)]:
            raise StateError(
                f"{self.path} is the state of an import that differs in: {', '.join(changed)}. Go on with what it "
                f"began with. Or begin a new import: name another file with --state, or remove {self.path}"
            )

    @property
    def _anew(self) -> str:
        """What happens if all is imported a second time."""
        if self.header["kind"] == ENTRIES.name:
            return (
                "Look at what is there first: --reconcile names the rows without an entry. If you remove "
                f"{self.path}, all rows are written anew: those whose external id exists are refused, and those "
                "without an external id are there twice then"
            )
        return f"Remove {self.path} to import all rows anew: what exists is updated or skipped, nothing is duplicated"

    # --- What happens

    def about_to_post(self, batch: Batch, at: datetime, *, keeps: timedelta) -> BatchState:
        """Note a batch before its POST; what was noted for it by an earlier run. `keeps`: how long the service does.

        StateError: it was another batch, or its key may be forgotten.
        """
        known = self.batches.get(batch.number)
        if known is None:
            key = f"{self.header['key']}-{batch.number}"
            known = BatchState(batch.number, key, batch.digest, batch.first, batch.last, at)
            self.batches[batch.number] = known
            line = {"batch": known.number, "key": key, "digest": known.digest, "rows": [batch.first, batch.last]}
            self._append(line | {"at": at.isoformat()})
        elif known.digest != batch.digest:
            raise StateError(
                f"rows {batch.first:,} to {batch.last:,} are not those that were posted before: the input has changed. "
                f"Remove {self.path} to begin a new import"
            )
        elif known.accepted is None and at - known.at > keeps - MARGIN:
            raise StateError(
                f"whether rows {batch.first:,} to {batch.last:,} were accepted on {known.at:%Y-%m-%d} is not known, "
                f"and the service may have forgotten their key. {self._anew}"
            )
        return known

    def compare(self, batch: Batch) -> None:
        """StateError: these are not the rows that were posted, although the command has seen no other input."""
        known = self.batches.get(batch.number)
        if known is None or known.digest != batch.digest:
            raise StateError(f"rows {batch.first:,} to {batch.last:,} are not those that were posted: {CHANGED}")

    def posted(self, known: BatchState, accepted: Accepted) -> None:
        """Note what became of a batch."""
        known.accepted = accepted
        jobs = [[job.id, job.count] for job in accepted.jobs]
        refused = {str(index): reason for index, reason in accepted.refused.items()}
        unknown: dict[str, JSON] = {} if accepted.is_known else {"unknown": True}
        self._append({"batch": known.number, "jobs": jobs, "refused": refused} | unknown)

    def remove(self) -> None:
        """The import is over, and will not be gone on with."""
        self.path.unlink()

    # --- The file

    def _append(self, line: Mapping[str, Any]) -> None:
        self._file.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
        self._file.flush()
        os.fsync(self._file.fileno())

    def _read(self) -> None:
        whole = 0
        for number, line in enumerate(self._file, 1):
            if not line.endswith(b"\n") and (whole or line.startswith(BEGINNING[: len(line)])):
                break  # cut off by a crash
            whole += len(line)
            try:
                self._take(orjson.loads(line))
            except (ValueError, TypeError, KeyError, AttributeError):
                raise StateError(f"{self.path}, line {number}: this is no state file. It is left alone") from None
        self._file.seek(whole)
        self._file.truncate()

    def _take(self, line: dict[str, Any]) -> None:
        if not self.header:
            if line["state"] != VERSION:
                raise StateError(f"{self.path} was written by another version of this command")
            self.header = line
        elif "key" in line:
            first, last = line["rows"]
            at = datetime.fromisoformat(line["at"])
            self.batches[line["batch"]] = BatchState(line["batch"], line["key"], line["digest"], first, last, at)
        elif "complete" not in line:  # the previous version has noted so that all was posted
            jobs = [PostedJob(job, count) for job, count in line["jobs"]]
            refused = {int(index): reason for index, reason in line["refused"].items()}
            self.batches[line["batch"]].accepted = Accepted(jobs, refused, not line.get("unknown"))


def _sync_folder(path: Path) -> None:
    """A new file survives a power cut only if its folder is synced, too."""
    folder = os.open(path.resolve().parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
