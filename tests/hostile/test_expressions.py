"""Expressions over untrusted text are run by re2, or measured here to take time in proportion.

New ones are compiled with re2. Where that is impossible (look-around, bytes, short texts in hot paths: a
call of re2 costs a microsecond more), it gets a name of its module and a line in KNOWN_TO_BE_LINEAR.
"""

import ast
import importlib
import importlib.util
import itertools
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from documents.content import sanitizer
from tests.hostile.harness import Door, Recipe, assert_linear

ROOT = Path(__file__).parent.parent.parent
FOLDERS = ["livingdocs_import", "media_library", "documents", "imports", "config"]
MAX_INPUT = 16 * 1024  # characters; the square of that takes half a second
MAX_PIECES = 8

KNOWN_TO_BE_LINEAR: dict[str, str | Callable[[str], object]] = {
    "documents.content.directives:_IGNORED_IN_ADDRESSES": "sub",
    "documents.content.directives:_SCRIPT_ADDRESS": "match",
    "documents.content.directives:_TWITTER": "search",
    "documents.content.html_scanner:_ATTRIBUTE": "match",
    "documents.content.html_scanner:_ENDLESS": "sub",
    "documents.content.html_scanner:_OPENING": "search",
    "documents.content.nesting:_ANY_TAG": "findall",
    "documents.content.nesting:_CERTAIN": "match",
    "documents.content.nesting:_MARKUP": "search",
    "documents.content.nesting:_UNCERTAIN": "search",
    "documents.content.sanitizer:_BEGINNING": "findall",
    "documents.content.sanitizer:_CLEANED_TAG": "findall",
    "documents.content.sanitizer:_NAME": "findall",
    "documents.content.sanitizer:_TAG_LIKE": "search",
    "documents.search.indexed:_INLINE": "sub",
    "documents.search.moments:_RELATIVE": "fullmatch",
    "documents.content.sanitizer:boundaries": sanitizer.boundaries(frozenset({"p", "br"})).findall,
    "documents.content.sanitizer:clean_at_sight": sanitizer.clean_at_sight(frozenset({"b", "i"})),
    "documents.content.sanitizer:_squeezed": lambda text: re.sub(r" {2,}", " ", text),
    "documents.admin.readable_values:_BREAKS": "sub",
    "livingdocs_import.admin.configuration_drafts:_LINE": "search",
    "livingdocs_import.admin.word_differences:_WORDS": "findall",
    "livingdocs_import.api.query:_ELEMENT": "fullmatch",
    "livingdocs_import.egress.evidence:_ESCAPE": "findall",
    "livingdocs_import.egress.evidence:_UNIT": "findall",
    "livingdocs_import.egress.evidence:secret_parts": lambda text: re.split("[&;]", text),
    "livingdocs_import.oidc.identities:_NOT_IN_NAMES": "sub",
    "livingdocs_import.search.word_query:_QUOTES": "split",
    "livingdocs_import.search.words:_ACCENTS": "sub",
    "livingdocs_import.search.words:_ASCII": "findall",
    "livingdocs_import.egress.ssrf:_ENDPOINT": "fullmatch",
    "livingdocs_import.security.signed_tokens:JTI": "fullmatch",
    "livingdocs_import.security.signing_keys:FRAME": "sub",
    "livingdocs_import.server.compression:_REFUSED": "search",
    "livingdocs_import.validation.json_schema:_PLAIN_URL": "fullmatch",
    "livingdocs_import.metadata.definitions:HANDLE": "fullmatch",
    "imports.bulk.mapping:_TARGET": "fullmatch",
    "imports.bulk.values:_INTEGER": "fullmatch",
    "imports.bulk.values:_NUMBER": "fullmatch",
    "livingdocs_import.pages.markdown:_NOT_IN_ANCHORS": "sub",
    "media_library.admin.editors:_FRACTION": "fullmatch",
    "media_library.admin.editors:_NUMBER": "fullmatch",
    "media_library.admin.labels:_BETWEEN_WORDS": "sub",
    "media_library.admin.history:_SET": "fullmatch",
    "media_library.search.indexed:_DATE": "match",
    "media_library.search.indexed:_QUERY": "search",
    "livingdocs_import.validation.value_types:_DATE": "fullmatch",
    "livingdocs_import.validation.value_types:_DATE_TIME": "fullmatch",
    "livingdocs_import.metadata.plugins.links:_LOCALE": "fullmatch",
    "livingdocs_import.project_config:DESIGN_NAME": "fullmatch",
    "livingdocs_import.project_config:DESIGN_VERSION": "fullmatch",
    "livingdocs_import.project_config.media_types:HANDLE": "fullmatch",
    "livingdocs_import.project_config.settings:_LOCALE": "fullmatch",
    "livingdocs_import.webhooks.concurrency:_SERVER": "match",
    "livingdocs_import.webhooks.operator_headers:_NAME": "fullmatch",
    "livingdocs_import.webhooks.operator_headers:_OURS": "fullmatch",
    "livingdocs_import.webhooks.operator_headers:_UP": "search",
    "livingdocs_import.webhooks.operator_headers:_VALUE": "fullmatch",
    "livingdocs_import.egress.url:_AUTHORITY": "fullmatch",
    "livingdocs_import.egress.url:_BEGINNING": "match",
    "livingdocs_import.egress.url:_ENCODED_UNICODE": "sub",
    "livingdocs_import.egress.url:_FORBIDDEN": "search",
    "livingdocs_import.egress.url:_HAS_SCHEME": "match",
    "livingdocs_import.egress.url:_NAME": "fullmatch",
    "livingdocs_import.egress.url:_NUMBER": "fullmatch",
    "livingdocs_import.egress.url:_URL": "fullmatch",
    "livingdocs_import.validation.json_positions:_TOKENS": "findall",
    "livingdocs_import.validation.json_positions:positions": re.compile("\n").findall,
    "livingdocs_import.validation.strict_json:_TOO_BIG": "search",
    "media_library.asset_urls:_DECODED": "fullmatch",
    "media_library.delivery.variants:_NAME": "fullmatch",
    "media_library.api.file_responses:_MIME_TYPE": "fullmatch",
    "media_library.api.file_responses:_NOT_PLAIN": "sub",
    "media_library.api.file_responses:_UNPRINTABLE": "sub",
    "media_library.embedded_metadata.fields:PREFIXED": "fullmatch",
    "media_library.inspect.jpeg:MARKER": "search",
    "media_library.embedded_metadata.dates:DATE_AND_TIME": "fullmatch",
    "media_library.embedded_metadata.dates:EXIF_STAMP": "fullmatch",
    "media_library.embedded_metadata.dates:IIM_CLOCK": "fullmatch",
    "media_library.embedded_metadata.dates:IIM_DAY": "fullmatch",
    "media_library.embedded_metadata.dates:YEAR_OR_MONTH": "fullmatch",
    "media_library.inspect.xml_namespaces:HEAD": "findall",
    "media_library.inspect.magic:HTML": "match",
    "media_library.inspect.magic:JSON": "match",
    "media_library.embedded_metadata.text:UNWANTED": "sub",
    "media_library.embedded_metadata.xmp:FORBIDDEN": "sub",
    "media_library.storage.keys:_GENERATED": "match",
    "media_library.storage.keys:_UNSAFE": "search",
}
# These are in proportion only because of what happens around them, and are measured there.
MEASURED_AT_THEIR_DOORS = {
    "documents.admin.readable_values:_TAGS",
    "documents.content.html_scanner:start_tags",
    "documents.content.nesting:_RAW_END",
    "media_library.inspect.svg:LENGTH",
}


