"""Which package may import which; an arrow the wrong way fails here, by name (docs/adr/0021)."""

import ast
import re
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LAYERS = ["livingdocs_import", "media_library", "documents", "imports"]  # lower first
MAX_AT_A_ROOT = 12  # modules that lie beside an app's packages
# Packages of each app, and modules at its root: from the top floor down. Each imports from lower floors only.
FLOORS = {
    "livingdocs_import": (
        {"checks", "management"},
        {"oidc"},
        {"admin", "apps", "probes"},
        {"housekeeping", "pages", "stored_secrets", "webhooks"},
        {"openapi", "project_config", "server"},
        {"api", "metadata", "dry_runs"},
        {"validation"},
        {"egress", "operations"},
        {"models"},
        {"search", "work_queue"},
        {"db"},
        {"security", "templatetags"},
        {"content_encoding", "errors", "formats", "ids", "per_process", "time_zones", "timestamps"},
        {""},  # the app itself: its version
    ),
    "media_library": (
        {"management"},
        {"admin", "api", "apps", "housekeeping"},
        {"entries", "search"},
        {"entry_map", "storage_cleanup"},
        {"asset_urls", "delivery", "embedded_metadata", "probes", "selectors"},
        {"inspect", "models", "storage"},
        {""},
    ),
    "documents": (
        {"admin", "apps", "housekeeping"},
        {"management", "services"},
        {"api", "importing", "reference_rebuild"},
        {"commands", "config_consequences", "search"},
        {"revisions"},
        {"references"},
        {"content", "models"},
        {""},
    ),
    "imports": (
        {"apps", "management", "templatetags"},
        {"bulk"},
        {"admin", "api", "project_deletion"},
        {"services"},
        {"tasks"},
        {"worker"},
        {"housekeeping"},
        {"asset_audit", "housekeeping_rounds", "item_copies", "monitoring", "outcomes", "plans", "remote_pictures"},
        {"claiming", "handlers", "quotas"},
        {"cause_explanations", "models", "requests"},
        {""},
    ),
}
CLIENT = "client/src/livingdocs_import_client"
# Its modules that do input and output; the others only say what is to be sent (docs/adr/0031).
CLIENT_DOES_IO = {"async_client", "cli", "cli_input", "client", "sources", "transport"}
SPEAK_HTTP = {
    "admin",
    "api",
    "oidc",
    "openapi",
    "pages",
    "security",
    "server",
}  # packages; nothing else knows of requests, answers and statuses
SPEAK_API = {
    "admin",
    "api",
    "bulk",
    "checks",
    "housekeeping",
    "management",
    "openapi",
    "pages",
    "server",
}  # may import livingdocs_import.api
# Templates that belong to no app: the admin's first page and its navigation show what all of them have to say.
OF_THE_SITE = {"admin/index.html", "admin/nav.html"}
# Names with an underscore that Python, Django and others have given away: nothing of ours.
OF_OTHERS = {"_default_manager", "_exit", "_meta", "_parser", "_registry", "_expected_100_continue"}
OF_OTHERS |= {"_asdict", "_fields", "_make", "_replace"}  # of every named tuple
PURE = [  # no models, no settings, no clock of their own
    "livingdocs_import/egress/ssrf.py",
    "livingdocs_import/api/versions.py",
    "livingdocs_import/errors.py",
    "livingdocs_import/ids.py",
    "livingdocs_import/metadata",
    "livingdocs_import/content_encoding.py",
    "livingdocs_import/dry_runs.py",
    "livingdocs_import/project_config/__init__.py",
    "livingdocs_import/project_config/consistency.py",
    "livingdocs_import/project_config/content_types.py",
    "livingdocs_import/project_config/design.py",
    "livingdocs_import/project_config/known_keys.py",
    "livingdocs_import/project_config/matching.py",
    "livingdocs_import/project_config/media_center.py",
    "livingdocs_import/project_config/media_types.py",
    "livingdocs_import/project_config/news_agency.py",
    "livingdocs_import/project_config/differences.py",
    "livingdocs_import/project_config/secret_places.py",
    "livingdocs_import/project_config/settings.py",
    "livingdocs_import/project_config/webhooks.py",
    "livingdocs_import/egress/retry_after.py",
    "livingdocs_import/search/lexemes.py",
    "livingdocs_import/search/word_query.py",
    "livingdocs_import/search/words.py",
    "livingdocs_import/timestamps.py",
    "livingdocs_import/admin/charts.py",
    "livingdocs_import/admin/code_lines.py",
    "livingdocs_import/admin/word_differences.py",
    "livingdocs_import/egress/url.py",
    "livingdocs_import/validation",
    "media_library/embedded_metadata",
    "media_library/inspect",
    "media_library/entries/decision.py",
    "media_library/entries/planning.py",
    "media_library/search/indexed.py",
    "media_library/delivery/variants.py",
    "documents/admin/comparison.py",
    "documents/admin/readable_values.py",
    "documents/admin/story.py",
    "documents/api/visibility.py",
    "documents/api/config_requests.py",
    "documents/api/design_responses.py",
    "documents/commands/operations.py",
    "documents/content/budgets.py",
    "documents/content/compiled_design.py",
    "documents/content/component_options.py",
    "documents/content/next_change.py",
    "documents/content/directives.py",
    "documents/content/edits.py",
    "documents/content/html_scanner.py",
    "documents/content/limits.py",
    "documents/content/media_values.py",
    "documents/content/nesting.py",
    "documents/content/findings.py",
    "documents/content/sanitizer.py",
    "documents/content/tree.py",
    "documents/content/value_rules.py",
    "documents/content/walk.py",
    "documents/importing/decision.py",
    "documents/references/extract.py",
    "documents/revisions/license_rules.py",
    "documents/importing/incoming.py",
    "documents/revisions/parts.py",
    "documents/revisions/publish_control.py",
    "documents/revisions/publication_effect.py",
    "documents/revisions/translations.py",
    "documents/revisions/validate.py",
    "imports/bulk/batching.py",
    "imports/bulk/kinds.py",
    "imports/bulk/mapping.py",
    "imports/bulk/reading",
    "imports/bulk/rows.py",
    "imports/bulk/shapes.py",
    "imports/bulk/values.py",
    "imports/requests/items.py",
    "imports/monitoring/assessment.py",
    "imports/monitoring/facts.py",
]


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def modules(folder: str) -> list[Path]:
    return [p for p in sorted((ROOT / folder).rglob("*.py")) if "migrations" not in p.parts]


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


