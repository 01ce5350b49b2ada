"""JSON Merge Patch (RFC 7396): the difference of two documents, small enough to be read."""

from typing import Any


def difference(before: Any, after: Any) -> Any:
    """What makes `after` of `before`; `{}` if they are equal. Null stands for what is gone, so no value may be null."""
    if not isinstance(before, dict) or not isinstance(after, dict):
        return after
    changed = {name: difference(before.get(name), value) for name, value in after.items() if before.get(name) != value}
    return changed | dict.fromkeys(before.keys() - after.keys())


def patched(before: Any, patch: Any) -> Any:
    """The document with the patch applied."""
    if not isinstance(patch, dict):
        return patch
    result = dict(before) if isinstance(before, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = patched(result.get(name), value)
    return result
