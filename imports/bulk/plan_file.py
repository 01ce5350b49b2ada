"""The plan of a dry run, in a file: one line for each row that was planned; and what of it is carried out."""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import orjson

from imports.bulk.rows import InputError, Row, RowProblem
from imports.bulk.service import Planned
from livingdocs_import.dry_runs import Would
from livingdocs_import.management.whole_file import whole_file
from livingdocs_import.validation.json_types import JSON

VERSION = 1
TOUCHED = "a person has changed the entry"


class PlanFile:
    """Written row by row; the first line names the import that it is the plan of."""

    def __init__(self, path: Path, subject: Mapping[str, JSON]) -> None:
        """InputError: there is no such folder."""
        self._open = ExitStack()
        try:
            self._file = self._open.enter_context(whole_file(path, "wb"))
        except OSError as error:
            raise InputError(f"--plan {path}: {error.strerror}") from None
        self._add({"plan": VERSION, **subject})

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.__exit__(kind, error, trace)

    def add(self, row: Row, external_id: str, planned: Planned) -> None:
        """The plan of a row."""
        plan: dict[str, JSON] = {"row": row.number, "id": external_id, "would": planned.would, "why": planned.reason}
        more: dict[str, JSON] = {"touched": True} if planned.touched else {}
        self._add(plan | more | ({"changes": planned.changes} if planned.changes else {}))

    def _add(self, line: Mapping[str, JSON]) -> None:
        self._file.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))


class Chosen:
    """Applied to one row after the other: leaves out those that are not wanted."""

    def __init__(self, lines: Iterator[dict[str, Any]], choice: "Choice") -> None:
        self._lines, self._choice = lines, choice
        self._plan: dict[str, Any] | None = None

    def apply(self, row: Row) -> None:
        """Leave a row alone that would overwrite what a person has done. One that would fail, or that is not in the
        plan, gets a problem: without its plan, it may be either of these."""
        if self._choice.plan is None:
            return
        plan = self._of(row.number)
        if plan is None:
            row.problems.append(RowProblem("it is not in the plan: plan again with --dry-run"))
        elif self._choice.only_would_succeed and plan["would"] == Would.FAIL:
            row.problems.append(RowProblem(f"it would fail: {plan['why']}"))
        elif self._choice.leave_touched and plan.get("touched"):
            row.left_alone = TOUCHED

    def _of(self, number: int) -> dict[str, Any] | None:
        while self._plan is None or self._plan["row"] < number:
            self._plan = next(self._lines, None)
            if self._plan is None:
                return None
        return self._plan if self._plan["row"] == number else None


@dataclass(frozen=True, slots=True)
class Choice:
    """What of a plan is carried out. Without a `plan` everything is."""

    plan: Path | None = None
    only_would_succeed: bool = False
    leave_touched: bool = False

    @property
    def digest(self) -> str:
        """Names the choice in a state file; "" if there is none."""
        if self.plan is None:
            return ""
        with self.plan.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256")
        digest.update(bytes([self.only_would_succeed, self.leave_touched]))
        return digest.hexdigest()

    def check(self, subject: Mapping[str, JSON]) -> None:
        """InputError: there is no plan, or it is one of another import."""
        if self.plan is None:
            return
        try:
            with self.plan.open("rb") as file:
                header = orjson.loads(file.readline() or b"{}")
        except (OSError, ValueError):
            raise InputError(f"there is no plan in {self.plan}: make it with --dry-run first") from None
        if header != {"plan": VERSION, **subject}:
            raise InputError(
                f"{self.plan} is the plan of another import, or the input has changed: plan again with --dry-run"
            )

    @contextmanager
    def opened(self) -> Iterator[Chosen]:
        """Begin at the first row."""
        if self.plan is None:
            yield Chosen(iter(()), self)
            return
        with self.plan.open("rb") as file:
            next(file)
            yield Chosen(map(orjson.loads, file), self)


NO_CHOICE = Choice()
