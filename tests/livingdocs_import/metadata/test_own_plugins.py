"""A project adds plugins of its own without touching ours (spec 4.4, notes)."""

import pytest

from livingdocs_import.metadata import Context, MetadataSchema, sentence
from livingdocs_import.metadata.registry import Behaviour, plugin
from livingdocs_import.validation.json_reader import InvalidConfig, Node
from livingdocs_import.validation.problems import json_pointer
from livingdocs_import.validation.value_types import Expression, Text


@plugin("acme-slug", Context.DOCUMENT | Context.MEDIA)
def slug(options: Node) -> Behaviour:
    return Behaviour(Text(longest=options.whole("maxLength", least=1), pattern=Expression("^[a-z-]+$")))


def test_an_own_plugin_is_used_like_ours() -> None:
    schema = MetadataSchema.compile(
        [{"handle": "slug", "type": "acme-slug", "config": {"maxLength": 5, "required": True}}], Context.MEDIA
    )
    assert schema.check({"slug": "a-b"}, completeness=True) == []
    assert [sentence(problem) for problem in schema.check({"slug": "Long one"}, completeness=True)] == [
        "The value of '/slug' must NOT have more than 5 characters",
        "The value of '/slug' must match pattern \"^[a-z-]+$\"",
    ]


def test_its_options_are_checked_with_the_configuration() -> None:
    with pytest.raises(InvalidConfig) as caught:
        MetadataSchema.compile([{"handle": "slug", "type": "acme-slug", "config": {"maxLength": 0}}], Context.MEDIA)
    assert [(json_pointer(p.path), p.message) for p in caught.value.problems] == [
        ("/metadata/0/config/maxLength", "must be >= 1")
    ]


def test_it_keeps_to_its_contexts() -> None:
    with pytest.raises(InvalidConfig, match="acme-slug cannot be used in the parameters of an include service"):
        MetadataSchema.compile([{"handle": "slug", "type": "acme-slug"}], Context.INCLUDE)


def test_a_name_is_taken_once() -> None:
    with pytest.raises(ValueError, match="There is already a metadata plugin named li-text"):
        plugin("li-text", Context.MEDIA)(slug)
