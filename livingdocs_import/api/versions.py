"""The versions in order and all differences between them: each is a set of features, not a copy of views (spec 2.1)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import Enum, auto


class Feature(Enum):
    """A difference between versions. Code asks a version for its features, never for its name."""

    MENUS = auto()  # menus, which do not exist here
    CHANNEL_CONFIG = auto()  # projectConfig under its older name (CFG-20)
    LATEST_DRAFT = auto()  # documents/{id}/latestDraft
    REFERENCES = auto()  # `references` in publications and drafts
    IMPORTED_ROWS = auto()  # rows of images, videos and files have the `state` `imported`, not `success` (spec 3.3)
    SERVE_IMAGE = auto()  # mediaLibrary/serve-image/{key}
    RESULTS = auto()  # lists are in `{"results": […]}`: entries (VER-04), publications
    CURSORS = auto()  # incoming references and searches are in `{"total", "cursor", "results"}`, with `after` (VER-05)
    PRESERVE_UPDATED_AT = auto()  # in patches of entries (VER-07) and commands (CMD-07)
    KEYS = auto()  # mediaLibrary/{id}/keys
    USAGE_LOG = auto()  # mediaLibrary/{id}/usageLog
    BILLING = auto()  # whether a use is billed, in the usage log and its patches


@dataclass(frozen=True)
class Release:
    """The changes of a version compared with the previous one, and its period of support, if known."""

    name: str
    brings: frozenset[Feature] = frozenset()
    drops: frozenset[Feature] = frozenset()
    deprecated: date | None = None
    removed: date | None = None


# One line per version, also for those without changes.
RELEASES = (
    Release("v1", brings=frozenset({Feature.MENUS, Feature.CHANNEL_CONFIG, Feature.USAGE_LOG})),
    Release(
        "beta",
        brings=frozenset({Feature.LATEST_DRAFT, Feature.REFERENCES}),
        drops=frozenset({Feature.USAGE_LOG}),
        deprecated=date(2025, 3, 1),
    ),
    Release(
        "2025-03",
        brings=frozenset({Feature.IMPORTED_ROWS, Feature.SERVE_IMAGE, Feature.USAGE_LOG}),
        deprecated=date(2026, 11, 1),
        removed=date(2027, 5, 1),
    ),
    Release("2025-05", drops=frozenset({Feature.MENUS})),
    Release("2025-07", drops=frozenset({Feature.CHANNEL_CONFIG})),
    Release("2025-09"),
    Release("2025-11"),
    Release("2026-01", brings=frozenset({Feature.RESULTS, Feature.CURSORS})),
    Release("2026-03", brings=frozenset({Feature.PRESERVE_UPDATED_AT, Feature.KEYS})),
    Release("2026-05"),
    Release("2026-07", brings=frozenset({Feature.BILLING})),
    Release("2026-09"),
)
NAMES = tuple(release.name for release in RELEASES)


@dataclass(frozen=True)
class Version:
    """The version that a request names in its path."""

    name: str
    features: frozenset[Feature] = field(compare=False)
    deprecated: date | None = field(compare=False)  # deprecated since
    removed: date | None = field(compare=False)  # end of support

    def has(self, feature: Feature) -> bool:
        return feature in self.features


def versions(releases: Iterable[Release]) -> dict[str, Version]:
    """The versions by name, each with the features of those before it."""
    known, features = {}, frozenset[Feature]()
    for release in releases:
        features = features - release.drops | release.brings
        known[release.name] = Version(release.name, features, release.deprecated, release.removed)
    return known


KNOWN = versions(RELEASES)
