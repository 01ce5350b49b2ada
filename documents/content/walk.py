"""Iterate over the components of any content, checked or not."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from documents.content.compiled_design import CompiledDesign
from documents.content.limits import LIMITS
from documents.content.media_values import KINDS, needs_entry


def walk(content: Any) -> Iterator[dict[str, Any]]:
    """Every component of stored or unchecked content, outer before inner, in document order.

    Anything else in place of a component is skipped.
    """
    pending = [iter(content)] if isinstance(content, list) else []
    while pending:
        for component in pending[-1]:
            if not isinstance(component, dict):
                continue
            yield component
            containers = component.get("containers")
            if containers and isinstance(containers, dict):
                pending += [iter(children) for children in reversed(containers.values()) if isinstance(children, list)]
                break
        else:
            pending.pop()


def media_ids_to_complete(content: Any, design: CompiledDesign) -> frozenset[str]:
    """The media entries needed to complete values of `content`: to be looked up before `check`.

    Content with more components than documents may have is rejected anyway: the rest is not looked up.
    """
    found = set()
    for component in islice(walk(content), LIMITS.components):
        values, compiled = component.get("content"), design.component_of(component)
        if compiled is None or not isinstance(values, dict):
            continue
        for name, value in values.items():
            kind = compiled.types.get(name)
            if kind in KINDS and (media_id := needs_entry(kind, value)):
                found.add(media_id)
    return frozenset(found)
