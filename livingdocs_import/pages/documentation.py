"""GET /documentation/: the documentation of this version, for readers who do not have the repository."""

from functools import cache
from itertools import chain

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from livingdocs_import.api.error_responses import not_found
from livingdocs_import.pages import markdown
from livingdocs_import.pages.rendering import page

# The table of contents: paths below the root of the repository, or patterns of them. What SECURITY.md and the
# specification say of weaknesses and threats is not for all visitors.
CHAPTERS = {
    "Guides": ("docs/guides/first-steps.md", "docs/guides/*.md"),
    "Reference": ("docs/api.md", "client/README.md", "docs/delivery.md", "CHANGELOG.md"),
    "Running and changing it": ("docs/operations.md", "docs/architecture.md", "docs/glossary.md"),
    "Decisions": ("docs/adr/*.md",),
}
ONLY_LINKED = ("README.md",)


@require_safe
def contents(request: HttpRequest) -> HttpResponse:
    """The table of contents."""
    chapters = {name: [(path, read(path).title) for path in found(*paths)] for name, paths in CHAPTERS.items()}
    return page("pages/contents.html", {"chapters": chapters})


@require_safe
def document(request: HttpRequest, path: str) -> HttpResponse:
    """One document, under its path in the repository, so that its relative links hold."""
    return page("pages/document.html", read(path)._asdict()) if path in known() else not_found(request)


@cache
def read(path: str) -> markdown.Document:
    """A document; files do not change while the service runs."""
    return markdown.document(path, (settings.BASE_DIR / path).read_text(encoding="utf-8"), known())


@cache
def known() -> frozenset[str]:
    """The paths of all documents."""
    return frozenset(found(*chain.from_iterable(CHAPTERS.values()), *ONLY_LINKED))


def found(*patterns: str) -> list[str]:
    """The paths that exist, each once, in the order of the patterns."""
    root = settings.BASE_DIR
    paths = (path for pattern in patterns for path in sorted(root.glob(pattern)))
    return list(dict.fromkeys(path.relative_to(root).as_posix() for path in paths))
