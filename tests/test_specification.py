"""Code and docs cite the specification in one spelling, every citation resolves, and every built row has a test."""

import io
import os
import re
import subprocess
import sys
import tokenize
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from livingdocs_import.api.versions import NAMES

ROOT = Path(__file__).resolve().parent.parent
SPECIFICATION = ROOT / "docs" / "specification"
NOT_OURS = {"var", "__pycache__", "node_modules"}  # folders beside our sources; hidden ones are passed over, too
TEXTS = {".py", ".md", ".html", ".js", ".css", ".toml", ".json", ".conf", ".example", ".yml", ".yaml", ""}

ID = re.compile(r"\b([A-Z]{1,4})-(\d+)\b")
SPAN = re.compile(r"\b([A-Z]{1,4})-(\d+) to \1-(\d+)\b")
# What has the form of a row's id and is none: an encoding, and a value that a test stores.
NO_CITATIONS = {"UTF-16", "IMG-1"}
NUMBER = r"(?:\d+(?:\.\d+)?|[AB])\b"
SECTION = re.compile(rf"\bspec\s+({NUMBER}(?:, {NUMBER})*)")
HEADING = re.compile(rf"^#+ ({NUMBER})", re.MULTILINE)
ROW = re.compile(r"^\| ([A-Z]{1,4}-\d+) \|.*\| ([^|]*) \|$", re.MULTILINE)
# Spellings that could be something else: a bare F3, T14 or G7, and sections that no parenthesis sets apart.
DOUBTFUL = re.compile(r"\b[FTG][1-9]\d?\b(?!-)|\bSpec \d|\bspec section|\brulings?\b")

# Built rows that no test can name, each with the reason.
WITHOUT_TEST: dict[str, str] = {}


@cache
def texts() -> dict[str, str]:
    """The repository's own files by their path; no list of git's is asked, for a release has none."""
    found = {}
    for folder, folders, files in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in NOT_OURS and (name == ".ci" or not name.startswith("."))]
        for path in (Path(folder, name) for name in files):
            if path.suffix in TEXTS and path.name != ".env":
                found[path.relative_to(ROOT).as_posix()] = path.read_text(errors="replace")
    return found


@cache
def rows() -> dict[str, str]:
    """The last column of each row by its id: of a behaviour, since when it holds."""
    return dict(row for path in sorted(SPECIFICATION.rglob("*.md")) for row in ROW.findall(path.read_text()))


@cache
def behaviours() -> dict[str, str]:
    return dict(
        row for path in sorted((SPECIFICATION / "behaviours").glob("*.md")) for row in ROW.findall(path.read_text())
    )


def ids_in(text: str) -> set[str]:
    """The ids of rows that are cited, those between the ends of a span included."""
    families = {row.split("-")[0] for row in rows()}
    found = {
        match[0]
        for match in ID.finditer(text)
        if match[1] in families or (len(match[1]) > 2 and len(match[2]) == 2)  # else SHA-256, PDF-1, ISO-8859
    }
    for family, first, last in SPAN.findall(text):
        numbers = (str(number).zfill(len(first)) for number in range(int(first), int(last) + 1))
        found |= {f"{family}-{number}" for number in numbers}
    return found - NO_CITATIONS


def named_by_tests() -> set[str]:
    sources = (text for path, text in texts().items() if path.startswith("tests/") and path.endswith(".py"))
    return set().union(*map(ids_in, sources))


def remarks(source: str) -> Iterator[str]:
    """Comments and docstrings."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        is_comment = token.type == tokenize.COMMENT and "noqa" not in token.string
        if is_comment or (token.type == tokenize.STRING and token.string.startswith('"""')):
            yield token.string


# --- The specification -----------------------------------------------------------------------------------------------


def test_no_id_and_no_number_is_given_twice() -> None:
    pages = [path.read_text() for path in SPECIFICATION.rglob("*.md")]
    ids = Counter(row for page in pages for row, _ in ROW.findall(page))
    sections = Counter(number for page in pages for number in HEADING.findall(page))
    assert [name for name, number in (ids + sections).items() if number > 1] == []


def test_each_behaviour_says_since_when_it_holds() -> None:
    known = {*NAMES, "planned", "not offered"}
    assert {row: since for row, since in behaviours().items() if since not in known} == {}


# --- What cites it ---------------------------------------------------------------------------------------------------


def test_every_cited_id_is_a_row() -> None:
    unknown = {path: sorted(missing) for path, text in texts().items() if (missing := ids_in(text) - rows().keys())}
    assert unknown == {}


def test_every_cited_section_is_a_heading() -> None:
    numbers = {number for path in SPECIFICATION.rglob("*.md") for number in HEADING.findall(path.read_text())}
    cited = [
        (path, number)
        for path, text in texts().items()
        for listed in SECTION.findall(text)
        for number in listed.split(", ")
    ]
    assert len(cited) > 100
    assert [(path, number) for path, number in cited if number not in numbers] == []


def test_citations_cannot_be_taken_for_anything_else() -> None:
    found = []
    for path, source in texts().items():
        if not path.endswith(".py") or path == "tests/test_specification.py":
            continue
        for remark in remarks(source) if DOUBTFUL.search(source) or SECTION.search(source) else ():
            found += [(path, match[0]) for match in DOUBTFUL.finditer(remark)]
            for match in SECTION.finditer(remark):
                before = remark[: match.start()]
                if before.rfind("(") <= before.rfind(")"):
                    found.append((path, match[0]))
    assert found == []


# --- Rows and tests --------------------------------------------------------------------------------------------------


def test_every_built_row_is_named_by_a_test() -> None:
    built = {row for row, since in behaviours().items() if since in NAMES}
    assert sorted(built - named_by_tests() - WITHOUT_TEST.keys()) == []
    assert sorted(WITHOUT_TEST.keys() & named_by_tests()) == []


def test_a_row_that_a_test_names_is_not_called_planned() -> None:
    """The commit that implements it puts the version into the row's last column."""
    planned = {row for row, since in behaviours().items() if since not in NAMES}
    assert sorted(planned & named_by_tests()) == []


def test_the_table_of_behaviours_and_their_tests_is_up_to_date() -> None:
    """`make format` writes it."""
    command = [sys.executable, ROOT / "scripts" / "behaviour_table.py", "--check"]
    assert subprocess.run(command, capture_output=True, text=True).stderr == ""


def test_what_no_test_names_is_reported() -> None:
    """For information, with pytest's -rP: planned rows, and faults, threats and goals without a test of their own."""
    named = named_by_tests()
    planned = sorted(row for row, since in behaviours().items() if since == "planned" and row not in named)
    others = sorted(row for row in rows() if row.startswith(("FLT-", "THR-", "GOAL-")) and row not in named)
    print(f"{len(planned)} planned rows:", *planned)
    print(f"{len(others)} faults, threats and goals that no test names:", *others)
