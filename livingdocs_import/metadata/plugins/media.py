"""Plugins about assets: images, crops, the validity of an entry, data of other services about it.

Image values have many sources (`key`, `altText`, `origins` ...): known members are checked, others kept.
"""

from typing import Any

from livingdocs_import.metadata import references
from livingdocs_import.metadata.registry import ALWAYS, NEVER, Behaviour, Context, Period, plugin, simple
from livingdocs_import.validation.json_reader import Node
from livingdocs_import.validation.limits import MAX_ID
from livingdocs_import.validation.value_types import (
    Anything,
    Expression,
    Flag,
    List,
    Moment,
    Number,
    Record,
    Text,
    instant,
)

DOCUMENT, MEDIA = Context.DOCUMENT, Context.MEDIA

TRANSCODING_STATES = frozenset({"requested", "acknowledged", "inProgress", "done", "error"})

FOCAL_POINT = Record({"x": Number(), "y": Number()}, required=("x", "y"))
CROP = Record(
    {
        "name": Text(),
        "x": Number(),
        "y": Number(),
        "width": Number(),
        "height": Number(),
        "isAutomatic": Flag(),
    },
    closed=False,
)

# No member is required: `{}` is an empty image, and a `mediaId` alone identifies everything else.
IMAGE = Record(
    {
        "originalUrl": Text(),
        "url": Text(),
        "mediaId": Text(MAX_ID),
        "width": Number(),
        "height": Number(),
        "mimeType": Text(pattern=Expression("^image/")),
        "imageService": Text(),
        "crops": List(CROP),
        "focalPoint": FOCAL_POINT,
    },
    closed=False,
)

simple(DOCUMENT | MEDIA, IMAGE, "li-image", references=references.medium("image"))
simple(MEDIA, IMAGE, "li-poster-image", references=references.medium("image"))
simple(MEDIA, Record({"crops": List(CROP), "focalPoint": FOCAL_POINT}), "li-named-crops")


@plugin("li-invalid", MEDIA)
def invalid(_options: Node) -> Behaviour:
    """`true` makes the entry invalid regardless of its dates; `false` leaves it to them (spec 6.4)."""
    return Behaviour(Flag(), period=lambda value: NEVER if value is True else ALWAYS)


@plugin("li-datetime-validity", MEDIA)
def datetime_validity(_options: Node) -> Behaviour:
    """Both ends are optional. A range that ends before it starts is accepted, and means never."""

    def period(value: Any) -> Period:
        if not isinstance(value, dict):
            return ALWAYS
        return Period(instant(value.get("from")), instant(value.get("to")))

    return Behaviour(Record({"from": Moment(), "to": Moment()}), period=period)


simple(
    MEDIA,
    Record(
        {
            "commands": List(
                Record(
                    {
                        "assetKey": Text(),
                        "commandId": Text(),
                        "createdAt": Text(),
                        "state": Text(choices=TRANSCODING_STATES),
                        "progress": Number(),
                        "errorMessage": Text(),
                    }
                )
            ),
            "transcodings": List(Record({"assetKey": Text()}, closed=False)),
        }
    ),
    "li-transcoding-state",
)
simple(MEDIA, Record({"labels": Anything((list,)), "webEntities": Anything((list,))}), "li-google-vision")
simple(MEDIA, Record({"handle": Text()}, required=("handle",)), "li-license-profile")
