"""The base of the commands that import a file of any size: options, exit codes, and how to go on after Ctrl-C."""

import math
import os
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import Any, ClassVar

from django.conf import settings
from django.core.management.base import CommandError
from django.db import DataError

from imports.bulk.batching import MAX_ITEMS
from imports.bulk.checking import check_of
from imports.bulk.failures_file import check_place
from imports.bulk.kinds import DOCUMENTS, ENTRIES, BulkKind
from imports.bulk.local_service import LocalService
from imports.bulk.mapping import SEPARATOR, Given, Mapping, pairs
from imports.bulk.pipeline import Pipeline
from imports.bulk.plan_file import NO_CHOICE, Choice
from imports.bulk.progress import Bar, Display, Lines
from imports.bulk.reconcile import Difference, reconcile
from imports.bulk.remote_service import RemoteService
from imports.bulk.report import MAX_LISTED, Report
from imports.bulk.rows import InputError, Row, shown
from imports.bulk.run import BulkImport
from imports.bulk.service import Options, Service, ServiceRefuses
from imports.bulk.source import FORMATS, Reading, Source
from imports.bulk.state_file import StateError, StateFile
from imports.requests.batches import MAX_PROBE, batch
from livingdocs_import.management.operator_command import ExitCode, OperatorCommand
from livingdocs_import.management.projects import project_named
from livingdocs_import.validation.json_reader import InvalidConfig
from livingdocs_import_client import Client

ENVIRONMENT = "LIVINGDOCS_IMPORT_TOKEN"  # has the token
INTERRUPTED = (
    "Interrupted. What was posted goes on, and is noted in the state file: the same command goes on from there."
)
GO_ON = (
    "What was posted goes on, and is noted in the state file. When the cause is removed, run the same command again: "
    "it goes on from there."
)
CHECK = "read only: report every row that would be refused"
LEAVE_TOUCHED = "carry out the plan, without what people had changed when it was planned"
COLUMNS = """\
A column with the name of a property is that property: url, id, metadata.caption. For other columns, --map
names the property: --map Title=fileName. Behind a property, [] says that a cell has several values, and
:number, :integer, :boolean or :json is the type of these: metadata.years[]:integer.

After an interruption, run the same command again: it goes on from there, and posts no row twice."""


