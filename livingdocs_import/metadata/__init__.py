"""The metadata language: which properties an object may have, which values they take, and what those values refer to.

A configuration defines properties (spec 4.2); each names a plugin, which knows its values (spec 4.4). The definitions
of one content type, media type or include service are compiled once into a `MetadataSchema`, which then checks,
normalises and reads any number of metadata objects.

Nothing in here knows a database, a setting or the time: limits come from the definitions, `now` from the caller.
"""

from livingdocs_import.metadata import plugins
from livingdocs_import.metadata.metadata_errors import metadata_error, sentence
from livingdocs_import.metadata.references import Reference, find_references
from livingdocs_import.metadata.registry import Context
from livingdocs_import.metadata.schema import MetadataSchema

__all__ = ["Context", "MetadataSchema", "Reference", "find_references", "metadata_error", "plugins", "sentence"]
