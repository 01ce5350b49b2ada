"""What the pages of a document and of a revision show: the content, and what changed between two revisions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from documents.admin import comparison
from documents.admin.comparison import Change, Compared, Comparison, Side
from documents.admin.figures import Figure, figures
from documents.admin.story import MAX_COMPONENTS, Block, Part, media_ids, story
from documents.models import Document, Revision
from livingdocs_import.admin import readable
from livingdocs_import.admin.primary_keys import key_of
from livingdocs_import.admin.word_differences import Piece
from livingdocs_import.validation.limits import quoted

MAX_FACT = 300  # characters of a metadata value beside the content; the raw JSON has all of it
MAX_VERSION = 2**31 - 1  # what the column holds
SEES_MEDIA = "media_library.view_mediaentry"


# --- Content ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ShownPart:
    """A part of a component, with the picture that it shows."""

    part: Part
    figure: Figure | None


def content(request: HttpRequest, revision: Revision) -> dict[str, Any]:
    """The components, and the metadata as facts and as raw JSON."""
    blocks = story(revision.content)
    return _content(revision, blocks, _figures(request, revision.document, media_ids(blocks)))


def _content(revision: Revision, blocks: list[Block], shown: Mapping[str, Figure]) -> dict[str, Any]:
    return {
        "blocks": [(block, _parts(block, shown)) for block in blocks[:MAX_COMPONENTS]],
        "max_components": MAX_COMPONENTS if len(blocks) > MAX_COMPONENTS else 0,
        "metadata_facts": [(name, _fact(value)) for name, value in revision.metadata.items()],
        "texts": [
            ("Metadata", readable.json_lines(revision.metadata)),
            *(
                (f"Translation {translation['locale']}", readable.json_lines(translation["metadata"]))
                for translation in revision.translations
            ),
        ],
    }


def _parts(block: Block, shown: Mapping[str, Figure]) -> list[ShownPart]:
    return [ShownPart(part, shown.get(part.media_id)) for part in block.parts]


def _figures(request: HttpRequest, document: Document, wanted: set[str]) -> Mapping[str, Figure]:
    return figures(document.project, wanted) if request.user.has_perm(SEES_MEDIA, document) else {}


def _fact(value: Any) -> str:
    return quoted(readable.redacted(value) if isinstance(value, str) else readable.json_lines(value), MAX_FACT)


def neighbours(revision: Revision) -> dict[str, Any]:
    """The revisions before and after it: (version, primary key), None if there is none."""
    versions = Revision.objects.filter(document=revision.document_id).order_by("version")
    pages = versions.values_list("version", "pk")
    return {
        "older": pages.filter(version__lt=revision.version).last(),
        "newer": pages.filter(version__gt=revision.version).first(),
    }


# --- Two revisions ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ShownSide:
    """One side of a change, with the picture that it shows."""

    pieces: Sequence[Piece]
    figure: Figure | None
    is_other: bool


@dataclass(frozen=True)
class ShownChange:
    """One change of a comparison."""

    place: str
    old: ShownSide
    new: ShownSide


def of_document(
    request: HttpRequest, document: Document, newest: Revision, listed: Sequence[Revision]
) -> dict[str, Any]:
    """The newest revision's content, and the comparison of the revisions `?old=` and `?new=`, or of the last two.

    `listed`: the last revisions, which can be chosen.
    """
    blocks, wanted = story(newest.content), set[str]()
    result = None
    if pair := _pair(request, document, newest):
        result = comparison.compare(*map(_compared, pair))
        wanted = comparison.media_ids(result)
    shown = _figures(request, document, media_ids(blocks) | wanted)
    older = listed[1] if len(listed) > 1 else None
    return _content(newest, blocks, shown) | {
        "older": older and (older.version, older.pk),
        **({} if result is None else _comparison(document, pair, result, shown, listed)),
    }


def _pair(request: HttpRequest, document: Document, newest: Revision) -> list[Revision]:
    """The chosen revisions, the older one first; by default the last two; [] if there is only one."""
    asked = [min(key_of(request.GET.get(name, "")), MAX_VERSION) for name in ("old", "new")]
    revisions = document.revisions.order_by("version")
    found = list(revisions.filter(version__in=asked))
    if len(found) == 2:
        return found
    before = revisions.filter(version__lt=newest.version).last()
    return [] if before is None else [before, newest]


def _comparison(
    document: Document,
    pair: Sequence[Revision],
    result: Comparison,
    shown: Mapping[str, Figure],
    listed: Sequence[Revision],
) -> dict[str, Any]:
    old, new = pair
    versions = document.revisions.order_by("version").values_list("version", flat=True)
    return {
        "old": old,
        "new": new,
        "choices": sorted({*listed, old, new}, key=lambda revision: revision.version, reverse=True),
        "comparison": result,
        "changes": [_shown(change, shown) for change in result.changes],
        "max_changes": comparison.MAX_CHANGES,
        "before_old": versions.filter(version__lt=old.version).last(),
        "after_new": versions.filter(version__gt=new.version).first(),
    }


def _compared(revision: Revision) -> Compared:
    return Compared(
        title=revision.title,
        content=revision.content,
        metadata=revision.metadata,
        translations={each["locale"]: each["metadata"] for each in revision.translations},
        design=f"{revision.design_name} {revision.design_version}",
    )


def _shown(change: Change, shown: Mapping[str, Figure]) -> ShownChange:
    def side(given: Side) -> ShownSide:
        figure = shown.get(given.media_id, Figure(given.media_id)) if given.media_id else None
        return ShownSide(given.pieces, figure, given.is_other)

    return ShownChange(change.place, side(change.old), side(change.new))