class BulkCommand(OperatorCommand):
    """Imports the rows of a file; each kind has a command of its own."""

    requires_system_checks = ()  # they read all URLs and models: a second before the first line
    findings = (
        "rows were refused, have failed or are unknown (the file of --failures has them), would fail (--dry-run), or "
        "differ from what is there (--reconcile)"
    )
    json_keys = (
        "refused {row, line, problems [{column, path, message}]} (null on other lines), "
        "difference {what, id, row, entry, properties} (null on other lines), "
        "report {rows, posted, success, skipped, failed, unknown, refused, jobs, …} (null before the last line)"
    )
    kind: ClassVar[BulkKind]

    def _epilog(self, command: str) -> str:
        return f"{COLUMNS}\n\n{super()._epilog(command)}"

    def add_own_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "input", metavar="FILE", help="CSV, TSV, NDJSON or XLSX; - for standard input, with --state"
        )
        self._add_service(parser.add_argument_group("where to"))
        self._add_reading(parser.add_argument_group("reading the file"))
        self._add_trial(parser.add_argument_group("trying it out, and comparing"))
        running = parser.add_argument_group("running")
        help_ = (
            "rows that are not imported, to import again; one that is no row is in import_line: correct it there, or "
            "fill in its cells"
        )
        running.add_argument("--failures", type=Path, metavar="OUT", help=help_)
        running.add_argument(
            "--state",
            type=Path,
            metavar="FILE",
            help="what is posted; default: FILE.state; for a new import of the same file remove it, or name another",
        )
        running.add_argument(
            "--batch-size", type=_size, default=MAX_ITEMS, metavar="N", help="rows of one job (%(default)s)"
        )
        running.add_argument("--rate", type=_rate, default=0.0, metavar="N", help="post at most so many rows a second")
        if self.kind.has_jobs:
            running.add_argument("--no-wait", action="store_true", help="end when all is posted; workers go on")
            running.add_argument("--webhook", default="", metavar="URL", help="called when a job has ended")

    def _add_trial(self, group: Any) -> None:
        modes = group.add_mutually_exclusive_group()
        modes.add_argument("--check", action="store_true", help=CHECK)
        modes.add_argument(
            "--dry-run", action="store_true", help="plan: what each row would create, update, skip or fail"
        )
        modes.add_argument("--reconcile", action="store_true", help=self._compared)
        if self.kind.has_files:
            help_ = f"with --dry-run: look at so many files of each batch, at most {MAX_PROBE}"
            group.add_argument("--probe", type=_probe, default=0, metavar="N", help=help_)
        modes.add_argument(
            "--only-would-succeed", action="store_true", help="carry out the plan, without what would fail"
        )
        if self.kind is not ENTRIES:
            help_ = "leave alone what people have changed" if self._is_flagged else LEAVE_TOUCHED
            group.add_argument("--leave-touched", action="store_true", help=help_)
        group.add_argument("--plan", type=Path, metavar="FILE", help="where the plan is; default: FILE.plan")

    @property
    def _compared(self) -> str:
        """What a comparison looks at, for the help."""
        if self.kind is DOCUMENTS:
            compared = "checksum"
        elif self.kind is ENTRIES:
            compared = "the metadata that a row names"
        else:
            compared = "fileName (not with --api), and the metadata that a row names"
        return f"compare the rows with what is there, by {self.kind.id_property} (the id of your system): {compared}"

    @property
    def _is_flagged(self) -> bool:
        """Whether an item itself can say that what people have changed is left alone."""
        return self.kind is DOCUMENTS

    def _add_service(self, group: Any) -> None:
        places = group.add_mutually_exclusive_group()
        places.add_argument("--project", metavar="HANDLE", help="a project of this installation")
        places.add_argument(
            "--api", metavar="URL", help=f"another installation; its token is in {ENVIRONMENT} or a file"
        )
        group.add_argument("--token-file", type=Path, metavar="FILE", help="a file with the token")
        needed = self.kind is not ENTRIES
        help_ = "your system's name, to which the ids belong" + ("" if needed else ", of rows that have none")
        group.add_argument("--system-name", required=needed, default="", metavar="NAME", help=help_)

    def _add_reading(self, group: Any) -> None:
        group.add_argument(
            "--map", action="append", default=[], metavar="COLUMN=PROPERTY", help="what a column is; may be repeated"
        )
        group.add_argument("--mapping", type=Path, metavar="FILE", help="lines of COLUMN=PROPERTY")
        group.add_argument(
            "--set",
            action="append",
            default=[],
            metavar="PROPERTY=VALUE",
            help="a value of rows that have none themselves",
        )
        group.add_argument("--ignore-other-columns", action="store_true", help="leave columns out that are no property")
        group.add_argument(
            "--separator", default=SEPARATOR, metavar="TEXT", help="of several values in a cell (%(default)s)"
        )
        group.add_argument("--format", choices=FORMATS, default="", help="where the name of the file does not say it")
        group.add_argument("--encoding", default="", help="of a text file, e.g. cp1252; default: utf-8")
        group.add_argument("--delimiter", default="", type=_delimiter, help="of the cells; default: found in the head")
        group.add_argument("--sheet", default="", metavar="NAME", help="of a workbook; default: the first")

    # --- Running

    def run(self, **options: Any) -> ExitCode:
        given = Namespace(**options)
        try:
            found = self._carried_out(given)
        except (InputError, StateError, ServiceRefuses) as error:
            raise CommandError(str(error)) from error
        except BrokenPipeError:
            raise
        except (InvalidConfig, DataError, OSError) as error:
            raise CommandError(f"{error}\n{GO_ON}") from error
        except KeyboardInterrupt:
            self.report.note(INTERRUPTED)
            return ExitCode.INTERRUPTED
        self.report.fact({"refused": None, "difference": None, "report": found.as_json()}, *found.lines())
        return ExitCode.DONE if found.is_all_well else ExitCode.FINDINGS

    def _carried_out(self, given: Namespace) -> Report:
        reading = Reading(given.format, given.encoding, given.delimiter, given.sheet)
        with ExitStack() as self._open, Source(given.input, reading) as source, self._display() as screen:
            bulk = self._import(given, source, screen)
            if given.check:
                return bulk.check()
            if given.reconcile:
                return reconcile(bulk, self._on_difference)
            bulk.pipeline.choice.check(bulk.subject)
            with StateFile(_needed(_state(given, source), "state")) as state:
                if given.dry_run:
                    return bulk.plan(state, _needed(_plan(given, source), "plan"))
                return bulk.carry_out(state)

    def _on_difference(self, found: Difference) -> None:
        self.report.fact({"refused": None, "difference": found.as_json(), "report": None}, str(found))

    def _display(self) -> Display:
        return Bar(sys.stderr) if self.stderr.isatty() else Lines(self.stderr)

    def _on_refused(self, given: Namespace, name: str, screen: Display) -> Callable[[Row], None]:
        """What is done with a refused row: all are listed for a program, or by --check; otherwise the first ten."""
        if given.json or given.check:
            return lambda row: self.report.fact(
                {"refused": row.as_json(), "difference": None, "report": None}, f"{name}, {row.place}, {row.reason}"
            )
        places = count()

        def say(row: Row) -> None:
            if next(places) < MAX_LISTED:
                screen.say(f"{name}, {row.place}, {row.reason}")

        return say

    def _import(self, given: Namespace, source: Source, screen: Display) -> BulkImport:
        _spare_the_inputs(given, source)
        _check_failures(given, source)
        service = self._service(given)
        check = service.check(self.kind) if given.check else check_of(self.kind, None)
        mapping = Mapping(self._given(given), self.kind.shape)
        return BulkImport(
            pipeline=Pipeline(source, mapping, self.kind, check, self._choice(given, source)),
            service=service,
            options=self._options(given),
            display=screen,
            report=Report(source.name, service.name, self.kind.id_property),
            batch_size=given.batch_size,
            rate=given.rate,
            waits=not getattr(given, "no_wait", False),
            failures=given.failures,
            on_refused=self._on_refused(given, source.name, screen),
        )

    def _options(self, given: Namespace) -> Options:
        probe = getattr(given, "probe", 0)
        if probe and not given.dry_run:
            raise CommandError("--probe is for --dry-run", returncode=ExitCode.WRONG_USAGE)
        webhook = "" if given.dry_run else getattr(given, "webhook", "")
        if self.kind.has_jobs:
            _check_request(self.kind, given.system_name, webhook)
        return Options(self.kind, given.system_name, webhook=webhook, dry_run=given.dry_run, probe=probe)

    def _choice(self, given: Namespace, source: Source) -> Choice:
        """What of a plan is carried out. Documents say for themselves whether they overwrite what people have done."""
        leave_touched = getattr(given, "leave_touched", False) and not self._is_flagged
        if given.dry_run or not (given.only_would_succeed or leave_touched):
            return NO_CHOICE
        return Choice(_needed(_plan(given, source), "plan"), given.only_would_succeed, leave_touched)

    def _service(self, given: Namespace) -> Service:
        if given.project:
            return LocalService(project_named(given.project))
        if not given.api:
            raise CommandError("where to? Give --project HANDLE, or --api URL", returncode=ExitCode.WRONG_USAGE)
        token = _token(given.token_file)
        try:
            client = self._open.enter_context(Client(given.api, token))
        except ValueError as error:
            raise CommandError(f"--api {error}", returncode=ExitCode.WRONG_USAGE) from error
        return RemoteService(client, given.api, token)

    def _given(self, given: Namespace) -> Given:
        columns = [*_lines_of(given.mapping), *pairs(given.map, "--map")]
        fixed = [_constant(text) for text in given.set]
        if self.kind is ENTRIES and given.system_name:
            fixed.insert(0, ("systemName", given.system_name))
        if self._is_flagged and given.leave_touched:
            fixed.append(("flags.onlyOverwriteUntouched", "true"))
        return Given(columns, fixed, given.ignore_other_columns, given.separator)


