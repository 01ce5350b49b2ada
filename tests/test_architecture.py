"""Which folder may import which; an arrow the wrong way fails here, by name."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LAYERS = ["livingdocs_import", "media_library", "documents", "imports"]  # lower first
PURE = [  # no models, no settings, no clock of their own
    "livingdocs_import/egress/ssrf.py",
    "livingdocs_import/api/versions.py",
    "livingdocs_import/errors.py",
    "livingdocs_import/ids.py",
    "livingdocs_import/metadata",
    "livingdocs_import/egress/content_encoding.py",
    "livingdocs_import/project_config/__init__.py",
    "livingdocs_import/project_config/content_types.py",
    "livingdocs_import/project_config/design.py",
    "livingdocs_import/project_config/media_types.py",
    "livingdocs_import/project_config/secret_places.py",
    "livingdocs_import/project_config/settings.py",
    "livingdocs_import/egress/retry_after.py",
    "livingdocs_import/timestamps.py",
    "livingdocs_import/egress/url.py",
    "livingdocs_import/validation",
    "media_library/embedded_metadata",
    "media_library/inspect",
    "media_library/entries/decision.py",
    "media_library/delivery/variants.py",
    "documents/api/visibility.py",
    "documents/content/budgets.py",
    "documents/content/compiled_design.py",
    "documents/content/component_options.py",
    "documents/content/directives.py",
    "documents/content/html_scanner.py",
    "documents/content/limits.py",
    "documents/content/media_values.py",
    "documents/content/nesting.py",
    "documents/content/problems.py",
    "documents/content/sanitizer.py",
    "documents/content/tree.py",
    "documents/content/value_rules.py",
    "documents/content/walk.py",
    "documents/importing/decision.py",
    "documents/references/extract.py",
    "documents/revisions/parts.py",
    "documents/revisions/publication_dates.py",
    "documents/revisions/publication_effect.py",
    "documents/revisions/translations.py",
    "documents/revisions/validate.py",
]


def modules(folder: str) -> list[Path]:
    return [p for p in sorted((ROOT / folder).rglob("*.py")) if "migrations" not in p.parts]


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


@pytest.mark.parametrize("app", LAYERS)
def test_no_app_imports_a_layer_above_it(app: str) -> None:
    above = {*LAYERS[LAYERS.index(app) + 1 :], "config", "tests", "benchmarks"}
    wrong = [(p.relative_to(ROOT).as_posix(), m) for p in modules(app) for m in imported(p) if m.split(".")[0] in above]
    assert wrong == []


@pytest.mark.parametrize("app", [*LAYERS, "config"])
def test_no_import_hides_inside_a_function(app: str) -> None:
    hidden = [
        (p.relative_to(ROOT).as_posix(), node.lineno)
        for p in modules(app)
        for function in ast.walk(ast.parse(p.read_text()))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert hidden == []


@pytest.mark.parametrize("place", PURE)
def test_a_pure_module_knows_neither_models_nor_settings(place: str) -> None:
    path = ROOT / place
    files = [path] if path.suffix else modules(place)
    assert files, f"{place} is gone: take it off the list"
    wrong = [
        (p.relative_to(ROOT).as_posix(), m)
        for p in files
        for m in imported(p)
        if (m.startswith("django.") and m != "django.utils") or "models" in m.split(".") or m == "django.utils.timezone"
    ]
    assert wrong == []


@pytest.mark.parametrize("app", LAYERS[1:])
def test_nothing_but_an_api_imports_the_api_of_an_app(app: str) -> None:
    """Below `api` nobody knows of requests and of answers (docs/architecture.md)."""
    wrong = [
        (p.relative_to(ROOT).as_posix(), m)
        for other in LAYERS
        for p in modules(other)
        for m in imported(p)
        if m.startswith(f"{app}.api") and "api" not in p.parts
    ]
    assert wrong == []


def test_services_do_not_know_the_admin_and_tasks_do_not_know_services() -> None:
    """services → tasks → worker (docs/architecture.md)."""
    lower = {"services": {"admin"}, "tasks": {"services"}, "worker": {"services", "tasks"}}
    wrong = [
        (p.relative_to(ROOT).as_posix(), m)
        for app in LAYERS
        for p in modules(app)
        for m in imported(p)
        for place in lower.keys() & {p.stem, p.parent.name}
        if m.split(".")[0] in LAYERS and m.split(".")[-1] in lower[place]
    ]
    assert wrong == []


@pytest.mark.parametrize("module", ["downloads", "window", "claim_size"])
def test_downloads_do_without_the_database(module: str) -> None:
    """They run in threads, and are kept while the database is away."""
    forbidden = (
        "django.db",
        "imports.claiming.due_items",
        "imports.outcomes.completion",
        "livingdocs_import.work_queue.lease",
    )
    names = set(imported(ROOT / "imports" / "worker" / f"{module}.py"))
    assert [name for name in names if name.startswith(forbidden)] == []


@pytest.mark.parametrize("app", [*LAYERS, "config"])
def test_every_module_begins_with_its_sentence(app: str) -> None:
    silent = [
        p.relative_to(ROOT).as_posix()
        for p in modules(app)
        if p.read_text().strip() and not ast.get_docstring(ast.parse(p.read_text()))
    ]
    assert silent == []
