"""Actions of an operator on an entry: revoke and unrevoke."""

from livingdocs_import import errors
from livingdocs_import.admin.actions import Action, ActionFailed, by_name
from livingdocs_import.project_config import store
from media_library.entries import patch
from media_library.entries.actors import Actor
from media_library.models import MediaEntry


def _patch(entry: MediaEntry, by: str, operation: str) -> None:
    """Apply a patch as for an API client, with a new version and an audit log entry."""
    try:
        asked = patch.PatchRequest([{"operation": operation}])
        patch.patch_entry(entry.project, entry.media_id, asked, actor=Actor.user(by))
    except errors.ApiError as refused:
        raise ActionFailed(str(refused.details.get("message", refused))) from refused


def _what_revoking_means(entry: MediaEntry) -> str:
    means = (
        "Its files are refused from now on, also where it is published already, "
        "and what it links to does not count any more."
    )
    if store.current(entry.project).options.revoke_deletes_asset:
        return f"{means} As the project is configured they are deleted as well: this cannot be undone."
    return f"{means} It can be unrevoked."


def _revoke(entry: MediaEntry, by: str) -> str:
    _patch(entry, by, "revokeAsset")
    return "is revoked"


def _unrevoke(entry: MediaEntry, by: str) -> str:
    _patch(entry, by, "unrevokeAsset")
    return "may be used again"


ACTIONS = by_name(
    Action(
        "revoke",
        "Revoke",
        "change",
        _what_revoking_means,
        lambda entry: not entry.revoked,
        _revoke,
        destructive=True,
    ),
    Action(
        "unrevoke",
        "Unrevoke",
        "change",
        "",
        lambda entry: entry.revoked and not entry.asset_deleted,
        _unrevoke,
    ),
)
