"""The admin of the media library."""

from media_library.admin import entries

__all__ = ["entries"]