def _spare_the_inputs(given: Namespace, source: Source) -> None:
    """InputError: a file that would be written is one that is read, or is written for something else."""
    read = [path.resolve() for path in (source.path, given.mapping, given.token_file) if path is not None]
    named = {"--failures": given.failures, "--state": _state(given, source), "--plan": _plan(given, source)}
    written = {f"{option} {path}": path.resolve() for option, path in named.items() if path is not None}
    problems = [f"{option}: this is an input" for option, path in written.items() if path in read]
    paths = list(written.values())
    if same := [option for option, path in written.items() if paths.count(path) > 1]:
        problems.append(f"{', '.join(same)}: this is one file")
    if problems:
        raise InputError(*problems)


def _check_failures(given: Namespace, source: Source) -> None:
    """Refuse a place where the failures could not be written, before anything is posted."""
    if given.failures is not None:
        try:
            check_place(given.failures, source.format)
        except InputError as error:
            raise CommandError(str(error), returncode=ExitCode.WRONG_USAGE) from None


def _state(given: Namespace, source: Source) -> Path | None:
    """The state file; None: none is named, and there is no place beside standard input."""
    return given.state or _beside(source, ".dry-run.state" if given.dry_run else ".state")


def _plan(given: Namespace, source: Source) -> Path | None:
    """The same of the file with the plan."""
    return given.plan or _beside(source, ".plan")