# --- Finding them ----------------------------------------------------------------------------------------------------


@cache
def modules() -> tuple[tuple[str, ast.Module], ...]:
    return tuple(_modules())


def _modules() -> Iterator[tuple[str, ast.Module]]:
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                parts = path.relative_to(ROOT).with_suffix("").parts
                yield ".".join(part for part in parts if part != "__init__"), ast.parse(path.read_text())


def expressions(name: str, node: ast.AST, place: str = "") -> Iterator[str]:
    """`module:NAME` or `module:function` of each use of `re` that holds an expression."""
    for child in ast.iter_child_nodes(node):
        inside = place
        if not place and isinstance(child, ast.FunctionDef | ast.ClassDef):
            inside = child.name
        elif not place and isinstance(child, ast.Assign) and isinstance(child.targets[0], ast.Name):
            inside = child.targets[0].id
        if isinstance(child, ast.Call) and ast.unparse(child.func).startswith("re."):
            yield f"{name}:{inside}"
        yield from expressions(name, child, inside)


def test_every_expression_is_run_by_re2_or_measured() -> None:
    found = {place for name, tree in modules() for place in expressions(name, tree)}
    assert sorted(found - KNOWN_TO_BE_LINEAR.keys() - MEASURED_AT_THEIR_DOORS) == [], (
        "compile them with re2, or see above"
    )


