"""A configuration that is being edited: its problems at their lines, repairs, and what it would change."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from livingdocs_import import errors, project_config
from livingdocs_import.admin import code_lines, readable
from livingdocs_import.admin.code_lines import CodeLine
from livingdocs_import.models import Project, ProjectConfigRevision
from livingdocs_import.project_config import BASE_REVISION, Problem, publishing, secret_places
from livingdocs_import.project_config.differences import Action, Patch
from livingdocs_import.project_config.publishing import EMPTY, Outcome
from livingdocs_import.validation.json_positions import Position, positions
from livingdocs_import.validation.problems import Kind, Path, json_pointer
from livingdocs_import.validation.strict_json import read_json

MAX_SHOWN = 50  # problems, and changes, of one page
MAX_TEXT = 4_000_000  # characters that are edited in the page; larger configurations as a file
MAX_FILE = 10_000_000  # characters of a file: more are not even read
MAX_LINE = 2_000  # characters: a text with longer lines is laid out anew
_LINE = re.compile(r"line ([0-9]{1,9})")


@dataclass(frozen=True)
class Repair:
    """A replacement of characters of the text: a misspelt key or name by the one that was meant."""

    meant: str
    start: int
    end: int

    def applied(self, text: str) -> str:
        """The text with it."""
        return text[: self.start] + json.dumps(self.meant, ensure_ascii=False) + text[self.end :]


@dataclass(frozen=True)
class Finding:
    """A problem of the text. `number`: its place among all, from 1; `line`: 0 if it is about none."""

    number: int
    pointer: str
    message: str
    line: int = 0
    repair: Repair | None = None


@dataclass(frozen=True)
class Draft:
    """A text, and what is found about it. `outcome`: None for a text that is no JSON object."""

    text: str
    findings: Sequence[Finding]
    outcome: Outcome | None = None
    config: Mapping[str, Any] | None = None

    @property
    def is_large(self) -> bool:
        """Whether the text is too long to be edited in the page."""
        return len(self.text) > MAX_TEXT

    @property
    def lines(self) -> list[str]:
        return self.text.split("\n")

    def at_their_lines(self) -> list[CodeLine]:
        """The first problems at their lines."""
        about: dict[int, list[Finding]] = {}
        for finding in self.findings[:MAX_SHOWN]:
            if finding.line:
                about.setdefault(finding.line, []).append(finding)
        return list(code_lines.around(self.lines, about))

    def without_lines(self) -> list[Finding]:
        """The problems about the whole."""
        return [finding for finding in self.findings[:MAX_SHOWN] if not finding.line]

    def numbers(self) -> list[tuple[str, bool]]:
        """The numbers of the lines, those with a problem marked."""
        return list(code_lines.numbers(len(self.lines), {each.line for each in self.findings if each.line}))


def not_utf8(body: bytes) -> Draft:
    """A file that cannot be read as text."""
    return Draft(body.decode(errors="replace"), [Finding(1, "/", "the file is not UTF-8")])


def laid_out(text: str) -> str:
    """The text with short lines, as browsers send and people read it; as it is if they would be too much for a page."""
    if len(text) > MAX_FILE:
        return text
    text = text.replace("\r\n", "\n").removeprefix("\ufeff")
    if all(len(line) <= MAX_LINE for line in text.split("\n")):
        return text
    try:
        laid = readable.lines(read_json(text.encode()))
    except errors.ApiError:
        return text
    return text if len(text) <= MAX_TEXT < len(laid) else laid


def stored_text(row: ProjectConfigRevision | None) -> str:
    """A stored configuration, its secrets masked."""
    return readable.lines(secret_places.masked(EMPTY if row is None else row.config))


def draft(project: Project, text: str, base: int | None, *, by: str, plan: bool) -> Draft:
    """Check a text, and store it as the next revision if it is no `plan` and has no problem.

    `base`: the revision that it was made from, unless the text names one. Raises errors.Conflict for another.
    """
    if len(text) > MAX_FILE:
        return Draft("", [Finding(1, "/", f"must NOT have more than {MAX_FILE:,} characters")])
    try:
        config = read_json(text.encode())
    except errors.ApiError as error:
        return Draft(text, _of_text(text, error))
    if not isinstance(config, dict):
        return Draft(text, [Finding(1, "/", "must be an object", 1)])
    if base is not None and BASE_REVISION not in config:
        outcome = publishing.submit(project, config | {BASE_REVISION: base}, plan=plan, by=by)
    else:
        outcome = publishing.submit(project, config, plan=plan, by=by)
    return Draft(text, _of_problems(text, config, outcome.problems), outcome, config)


def _of_text(text: str, error: errors.ApiError) -> list[Finding]:
    """What keeps a text from being read."""
    if isinstance(error, errors.NotJSON):
        line = _LINE.search(error.why)
        return [Finding(1, "/", f"not valid JSON: {error.why}", min(int(line[1]), text.count("\n") + 1) if line else 0)]
    if "message" in error.details:  # about the whole text: too deep, too many values, empty
        return [Finding(1, "/", str(error.details["message"]))]
    paths = {place: _path(place) for place in error.details}
    found = positions(text, paths.values())
    return [
        Finding(number, f"/{place.replace('.', '/')}", str(message), found[paths[place]].line)
        for number, (place, message) in enumerate(error.details.items(), start=1)
    ]


def _path(dotted: str) -> Path:
    return tuple(int(step) if step.isdecimal() else step for step in dotted.split("."))


def _of_problems(text: str, config: Mapping[str, Any], problems: Sequence[Problem]) -> list[Finding]:
    found = positions(text, [problem.path for problem in problems])
    return [_finding(number, problem, found[problem.path], config) for number, problem in enumerate(problems, start=1)]


def _finding(number: int, problem: Problem, position: Position, config: Mapping[str, Any]) -> Finding:
    repair, message = _repair(config, problem, position), problem.message
    if repair is not None:  # it says so itself
        message = message.removesuffix(f"; did you mean '{repair.meant}'?")
    return Finding(number, json_pointer(problem.path) or "/", message, position.line, repair)


def _repair(config: Mapping[str, Any], problem: Problem, position: Position) -> Repair | None:
    """None if nothing known resembles it, or the object has the key that was meant as well."""
    if problem.meant is None:
        return None
    if problem.kind is not Kind.UNKNOWN_KEY:
        return Repair(problem.meant, *position.value)
    parent: Any = config
    for step in problem.path[:-1]:
        parent = parent[step]
    return None if position.key is None or problem.meant in parent else Repair(problem.meant, *position.key)


# --- Differences -----------------------------------------------------------------------------------------------------


def changed_lines(patches: Sequence[Patch], before: str, after: str) -> list[CodeLine]:
    """The first changes as lines of both texts, which are laid out by `readable.lines` and have no secrets."""
    shown = patches[:MAX_SHOWN]
    removed = [patch for patch in shown if patch.action is not Action.ADD]
    added = [patch for patch in shown if patch.action is not Action.REMOVE]
    old_places = positions(before, [patch.path_before for patch in removed])
    new_places = positions(after, [patch.path for patch in added])
    old_lines, new_lines = before.split("\n"), after.split("\n")
    rows: list[CodeLine] = []
    for patch in shown:
        rows.append(CodeLine("gap", text=patch.pointer or "/"))
        if patch.action is not Action.ADD:
            rows += _side("minus", old_lines, old_places[patch.path_before])
        if patch.action is not Action.REMOVE:
            rows += _side("plus", new_lines, new_places[patch.path])
    return rows


def _side(kind: str, lines: Sequence[str], position: Position) -> Iterable[CodeLine]:
    return code_lines.part(kind, lines, position.line, position.last_line)


def without_base(config: Mapping[str, Any]) -> dict[str, Any]:
    """The configuration as it would be stored."""
    return {key: value for key, value in config.items() if key != project_config.BASE_REVISION}
