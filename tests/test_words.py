"""Names in the code, and texts for operators, do without the words that docs/glossary.md has replaced."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text()
FOLDERS = (
    *("config", "livingdocs_import", "media_library", "documents", "imports"),
    *("benchmarks", "client", "demo", "devtools", "scripts", "tests"),
)
OF_THEIR_TIME = {"migrations", "test_upgrade.py"}  # they name what an earlier version had
PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
CODE = re.compile(r"`([^`]+)`")


def replaced(head: str = "Replaced") -> list[str]:
    """The words of the first column of the tables headed so."""
    words: list[str] = []
    inside = False
    for line in GLOSSARY.splitlines():
        inside = line.startswith("|") and (inside or line.startswith(f"| {head} |"))
        if inside:
            words += CODE.findall(line.split("|")[1])
    return words


def parts(name: str) -> list[str]:
    return PART.findall(name)


def pattern(word: str) -> re.Pattern[str]:
    """Matches a name: small letters a part of it, capitals the whole; an underscore in front does not count."""
    if word.islower():
        return re.compile(rf"(?:.*_)?{word}s?(?:_.*)?", re.IGNORECASE)
    return re.compile(word.replace("*", ".+"))


@cache
def patterns() -> dict[str, re.Pattern[str]]:
    return {word: pattern(word) for word in replaced()}


def replaced_in(name: str) -> list[str]:
    spellings = {name.lstrip("_"), "_".join(parts(name))}
    return [word for word, regex in patterns().items() if any(map(regex.fullmatch, spellings))]


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def sources() -> Iterator[Path]:
    for folder in FOLDERS:
        yield from (path for path in sorted((ROOT / folder).rglob("*.py")) if not OF_THEIR_TIME & set(path.parts))


def names(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        for attribute in ("name", "id", "attr", "arg", "asname"):
            if isinstance(name := getattr(node, attribute, None), str):
                yield from name.split(".")


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_name_has_a_replaced_word(folder: str) -> None:
    wrong = {
        (path.relative_to(ROOT).as_posix(), name, word)
        for path in sources()
        if path.relative_to(ROOT).parts[0] == folder
        for name in {path.stem, *names(parsed(path))}
        if not name.startswith("test_")  # a sentence, see below
        for word in replaced_in(name)
    }
    assert sorted(wrong) == []


def texts() -> Iterator[tuple[str, str]]:
    """Templates, the strings of the admin and of commands, and the names of tests, which are sentences."""
    for template in sorted((ROOT / "templates").rglob("*.html")):
        yield template.relative_to(ROOT).as_posix(), template.read_text()
    for path in sources():
        place = path.relative_to(ROOT)
        tree = parsed(path)
        if place.parts[0] == "tests":
            yield from ((place.as_posix(), name.replace("_", " ")) for name in names(tree) if name.startswith("test_"))
        elif {"admin", "management"} & set(place.parts):
            constants = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))
            yield from ((place.as_posix(), text) for text in constants if isinstance(text, str))


def test_no_text_has_a_replaced_word() -> None:
    words = replaced("Replaced in texts")
    assert words
    phrases = {word: re.compile(rf"\b{re.escape(word)}s?\b", re.IGNORECASE) for word in words}
    wrong = {(path, word) for path, text in texts() for word, regex in phrases.items() if regex.search(text)}
    assert sorted(wrong) == []


@pytest.mark.parametrize("name", ["ring_courier", "RingCourier", "couriers", "_courier"])
def test_a_replaced_word_is_found_in_every_spelling(name: str) -> None:
    assert "courier" in replaced_in(name)


@pytest.mark.parametrize("name", ["string", "rings_true_not", "discourier"])
def test_a_part_of_a_word_is_none(name: str) -> None:
    assert "courier" not in replaced_in(name)