def test_the_functions_of_re_are_not_imported_by_name() -> None:
    """`from re import …` would hide an expression from the test above."""
    imported = [
        (name, node.lineno) for name, tree in modules() for node in ast.walk(tree)
        if (isinstance(node, ast.ImportFrom) and node.module in {"re", "regex"})
        or (isinstance(node, ast.Import) and any(part.name == "re" and part.asname for part in node.names))
    ]  # fmt: skip
    assert imported == []


def test_patterns_in_schemas_are_run_by_an_engine_without_backtracking() -> None:
    """Only one module compiles schemas, and it chooses the engine for all of them."""
    users = {
        name for name, tree in modules() for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom) and "jsonschema_rs" in ast.unparse(node)
    }  # fmt: skip
    assert users == {"livingdocs_import.validation.compiled_schema"}
    (tree,) = (tree for name, tree in modules() if name in users)
    compiling = [
        node for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("jsonschema_rs.Draft")
    ]  # fmt: skip
    engines = [{keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords} for call in compiling]
    assert [engine.get("pattern_options") for engine in engines] == ["jsonschema_rs.RegexOptions()"]


def test_routes_and_form_fields_have_no_expressions() -> None:
    """Django would run them with `re`. `re_path("")` alone matches everything."""
    found = [
        ast.unparse(node) for _, tree in modules() for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in {
            "re_path", "RegexValidator", "RegexField", "URLValidator"}
        and not (ast.unparse(node).startswith("re_path('',"))
    ]  # fmt: skip
    assert found == []


# --- Measuring them --------------------------------------------------------------------------------------------------


def pieces_of(expression: "re.Pattern[Any]") -> list[str]:
    """What an expression is made of: its literals, a sign or two of each class, and one that fits nowhere."""
    found: dict[str, None] = {}

    def walk(node: Any) -> None:
        if isinstance(node, re._parser.SubPattern):
            run = "".join(chr(value) for kind, value in node if str(kind) == "LITERAL")
            found.update(dict.fromkeys(part for part in (run, run[:1]) if part))
        if isinstance(node, tuple) and len(node) == 2 and str(node[0]) in {"LITERAL", "RANGE"}:
            found[chr(node[1] if isinstance(node[1], int) else node[1][0])] = None
        elif isinstance(node, tuple) and len(node) == 2 and str(node[0]) == "CATEGORY":
            found["1" if "DIGIT" in str(node[1]) else " " if "SPACE" in str(node[1]) else "a"] = None
        if isinstance(node, re._parser.SubPattern | list | tuple):
            for inner in node:
                walk(inner)

    source = expression.pattern if isinstance(expression.pattern, str) else expression.pattern.decode("latin-1")
    walk(re._parser.parse(source, expression.flags & (re.IGNORECASE | re.VERBOSE | re.DOTALL)))
    encodable = [piece for piece in found if piece.isascii()]
    step = max(1, len(encodable) // MAX_PIECES)
    return ["a", *encodable[::step][:MAX_PIECES], "\n", "!"]


def measured(place: str) -> tuple[Callable[[Any], object], list[Any]]:
    """What is to be measured, and the pieces to do it with."""
    use = KNOWN_TO_BE_LINEAR[place]
    if callable(use):
        return use, ["<", "</", "b", "b>", "<b>", "</b>", "p", " ", "a", "&amp;", "\n", "!"]
    module, _, name = place.partition(":")
    expression = getattr(importlib.import_module(module), name)
    if callable(expression):  # a method that was taken at once, as in `re.compile(…).fullmatch`
        expression = expression.__self__
    method = getattr(expression, use)
    pieces: list[Any] = pieces_of(expression)
    if isinstance(expression.pattern, bytes):
        pieces = [piece.encode("latin-1") for piece in pieces]
    empty = pieces[0][:0]
    return (lambda text: method(empty, text)) if use == "sub" else method, pieces


def exists(place: str) -> bool:
    module, _, name = place.partition(":")
    return importlib.util.find_spec(module) is not None and hasattr(importlib.import_module(module), name)


@pytest.mark.parametrize("place", [place for place in KNOWN_TO_BE_LINEAR if exists(place)])
def test_what_re_runs_takes_time_in_proportion(place: str) -> None:
    use, pieces = measured(place)
    door = Door(place, tuple(pieces), use, most=MAX_INPUT)
    for first, second in itertools.combinations_with_replacement(pieces, 2):
        assert_linear(door, Recipe.repeating(first + second, head=pieces[1], tail=pieces[-1]))
        assert_linear(door, Recipe.repeating(first, second, head=pieces[1]))
