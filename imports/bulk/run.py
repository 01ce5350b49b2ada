"""Carry out a bulk import: check, post, follow, and write down what is left."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

from imports.bulk.batching import MAX_ITEMS, Batch, cut
from imports.bulk.failures_file import FailuresFile
from imports.bulk.pipeline import Pipeline
from imports.bulk.plan_file import PlanFile
from imports.bulk.progress import Display
from imports.bulk.read_ahead import read_ahead
from imports.bulk.repeated_ids import SeenIds
from imports.bulk.report import Report
from imports.bulk.rows import Row
from imports.bulk.service import Accepted, JobLost, KeyTaken, Options, Planned, PostedJob, Progress, Service
from imports.bulk.state_file import CHANGED, StateError, StateFile
from livingdocs_import.dry_runs import Would
from livingdocs_import.server.gc_tuning import relaxed
from livingdocs_import.validation.json_types import JSON

UNKNOWN = "what became of it is not known: an earlier run has posted it, and its job is not known here"
POLL_FIRST, POLL_GROWTH, POLL_MAX = 0.1, 1.5, 2.0  # seconds between two looks at the jobs


@dataclass(frozen=True)
class BulkImport:
    """What is to be done. `rate`: rows per second at most; 0: as fast as the service takes them."""

    pipeline: Pipeline
    service: Service
    options: Options
    display: Display
    report: Report
    on_refused: Callable[[Row], None]
    batch_size: int = MAX_ITEMS
    rate: float = 0.0
    waits: bool = True
    failures: Path | None = None

    @property
    def subject(self) -> dict[str, JSON]:
        """What is imported to where: a plan is carried out with the same."""
        reading = self.pipeline.source.reading
        return {
            "input": self.pipeline.source.digest,
            "mapping": self.pipeline.mapping.digest,
            "format": f"{reading.format} {reading.encoding} {reading.delimiter!r} {reading.sheet}",
            "kind": self.options.kind.name,
            "service": self.service.name,
            "systemName": self.options.system_name,
        }

    @property
    def identity(self) -> dict[str, JSON]:
        """What makes it the same import when the command is run again."""
        return self.subject | {
            "webhook": self.options.webhook,
            "batchSize": self.batch_size,
            "dryRun": self.options.dry_run,
            "probe": self.options.probe,
            "plan": self.pipeline.choice.digest,
        }

    # --- Reading only

    def check(self) -> Report:
        """Report every row that would be refused; nothing is posted."""
        self.introduce()
        with SeenIds() as seen, ExitStack() as stack:
            file = self._failures_file(stack)
            for batch in self.batches("checked"):
                self.count(batch, seen)
                for row in batch.rows:
                    if row.problems and file:
                        file.add(row, row.reason)
        self._note_file(file)
        return self.report

    # --- Importing

    def carry_out(self, state: StateFile) -> Report:
        """Post what the state does not have yet, wait for the jobs, and write down what has failed."""
        self.introduce()
        state.begin(self.identity, self.pipeline.source.name, self.service.now())
        if state.posted_up_to:
            self.display.say(f"going on with {state.path}: rows up to {state.posted_up_to:,} were posted before")
        if not self._post_all(state) and state.batches:
            self.display.say(
                f"all rows were posted before: nothing new was posted; for a new import remove {state.path}, or name "
                "another file with --state"
            )
        self.report.jobs = [job.id for job in state.jobs]
        self.report.is_finished = self.waits
        if self.waits:
            self._follow(state.jobs)
        self._write_failures(state)
        return self.report

    def introduce(self) -> None:
        """The first line; the head of the input is understood then."""
        self.pipeline.rows()
        source, columns = self.pipeline.source, len(self.pipeline.columns)
        width = f", {columns:,} columns" if columns else ""
        self.display.say(
            f"{source.name}: {source.format.upper()}{width}; {self.options.kind.name} of {self.service.name}"
        )

    def batches(self, stage: str, *, ahead: bool = False) -> Iterator[Batch]:
        """All batches of the input, with progress. `ahead`: the next one is read while one is in use."""
        found = self._with_share(self.pipeline.rows())
        self.display.stage(stage)
        done = 0
        with relaxed():
            for batch, share in read_ahead(found) if ahead and self.pipeline.source.is_at_hand else found:
                yield batch
                done += len(batch.rows)
                self.display.at(done, share=share)

    def _with_share(self, rows: Iterable[Row]) -> Iterator[tuple[Batch, float]]:
        """Each batch, and how much of the file was read with it."""
        for batch in cut(rows, self.batch_size):
            yield batch, self.pipeline.source.share

    def count(self, batch: Batch, seen: SeenIds) -> None:
        """Count the rows of a batch, and hand out those that are refused."""
        report, name = self.report, self.options.kind.id_property
        report.rows += len(batch.rows)
        report.empty = self.pipeline.empty
        for row in batch.rows:
            if row.problems:
                report.refuse(row)
                self.on_refused(row)
            elif row.left_alone:
                report.left_alone += 1
        report.without_id += sum(name not in row.item for row in batch.posted)
        ids = ((str(row.item[name]), row.number) for row in batch.posted if name in row.item)
        report.repeat(seen.add(ids))

    def _post_all(self, state: StateFile) -> int:
        """Post the batches that the state does not have; how many rows these are."""
        began, paced = time.monotonic(), 0
        with SeenIds() as seen:
            for batch in self.batches("posted", ahead=True):
                self.count(batch, seen)
                if not batch.posted:
                    continue
                known = state.about_to_post(batch, self.service.now(), keeps=self.service.keeps_keys)
                if known.accepted is None:
                    state.posted(known, self._posted(batch, known.key, known.digest))
                    paced += len(batch.posted)
                self._add_outcome(batch, known.accepted or Accepted())
                if self.rate:
                    time.sleep(max(0.0, began + paced / self.rate - time.monotonic()))
        return paced

    def _posted(self, batch: Batch, key: str, digest: str) -> Accepted:
        try:
            return self.service.post(batch.posted, self.options, key=key, digest=digest)
        except KeyTaken:
            # No other program has this key: an earlier run has posted the batch, and was killed before it knew the job.
            self.display.say(
                f"rows {batch.first:,} to {batch.last:,} were accepted before; their job is not known here"
            )
            return Accepted(is_known=False)

    def _add_outcome(self, batch: Batch, accepted: Accepted) -> None:
        report, options = self.report, self.options
        if not accepted.is_known:
            report.unknown += len(batch.posted)
            return
        refused = len(accepted.refused)
        accepted_rows = len(batch.posted) - refused
        report.posted += accepted_rows
        for reason in accepted.refused.values():
            report.count_reason(reason)
        if options.kind.has_jobs or not options.dry_run:
            report.refused += refused
            report.success += 0 if options.kind.has_jobs else accepted_rows
        else:
            report.would.update({Would.CREATE.value: accepted_rows, Would.FAIL.value: refused})

    def _follow(self, jobs: Sequence[PostedJob]) -> None:
        """Wait until all jobs have ended."""
        if not jobs:
            return
        self.display.stage("planned" if self.options.dry_run else "carried out")
        pause = POLL_FIRST
        while True:
            now = self.service.progress(self.options.kind, jobs)
            self.display.at(now.done, now.total, note=_note(now))
            if now.finished:
                break
            time.sleep(pause)
            pause = min(pause * POLL_GROWTH, POLL_MAX)
        self.report.unknown += now.lost
        if not self.options.dry_run:
            self.report.success, self.report.skipped, self.report.failed = now.success, now.skipped, now.failed

    # --- Afterwards

    def _write_failures(self, state: StateFile) -> None:
        """The failed rows with their reasons, read from the input again."""
        with ExitStack() as stack:
            file = self._failures_file(stack)
            if not self.report.is_all_well and file is not None:
                for batch in self._batches_again(state, "failures"):
                    self._write_batch(file, batch, self._reasons(state, batch.number))
            elif self.report.failed or self.report.unknown:
                for number in state.batches:
                    self._reasons(state, number)
        self._note_file(file)

    def _batches_again(self, state: StateFile, stage: str) -> Iterator[Batch]:
        """All batches, hours later perhaps. StateError: they are others than those that were posted."""
        left = set(state.batches)
        for batch in self.batches(stage):
            if batch.posted:
                state.compare(batch)
                left.discard(batch.number)
            yield batch
        if left:
            raise StateError(f"rows that were posted are not in the input any more: {CHANGED}")

    def _write_batch(self, file: FailuresFile, batch: Batch, reasons: Mapping[int, str]) -> None:
        index = 0  # among the posted rows
        for row in batch.rows:
            if row.problems:
                file.add(row, row.reason)
            elif row.goes_on:
                if index in reasons:
                    file.add(row, reasons[index])
                index += 1

    def _reasons(self, state: StateFile, number: int) -> dict[int, str]:
        """Why rows of a batch were not imported, by their index among the posted ones."""
        known = state.batches.get(number)
        accepted = known.accepted if known is not None else None
        if known is None or accepted is None:
            return {}
        if not accepted.is_known:
            return self._unknown(range(known.last_row - known.first_row + 1), UNKNOWN)
        reasons = dict(accepted.refused)
        for places, job in places_of(accepted):
            if self.waits:
                reasons |= self._failures(places, job)
        return reasons

    def _failures(self, places: Sequence[int], job: str) -> dict[int, str]:
        try:
            failures = list(self.service.failures(self.options.kind, job))
        except JobLost as error:
            return self._unknown(places, str(error))
        for failed in failures:
            self.report.count_reason(failed.reason, failed.detail)
        return {places[failed.position]: str(failed) for failed in failures}

    def _unknown(self, places: Sequence[int], reason: str) -> dict[int, str]:
        self.report.count_reason(reason)
        return dict.fromkeys(places, reason)

    def _failures_file(self, stack: ExitStack) -> FailuresFile | None:
        if self.failures is None:
            return None
        source = self.pipeline.source
        return stack.enter_context(FailuresFile(self.failures, source.format, self.pipeline.columns))

    def _note_file(self, file: FailuresFile | None) -> None:
        if file is not None:
            self.report.failures_file, self.report.to_import_again = str(file.path), file.count

    # --- A plan

    def plan(self, state: StateFile, path: Path) -> Report:
        """Post a dry run, wait for it, and gather the plan. Afterwards the state is gone: the next one plans anew."""
        report = self.carry_out(state)
        if self.waits:
            self._gather_plan(state, path)
            state.remove()
        return report

    def _gather_plan(self, state: StateFile, path: Path) -> None:
        """Write the plan of each row to a file, and count what would become of them."""
        name = self.options.kind.id_property
        with PlanFile(path, self.subject) as file:
            for batch in self._batches_again(state, "plan"):
                plans = self._plans(state, batch)
                for index, row in enumerate(batch.posted):
                    file.add(row, str(row.item.get(name, "")), plans[index])
        self.report.plan_file = str(path)

    def _plans(self, state: StateFile, batch: Batch) -> dict[int, Planned]:
        """The plan of each posted row, by its index. StateError: one has none, as its job is not known, or gone."""
        known = state.batches.get(batch.number)
        accepted = known.accepted if known is not None else None
        plans: dict[int, Planned] = {}
        if accepted is not None and accepted.is_known:
            plans = dict(enumerate(self._created(batch))) | dict(_refused(accepted)) | self._planned(accepted)
        if len(plans) < len(batch.posted):
            raise StateError(
                f"rows {batch.first:,} to {batch.last:,} have no plan: their job is not known here, or its results "
                f"were removed. Remove {state.path} and run the same command again: it plans anew"
            )
        return plans

    def _created(self, batch: Batch) -> Iterator[Planned]:
        """Of what has no jobs, all that is not refused would be created."""
        if not self.options.kind.has_jobs:
            for index in range(len(batch.posted)):
                yield Planned(index, Would.CREATE.value, "no entry has this id")

    def _planned(self, accepted: Accepted) -> dict[int, Planned]:
        plans = {}
        for places, job in places_of(accepted):
            with suppress(JobLost):  # its rows have no plan then
                for planned in self.service.plans(self.options.kind, job):
                    self._count_plan(planned)
                    plans[places[planned.position]] = planned
        return plans

    def _count_plan(self, planned: Planned) -> None:
        self.report.would[str(planned.would)] += 1
        if planned.would == Would.FAIL:
            self.report.count_reason(planned.why, planned.detail)


def _refused(accepted: Accepted) -> Iterator[tuple[int, Planned]]:
    for index, reason in accepted.refused.items():
        yield index, Planned(index, Would.FAIL.value, reason)


def places_of(accepted: Accepted) -> Iterator[tuple[list[int], str]]:
    """For each job the indexes of its items among the posted rows."""
    count = sum(job.count for job in accepted.jobs) + len(accepted.refused)
    kept = [index for index in range(count) if index not in accepted.refused]
    for job in accepted.jobs:
        yield kept[: job.count], job.id
        kept = kept[job.count :]


def _note(progress: Progress) -> str:
    parts = [f"{progress.failed:,} failed"] if progress.failed else []
    return ", ".join([*parts, *([f"waits for {progress.waiting_for}"] if progress.waiting_for else [])])
