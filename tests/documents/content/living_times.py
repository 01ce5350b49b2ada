"""The design the tests about content are written against: one component for each thing a component can be."""

from collections.abc import Callable
from typing import Any

from documents.content import tree
from documents.content.compiled_design import CompiledDesign
from documents.content.findings import problem_error
from documents.content.tree import CheckedContent, ContentLimits
from livingdocs_import import project_config

CONFIG: dict[str, Any] = {
    "v": 2,
    "design": {"name": "living-times", "version": "1.0.1"},
    "settings": {
        "includeServices": [
            {
                "handle": "related",
                "paramsSchema": [
                    {"handle": "article", "type": "li-document-reference"},
                    {"handle": "articles", "type": "li-document-references"},
                    {"handle": "video", "type": "li-video-reference"},
                    {"handle": "teaser", "type": "li-teaser"},
                    {"handle": "limit", "type": "li-integer"},
                ],
            }
        ]
    },
    "contentTypes": [
        {
            "handle": "article",
            "documentType": "article",
            "metadata": [
                {"handle": "title", "type": "li-text"},
                {"handle": "description", "type": "li-text", "config": {"translatable": True}},
                {"handle": "teaserImage", "type": "li-image"},
                {"handle": "author", "type": "li-document-reference"},
                {"handle": "related", "type": "li-document-references"},
                {"handle": "language", "type": "li-language"},
                {"handle": "clip", "type": "li-video-reference", "config": {"translatable": True}},
            ],
        }
    ],
    "components": [
        {
            "name": "header",
            "directives": [
                {"type": "editable", "name": "catchline"},
                {"type": "editable", "name": "title", "plainText": True, "minLength": 1, "maxLength": 20},
                {"type": "editable", "name": "author"},
            ],
        },
        {"name": "paragraph", "directives": [{"type": "editable", "name": "text", "maxLength": 100}]},
        {"name": "quote", "directives": [{"type": "editable", "name": "text", "tagAllowlist": ["em", "a"]}]},
        {"name": "note", "directives": [{"type": "editable", "name": "text", "tagDenylist": ["a"]}]},
        {
            "name": "image",
            "directives": [{"type": "image", "name": "image"}],
            "html": '<figure><img doc-image="image"><figcaption doc-editable="caption"></figcaption></figure>',
        },
        {
            "name": "media",
            "directives": [{"type": kind, "name": kind} for kind in ("video", "audio", "file")],
        },
        {
            "name": "embed",
            "directives": [{"type": "html", "name": name} for name in ("free-html", "iframe", "tweet")],
        },
        {"name": "button", "directives": [{"type": "link", "name": "link"}]},
        {"name": "related", "directives": [{"type": "include", "name": "list", "service": "related"}]},
        {
            "name": "teaser",
            "directives": [
                {
                    "type": "include",
                    "name": "teaser",
                    "services": [{"service": "editable-teaser"}, {"service": "document-teaser"}],
                }
            ],
        },
        {"name": "anything", "directives": [{"type": "include", "name": "include"}]},
        {
            "name": "box",
            "directives": [
                {"type": "container", "name": "main"},
                {"type": "container", "name": "aside", "allowedChildren": ["image"]},
                {"type": "style", "name": "background", "properties": ["background-color"]},
                {"type": "toggle", "name": "wide"},
            ],
            "properties": ["padding"],
        },
        {"name": "item", "allowedParents": ["list"], "directives": [{"type": "editable", "name": "text"}]},
        {"name": "list", "directives": [{"type": "container", "name": "items", "allowedChildren": ["item"]}]},
    ],
}

config = project_config.parse(CONFIG, project_id=1, channel_id=1, design_version="1.0.0")
DEFAULTS = ContentLimits()
design = CompiledDesign(config.design, config.include_services)

IMAGE = {
    "originalUrl": "https://assets.example/a.png",
    "url": "https://assets.example/a.png",
    "width": 100,
    "height": 80,
    "mimeType": "image/png",
}


def ids() -> Callable[[], str]:
    """Component ids that can be foretold: doc-0, doc-1, ..."""
    numbers = iter(range(1_000_000))
    return lambda: f"doc-{next(numbers)}"


def check(
    components: Any,
    *,
    allowed: frozenset[str] | None = None,
    completeness: bool = False,
    entries: dict[str, Any] | None = None,
    limits: ContentLimits = DEFAULTS,
) -> CheckedContent:
    """The content checked against the design above."""
    return tree.check(
        components,
        design,
        allowed_components=allowed,
        completeness=completeness,
        make_id=ids(),
        entries=entries or {},
        limits=limits,
    )


def errors(checked: CheckedContent) -> list[dict[str, Any]]:
    """The problems of the content as they are reported."""
    return [problem_error(problem) for problem in checked.problems]


def problems(components: Any, **options: Any) -> dict[str, str]:
    """The problems of the content by path; two at one path are joined."""
    found: dict[str, str] = {}
    for error in errors(check(components, **options)):
        path, message = error["path"], error["message"]
        found[path] = f"{found[path]}; {message}" if path in found else message
    return found


def value_problems(component: str, directive: str, value: Any, **options: Any) -> dict[str, str]:
    """The problems of one directive's value, by path below the value; "" is the value itself."""
    found = problems([{"component": component, "content": {directive: value}}], **options)
    return {path.removeprefix(f"content.0.content.{directive}").lstrip("."): text for path, text in found.items()}


def stored(component: str, directive: str, value: Any, **options: Any) -> Any:
    """One directive's value as it is stored; it must be without problems."""
    checked = check([{"component": component, "content": {directive: value}}], **options)
    assert checked.problems == ()
    return checked.content[0]["content"][directive]