def _beside(source: Source, suffix: str) -> Path | None:
    return None if source.path is None else source.path.with_name(f"{source.path.name}{suffix}")


def _needed(path: Path | None, what: str) -> Path:
    if path is None:
        raise CommandError(
            f"of standard input, name a file for the {what}: --{what} FILE", returncode=ExitCode.WRONG_USAGE
        )
    return path


def _check_request(kind: BulkKind, system_name: str, webhook: str) -> None:
    """Refuse what the API would refuse of every batch."""
    request = {"systemName": system_name, kind.list_key: []} | ({"webhook": webhook} if webhook else {})
    for problem in batch(kind.list_key, dict(kind.definition)).problems(request):
        option = {"systemName": "--system-name", "webhook": "--webhook"}[str(problem.path[0])]
        raise CommandError(f"{option}: {problem.message}", returncode=ExitCode.WRONG_USAGE)


def _token(file: Path | None) -> str:
    """From a file or the environment: arguments are visible to all users of the machine."""
    try:
        token = os.environ.get(ENVIRONMENT, "") if file is None else file.read_text()
    except OSError as error:
        raise CommandError(f"--token-file {file}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise CommandError(f"--token-file {file}: {error}") from error
    if not token.strip():
        raise CommandError(
            f"there is no token: set {ENVIRONMENT}, or give --token-file", returncode=ExitCode.WRONG_USAGE
        )
    return token.strip()


def _lines_of(path: Path | None) -> list[tuple[str, str]]:
    if path is None:
        return []
    try:
        return pairs(path.read_text("utf-8-sig").splitlines(), path.name)
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"--mapping {path}: {error}") from None


def _constant(text: str) -> tuple[str, str]:
    named, equals, value = text.partition("=")
    if not equals or not named.strip():
        raise InputError(f'--set: expected PROPERTY=VALUE, found "{shown(text)}"')
    return named.strip(), value


def _size(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= settings.API_MAX_ITEMS:
        raise ArgumentTypeError(f"expected a number from 1 to {settings.API_MAX_ITEMS:,}")
    return int(text)


def _probe(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= MAX_PROBE:
        raise ArgumentTypeError(f"expected a number from 1 to {MAX_PROBE}")
    return int(text)


def _rate(text: str) -> float:
    try:
        rate = float(text)
    except ValueError:
        rate = 0.0
    if not 0.0 < rate < math.inf:
        raise ArgumentTypeError("expected a number greater than 0")
    return rate


def _delimiter(text: str) -> str:
    found = {"tab": "\t", "\\t": "\t"}.get(text, text)
    if len(found) > 1:
        raise ArgumentTypeError('expected one character, or "tab"')
    return found