@cache
def all_modules() -> dict[str, Path]:
    """The modules of the apps by their dotted names."""
    found = {}
    for app in LAYERS:
        for path in modules(app):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imported_modules(path: Path) -> Iterator[str]:
    """What a module imports of ours: the module itself where a name of it is imported."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield whole if whole in all_modules() else node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def room(module: str) -> str:
    """The package of an app, or the module at its root: `entries` of `media_library.entries.patch`."""
    return f"{module}.".split(".")[1]


@pytest.mark.parametrize("app", LAYERS)
def test_a_package_imports_from_lower_floors_only(app: str) -> None:
    floor = {name: number for number, names in enumerate(FLOORS[app]) for name in names}
    wrong = [
        (module, other)
        for module, path in all_modules().items()
        if module.split(".")[0] == app
        for other in imported_modules(path)
        if other.split(".")[0] == app and room(other) != room(module) and floor[room(other)] <= floor[room(module)]
    ]
    assert wrong == []


@pytest.mark.parametrize("app", LAYERS)
def test_every_package_has_its_floor(app: str) -> None:
    there = {room(module) for module in all_modules() if module.split(".")[0] == app}
    named = [name for names in FLOORS[app] for name in names]
    assert sorted(there) == sorted(named)


@pytest.mark.parametrize("app", LAYERS)
def test_few_modules_lie_at_the_root_of_an_app(app: str) -> None:
    assert len([path for path in (ROOT / app).glob("*.py") if path.name != "__init__.py"]) <= MAX_AT_A_ROOT


def test_modules_do_not_import_each_other_in_a_circle() -> None:
    graph = {module: {*imported_modules(path)} - {module} for module, path in all_modules().items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" → ".join(error.args[1]))


def test_only_a_few_packages_speak_http() -> None:
    """The domain says what is wrong; what status that is, is said above it."""
    wrong = [
        (module, name)
        for module, path in all_modules().items()
        if room(module) not in SPEAK_HTTP
        for name in imported(path)
        if name.split(".")[0] == "rest_framework" or name.startswith("django.http")
    ]
    assert wrong == []


def test_the_manners_of_the_api_are_not_known_below_it() -> None:
    wrong = [
        (module, name)
        for module, path in all_modules().items()
        if room(module) not in SPEAK_API
        for name in imported_modules(path)
        if name.startswith("livingdocs_import.api")
    ]
    assert wrong == []


def tag_libraries(template: Path) -> Iterator[str]:
    for names in re.findall(r"{%\s*load\s+(.+?)\s*%}", template.read_text()):
        yield from names.partition(" from ")[2].split() or names.split()


def test_a_template_loads_no_tags_of_a_higher_app() -> None:
    """Templates of an app lie in a folder of its name; the others belong to the lowest."""
    owners = {path.stem: path.parts[-3] for app in LAYERS for path in (ROOT / app / "templatetags").glob("*.py")}
    folder = ROOT / "templates"
    wrong = [
        (name, library)
        for template in sorted(folder.rglob("*.html"))
        for name in [template.relative_to(folder).as_posix()]
        for owner in [next((part for part in template.parts if part in LAYERS), LAYERS[0])]
        for library in tag_libraries(template)
        if name not in OF_THE_SITE and library in owners and LAYERS.index(owners[library]) > LAYERS.index(owner)
    ]
    assert wrong == []


@pytest.mark.parametrize("folder", ["benchmarks", "client/src", "demo", "devtools", "scripts"])
def test_nothing_but_tests_imports_tests(folder: str) -> None:
    wrong = [(path.name, name) for path in modules(folder) for name in imported(path) if name.split(".")[0] == "tests"]
    assert wrong == []


def is_private(name: object) -> bool:
    return isinstance(name, str) and name.startswith("_") and not name.startswith("__") and name not in OF_OTHERS


def privates_of_others(node: ast.AST) -> Iterator[str]:
    """What only a module itself may say: `module._name`, `from module import _name`, `setattr(module, "_name", …)`."""
    match node:
        case ast.Attribute(value=ast.Name(id="self" | "cls") | ast.Call(func=ast.Name(id="super"))):
            return
        case ast.Attribute(attr=name) if is_private(name):
            yield ast.unparse(node)
        case ast.ImportFrom(names=names):
            yield from (alias.name for alias in names if is_private(alias.name))
        case ast.Call(
            func=ast.Name(id="getattr" | "setattr") | ast.Attribute(attr="setattr" | "delattr"),
            args=[_, ast.Constant(value=name), *_],
        ) if is_private(name):
            yield ast.unparse(node)


@pytest.mark.parametrize("folder", [*LAYERS, "config", "tests", "benchmarks", "client", "demo", "devtools", "scripts"])
def test_no_module_uses_the_privates_of_another_one(folder: str) -> None:
    """What a process keeps is an object that a test makes anew (livingdocs_import/per_process.py).

    One exception, which the syntax tree does not show: tests/hostile/test_expressions.py measures expressions wherever
    they are.
    """
    wrong = [
        (p.relative_to(ROOT).as_posix(), n)
        for p in modules(folder)
        for node in ast.walk(parsed(p))
        for n in privates_of_others(node)
    ]
    assert wrong == []


@pytest.mark.parametrize("package", ["worker", "handlers", "claiming", "outcomes"])
def test_the_seams_of_the_worker_have_types(package: str) -> None:
    """JSON that is only handed on is `JSON` (livingdocs_import/validation/json_types.py)."""
    wrong = [p.name for p in modules(f"imports/{package}") if {"typing.Any", "types.ModuleType"} & set(imported(p))]
    assert wrong == []


def without_a_check(path: Path) -> Iterator[int]:
    """The lines at which a comment keeps ruff from looking at imports."""
    lines = path.read_text().splitlines()
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            last = node.end_lineno or node.lineno
            yield from (n for n in range(node.lineno, last + 1) if "noqa" in lines[n - 1].partition("#")[2])
    yield from (n for n, line in enumerate(lines, 1) if re.match(r"#\s*ruff:\s*noqa", line))


@pytest.mark.parametrize("folder", [*LAYERS, "config", "tests", "benchmarks", "client", "demo", "devtools", "scripts"])
def test_every_import_is_looked_at(folder: str) -> None:
    wrong = [(p.relative_to(ROOT).as_posix(), n) for p in modules(folder) for n in without_a_check(p)]
    assert wrong == []


@pytest.mark.parametrize("app", LAYERS)
def test_no_app_imports_a_layer_above_it(app: str) -> None:
    above = {*LAYERS[LAYERS.index(app) + 1 :], "config", "tests", "benchmarks", "devtools"}
    wrong = [(p.relative_to(ROOT).as_posix(), m) for p in modules(app) for m in imported(p) if m.split(".")[0] in above]
    assert wrong == []


@pytest.mark.parametrize("app", [*LAYERS, "config", CLIENT])
def test_no_import_hides_inside_a_function(app: str) -> None:
    hidden = [
        (p.relative_to(ROOT).as_posix(), node.lineno)
        for p in modules(app)
        for function in ast.walk(parsed(p))
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
    """No module below `api` depends on requests and responses (docs/architecture.md)."""
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
        "imports.outcomes.item_outcomes",
        "livingdocs_import.work_queue.lease",
    )
    names = set(imported(ROOT / "imports" / "worker" / f"{module}.py"))
    assert [name for name in names if name.startswith(forbidden)] == []


@pytest.mark.parametrize("app", [*LAYERS, "config", CLIENT])
def test_every_module_begins_with_its_sentence(app: str) -> None:
    silent = [p.relative_to(ROOT).as_posix() for p in modules(app) if not ast.get_docstring(parsed(p))]
    assert silent == []


def test_the_client_library_knows_nothing_but_httpx() -> None:
    known = {"httpx", "livingdocs_import_client", *sys.stdlib_module_names}
    wrong = [(p.name, m) for p in modules(CLIENT) for m in imported(p) if m.split(".")[0] not in known]
    assert wrong == []


@pytest.mark.parametrize("app", LAYERS)
def test_only_commands_use_the_client_library(app: str) -> None:
    """The service calls its own functions; commands may speak to a remote one."""
    users = [p for p in modules(app) if any(m.split(".")[0] == "livingdocs_import_client" for m in imported(p))]
    assert [p.relative_to(ROOT).as_posix() for p in users if not {"management", "bulk"} & set(p.parts)] == []


def test_only_a_few_modules_of_the_client_library_do_input_and_output() -> None:
    forbidden = {"asyncio", "httpx", "os", "pathlib", "socket", "subprocess", "threading", "urllib.request"}
    wrong = [
        (p.name, m)
        for p in modules(CLIENT)
        for m in imported(p)
        if p.stem not in CLIENT_DOES_IO and (m in forbidden or m.split(".")[0] in forbidden)
    ]
    assert wrong == []


def test_modules_of_the_client_library_do_not_import_each_other_in_a_circle() -> None:
    names = {path.stem for path in modules(CLIENT)}
    graph = {
        path.stem: {part for m in imported(path) for part in m.split(".")[1:2] if part in names} - {path.stem}
        for path in modules(CLIENT)
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" → ".join(error.args[1]))


def test_each_decision_has_a_number_of_its_own() -> None:
    numbers = Counter(path.name[:4] for path in (ROOT / "docs/adr").glob("[0-9]*.md"))
    assert [number for number, times in numbers.items() if times > 1] == []
