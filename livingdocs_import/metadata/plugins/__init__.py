"""The plugins of the Livingdocs metadata language, registered by importing this package (spec 4.4)."""

from livingdocs_import.metadata.plugins import editorial, links, media, values

__all__ = ["editorial", "links", "media", "values"]
