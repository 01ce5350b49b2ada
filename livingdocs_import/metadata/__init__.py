"""The metadata language: the properties an object may have, the values they take, and the references in those values.

A configuration defines properties (spec 4.2); each names a plugin, which defines its values (spec 4.4). The definitions
of one content type, media type or include service are compiled once into a `MetadataSchema`, which then checks,
normalises and reads any number of metadata objects.

This package uses no database, no settings and no clock: limits come from the definitions, `now` from the caller.
"""

from livingdocs_import.metadata import plugins
from livingdocs_import.metadata.definitions import label_of
from livingdocs_import.metadata.metadata_errors import MetadataError, metadata_error, sentence
from livingdocs_import.metadata.references import Reference, find_references
from livingdocs_import.metadata.registry import Context
from livingdocs_import.metadata.schema import MetadataSchema

__all__ = [
    "Context",
    "MetadataError",
    "MetadataSchema",
    "Reference",
    "find_references",
    "label_of",
    "metadata_error",
    "plugins",
    "sentence",
]
