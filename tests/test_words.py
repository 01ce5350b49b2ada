"""Names, texts for operators, docstrings, comments and docs do not use the words that docs/glossary.md has replaced."""

import ast
import io
import re
import tokenize
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text()
FOLDERS = (
    *("config", "livingdocs_import", "media_library", "documents", "imports"),
    *("benchmarks", "client", "demo", "devtools", "scripts", "tests"),
)
OF_THEIR_TIME = {"migrations", "test_upgrade.py"}  # they use the names of earlier versions
FOR_OPERATORS = {
    "admin",
    "bulk",
    "management",
    "causes.py",
    "checks.py",
    "monitoring",
    "retired_settings.py",
    "waiting.py",
}
QUOTING = {"specification", "glossary.md", "CHANGELOG.md"}  # the contract, replaced words, and earlier releases
DOCS = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), ROOT / "benchmarks" / "README.md"]
DOCSTRINGS = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
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


def log_messages(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="log")), args=[ast.Constant(value=str(message)), *_]):
                yield message


def texts() -> Iterator[tuple[str, str]]:
    """Templates, the strings of modules for operators, log messages, and the names of tests, which are sentences."""
    for template in sorted((ROOT / "templates").rglob("*.html")):
        yield template.relative_to(ROOT).as_posix(), template.read_text()
    for path in sources():
        place = path.relative_to(ROOT)
        tree = parsed(path)
        if place.parts[0] == "tests":
            yield from ((place.as_posix(), name.replace("_", " ")) for name in names(tree) if name.startswith("test_"))
        elif FOR_OPERATORS & set(place.parts):
            constants = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))
            yield from ((place.as_posix(), text) for text in constants if isinstance(text, str))
        else:
            yield from ((place.as_posix(), message) for message in log_messages(tree))


def prose() -> Iterator[tuple[str, str]]:
    """Docstrings and comments of all code, and the documentation."""
    for path in sources():
        place = path.relative_to(ROOT).as_posix()
        for node in ast.walk(parsed(path)):
            if isinstance(node, DOCSTRINGS) and (docstring := ast.get_docstring(node)):
                yield place, docstring
        for token in tokenize.generate_tokens(io.StringIO(path.read_text()).readline):
            if token.type == tokenize.COMMENT:
                yield place, token.string
    for path in DOCS:
        if not QUOTING & set(path.relative_to(ROOT).parts):
            yield path.relative_to(ROOT).as_posix(), path.read_text()


def replaced_phrases(texts: Iterable[tuple[str, str]], heads: Sequence[str]) -> list[tuple[str, str]]:
    """The words of these tables in the texts, by place."""
    words = [word for head in heads for word in replaced(head)]
    assert words
    phrase = re.compile(rf"\b(?:{'|'.join(map(re.escape, words))})s?\b", re.IGNORECASE)
    return sorted({(place, word) for place, text in texts for word in phrase.findall(" ".join(text.split()))})


def test_no_text_has_a_replaced_word() -> None:
    assert replaced_phrases(texts(), ["Replaced in texts", "Replaced in prose"]) == []


def test_no_prose_has_a_replaced_word() -> None:
    assert replaced_phrases(prose(), ["Replaced in prose"]) == []


def test_a_replaced_phrase_is_found_across_lines() -> None:
    heads = ["Replaced in prose"]
    assert replaced_phrases([("a.py", "Read by nobody.")], heads) == [("a.py", "nobody")]
    assert replaced_phrases([("a.md", "as the version\nbefore did")], heads) == [("a.md", "the version before")]
    assert replaced_phrases([("a.md", "a foretold recommendation")], heads) == []


@pytest.mark.parametrize("name", ["ring_courier", "RingCourier", "couriers", "_courier"])
def test_a_replaced_word_is_found_in_every_spelling(name: str) -> None:
    assert "courier" in replaced_in(name)


@pytest.mark.parametrize("name", ["string", "rings_true_not", "discourier"])
def test_a_part_of_a_word_is_none(name: str) -> None:
    assert "courier" not in replaced_in(name)
